"""Orders from files: every kind, earlier drafts' names, and what is refused."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import core_engine
import irer
from irer.base.errors import ConfigError
from irer.base.files import read_json
from irer.base.records import SimulationOptions, SncglParams
from irer.hunt.draft_names import (
    _OTHER_SPELLINGS,
    NO_COUNTERPART,
    counterpart,
    is_bookkeeping,
)
from irer.hunt.loading import joined
from irer.hunt.order import read_order
from irer.hunt.parameter_files import MOST_BYTES, Parameters, parameters_in, read_parameters
from settings import DEFAULT_PARAM_SPACE, Settings
from tests.hunts import home, order, run_canned

DRAFT = {"sncgl_epsilon": 0.7, "sncgl_g_nonlocal": 0.5, "sdg_kappa": 0.4, "N_grid": 64}


@pytest.fixture(scope="module")
def hunted(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = home(tmp_path_factory.mktemp("home"))
    ordered = order(simulation={"N_grid": 64, "box_length": 50.0}, params={"c1": [-1.0, 1.0]})
    run_canned(settings, core_engine.plan_hunt(ordered, settings))
    return settings


def planned(found: Parameters, settings: Settings, **given: Any) -> Any:
    return core_engine.plan_hunt(read_order(joined(found, given, settings), settings), settings)


def best_of(settings: Settings) -> irer.Run:
    best = irer.open_home(settings.home).runs().best()
    assert best is not None
    return best


def files_of(settings: Settings) -> dict[str, str]:
    best = best_of(settings)
    return {
        "golden": str(settings.home.golden_file),
        "record": str(settings.home.provenance_file(best.job_uuid)),
        "registration": str(settings.home.config_file(best.job_uuid)),
        "ledger": f"{settings.home.ledger_file}#{best.job_uuid[:12]}",
    }


@pytest.mark.parametrize("kind", ["golden", "record", "registration", "ledger"])
def test_a_run_becomes_the_point_that_runs_first(
    hunted: Settings, kind: str, tmp_path: Path
) -> None:
    best, settings = best_of(hunted), home(tmp_path)
    found = read_parameters(files_of(hunted)[kind])
    plan = planned(found, settings, params={"c3": [-2.0, 2.0]}, seed=3)
    assert plan.model == best.record.model
    assert plan.simulation == best.record.simulation
    assert plan.search_space == DEFAULT_PARAM_SPACE
    assert plan.points == ({n: getattr(best.params, n) for n in plan.search_space},)
    assert plan.fixed_params.lambda_sdg == best.params.lambda_sdg
    assert plan.seed == 3


def test_what_is_given_beside_a_file_wins(hunted: Settings, tmp_path: Path) -> None:
    best = best_of(hunted)
    plan = planned(
        read_parameters(files_of(hunted)["record"]), home(tmp_path),
        simulation={"T_steps": 50}, params={"kappa": 0.9, "lambda_sdg": [1.0, 9.0]},
    )  # fmt: skip
    assert plan.simulation == best.record.simulation.model_copy(update={"T_steps": 50})
    assert plan.fixed_params.kappa == 0.9
    assert "kappa" not in plan.points[0]
    assert plan.points[0]["lambda_sdg"] == best.params.lambda_sdg


def test_a_hunt_is_cloned_with_seed_ranges_and_points(hunted: Settings, tmp_path: Path) -> None:
    source = str(hunted.home.hunt_file)
    plan = core_engine.load_plan(hunted.home)
    assert plan is not None
    settings = home(tmp_path)
    clone = planned(read_parameters(source), settings)
    progress = {"hunt_id", "state", "generation", "job_uuids", "started_at", "ended_at"}
    assert clone.model_dump(exclude=progress) == plan.model_dump(exclude=progress)
    run_canned(settings, clone)
    ours = irer.open_home(tmp_path).runs()
    theirs = irer.open_home(hunted.home).runs()
    assert [row.params for row in ours] == [row.params for row in theirs]
    assert planned(read_parameters(source), settings, seed=4).seed == 4
    points = [{name: low for name, (low, _) in plan.search_space.items()}]
    changed = {"points": tuple(points), "seeds_per_candidate": 2}
    given = plan.model_copy(update=changed).model_dump(mode="json")
    again = planned(read_parameters(given), settings)
    assert (again.points, again.seeds_per_candidate) == (tuple(points), 2)
    with pytest.raises(ConfigError, match="comb: is that of a decoy hunt"):
        read_parameters(given | {"comb": [0.5 + n for n in range(8)]})


def test_a_drafts_names_are_mapped_and_listed(tmp_path: Path) -> None:
    found = read_parameters(DRAFT | {"job_uuid": "x", "fitness": 3.0, "sse_null_phase_scramble": 1})
    assert [str(each) for each in found.taken] == [
        "sncgl_epsilon -> params.epsilon = 0.7",
        "sncgl_g_nonlocal -> params.g_nonlocal = 0.5",
        "sdg_kappa -> params.kappa = 0.4",
        "N_grid -> simulation.N_grid = 64",
    ]
    plan = planned(found, home(tmp_path))
    assert plan.simulation == SimulationOptions(N_grid=64)
    expected = SncglParams(epsilon=0.7, g_nonlocal=0.5, kappa=0.4)
    assert plan.points == ({n: getattr(expected, n) for n in plan.search_space},)


def test_a_nested_draft_and_its_ledger_row(tmp_path: Path) -> None:
    nested = {
        "job_uuid": "1", "global_seed": 5, "simulation": {"N_grid": 32, "T_steps": 200},
        "sncgl_params": {"epsilon": 0.3, "kappa": 0.2},
    }  # fmt: skip
    found = read_parameters(nested)
    assert found.order == {"simulation": {"N_grid": 32, "T_steps": 200}}
    assert found.point == SncglParams(epsilon=0.3, kappa=0.2).model_dump()
    row = tmp_path / "row.csv"
    row.write_text("config_hash,fitness,param_kappa,param_sigma_k\nabc,,0.2,0.5\n")
    assert read_parameters(row).point == SncglParams(kappa=0.2, sigma_k=0.5).model_dump()
    dashboard = {"evolutionary": {"generations": 2, "population": 3}, "physics": {"grid_size": 64}}
    assert read_parameters(dashboard).order == {
        "num_generations": 2, "population_size": 3, "simulation": {"N_grid": 64},
    }  # fmt: skip


def test_what_has_no_counterpart_is_refused_or_left_out_and_named() -> None:
    given = DRAFT | {"sncgl_lambda": 0.05, "sdg_rho_vac": 1.0, "wormholes": 3}
    with pytest.raises(ConfigError) as caught:
        read_parameters(given)
    assert [e.field for e in caught.value.errors] == ["sncgl_lambda", "sdg_rho_vac", "wormholes"]
    assert "the strength of the cubic term is 1 here" in caught.value.message
    found = read_parameters(given, ignore_unknown=True)
    assert found.point == read_parameters(DRAFT).point
    assert [e.field for e in found.left_out] == ["sncgl_lambda", "sdg_rho_vac", "wormholes"]
    assert "  left out: wormholes: has no counterpart: no such parameter here" in found.in_words()


def test_parameters_of_fmia_alone_need_that_model() -> None:
    with pytest.raises(ConfigError, match="param_D: only the model fmia has it"):
        read_parameters({"param_D": 1.1, "param_eta": 0.2})
    found = read_parameters({"param_D": 1.1, "param_eta": 0.2}, fmia=True)
    assert found.point == SncglParams(diffusion=1.1, eta=0.2).model_dump()
    assert read_parameters({"model": "fmia", "D": 2.0}).order == {"model": "fmia"}


def test_names_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"param_kappa: is 0\.3, but sdg_kappa says another value"
    ):
        read_parameters({"sdg_kappa": 0.4, "param_kappa": 0.3})
    assert read_parameters({"sdg_kappa": 0.4, "kappa": 0.4}).point


def test_every_name_of_the_table_is_one_thing_only() -> None:
    for name in NO_COUNTERPART:
        assert counterpart(name) is None
        assert not is_bookkeeping(name)
    for name in SncglParams.model_fields:
        assert counterpart(name) == counterpart(f"param_{name}") == f"params.{name}"
        assert not is_bookkeeping(name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"\xff\xfe\x00", "must be a text file"),
        (b"{", "is no JSON"),
        (b"[1]", "must be a JSON object, got a list"),
        (b'{"kappa": NaN}', "is no JSON"),
        (b'{"kappa": "large"}', "kappa: must be a finite number, got 'large'"),
        (b'{"kappa": true}', "kappa: must be a finite number, got True"),
        (b'{"kappa": -1}', "kappa: must be a finite number from 0 to 1,000, got -1"),
        (b"{}", "holds no parameters"),
        (b'{"job_uuid": "1"}', "holds no parameters"),
        (b"one line of prose", "has 0 rows; name the run: FILE#UUID"),
        (b"kappa\n1\n2\n", "has 2 rows; name the run: FILE#UUID"),
        (b'{"a":"' + b"x" * MOST_BYTES + b'"}', "must have at most 4,194,304 bytes"),
    ],
)
def test_files_that_are_none_are_one_clear_line(content: bytes, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parameters_in(content)
    assert told in caught.value.message
    assert "\n" not in caught.value.message


def test_a_ledger_alone_says_what_it_lacks(hunted: Settings, tmp_path: Path) -> None:
    copied = tmp_path / "copied.csv"
    copied.write_bytes(hunted.home.ledger_file.read_bytes())
    with pytest.raises(ConfigError, match="has 12 rows; name the run"):
        read_parameters(copied)
    named = f"{copied}#{best_of(hunted).job_uuid}"
    with pytest.raises(ConfigError, match="simulation: a row has only the digest of its options"):
        read_parameters(named)
    assert "simulation" not in read_parameters(named, ignore_unknown=True).order
    with pytest.raises(ConfigError, match="has 0 rows of '0000'"):
        read_parameters(f"{copied}#0000")
    with pytest.raises(ConfigError, match=r"none\.json: cannot be read: No such file"):
        read_parameters(tmp_path / "none.json")


def test_the_command_line_lists_what_it_took_and_writes_nothing_when_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, place = tmp_path / "draft.json", tmp_path / "home"
    file.write_text(json.dumps(DRAFT | {"sncgl_lambda": 1}))
    start = ["--from", str(file), "--home", str(place)]
    assert core_engine.main(start) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"core_engine.py: --from: {file}: sncgl_lambda: has no counterpart")
    assert err.count("\n") == 1
    assert core_engine.main([*start, "--ignore-unknown", "--generations", "0"]) == 2
    told, wrong = capsys.readouterr().err.rsplit("core_engine.py: ", 1)
    assert "sncgl_epsilon -> params.epsilon = 0.7" in told
    assert "left out: sncgl_lambda" in told
    assert wrong.startswith("--generations: must be an integer from 1")
    assert core_engine.main(["--from", str(file), "--resume", "--home", str(place)]) == 2
    assert "--from: cannot be given together with --resume" in capsys.readouterr().err
    assert core_engine.main(["--ignore-unknown", "--home", str(place)]) == 2
    assert "--ignore-unknown: says what to do with a file" in capsys.readouterr().err
    assert not place.exists()


def test_python_takes_files_runs_rows_and_dictionaries(hunted: Settings) -> None:
    from irer.api.hunting import _parameters

    best = best_of(hunted)
    row = next(r for r in irer.open_home(hunted.home).runs() if r.job_uuid == best.job_uuid)
    for source in (best, hunted.home.golden_file, read_json(hunted.home.golden_file)):
        found = _parameters(source, ignore_unknown=False, fmia=False)
        assert found.point == best.params.model_dump()
    assert _parameters(row, ignore_unknown=True, fmia=False).point == best.params.model_dump()


def test_the_page_about_drafts_has_every_name_of_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "howto" / "load.md").read_text()
    taken, refused = page.split("These have no counterpart")
    rows = [row.split("|")[1] for row in refused.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", "".join(rows))) == set(NO_COUNTERPART)
    for name, becomes in _OTHER_SPELLINGS.items():
        row = next(r for r in taken.splitlines() if r.startswith("| ") and f"`{name}`" in r)
        assert f"`{becomes}`" in row
