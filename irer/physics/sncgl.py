"""S-NCGL: the sourced, non-local complex Ginzburg-Landau equation, flat and on the SDG geometry.

State: {"psi": complex spectrum} and, with a geometry, "u": real spectrum of ln Omega. Linear
parts epsilon - (1 + i c1) k^2 and -lambda_sdg (k^2 + m2) go to the exponential integrator; the
functions here give the rest. psi and its derivatives on the grid carry a common phase
(`irer.spectral.transforms`), under which the equations are the same.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.physics import sdg
from irer.records import SncglParams
from irer.spectral.etdrk import kept
from irer.spectral.grid import Grid
from irer.spectral.transforms import (
    from_carried,
    full_spectrum,
    to_carried,
    to_grid_real,
    to_modes_real,
)

Params = dict[str, Any]


def linear_symbol(grid: Grid, params: SncglParams) -> NDArray[np.complex128]:
    """Return epsilon - (1 + i c1) k^2 on the complex spectrum, complex128."""
    return np.asarray(params.epsilon - (1 + 1j * params.c1) * grid.k_squared(), complex)


def kernel(k_squared: NDArray[np.float64], params: SncglParams) -> NDArray[np.float64]:
    """Return the non-local kernel exp(-(|k| - k0)^2 / (2 sigma_k^2)) for the given |k|^2."""
    return np.exp(-(((np.sqrt(k_squared) - params.k0) / params.sigma_k) ** 2) / 2)


def convolution(grid: Grid, params: SncglParams, *, curved: bool) -> NDArray[Any]:
    """Return what |psi|^2's spectrum is multiplied with, in the layout that the model needs.

    Flat or 3-D: the kernel K^ for `rfftn`. Curved in 2-D: -k^2/4 + i K^ for `fftn`, so that one
    complex transform gives lap |psi|^2 / 4 and K * |psi|^2 as its real and imaginary parts.
    """
    if curved and grid.d == 2:
        k2 = grid.k_squared_full(real=False)
        return -k2 / 4 + 1j * kernel(k2, params)
    return kernel(grid.k_squared_full(), params)


def flat_rate(state: dict[str, Array], ops: dict[str, Any], grid: Grid) -> dict[str, Array]:
    """Return the nonlinear part of d psi/dt at u = 0; without a kernel in `ops`, the local one."""
    psi = to_carried(state["psi"], grid)
    density = _square(psi)
    smeared = _convolve(density, ops["convolution"]) if "convolution" in ops else 0.0
    reaction = _times(-_saturation(density, smeared, ops["params"]), psi)
    return {"psi": from_carried(reaction, grid) + ops["source"]}


def coupled_rate(
    state: dict[str, Array], ops: dict[str, Any], grid: Grid, m2: Array
) -> dict[str, Array]:
    """Return the nonlinear parts of d psi/dt and d u/dt."""
    rate = _coupled_2d if grid.d == 2 else _coupled_3d
    rates = rate(state, ops, grid, m2)
    return rates | {"psi": rates["psi"] + ops["source"]}


def _coupled_2d(
    state: dict[str, Array], ops: dict[str, Any], grid: Grid, m2: Array
) -> dict[str, Array]:
    """Four complex and three real transforms' worth.

    |grad psi|^2 = lap |psi|^2 / 2 - Re(psi* lap psi) saves the transforms of the gradient. No
    product in this identity, or in those of `_coupled_3d`, may be truncated.
    """
    params = ops["params"]
    psi = to_carried(state["psi"], grid)
    laplacian = to_carried(-ops["k2"] * state["psi"], grid)
    u = to_grid_real(state["u"], grid)
    density = _square(psi)
    both = jnp.fft.ifft2(ops["convolution"] * full_spectrum(jnp.fft.rfft2(density)))
    rho = both.real - 0.5 * _dot(psi, laplacian) + 0.25 * density**2
    w = kept(jnp.exp(-2 * u))
    metric = _times(lax.complex(w - 1, params["c1"] * (w - 1)), laplacian)
    reaction = metric - _times(_saturation(density, both.imag, params), psi)
    u_rate = sdg.geometry_rate(u, w, rho, 0.0, params, m2, grid.d)
    return {"psi": from_carried(reaction, grid), "u": to_modes_real(u_rate, grid)}


def _coupled_3d(
    state: dict[str, Array], ops: dict[str, Any], grid: Grid, m2: Array
) -> dict[str, Array]:
    """Four complex and eight real transforms.

    With w = Omega^-2: w (lap psi + grad u . grad psi) = 5/4 w lap psi + 1/4 psi lap w -
    1/4 lap(w psi), and |grad u|^2 = lap w / (4 w) + 1/2 lap u.
    """
    params, k2_full = ops["params"], ops["k2_full"]
    psi = to_carried(state["psi"], grid)
    laplacian = to_carried(-ops["k2"] * state["psi"], grid)
    u = to_grid_real(state["u"], grid)
    u_laplacian = to_grid_real(-ops["k2_real"] * state["u"], grid)
    density = _square(psi)
    density_hat = jnp.fft.rfftn(density)
    smeared = jnp.fft.irfftn(ops["convolution"] * density_hat, s=u.shape)
    density_laplacian = jnp.fft.irfftn(-k2_full * density_hat, s=u.shape)
    rho = 0.25 * density_laplacian - 0.5 * _dot(psi, laplacian) + 0.25 * density**2
    w = kept(jnp.exp(-2 * u))
    w_laplacian = jnp.fft.irfftn(-k2_full * jnp.fft.rfftn(w), s=u.shape)
    bent = (1.25 * w - 1) * laplacian + 0.25 * w_laplacian * psi
    reaction = lax.complex(
        bent.real - params["c1"] * bent.imag, bent.imag + params["c1"] * bent.real
    )
    reaction = reaction - _times(_saturation(density, smeared, params), psi)
    divergence = 0.25 * ops["k2"] * from_carried(w * psi, grid)  # -1/4 lap(w psi)
    u_square = 0.25 * w_laplacian / w + 0.5 * u_laplacian
    u_rate = sdg.geometry_rate(u, w, rho, u_square, params, m2, grid.d)
    return {
        "psi": from_carried(reaction, grid) + (1 + 1j * params["c1"]) * divergence,
        "u": to_modes_real(u_rate, grid),
    }


def _saturation(density: Array, smeared: Array | float, params: Params) -> Array:
    """Return (1 + i c3) |psi|^2 + g_nonlocal K * |psi|^2."""
    return lax.complex(density + params["g_nonlocal"] * smeared, params["c3"] * density)


def _convolve(density: Array, kernel_hat: Array) -> Array:
    return jnp.fft.irfftn(kernel_hat * jnp.fft.rfftn(density), s=density.shape)


def _square(psi: Array) -> Array:
    return psi.real**2 + psi.imag**2


def _dot(a: Array, b: Array) -> Array:
    """Return Re(a* b)."""
    return a.real * b.real + a.imag * b.imag


def _times(a: Array, b: Array) -> Array:
    """Return a b, spelled out: XLA's own complex product checks for NaN and is slower."""
    return lax.complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)
