"""S-NCGL: the sourced, non-local complex Ginzburg-Landau equation, flat and on the SDG geometry.

State: {"psi": compact spectrum} and, with a geometry, "u": compact spectrum of ln Omega.
Linear parts epsilon - (1 + i c1) k^2 and -lambda_sdg (k^2 + m2) go to the exponential
integrator; the functions here give the rest.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from irer.physics.sdg import geometry_rate
from irer.records import SncglParams
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid, to_grid_real, to_modes, to_modes_real


def linear_symbol(grid: Grid, params: SncglParams) -> NDArray[np.complex128]:
    """Return epsilon - (1 + i c1) k^2 on the compact spectrum, complex128."""
    return np.asarray(params.epsilon - (1 + 1j * params.c1) * grid.k_squared(), complex)


def kernel(grid: Grid, params: SncglParams) -> NDArray[np.float64]:
    """Return the non-local kernel exp(-(|k| - k0)^2 / (2 sigma_k^2)) on rfftn's half-spectrum."""
    k = np.sqrt(grid.k_squared_full())
    return np.exp(-(((k - params.k0) / params.sigma_k) ** 2) / 2)


def flat_rate(state: dict[str, Array], ops: dict[str, Any], grid: Grid) -> dict[str, Array]:
    """Return the nonlinear part of d psi/dt at u = 0: one complex pair of transforms, one real."""
    psi = to_grid(state["psi"], grid)
    density = jnp.abs(psi) ** 2
    smeared = jnp.fft.irfftn(ops["kernel"] * jnp.fft.rfftn(density), s=psi.shape)
    reaction = _reaction(psi, density, smeared, ops["params"])
    return {"psi": to_modes(reaction, grid) + ops["source"]}


def coupled_rate(
    state: dict[str, Array], ops: dict[str, Any], grid: Grid, m2: Array
) -> dict[str, Array]:
    """Return the nonlinear parts of d psi/dt and d u/dt in two dimensions.

    Four complex and three real transforms' worth, by |grad psi|^2 = lap |psi|^2 / 2 -
    Re(psi* lap psi), an identity in which no product may be truncated.
    """
    params = ops["params"]
    psi = to_grid(state["psi"], grid)
    laplacian = to_grid(-ops["k2"] * state["psi"], grid)
    u = to_grid_real(state["u"], grid)
    density = jnp.abs(psi) ** 2
    density_hat = jnp.fft.rfftn(density)
    smeared = jnp.fft.irfftn(ops["kernel"] * density_hat, s=psi.shape)
    density_laplacian = jnp.fft.irfftn(-ops["k2_full"] * density_hat, s=psi.shape)
    dissipation = psi.real * laplacian.real + psi.imag * laplacian.imag
    rho = 0.5 * (0.5 * density_laplacian - dissipation) + 0.25 * density**2
    metric_part = (1 + 1j * params["c1"]) * jnp.expm1(-2 * u) * laplacian
    reaction = metric_part + _reaction(psi, density, smeared, params)
    return {
        "psi": to_modes(reaction, grid) + ops["source"],
        "u": to_modes_real(geometry_rate(u, rho, params, m2), grid),
    }


def _reaction(psi: Array, density: Array, smeared: Array, params: dict[str, Any]) -> Array:
    """Return -(1 + i c3) |psi|^2 psi - g_nonlocal (K * |psi|^2) psi, pointwise."""
    saturation: Array = (1 + 1j * params["c3"]) * density + params["g_nonlocal"] * smeared
    return -saturation * psi
