"""simulate_batch: each job as if alone, whatever runs beside it."""

from typing import Any

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.base.records import Outcome, SncglParams
from irer.physics import SimulationConfig, simulate, simulate_batch
from tests.numerics.exact import relative_error
from tests.watching import Fields, squared

SMALL = SimulationConfig(N_grid=32, box_length=20.0, T_steps=30, n_frames=3, precision="float64")
DIVERGING = SncglParams(epsilon=5.0, g_nonlocal=-3.0, kappa=0.5)  # net gain at every amplitude


def jobs(**changes) -> list[SimulationConfig]:
    """Three jobs of one shape that share nothing else."""
    params = [SncglParams(kappa=0.2), SncglParams(c1=-1.0, g_nonlocal=0.0), SncglParams(c3=1.0)]
    return [
        SMALL.model_copy(update={
            "sncgl_params": p, "global_seed": seed, "box_length": 20.0 + seed,
            "dt": 0.1 - 0.01 * seed, **changes,
        })
        for seed, p in enumerate(params)
    ]  # fmt: skip


def test_on_a_cpu_a_job_is_the_same_alone_and_in_a_batch_in_every_bit() -> None:
    batch = jobs()
    for config, result in zip(batch, simulate_batch(batch), strict=True):
        alone = simulate(config)
        assert result.psi.tobytes() == alone.psi.tobytes()
        assert result.u.tobytes() == alone.u.tobytes()
        for name, values in alone.diagnostics.items():
            assert result.diagnostics[name].tobytes() == values.tobytes()


@pytest.mark.parametrize(
    "changes",
    [{}, {"model": "sncgl_flat"}, {"model": "fmia"}, {"geometry": "constraint", "T_steps": 3}],
    ids=["coevolve", "flat", "fmia", "constraint"],
)
def test_side_by_side_each_job_is_what_it_is_alone_to_round_off(changes: dict) -> None:
    batch = jobs(step_control="fixed", **changes)
    for config, result in zip(batch, simulate_batch(batch, side_by_side=True), strict=True):
        alone = simulate(config)
        assert (result.outcome, result.t) == (alone.outcome, alone.t)
        assert relative_error(result.psi, alone.psi) < 1e-9
        assert np.abs(result.u - alone.u).max() < 1e-9
        assert result.diagnostics.keys() == alone.diagnostics.keys()
        np.testing.assert_allclose(result.diagnostics["t"], alone.diagnostics["t"])
        np.testing.assert_allclose(result.snapshots["t"], alone.snapshots["t"])
        np.testing.assert_allclose(result.snapshots["rho"], alone.snapshots["rho"], atol=1e-9)


def test_a_failed_job_keeps_its_last_good_state_and_leaves_the_others_alone() -> None:
    batch = jobs(T_steps=300, n_frames=60, step_control="controlled")
    batch[1] = batch[1].model_copy(update={"sncgl_params": DIVERGING})
    results, alone = simulate_batch(batch, side_by_side=True), [simulate(c) for c in batch]
    assert [r.outcome is Outcome.OK for r in results] == [True, False, True]
    for result, single in zip(results, alone, strict=True):
        assert (result.outcome, result.t) == (single.outcome, single.t)
        assert len(result.diagnostics["t"]) == len(single.diagnostics["t"])
        assert len(result.snapshots["t"]) == len(single.snapshots["t"])
        assert np.isfinite(result.psi).all()
        assert relative_error(result.psi, single.psi) < 1e-6


def test_no_job_is_no_result() -> None:
    assert simulate_batch([]) == []


@pytest.mark.parametrize(
    ("field", "changes"),
    [("N_grid", {"N_grid": 34}), ("T_steps", {"T_steps": 31}), ("model", {"model": "fmia"})],
)
def test_jobs_of_several_shapes_are_refused(field: str, changes: dict) -> None:
    with pytest.raises(ConfigError, match=rf"^{field}: must be the same in a batch"):
        simulate_batch([SMALL, SMALL.model_copy(update=changes)])


@pytest.mark.parametrize("side_by_side", [True, False])
def test_a_batch_shows_each_of_its_jobs_and_keeps_every_bit(side_by_side: bool) -> None:
    batch = jobs(T_steps=300, n_frames=60, step_control="controlled")
    batch[1] = batch[1].model_copy(update={"sncgl_params": DIVERGING})
    calls: list[tuple[int, list[int], list[np.ndarray]]] = []

    def watch(step: int, numbers: Any, densities: Fields) -> None:
        calls.append((step, list(numbers), densities()))

    alone = simulate_batch(batch, side_by_side=side_by_side)
    watched = simulate_batch(batch, side_by_side=side_by_side, watch=watch)
    for one, other in zip(watched, alone, strict=True):
        assert one.outcome == other.outcome
        assert one.psi.tobytes() == other.psi.tobytes()
        assert one.u.tobytes() == other.u.tobytes()
    assert alone[1].outcome is not Outcome.OK
    for number in (0, 2):
        shown = [dict(zip(each, rhos, strict=True)) for _, each, rhos in calls if number in each]
        assert len(shown) == 60
        rho = squared(watched[number].psi)
        np.testing.assert_array_equal(shown[-1][number], rho)
    assert not [step for step, each, _ in calls if step == 300 and 1 in each]
