"""S-NCGL: the sourced, non-local complex Ginzburg-Landau equation, flat and on the SDG geometry.

Linear parts epsilon - (1 + i c1) k^2 and -lambda_sdg (k^2 + m2) go to the exponential integrator;
the functions here give the rest. psi and its derivatives on the grid carry a common phase
(`irer.spectral.transforms`), under which the equations are the same.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.base.records import SncglParams
from irer.physics import sdg
from irer.physics.sncgl_trees import Curved, CurvedOperators, Psi, SncglOperators
from irer.physics.stepping import Named
from irer.spectral.blocks import (
    convolved,
    folded,
    from_blocks,
    from_blocks_real,
    to_blocks,
    to_blocks_real,
)
from irer.spectral.etdrk import times
from irer.spectral.grid import Grid
from irer.spectral.transforms import (
    from_carried,
    to_carried,
    to_grid_real,
    to_modes_real,
)

Params = dict[str, Array]

_Transform = Callable[..., Any]
_POINTS: dict[int, tuple[_Transform, _Transform]] = {  # to the points and back, by dimension
    2: (to_blocks, from_blocks),
    3: (to_carried, from_carried),
}


def linear_symbol(grid: Grid, params: SncglParams) -> NDArray[np.complex128]:
    """Return epsilon - (1 + i c1) k^2 on the complex spectrum, complex128."""
    return np.asarray(params.epsilon - (1 + 1j * params.c1) * grid.k_squared(), complex)


def convolution(grid: Grid, params: Any, *, curved: bool, xp: Any = np) -> Any:
    """Return what |psi|^2's spectrum is multiplied with, in the layout that the model needs.

    The kernel is K^ = exp(-(|k| - k0)^2 / (2 sigma_k^2)). In 3-D it is that, for `rfftn`; in 2-D
    the multipliers are those of `convolved`: curved -k^2/4, which gives lap |psi|^2 / 4, and K^.
    `xp` is numpy or jax.numpy.
    """
    k2 = grid.k_squared_full(real=grid.d == 3)
    kernel = xp.exp(-(((np.sqrt(k2) - params.k0) / params.sigma_k) ** 2) / 2)
    if grid.d == 3:
        return kernel
    return xp.stack(
        [folded(each, grid, xp) for each in ([-k2 / 4, kernel] if curved else [kernel])]
    )


def flat_rate(state: Psi, ops: SncglOperators, grid: Grid) -> Named:
    """Return the nonlinear part of d psi/dt at u = 0; without a kernel in `ops`, the local one."""
    to_points, to_spectrum = _POINTS[grid.d]
    psi = to_points(state.psi, grid)
    density = jax.tree.map(_square, psi)
    smeared = jax.tree.map(jnp.zeros_like, density)
    if ops.convolution is not None:
        smeared = _convolve(density, ops.convolution, grid)

    def reaction(psi: Array, density: Array, smeared: Array) -> Array:
        return times(-_saturation(density, smeared, ops.params), psi)

    rate = to_spectrum(jax.tree.map(reaction, psi, density, smeared), grid)
    return {"psi": rate + ops.source}


def coupled_rate(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Return the nonlinear parts of d psi/dt and d u/dt."""
    rate = _coupled_2d if grid.d == 2 else _coupled_3d
    rates = rate(state, ops, grid, m2)
    return rates | {"psi": rates["psi"] + ops.source}


