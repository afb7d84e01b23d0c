"""The solver against exact solutions of the coupled system (docs/equations.md)."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from irer.base.records import Outcome, SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.sdg import geometry_rate, relaxation_mass
from irer.spectral.etdrk import cast, etdrk4, etdrk4_step
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid_real, to_modes_real
from tests.numerics.exact import along_x, observed_order, plane_wave, relative_error

STABLE_WAVE = SncglParams(epsilon=1.0, c1=0.5, c3=-0.4, g_nonlocal=0.3, sigma_k=0.7, kappa=0.4)


def wave_config(dt: float, steps: int, precision: str = "float64", d: int = 2) -> SimulationConfig:
    return SimulationConfig(
        dimensions=d, N_grid=32 if d == 2 else 16, box_length=12 * math.pi, dt=dt,
        T_steps=steps, n_frames=4, n_snapshots=1, precision=precision, sncgl_params=STABLE_WAVE,
        step_control="fixed",  # the bounds are those of steps dt; controlled ones may be longer
    )  # fmt: skip


@pytest.mark.parametrize(("precision", "d"), [("float64", 2), ("float32", 2), ("float64", 3)])
def test_plane_wave_of_the_whole_system_after_1000_steps(precision: str, d: int) -> None:
    """The error stays below 1e-3 dt^4 t, and below 2e-4 where float32 round-off adds up."""
    config = wave_config(0.05, 1000, precision, d)
    psi = plane_wave(config, 2)
    result = simulate(config, psi0=psi(0))
    bound = 1e-3 * config.dt**4 * result.t if precision == "float64" else 2e-4
    assert relative_error(result.psi, psi(result.t)) < bound
    assert np.abs(result.u).max() < (1e-12 if precision == "float64" else 1e-5)
    assert result.diagnostics["sdg_h_norm_l2"][-1] < (1e-11 if precision == "float64" else 1e-5)


def test_controlled_steps_keep_their_promise_on_a_wave_whose_u_is_round_off() -> None:
    """An estimate of u's error that takes its round-off for an error would end the run."""
    config = wave_config(0.05, 1000).model_copy(update={"step_control": "controlled"})
    psi = plane_wave(config, 2)
    result = simulate(config, psi0=psi(0))
    assert result.outcome is Outcome.OK
    assert result.t == 50
    assert relative_error(result.psi, psi(50.0)) < 1e-4
    assert np.abs(result.u).max() < 1e-12


def test_plane_wave_error_falls_with_the_fourth_power_of_dt() -> None:
    steps = [0.2, 0.1, 0.05]
    errors = []
    for dt in steps:
        config = wave_config(dt, round(50 / dt))
        psi = plane_wave(config, 2)
        errors.append(relative_error(simulate(config, psi0=psi(0)).psi, psi(50.0)))
    assert observed_order(steps, errors) == pytest.approx(4, abs=0.2)
    assert errors[-1] < 1e-7


@pytest.fixture(scope="module", params=[2, 3])
def developed(request) -> tuple[SimulationConfig, np.ndarray, np.ndarray]:
    """A state of the coupled system with structure in psi and u, and its config."""
    d = request.param
    config = SimulationConfig(
        dimensions=d, N_grid=64 if d == 2 else 24, box_length=30.0 if d == 2 else 14.0, dt=0.05,
        T_steps=240, n_frames=8, precision="float64", initial_amplitude=0.3, global_seed=5,
        sncgl_params=SncglParams(kappa=0.5, c1=1.0, c3=-0.6),
    )  # fmt: skip
    result = simulate(config)
    assert result.u.max() - result.u.min() > 0.05
    return config, result.psi, result.u


def test_observed_order_of_the_coupled_system(developed) -> None:
    """Of fixed steps: controlled ones choose their size, whatever dt is."""
    config, psi0, u0 = developed

    def run(dt: float):
        steps = {"dt": dt, "T_steps": round(1 / dt), "step_control": "fixed"}
        return simulate(config.model_copy(update=steps), psi0=psi0, u0=u0)

    reference = run(1 / 640)
    steps = [1 / 20, 1 / 40, 1 / 80]
    results = [run(dt) for dt in steps]
    for name in ("psi", "u"):
        errors = [relative_error(getattr(r, name), getattr(reference, name)) for r in results]
        assert observed_order(steps, errors) == pytest.approx(4, abs=0.2), (name, errors)


