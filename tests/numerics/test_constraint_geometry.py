"""The geometry mode `constraint`: u solves H = 0 at every stage of every step."""

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.base.records import Outcome, SncglParams
from irer.physics import SimulationConfig, constraint, simulate, solve_constraint
from irer.validation import constraint_norms
from settings import DEFAULT_PARAM_SPACE
from tests.numerics.exact import observed_order, plane_wave, relative_error

PARAMS = SncglParams(kappa=0.8, c1=1.0, c3=-0.6)


def config(d: int = 2, **changes) -> SimulationConfig:
    options = {
        "geometry": "constraint", "dimensions": d, "N_grid": 64 if d == 2 else 16,
        "box_length": 20.0 if d == 2 else 9.0, "precision": "float64", "step_control": "fixed",
        "initial_amplitude": 0.4, "n_frames": 4, "n_snapshots": 1, "sncgl_params": PARAMS,
    }  # fmt: skip
    return SimulationConfig(**(options | changes))


@pytest.fixture(scope="module", params=[2, 3])
def developed(request):
    """A config and a state with structure, its u on the constraint."""
    run = config(request.param, T_steps=60, dt=0.1)
    result = simulate(run.model_copy(update={"geometry": "coevolve"}))
    return run, result.psi, solve_constraint(result.psi, run.box_length, PARAMS.kappa)


def test_the_validator_finds_the_constraint_solved(developed) -> None:
    """To the tail of the spectrum of H, which the retained modes cannot hold."""
    run, psi, u = developed
    assert np.ptp(u) > 5e-3
    flat = constraint_norms(psi, 0 * u, run.box_length, PARAMS.kappa)
    solved = constraint_norms(psi, u, run.box_length, PARAMS.kappa)
    assert solved.l2 < 1e-4 * flat.l2
    result = simulate(run.model_copy(update={"T_steps": 10}), psi0=psi, u0=u)
    assert result.outcome is Outcome.OK
    assert result.diagnostics["constraint_residual"].max() <= constraint.tolerance("float64")
    late = constraint_norms(result.psi, result.u, run.box_length, PARAMS.kappa)
    assert late.l2 < 1e-4 * flat.l2


def test_in_float32_it_is_solved_to_its_tolerance(developed) -> None:
    """The default precision, at the largest kappa of the search, from a state with structure."""
    run, psi, _ = developed
    strong = PARAMS.model_copy(update={"kappa": DEFAULT_PARAM_SPACE["kappa"][1]})
    single = {"precision": "float32", "T_steps": 20, "sncgl_params": strong}
    result = simulate(run.model_copy(update=single), psi0=psi.astype(np.complex64))
    assert result.outcome is Outcome.OK
    assert np.ptp(result.u) > 5e-3
    assert result.diagnostics["constraint_residual"].max() <= constraint.tolerance("float32")


def test_the_order_is_four_and_u_is_that_of_psi(developed) -> None:
    run, psi, u = developed

    def end(dt: float):
        steps = {"dt": dt, "T_steps": round(0.4 / dt)}
        return simulate(run.model_copy(update=steps), psi0=psi, u0=u)

    reference, steps = end(1 / 240), [1 / 20, 1 / 40]
    results = [end(dt) for dt in steps]
    for name in ("psi", "u"):
        errors = [relative_error(getattr(r, name), getattr(reference, name)) for r in results]
        assert observed_order(steps, errors) == pytest.approx(4, abs=0.4), (name, errors)
    again = solve_constraint(reference.psi, run.box_length, PARAMS.kappa)
    np.testing.assert_allclose(reference.u, again, atol=1e-9)


def test_a_fast_relaxation_follows_the_constraint() -> None:
    """`coevolve` lags behind by the rate of psi over lambda (k^2 + m^2): u tends to it."""
    run = config(T_steps=100)
    on_it = simulate(run)
    fast = PARAMS.model_copy(update={"lambda_sdg": 50.0})
    beside = simulate(run.model_copy(update={"geometry": "coevolve", "sncgl_params": fast}))
    slow = simulate(run.model_copy(update={"geometry": "coevolve"}))
    lags = [relative_error(other.u, on_it.u) for other in (beside, slow)]
    assert lags[0] < 0.02
    assert lags[1] > 10 * lags[0]


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_plane_wave_has_no_geometry(precision: str) -> None:
    run = config(
        box_length=12 * np.pi, dt=0.05, T_steps=40, precision=precision,
        sncgl_params=SncglParams(c1=0.5, c3=-0.4, kappa=0.4),
    )  # fmt: skip
    psi = plane_wave(run, 2)
    result = simulate(run, psi0=psi(0))
    small = 1e-7 if precision == "float64" else 1e-4
    assert result.outcome is Outcome.OK
    assert relative_error(result.psi, psi(result.t)) < small
    assert np.abs(result.u).max() < small


def test_without_coupling_u_is_zero_and_the_equation_flat() -> None:
    free = PARAMS.model_copy(update={"kappa": 0.0})
    bent = 0.1 * np.cos(2 * np.pi * np.arange(64) / 64) * np.ones((64, 1))
    start = simulate(config(T_steps=1)).psi
    run = config(T_steps=20, sncgl_params=free)
    result = simulate(run, psi0=start, u0=bent)
    flat = simulate(run.model_copy(update={"model": "sncgl_flat"}), psi0=start)
    assert not result.u.any()
    np.testing.assert_allclose(result.psi, flat.psi, atol=1e-13)
    assert not solve_constraint(start, 20.0, 0.0).any()
    assert not solve_constraint(np.zeros((32, 32), complex), 20.0, 0.5).any()


@pytest.mark.parametrize(
    ("field", "psi", "kappa"),
    [
        ("psi", np.zeros((16, 16)), 0.5),
        ("psi", np.zeros((16, 8), complex), 0.5),
        ("psi", np.full((16, 16), np.inf + 0j), 0.5),
        ("kappa", np.ones((16, 16), complex), -0.1),
        ("kappa", np.ones((16, 16), complex), float("nan")),
    ],
)
def test_what_has_no_constraint_is_refused(field: str, psi, kappa: float) -> None:
    with pytest.raises(ConfigError, match=rf"^{field}: must be"):
        solve_constraint(psi, 10.0, kappa)


def test_a_residual_above_its_tolerance_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(constraint._TOLERANCES, "float64", 1e-30)
    run = config(N_grid=16, box_length=7.0, T_steps=4)  # a shape that no other test compiles
    assert simulate(run).outcome is Outcome.STEP_FAILURE
