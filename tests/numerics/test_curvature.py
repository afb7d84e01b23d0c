r"""R and the Laplace-Beltrami operator against Christoffel symbols worked out by SymPy.

The route knows nothing of conformal metrics: from gamma_ij = exp(2u) delta_ij as any matrix of
functions it forms the inverse, Gamma^a_bc, the Riemann and Ricci tensors, R = gamma^bc R_bc, and
Lap psi = gamma^ab (d_a d_b psi - Gamma^c_ab d_c psi). The results are functions of x, evaluated
where the solver and the validator differentiate by FFT.
"""

import math
from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from irer.base.records import SncglParams
from irer.physics import SimulationConfig, sdg, sncgl
from irer.physics.program import prepare
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid, to_modes_real
from irer.validation.constraint import hamiltonian_terms, spectral_derivatives

L = 9.0
POINTS = {2: 64, 3: 40}  # the fields' spectra fall to round-off within the retained band
SMALL = 1e-7  # psi is scaled down until its cubic terms vanish in round-off


@cache
def symbolic(d: int):
    """Return u, psi, R and Lap psi as functions of x, y(, z) and of six random numbers."""
    x = sp.symbols("x y z", real=True)[:d]
    c = sp.symbols("c0:6", real=True)
    k = 2 * sp.pi / L
    u = c[0] * sp.cos(k * x[0] + c[1]) + c[2] * sp.sin(k * (x[0] - x[-1]) + c[3]) / 2 + c[4] / 3
    psi = (
        sp.exp(sp.I * k * (x[0] + 2 * x[1]))
        + sp.cos(k * x[-1] + c[5])
        + sp.I * sp.sin(k * (x[0] + x[-1]))
    )
    metric = sp.exp(2 * u) * sp.eye(d)
    inverse, indices = metric.inv(), range(d)

    def first_kind(m: int, b: int, e: int):
        by_b, by_e, by_m = (x[axis] for axis in (b, e, m))
        return metric[m, b].diff(by_e) + metric[m, e].diff(by_b) - metric[b, e].diff(by_m)

    def christoffel(a: int, b: int, e: int):
        return sum(inverse[a, m] * first_kind(m, b, e) for m in indices) / 2

    G = [[[christoffel(a, b, e) for e in indices] for b in indices] for a in indices]

    def ricci(b: int, e: int):
        return sum(
            sp.diff(G[a][b][e], x[a])
            - sp.diff(G[a][b][a], x[e])
            + sum(G[a][a][m] * G[m][b][e] - G[a][e][m] * G[m][b][a] for m in indices)
            for a in indices
        )

    curvature = sum(inverse[b, e] * ricci(b, e) for b in indices for e in indices)
    laplacian = sum(
        inverse[a, b]
        * (sp.diff(psi, x[a], x[b]) - sum(G[m][a][b] * sp.diff(psi, x[m]) for m in indices))
        for a in indices
        for b in indices
    )
    return sp.lambdify((x, c), [u, psi, curvature, laplacian], "numpy", cse=True)


def fields(d: int, seed: int) -> list[np.ndarray]:
    """u, psi, R and Lap psi on the whole grid, from the symbolic route."""
    rng = np.random.default_rng(seed)
    x = np.meshgrid(*[np.arange(POINTS[d]) * L / POINTS[d]] * d, indexing="ij")
    return symbolic(d)(x, rng.uniform(-0.3, 0.3, 6))


def laplace_beltrami(psi: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The solver's Lap_g psi: its whole d psi/dt at epsilon = c1 = 0, without the cubic terms."""
    d, n = psi.ndim, psi.shape[0]
    config = SimulationConfig(
        dimensions=d, N_grid=n, box_length=L, precision="float64",
        sncgl_params=SncglParams(epsilon=0.0, c1=0.0, c3=0.0, g_nonlocal=0.0),
    )  # fmt: skip
    ready, grid = prepare(config, psi0=SMALL * psi, u0=u), Grid(n, L, d)
    nonlinear = sncgl.coupled_rate(ready.state, ready.operators, grid, jnp.asarray(0.0))["psi"]
    linear = sncgl.linear_symbol(grid, config.sncgl_params) * ready.state.psi
    return np.asarray(to_grid(linear + nonlinear, grid)) / SMALL


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("d", [2, 3])
def test_the_curvature_of_solver_and_validator_is_that_of_the_metric(d: int, seed: int) -> None:
    u, psi, exact, _ = fields(d, seed)
    grid = Grid(POINTS[d], L, d)
    # with kappa = 0, H is R alone
    solver, _ = sdg.hamiltonian_constraint(
        to_modes_real(jnp.asarray(u), grid), jnp.zeros(u.shape), jnp.asarray(0.0), grid,
        grid.wavenumbers(real=True),
    )  # fmt: skip
    validator, *_ = hamiltonian_terms(psi, u, L, 0.0, spectral_derivatives)
    scale = np.abs(exact).max()
    assert scale > 0.1
    np.testing.assert_allclose(solver, exact, atol=1e-12 * scale)
    np.testing.assert_allclose(validator, exact, atol=1e-11 * scale)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("d", [2, 3])
def test_the_laplacian_of_the_solver_is_laplace_beltrami(d: int, seed: int) -> None:
    u, psi, _, exact = fields(d, seed)
    difference = np.abs(laplace_beltrami(psi, u) - exact).max() / np.abs(exact).max()
    assert difference < 1e-10


@pytest.mark.parametrize("d", [2, 3])
def test_it_is_self_adjoint_under_the_volume_and_integrates_to_zero(d: int) -> None:
    u, psi, *_ = fields(d, 2)
    _, phi, *_ = fields(d, 3)
    phi = phi * np.conj(psi) + 0.3  # another smooth field
    volume = np.exp(d * u)
    lap_psi, lap_phi = laplace_beltrami(psi, u), laplace_beltrami(phi, u)
    left = np.mean(volume * np.conj(phi) * lap_psi)
    right = np.mean(volume * np.conj(lap_phi) * psi)
    assert abs(left) > 1e-2
    assert abs(left - right) < 1e-11 * math.sqrt(np.mean(np.abs(lap_psi) ** 2))
    energy = np.mean(volume * np.conj(psi) * lap_psi)
    assert energy.real < 0
    assert abs(energy.imag) < 1e-11 * abs(energy)
    assert abs(np.mean(volume * lap_psi)) < 1e-11 * np.abs(lap_psi).max()