def test_the_error_in_space_decays_spectrally() -> None:
    """Twice the points: more than 2^9 times less, where a scheme of order p has 2^p."""

    def end(n: int):
        x = 2 * np.pi * np.arange(n) / n
        x, y = np.meshgrid(x, x, indexing="ij")
        psi = 0.6 + 0.4 * np.exp(1j * x) + 0.3 * np.cos(y - x) + 0.2j * np.sin(y)
        config = wave_config(0.05, 20).model_copy(update={"N_grid": n, "box_length": 12.0})
        result = simulate(config, psi0=psi)
        return result.psi[:: n // 16, :: n // 16], result.u[:: n // 16, :: n // 16]

    reference = end(64)
    coarse, fine = (
        [relative_error(got, exact) for got, exact in zip(end(n), reference, strict=True)]
        for n in (16, 32)
    )
    assert max(coarse) < 1e-2
    assert max(fine) < 1e-5, (coarse, fine)
    assert all(c > 2**9 * f for c, f in zip(coarse, fine, strict=True)), (coarse, fine)


@pytest.mark.parametrize(
    ("d", "precision", "delta", "bound"),
    [(2, "float64", 1e-6, 1e-5), (3, "float64", 1e-6, 1e-5), (2, "float32", 1e-3, 1e-3)],
)
def test_linearised_geometry_relaxes_to_the_source_at_the_exact_rate(
    d: int, precision: str, delta: float, bound: float
) -> None:
    """A frozen source rho (1 + delta cos kx) drives u_k to kappa rho/(d-1)/(k^2 + m^2) delta.

    In float32 delta is as large as the bound, so that it stands out of the round-off of rho.
    """
    grid, rho0, kappa, rate = Grid(16, 10.0, d), 0.7, 0.6, 5.0
    k = 2 * grid.k_min
    x = along_x(SimulationConfig(N_grid=16, box_length=10.0, dimensions=d))
    rho = jnp.asarray(rho0 * (1 + delta * np.cos(k * x)), precision)
    params = {"kappa": kappa, "lambda_sdg": rate}
    m2 = float(relaxation_mass(jnp.mean(rho), jnp.asarray(kappa), grid.d))
    assert m2 == pytest.approx(4 * kappa * rho0 / (d - 1))

    def nonlinear(state):
        u = to_grid_real(state["u"], grid)
        return {
            "u": to_modes_real(
                geometry_rate(u, jnp.exp(-2 * u), rho, jnp.mean(rho), 0.0, params, m2, d), grid
            )
        }

    dt = 0.01
    exact = etdrk4(-rate * (grid.k_squared(real=True) + m2), dt)
    coefficients = {"u": cast(exact, precision)}
    state = {"u": to_modes_real(jnp.zeros_like(rho), grid)}
    advance = jax.jit(lambda state: etdrk4_step(state, coefficients, nonlinear))
    equilibrium = kappa * rho0 / (d - 1) / (k**2 + m2) * delta
    for step in range(1, 201):
        state = advance(state)
        if step in (10, 40, 200):
            expected = equilibrium * (1 - math.exp(-rate * (k**2 + m2) * step * dt))
            u = np.asarray(to_grid_real(state["u"], grid))
            amplitude = 2 * np.mean(u * np.cos(k * x))
            assert u.dtype == precision
            assert amplitude == pytest.approx(expected, rel=bound)


@pytest.mark.parametrize("model", ["sncgl_sdg", "sncgl_flat"])
def test_small_modes_grow_at_the_linear_rate(model: str) -> None:
    """psi_k ~ exp((epsilon - k^2) t - i c1 k^2 t) for |psi| << 1."""
    config = SimulationConfig(
        model=model, N_grid=32, box_length=20.0, dt=0.1, T_steps=50, precision="float64",
        sncgl_params=SncglParams(epsilon=0.3, c1=1.5),
    )  # fmt: skip
    x = np.arange(32)[:, None] * 20 / 32 * np.ones((1, 32))
    k = 2 * math.pi * 3 / 20
    wave = np.exp(1j * k * x)
    result = simulate(config, psi0=1e-8 * wave)
    growth = np.mean(result.psi / wave) / 1e-8
    assert growth == pytest.approx(np.exp((0.3 - k**2 * (1 + 1.5j)) * 5.0), rel=1e-9)


@pytest.mark.parametrize(
    ("model", "precision", "d"),
    [
        ("sncgl_sdg", "float64", 2),
        ("sncgl_sdg", "float64", 3),
        ("sncgl_sdg", "float32", 2),
        ("sncgl_flat", "float64", 2),
        ("sncgl_flat", "float64", 3),
    ],
)
def test_symmetries_hold_to_round_off(model: str, precision: str, d: int) -> None:
    """Global phase, translation by grid cells and reflection commute with the evolution.

    To round-off at equal steps. Controlled steps compare an estimate with a bound, and round-off
    can decide that otherwise for a moved field: they agree far within their tolerance.
    """
    n = 32 if d == 2 else 16
    config = SimulationConfig(
        model=model, dimensions=d, N_grid=n, box_length=0.6 * n, dt=0.05, T_steps=40,
        precision=precision, step_control="fixed", sncgl_params=SncglParams(kappa=0.5),
    )  # fmt: skip
    controlled = config.model_copy(update={"step_control": "controlled"})
    rng = np.random.default_rng(0)
    psi0 = 0.5 * (rng.normal(size=(n,) * d) + 1j * rng.normal(size=(n,) * d))
    base, led = simulate(config, psi0=psi0), simulate(controlled, psi0=psi0)
    bound = 1e-12 if precision == "float64" else 2e-5
    moves = {
        "phase": lambda f: f * np.exp(0.7j),
        "translation": lambda f: np.roll(f, (3, 5), (0, d - 1)),
        "reflection": lambda f: np.roll(f[::-1], 1, 0),
        "transposition": lambda f: np.swapaxes(f, 0, d - 1),
        "another transposition": lambda f: np.swapaxes(f, 0, 1),
    }
    for name, move in moves.items():
        moved = simulate(config, psi0=move(psi0))
        assert relative_error(moved.psi, move(base.psi)) < bound, name
        moved_led = simulate(controlled, psi0=move(psi0))
        assert relative_error(moved_led.psi, move(led.psi)) < max(bound, 1e-5), name
        if name != "phase":
            assert np.abs(moved.u - move(base.u)).max() < bound, name