def _coupled_2d(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Four complex and three real transforms' worth, on blocks.

    |grad psi|^2 = lap |psi|^2 / 2 - Re(psi* lap psi) saves the transforms of the gradient. No
    product in this identity, or in those of `_coupled_3d`, may be truncated.
    """
    params = ops.params
    psi = to_blocks(state.psi, grid)
    laplacian = to_blocks(times(-ops.k2, state.psi), grid)
    u = jnp.stack(to_blocks_real(state.u, grid))
    w = jnp.exp(-2 * u)  # of one array: XLA does not vectorise it over parts of a complex one
    density = jax.tree.map(_square, psi)
    density_laplacian, smeared = convolved(density, *ops.convolution)

    def energy(quarter: Array, psi: Array, laplacian: Array, density: Array) -> Array:
        return quarter - 0.5 * _dot(psi, laplacian) + 0.25 * density**2

    def reaction(w: Array, psi: Array, laplacian: Array, density: Array, smeared: Array) -> Array:
        metric = times(lax.complex(w - 1, params["c1"] * (w - 1)), laplacian)
        return metric - times(_saturation(density, smeared, params), psi)

    rho = jax.tree.map(energy, density_laplacian, psi, laplacian, density)
    mean_rho = 0.5 * (jnp.mean(rho[0]) + jnp.mean(rho[1]))

    psi_rate = jax.tree.map(reaction, tuple(w), psi, laplacian, density, smeared)
    u_rate = sdg.geometry_rate(u, w, jnp.stack(rho), mean_rho, 0.0, params, m2, grid.d)
    return {"psi": from_blocks(psi_rate, grid), "u": from_blocks_real(tuple(u_rate), grid)}


def _coupled_3d(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Four complex and eight real transforms.

    With w = Omega^-2: w (lap psi + grad u . grad psi) = 5/4 w lap psi + 1/4 psi lap w -
    1/4 lap(w psi), and |grad u|^2 = lap w / (4 w) + 1/2 lap u.
    """
    params, k2_full = ops.params, ops.k2_full
    psi = to_carried(state.psi, grid)
    laplacian = to_carried(times(-ops.k2, state.psi), grid)
    u = to_grid_real(state.u, grid)
    u_laplacian = to_grid_real(times(-ops.k2_real, state.u), grid)
    density = _square(psi)
    density_hat = jnp.fft.rfftn(density)
    smeared = jnp.fft.irfftn(ops.convolution * density_hat, s=u.shape)
    density_laplacian = jnp.fft.irfftn(-k2_full * density_hat, s=u.shape)
    rho = 0.25 * density_laplacian - 0.5 * _dot(psi, laplacian) + 0.25 * density**2
    # as an array of its own: XLA would take the exponential anew wherever w is read
    w = lax.optimization_barrier(jnp.exp(-2 * u))  # type: ignore[no-untyped-call]
    w_laplacian = jnp.fft.irfftn(-k2_full * jnp.fft.rfftn(w), s=u.shape)
    bent = (1.25 * w - 1) * laplacian + 0.25 * w_laplacian * psi
    reaction = lax.complex(
        bent.real - params["c1"] * bent.imag, bent.imag + params["c1"] * bent.real
    )
    reaction = reaction - times(_saturation(density, smeared, params), psi)
    divergence = 0.25 * ops.k2 * from_carried(w * psi, grid)  # -1/4 lap(w psi)
    u_square = 0.25 * w_laplacian / w + 0.5 * u_laplacian
    u_rate = sdg.geometry_rate(u, w, rho, jnp.mean(rho), u_square, params, m2, grid.d)
    return {
        "psi": from_carried(reaction, grid) + (1 + 1j * params["c1"]) * divergence,
        "u": to_modes_real(u_rate, grid),
    }


def _saturation(density: Array, smeared: Array | float, params: Params) -> Array:
    """Return (1 + i c3) |psi|^2 + g_nonlocal K * |psi|^2."""
    return lax.complex(density + params["g_nonlocal"] * smeared, params["c3"] * density)


def _convolve(density: Any, multiplier: Array, grid: Grid) -> Any:
    if grid.d == 2:
        return convolved(density, *multiplier)[0]
    return jnp.fft.irfftn(multiplier * jnp.fft.rfftn(density), s=density.shape)


def _square(psi: Array) -> Array:
    return psi.real**2 + psi.imag**2


def _dot(a: Array, b: Array) -> Array:
    """Return Re(a* b)."""
    return a.real * b.real + a.imag * b.imag
