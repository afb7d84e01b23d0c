"""Records refuse what is wrong, name the field and say what is allowed."""

import uuid

import pytest
from pydantic import ValidationError

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.files import sha256_of_json, write_json
from irer.base.hunt_records import HuntOrder
from irer.base.records import (
    JobConfig,
    Provenance,
    RunState,
    SimulationOptions,
    SncglParams,
    canonical_uuid,
)
from irer.home.registry import read_job
from tests.canned import make_metrics

WRONG = [
    (HuntOrder, {"num_generations": "3"}, "num_generations: must be an integer from 1 to 100,000"),
    (HuntOrder, {"population_size": True}, "population_size: must be an integer from 1 to 10,000"),
    (HuntOrder, {"population_size": 2.5}, "population_size: must be an integer from 1 to 10,000"),
    (HuntOrder, {"seed": -1}, "seed: must be an integer from 0 to 4,294,967,295"),
    (HuntOrder, {"sampler": "magic"}, "sampler: must be one of gp, tpe, nsga2, nsga3, random"),
    (HuntOrder, {"generations": 3}, "generations: unknown field"),
    (SimulationOptions, {"N_grid": 33}, "N_grid: must be an even integer from 16 to 1,024, got 33"),
    (SimulationOptions, {"N_grid": 14}, "N_grid: must be an even integer from 16 to 1,024"),
    (SimulationOptions, {"T_steps": 10**7 + 1}, "T_steps: must be an integer from 1 to 10,000,000"),
    (SimulationOptions, {"dt": 0}, "dt: must be a finite number above 0, to 10, got 0"),
    (SimulationOptions, {"dt": float("nan")}, "dt: must be a finite number above 0, to 10"),
    (SimulationOptions, {"dimensions": 4}, "dimensions: must be one of 2, 3"),
    (
        SimulationOptions,
        {"N_grid": 258, "dimensions": 3},
        "N_grid: must be an even integer from 16",
    ),
    (
        SimulationOptions,
        {"source_rings": [1.0] * 17},
        "source_rings: must be a list of at most 16 numbers from 0 to 1,000",
    ),
    (SimulationOptions, {"source_rings": "1"}, "source_rings: must be a list of at most 16"),
    (SncglParams, {"sigma_k": -1.0}, "sigma_k: must be a finite number above 0"),
    (SncglParams, {"lambda_sdg": 0.0}, "lambda_sdg: must be a finite number above 0"),
    (SncglParams, {"epsilon": float("inf")}, "epsilon: must be a finite number from -1,000"),
]


