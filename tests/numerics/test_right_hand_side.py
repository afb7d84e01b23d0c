"""The solver's time derivative against the equations written out in NumPy, with no shared code.

Fields are smooth enough that all products are resolved, so truncation plays no part.
"""

import numpy as np
import pytest

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from tests.numerics.exact import relative_error

PARAMS = SncglParams(epsilon=0.7, c1=1.3, c3=-0.6, g_nonlocal=0.9, sigma_k=0.5, k0=0.4, kappa=0.8)


def smooth_fields(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.meshgrid(*[2 * np.pi * np.arange(n) / n] * d, indexing="ij")
    psi = 0.8 + 0.3 * np.exp(1j * x[0]) + 0.2j * np.cos(x[1]) + 0.1 * np.exp(-1j * (x[0] + x[-1]))
    u = 0.1 * np.cos(x[0] - x[-1]) + 0.05 * np.sin(x[1]) - 0.07
    return psi, u


def wavenumbers(n: int, d: int, L: float) -> list[np.ndarray]:
    k = 2 * np.pi * np.fft.fftfreq(n, L / n)
    return list(np.meshgrid(*[k] * d, indexing="ij"))


def written_out(psi, u, L: float, p: SncglParams) -> tuple[np.ndarray, np.ndarray]:
    """d psi/dt and d u/dt, term by term as in docs/equations.md."""
    d, n = psi.ndim, psi.shape[0]
    k = wavenumbers(n, d, L)
    k2 = sum(ki**2 for ki in k)

    def derivative(f, symbol):
        return np.fft.ifftn(symbol * np.fft.fftn(f))

    grad_psi = [derivative(psi, 1j * ki) for ki in k]
    grad_u = [derivative(u, 1j * ki).real for ki in k]
    lap_psi, lap_u = derivative(psi, -k2), derivative(u, -k2).real
    along = sum(a * b for a, b in zip(grad_u, grad_psi, strict=True))
    laplace_beltrami = np.exp(-2 * u) * (lap_psi + (d - 2) * along)
    kernel = np.exp(-((np.sqrt(k2) - p.k0) ** 2) / (2 * p.sigma_k**2))
    smeared = derivative(np.abs(psi) ** 2, kernel).real
    psi_rate = (
        p.epsilon * psi
        + (1 + 1j * p.c1) * laplace_beltrami
        - (1 + 1j * p.c3) * np.abs(psi) ** 2 * psi
        - p.g_nonlocal * smeared * psi
    )
    rho = 0.5 * sum(np.abs(g) ** 2 for g in grad_psi) + 0.25 * np.abs(psi) ** 4
    K2 = 2 * p.kappa * d / (d - 1) * rho.mean()
    u_rate = p.lambda_sdg * (
        lap_u
        + (d - 2) / 2 * sum(g**2 for g in grad_u)
        - np.exp(2 * u) * K2 / (2 * d)
        + p.kappa / (d - 1) * np.exp(-2 * u) * rho
    )
    return psi_rate, u_rate


@pytest.mark.parametrize("d", [2, 3])
def test_the_time_derivative_is_that_of_the_equations(d: int) -> None:
    n, L = (48, 10.0) if d == 2 else (32, 10.0)
    psi, u = smooth_fields(n, d)

    def change(dt: float) -> tuple[np.ndarray, np.ndarray]:
        config = SimulationConfig(
            dimensions=d, N_grid=n, box_length=L, dt=dt, T_steps=1, precision="float64",
            sncgl_params=PARAMS,
        )  # fmt: skip
        result = simulate(config, psi0=psi, u0=u)
        return (result.psi - psi) / dt, (result.u - u) / dt

    # Richardson's extrapolation leaves an error of the second order in dt.
    coarse, fine = change(2e-5), change(1e-5)
    expected = written_out(psi, u, L, PARAMS)
    for got_coarse, got_fine, exact in zip(coarse, fine, expected, strict=True):
        assert relative_error(2 * got_fine - got_coarse, exact) < 1e-6


def test_the_source_enters_with_its_amplitude() -> None:
    """psi = 0 and u = 0 change by source_amplitude S(x), of unit RMS."""
    config = SimulationConfig(
        N_grid=48, box_length=20.0, dt=1e-5, T_steps=1, precision="float64",
        sncgl_params=SncglParams(source_amplitude=0.7, source_width=0.3),
    )  # fmt: skip
    result = simulate(config, psi0=np.zeros((48, 48), complex))
    rms = np.sqrt(np.mean(np.abs(result.psi) ** 2)) / 1e-5
    assert rms == pytest.approx(0.7, rel=1e-4)
