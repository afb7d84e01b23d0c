r"""FMIA, d2 rho/dt2 = D lap rho + epsilon rho - lambda rho^3 - eta d rho/dt, on exact solutions.

Undamped, rho = A cn(s | m), s = q.x - w t, is exact: cn'' = (2m - 1) cn - 2m cn^3 gives epsilon =
(w^2 - D q^2)(2m - 1) and lambda = 2m (w^2 - D q^2)/A^2 (DLMF 22.13; the waves of phi^4 theory).
Small damped waves are those of the telegraph equation, rho_k'' + eta rho_k' + (D k^2 - epsilon)
rho_k = 0.
"""

import math

import numpy as np
import pytest
from scipy.special import ellipj, ellipk

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from tests.numerics.exact import observed_order, relative_error

D, AMPLITUDE, M, SIDE = 0.8, 0.9, 0.6, 12.0


def config(d: int = 2, **changes) -> SimulationConfig:
    options = {
        "model": "fmia", "dimensions": d, "N_grid": 64 if d == 2 else 40, "box_length": SIDE,
        "precision": "float64", "step_control": "fixed", "n_snapshots": 1,
    }  # fmt: skip
    return SimulationConfig(**(options | changes))


def cnoidal(d: int, n: int):
    """Return the parameters of an exact wave along the box's diagonal, and rho and p at t."""
    q = 4 * ellipk(M) / SIDE  # one period a side
    w = 1.3 * math.sqrt(D * d) * q  # faster than the waves' speed: epsilon and lambda above 0
    gap = w**2 - D * d * q**2
    params = SncglParams(
        epsilon=gap * (2 * M - 1), lambda_cubic=2 * M * gap / AMPLITUDE**2, diffusion=D, eta=0.0
    )
    x = sum(np.meshgrid(*[np.arange(n) * SIDE / n] * d, indexing="ij"))

    def wave(t: float) -> tuple[np.ndarray, np.ndarray]:
        sn, cn, dn, _ = ellipj(q * x - w * t, M)
        return AMPLITUDE * cn, AMPLITUDE * w * sn * dn

    return params, wave


@pytest.mark.parametrize(("d", "precision"), [(2, "float64"), (3, "float64"), (2, "float32")])
def test_an_exact_nonlinear_wave_travels_unchanged(d: int, precision: str) -> None:
    params, wave = cnoidal(d, 64 if d == 2 else 40)
    run = config(d, dt=0.01, T_steps=100, n_frames=1, precision=precision, sncgl_params=params)
    rho, momentum = wave(0.0)
    result = simulate(run, psi0=rho, u0=momentum)
    exact_rho, exact_momentum = wave(1.0)
    bound = {("float64", 2): 1e-8, ("float64", 3): 1e-5, ("float32", 2): 2e-5}[precision, d]
    assert relative_error(result.psi.real, exact_rho) < bound
    assert relative_error(result.momentum, exact_momentum) < bound
    assert not result.psi.imag.any()
    assert not result.u.any()
    np.testing.assert_array_equal(result.snapshots["rho"][-1], result.psi.real)


def test_observed_order_is_four() -> None:
    params, wave = cnoidal(2, 64)
    steps, errors = [0.1, 0.05, 0.025], []
    for dt in steps:
        run = config(dt=dt, T_steps=round(2 / dt), n_frames=1, sncgl_params=params)
        result = simulate(run, *wave(0.0))
        errors.append(relative_error(result.psi.real, wave(2.0)[0]))
    assert observed_order(steps, errors) == pytest.approx(4, abs=0.2)


@pytest.mark.parametrize("d", [2, 3])
def test_energy_is_conserved_without_damping(d: int) -> None:
    """From noise, over the steepest part of its growth; its drift falls at least as dt^4."""
    params = SncglParams(epsilon=1.0, diffusion=D, eta=0.0)
    drift = []
    for dt in (0.1, 0.05):
        run = config(d, dt=dt, T_steps=round(20 / dt), n_frames=20, sncgl_params=params,
                     initial_amplitude=0.5)  # fmt: skip
        energy = simulate(run).diagnostics["energy"]
        drift.append(np.ptp(energy))
        assert abs(energy).max() > 0.05
    assert drift[1] < 1e-5
    assert drift[1] < drift[0] / 14


def test_energy_falls_with_damping_at_the_rate_of_its_loss() -> None:
    """d<energy>/dt = -eta <p^2>."""
    params = SncglParams(epsilon=1.0, diffusion=D, eta=0.3)
    run = config(dt=0.02, T_steps=400, n_frames=400, sncgl_params=params, initial_amplitude=0.5)
    energy = simulate(run).diagnostics["energy"]
    assert np.diff(energy).max() < 0
    losses = [
        np.mean(simulate(run.model_copy(update={"T_steps": steps})).momentum ** 2)
        for steps in (199, 200, 201)
    ]
    expected = -0.3 * (losses[0] + 4 * losses[1] + losses[2]) / 3 * run.dt  # Simpson
    assert energy[200] - energy[198] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("epsilon", "eta"), [(-0.5, 0.2), (0.4, 0.2), (-0.1, 3.0)])
def test_small_waves_obey_the_telegraph_equation(epsilon: float, eta: float) -> None:
    """Oscillating, growing and overdamped; both roots of s^2 + eta s + D k^2 - epsilon = 0."""
    k = 2 * math.pi / SIDE if epsilon < 0 else 0.0
    run = config(
        dt=0.05, T_steps=100, n_frames=1,
        sncgl_params=SncglParams(epsilon=epsilon, eta=eta, diffusion=D),
    )  # fmt: skip
    x = np.arange(64)[:, None] * SIDE / 64 * np.ones((1, 64))
    roots = np.roots([1, eta, D * k**2 - epsilon]).astype(complex)
    result = simulate(run, 1e-7 * np.cos(k * x), 3e-7 * np.cos(k * x))
    weights = np.linalg.solve(np.stack([roots**0, roots]), [1, 3])
    exact = weights @ np.exp(5 * roots), (weights * roots) @ np.exp(5 * roots)
    norm = np.mean(np.cos(k * x) ** 2)
    for got, value in zip((result.psi.real, result.momentum), exact, strict=True):
        assert np.mean(got * np.cos(k * x)) / norm / 1e-7 == pytest.approx(value.real, rel=1e-6)


def test_noise_is_the_same_at_any_resolution_and_at_rest() -> None:
    coarse, fine = (
        simulate(config(N_grid=n, dt=1e-9, T_steps=1, n_frames=1, global_seed=3)) for n in (64, 128)
    )
    np.testing.assert_allclose(fine.psi[::2, ::2], coarse.psi, atol=1e-9)
    assert np.abs(coarse.momentum).max() < 1e-8
    assert np.std(coarse.psi.real) == pytest.approx(0.1, rel=0.2)
