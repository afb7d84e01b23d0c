"""SDG geometry: the metric Omega^2 delta_ij with u = ln Omega, and its Hamiltonian constraint.

Equations are those of docs/equations.md. H carries York's conformal weight Omega^-4 on its
source (York, Phys. Rev. Lett. 26 (1971) 1656), which makes Omega^2 H monotone in u.
"""

from typing import Any

import jax.numpy as jnp
from jax import Array

from irer.spectral.grid import Grid
from irer.spectral.transforms import to_carried, to_grid_real


def geometry_rate(
    u: Array,
    w: Array,
    rho: Array,
    mean_rho: Array,
    u_square: Array | float,
    params: dict[str, Any],
    m2: Array,
    d: int,
) -> Array:
    """Return d u/dt without its linear part -lambda (k^2 + m2) u, point by point.

    u; w = Omega^-2; rho = rho_info and its mean; u_square = |grad u|^2, which 2-D does not need.
    With K^2/(2d) = kappa <rho>/(d-1), the geometry relaxes H at the rate lambda_sdg.
    """
    drive = params["kappa"] / (d - 1) * (w * rho - mean_rho / w)
    rate: Array = params["lambda_sdg"] * (drive + 0.5 * (d - 2) * u_square + m2 * u)
    return rate


def relaxation_mass(mean_rho: Array, kappa: Array, d: int) -> Array:
    """Return m^2 = 4 kappa <rho> / (d-1), the rate at which the mean of u relaxes, per lambda."""
    return 4 * kappa * mean_rho / (d - 1)


def energy_density(psi_hat: Array, grid: Grid, k: list[Array]) -> Array:
    """Return rho_info = 1/2 |grad psi|^2 + 1/4 |psi|^4 pointwise, (N,)*d, flat gradient."""
    gradient = [to_carried(1j * k_i * psi_hat, grid) for k_i in k]
    quartic = square(to_carried(psi_hat, grid)) ** 2
    return 0.5 * sum(square(g) for g in gradient) + 0.25 * quartic


def square(values: Array) -> Array:
    """Return |values|^2 without the square root that a modulus costs."""
    return values.real**2 + values.imag**2


def estimated_mean_energy(psi_hat: Array, k2: Array, grid: Grid) -> Array:
    """Return 1/2 <|grad psi|^2> + 1/4 <|psi|^2>^2 by Parseval's theorem, without a transform.

    It is at most <rho_info> and equals it where |psi| is uniform. That suffices for the split into
    a linear and a nonlinear part, which is exact for any m^2.
    """
    power = (psi_hat.real**2 + psi_hat.imag**2) / float(grid.N) ** (2 * grid.d)
    return 0.5 * jnp.sum(k2 * power) + 0.25 * jnp.sum(power) ** 2


def mean_gradient(psi_hat: Array, k2: Array, grid: Grid) -> Array:
    """Return <|grad psi|^2> by Parseval's theorem."""
    return jnp.sum(k2 * square(psi_hat)) / float(grid.N) ** (2 * grid.d)


def hamiltonian_constraint(
    u_hat: Array, rho: Array, kappa: Array, grid: Grid, k: list[Array]
) -> tuple[Array, Array]:
    """Return H and u pointwise, (N,)*d each: H = R + (d-1)/d K^2 - 2 kappa Omega^-4 rho_info."""
    d = grid.d
    u = to_grid_real(u_hat, grid)
    laplacian = to_grid_real(-sum(k_i**2 for k_i in k) * u_hat, grid)
    bending = 2 * (d - 1) * laplacian
    if d > 2:  # in 2-D the factor d - 2 = 0 would not save the transforms
        gradient_squared = sum(to_grid_real(1j * k_i * u_hat, grid) ** 2 for k_i in k)
        bending += (d - 1) * (d - 2) * gradient_squared
    w = jnp.exp(-2 * u)
    return -w * bending + 2 * kappa * (jnp.mean(rho) - w**2 * rho), u
