r"""A manufactured geometry: the relaxation finds the one u that a source determines.

Take any periodic shape v and put u* = v + 1/2 ln s. With <rho> given, H = 0 holds for the source

    rho = exp(4 u*) <rho> - exp(2 u*) [2(d-1) lap u* + (d-1)(d-2) |grad u*|^2] / (2 kappa),

whose mean is the <rho> that K^2 was made of only if, by parts <exp(2v) lap v> = -2 <exp(2v)
|grad v|^2>,

    1 = A s^2 + B s / (2 kappa <rho>),  A = <exp(4v)>,  B = (d-1)(6-d) <exp(2v) |grad v|^2>.

One root s is positive. The source must come out >= 0; the constraint's solution is then unique.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from irer.base.records import SncglParams
from irer.physics import SimulationConfig
from irer.physics.program import prepare
from irer.physics.sdg import geometry_rate, hamiltonian_constraint, relaxation_mass
from irer.spectral.etdrk import etdrk4, etdrk4_step
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid_real, to_modes_real
from irer.validation.constraint import (
    constraint_norms,
    hamiltonian_terms,
    spectral_derivatives,
)

KAPPA, MEAN_RHO, LAMBDA = 0.7, 0.9, 5.0
TURNS = 3


def coordinates(grid: Grid) -> list[np.ndarray]:
    """x, y(, z) in units in which the box is 2 pi wide."""
    return list(np.meshgrid(*[2 * np.pi * np.arange(grid.N) / grid.N] * grid.d, indexing="ij"))


def derivatives(field: np.ndarray, L: float) -> tuple[np.ndarray, np.ndarray]:
    """The Laplacian and the squared gradient of a real field."""
    gradient, laplacian = spectral_derivatives(field.astype(complex), L)
    return laplacian.real, np.asarray(sum(g.real**2 for g in gradient))


def manufactured(v: np.ndarray, L: float) -> tuple[np.ndarray, np.ndarray]:
    """u* and the source rho of the module's docstring, for the mean MEAN_RHO."""
    d = v.ndim
    _, v_square = derivatives(v, L)
    A = np.mean(np.exp(4 * v))
    B = (d - 1) * (6 - d) * np.mean(np.exp(2 * v) * v_square) / (2 * KAPPA * MEAN_RHO)
    s = 2 / (B + math.sqrt(B**2 + 4 * A))  # the positive root, without cancellation
    u = v + math.log(s) / 2
    laplacian, square = derivatives(u, L)
    bending = 2 * (d - 1) * laplacian + (d - 1) * (d - 2) * square
    return u, np.exp(4 * u) * MEAN_RHO - np.exp(2 * u) * bending / (2 * KAPPA)


def shape(grid: Grid) -> np.ndarray:
    x = coordinates(grid)
    v = 0.2 * np.cos(x[0]) + 0.1 * np.sin(x[1] - x[0]) - 0.1 * np.cos(2 * x[1] + 0.3)
    return v if grid.d == 2 else v + 0.1 * np.sin(x[2] + 0.4) + 0.05 * np.cos(x[0] + x[2])


@pytest.mark.parametrize("d", [2, 3])
def test_a_frozen_source_drives_u_to_the_manufactured_geometry(d: int) -> None:
    grid = Grid(32, 12.0 if d == 2 else 18.0, d)
    expected, rho = manufactured(shape(grid), grid.L)
    assert rho.min() > 0
    assert np.mean(rho) == pytest.approx(MEAN_RHO, rel=1e-13)
    assert np.ptp(expected) > 0.5  # Omega^2 varies by a factor of e

    params = {"kappa": KAPPA, "lambda_sdg": LAMBDA}
    source, k = jnp.asarray(rho), grid.wavenumbers(real=True)
    m2 = float(relaxation_mass(jnp.mean(source), jnp.asarray(KAPPA), d))

    def nonlinear(state):
        u = to_grid_real(state["u"], grid)
        square = sum(to_grid_real(1j * k_i * state["u"], grid) ** 2 for k_i in k)
        rate = geometry_rate(u, jnp.exp(-2 * u), source, jnp.mean(source), square, params, m2, d)
        return {"u": to_modes_real(rate, grid)}

    coefficients = {"u": etdrk4(-LAMBDA * (grid.k_squared(real=True) + m2), 0.05)}
    step = jax.jit(lambda state: etdrk4_step(state, coefficients, nonlinear))
    state = {"u": to_modes_real(jnp.zeros(rho.shape), grid)}
    for _ in range(300):
        state = step(state)

    H, u = hamiltonian_constraint(state["u"], source, jnp.asarray(KAPPA), grid, k)
    np.testing.assert_allclose(u, expected, rtol=0, atol=1e-13)
    assert np.abs(H).max() < 1e-12

    def given_source(field: np.ndarray, L: float):
        """psi = 0, with the gradient whose energy is rho; u differentiated by the validator."""
        if field is not psi:
            return spectral_derivatives(field, L)
        return [np.sqrt(2 * rho) + 0j, *[0j * psi] * (d - 1)], 0j * psi

    psi = np.zeros(rho.shape, complex)
    terms = hamiltonian_terms(psi, np.asarray(u), grid.L, KAPPA, given_source)
    assert np.abs(sum(terms)).max() < 1e-12
    assert min(np.abs(term).max() for term in terms) > 0.1


@pytest.mark.parametrize(("d", "n"), [(2, 96), (3, 72)])
def test_a_field_whose_energy_is_the_manufactured_source_has_no_violation(d: int, n: int) -> None:
    """A psi for it exists where v depends on one phase s = n.x alone: psi = c exp(i phi(s)).

    Its energy c^2 |n|^2 phi'^2 / 2 + c^4 / 4 gives phi'; c makes phi turn TURNS times in the box.
    """
    grid = Grid(n, 12.0, d)
    x = coordinates(grid)
    phase = x[0] + x[1] if d == 2 else x[0] - x[2]  # |n k_min|^2 = 2 k_min^2
    expected, rho = manufactured(0.06 * np.cos(phase) + 0.01 * np.sin(2 * phase), grid.L)
    line = rho[:, 0] if d == 2 else rho[:, 0, 0]  # one period of s

    def slope(c: float) -> np.ndarray:
        return np.sqrt((line - c**4 / 4) / (c * grid.k_min) ** 2)

    c = brentq(lambda c: slope(c).mean() - TURNS, 0.1, (3 * line.min()) ** 0.25, xtol=1e-15)
    phi = TURNS * x[0].ravel()[:: n ** (d - 1)] + periodic_integral(slope(c) - TURNS)
    psi = c * np.exp(1j * phi)[np.rint(phase / (2 * np.pi / n)).astype(int) % n]

    assert constraint_norms(psi, expected, grid.L, KAPPA).max < 1e-12
    config = SimulationConfig(
        dimensions=d, N_grid=n, box_length=grid.L, precision="float64",
        sncgl_params=SncglParams(kappa=KAPPA),
    )  # fmt: skip
    ready = prepare(config, psi0=psi, u0=expected)
    observed = ready.program.observe(ready.state, ready.operators)
    assert float(observed["rho_info_mean"]) == pytest.approx(MEAN_RHO, rel=1e-12)
    assert float(observed["sdg_h_norm_l2"]) < 1e-11


def periodic_integral(values: np.ndarray) -> np.ndarray:
    """The integral, of zero mean, of a function of zero mean on [0, 2 pi)."""
    n = np.fft.fftfreq(values.size, 1 / values.size)
    n[0] = 1  # there is no mean to divide
    return np.fft.ifft(np.fft.fft(values) / (1j * n)).real
