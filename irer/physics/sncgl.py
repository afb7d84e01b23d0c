"""S-NCGL: the sourced, non-local complex Ginzburg-Landau equation, flat and on the SDG geometry.

The exponential integrator takes the linear parts, epsilon - (1 + i c1) k^2 and
-lambda_sdg (k^2 + m2); the functions here give the rest. On the grid psi and its derivatives carry
a common phase (`irer.spectral.transforms`), which does not change the equations.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.base.records import SncglParams
from irer.physics import rate_3d, sdg
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
from irer.spectral.etdrk import kept, times
from irer.spectral.grid import Grid

Params = dict[str, Array]


def linear_symbol(grid: Grid, params: SncglParams) -> NDArray[np.complex128]:
    """Return epsilon - (1 + i c1) k^2 on the complex spectrum, complex128."""
    return np.asarray(params.epsilon - (1 + 1j * params.c1) * grid.k_squared(), complex)


def convolution(grid: Grid, params: Any, *, curved: bool, xp: Any = np) -> Any:
    """Return the multipliers of the spectrum of |psi|^2, in the layout that the model needs.

    The kernel is K^ = exp(-(|k| - k0)^2 / (2 sigma_k^2)). In 3-D the result is K^ on all modes. In
    2-D it is what `convolved` takes: K^, and when curved before it -k^2/4, which gives
    lap |psi|^2 / 4. `xp` is numpy or jax.numpy.
    """
    k2 = grid.k_squared_full()
    kernel = xp.exp(-(((np.sqrt(k2) - params.k0) / params.sigma_k) ** 2) / 2)
    if grid.d == 3:
        return kernel
    return xp.stack(
        [folded(each, grid, xp) for each in ([-k2 / 4, kernel] if curved else [kernel])]
    )


def flat_rate(state: Psi, ops: SncglOperators, grid: Grid) -> Named:
    """Return the nonlinear part of d psi/dt at u = 0, non-local if `ops` has a kernel."""
    if grid.d == 3:
        return {"psi": rate_3d.flat_rate(state, ops, grid) + ops.source}
    psi = to_blocks(state.psi, grid)
    density = jax.tree.map(_square, psi)
    smeared = jax.tree.map(jnp.zeros_like, density)
    if ops.convolution is not None:
        smeared = convolved(density, *ops.convolution)[0]

    def reaction(psi: Array, density: Array, smeared: Array) -> Array:
        return times(-_saturation(density, smeared, ops.params), psi)

    rate = from_blocks(jax.tree.map(reaction, psi, density, smeared), grid)
    return {"psi": rate + ops.source}


def coupled_rate(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Return the nonlinear parts of d psi/dt and d u/dt."""
    rate = _coupled_2d if grid.d == 2 else rate_3d.coupled_rate
    rates = rate(state, ops, grid, m2)
    return rates | {"psi": rates["psi"] + ops.source}


def _coupled_2d(state: Curved, ops: CurvedOperators, grid: Grid, m2: Array) -> Named:
    """Four complex and three real transforms' worth, on blocks.

    |grad psi|^2 = lap |psi|^2 / 2 - Re(psi* lap psi) saves the transforms of the gradient. No
    product in this identity may be truncated.
    """
    params = ops.params
    psi = to_blocks(state.psi, grid)
    laplacian = to_blocks(times(-ops.k2, state.psi), grid)
    u = jnp.stack(to_blocks_real(state.u, grid))
    # Real arrays of their own: over parts of complex ones XLA does not vectorise exp, and 1/w would
    # be taken as a second exp.
    u, w = kept(u, jnp.exp(-2 * u))
    density_laplacian, smeared = convolved(jax.tree.map(_square, psi), *ops.convolution)
    psi = kept(*psi)  # else |psi|^2 is kept as well, and to read it costs more than to compute it

    def energy(quarter: Array, psi: Array, laplacian: Array) -> Array:
        return quarter - 0.5 * _dot(psi, laplacian) + 0.25 * _square(psi) ** 2

    def reaction(w: Array, psi: Array, laplacian: Array, smeared: Array) -> Array:
        metric = times(lax.complex(w - 1, params["c1"] * (w - 1)), laplacian)
        return metric - times(_saturation(_square(psi), smeared, params), psi)

    rho = jax.tree.map(energy, density_laplacian, psi, laplacian)
    mean_rho = 0.5 * (jnp.mean(rho[0]) + jnp.mean(rho[1]))

    def geometry(u: Array, w: Array, rho: Array) -> Array:
        return sdg.geometry_rate(u, w, rho, mean_rho, 0.0, params, m2, grid.d)

    psi_rate = jax.tree.map(reaction, tuple(w), psi, laplacian, smeared)
    u_rate = jax.tree.map(geometry, tuple(u), tuple(w), rho)
    return {"psi": from_blocks(psi_rate, grid), "u": from_blocks_real(u_rate, grid)}


def _saturation(density: Array, smeared: Array | float, params: Params) -> Array:
    """Return (1 + i c3) |psi|^2 + g_nonlocal K * |psi|^2."""
    return lax.complex(density + params["g_nonlocal"] * smeared, params["c3"] * density)


def _square(psi: Array) -> Array:
    return psi.real**2 + psi.imag**2


def _dot(a: Array, b: Array) -> Array:
    """Return Re(a* b)."""
    return a.real * b.real + a.imag * b.imag