@pytest.mark.parametrize(("model", "data", "message"), WRONG)
def test_a_wrong_field_is_named_with_its_range(model, data, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        check(model, data)
    assert message in error.value.message
    assert "\n" not in error.value.message
    assert error.value.errors[0].field == next(iter(data))


def test_every_wrong_field_is_named() -> None:
    with pytest.raises(ConfigError) as error:
        check(HuntOrder, {"num_generations": 0, "population_size": "x", "other": 1})
    assert [e.field for e in error.value.errors] == ["num_generations", "population_size", "other"]


@pytest.mark.parametrize("body", [None, [1], "go", 3, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(ConfigError, match="must be a JSON object"):
        check(HuntOrder, body)


def test_null_fields_mean_defaults() -> None:
    assert check(HuntOrder, dict.fromkeys(HuntOrder.model_fields)) == HuntOrder()


@pytest.mark.parametrize(
    "value", ["", "x", "0" * 400, "../a", "1EAC7D5B-4120-45B5-8150-A26CD0A9B70D", 7, None]
)
def test_only_canonical_uuids_pass(value) -> None:
    with pytest.raises(ValueError, match="UUID"):
        canonical_uuid(value)


def job(**changes) -> JobConfig:
    return JobConfig(
        **{
            "job_uuid": str(uuid.uuid4()), "hunt_id": str(uuid.uuid4()), "generation": 1,
            "index": 0, "global_seed": 3, "model": "sncgl_sdg",
            "simulation": SimulationOptions(), "sncgl_params": SncglParams(), **changes,
        }
    )  # fmt: skip


def test_the_fingerprint_depends_on_the_physics_alone() -> None:
    assert job().fingerprint() == job(generation=9, index=4).fingerprint()
    for change in (
        {"global_seed": 4},
        {"model": "sncgl_flat"},
        {"sncgl_params": SncglParams(c1=1.0)},
        {"simulation": SimulationOptions(dt=0.05)},
    ):
        assert job(**change).fingerprint() != job().fingerprint()


def test_options_without_rings_are_those_of_records_that_know_of_none() -> None:
    """A record from before keeps its bytes and its fingerprint; a list of rings has its own."""
    options = SimulationOptions()
    old = options.model_dump(mode="json")
    assert "source_rings" not in old
    assert check(SimulationOptions, old) == options == SimulationOptions(source_rings=())
    assert options.fingerprint() == sha256_of_json(old)
    with_rings = check(SimulationOptions, old | {"source_rings": [0, 0.69, 1.1]})
    assert with_rings.source_rings == (0.0, 0.69, 1.1)
    assert with_rings.fingerprint() != options.fingerprint()
    driven = job(simulation=with_rings)
    assert check(JobConfig, driven.model_dump(mode="json")) == driven
    assert driven.fingerprint() != job().fingerprint()


@pytest.mark.parametrize("wrong", [-0.1, 1000.5, "1", True, float("nan"), None])
def test_a_wrong_ring_is_named_by_its_place(wrong) -> None:
    with pytest.raises(ConfigError, match=r"^source_rings\.1: .*got") as error:
        check(SimulationOptions, {"source_rings": [0.5, wrong]})
    assert len(error.value.errors) == 1


def test_a_run_has_metrics_or_an_error_never_both_or_none() -> None:
    metrics = make_metrics()
    done = Provenance.of_job(job(), state=RunState.COMPLETE, metrics=metrics, error=None)
    assert Provenance.model_validate(done.model_dump(mode="json")) == done
    for state, given in ((RunState.COMPLETE, None), (RunState.FAILED, metrics)):
        with pytest.raises(ValidationError, match="never both"):
            Provenance.of_job(job(), state=state, metrics=given, error=None)


@pytest.mark.parametrize(("T", "n"), [(1, 4), (7, 4), (200, 4), (201, 50), (10, 1)])
def test_snapshots_lie_in_the_second_half_and_end_with_the_run(T: int, n: int) -> None:
    options = SimulationOptions(T_steps=T, n_snapshots=n)
    steps = options.snapshot_steps
    assert steps[-1] == T
    assert all(T / 2 <= s <= T for s in steps)
    assert len(steps) == min(n, len({*range(T // 2 + 1, T + 1)}))
    assert options.steps_per_frame * options.n_frames >= T


def test_a_config_file_takes_whole_floats_and_is_told_what_a_wrong_name_meant(tmp_path) -> None:
    job = {
        "job_uuid": str(uuid.uuid4()), "hunt_id": str(uuid.uuid4()), "generation": 2.0,
        "index": 0.0, "global_seed": 7.0, "model": "sncgl_sdg",
        "simulation": {"N_grid": 64.0, "dimensions": 2.0}, "sncgl_params": {},
    }  # fmt: skip
    path = tmp_path / "config.json"
    write_json(path, job)
    read = read_job(path)
    assert (read.generation, read.index, read.simulation.N_grid) == (2, 0, 64)
    assert isinstance(read.simulation.dimensions, int)
    for part, name, meant in (
        ("simulation", "n_grid", "N_grid? allowed are geometry, dimensions"),
        ("sncgl_params", "sigma", "sigma_k? allowed are epsilon, c1"),
    ):
        write_json(path, job | {part: {name: 1}})
        with pytest.raises(ConfigError) as error:
            read_job(path)
        assert f"{part}.{name}: unknown field; did you mean {meant}" in error.value.message
    write_json(path, job | {"generation": 2.5})
    with pytest.raises(ConfigError, match=r"generation: must be an integer of at least 1"):
        read_job(path)
