"""FMIA, the stable control model: a real field rho and its momentum on flat space.

    d2 rho/dt2 = D lap rho + epsilon rho - lambda rho^3 - eta d rho/dt

In first-order form with one complex field z = omega rho + i p, p = d rho/dt, where omega^2 =
D k^2 + m^2 acts on each mode and m^2 > 0 is free:

    dz/dt = (-i omega - eta/2) z + i [(epsilon + m^2) rho - lambda rho^3] + eta/2 z*

The linear part is diagonal, so ETDRK4 takes waves of any frequency; the rest has no stiff term.
State: {"psi": complex spectrum of z}.
"""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from irer.base.records import SncglParams
from irer.spectral.grid import Grid
from irer.spectral.transforms import from_carried, to_carried, to_grid

State = dict[str, Array]
Operators = dict[str, Any]


def mass_squared(grid: Grid, params: SncglParams) -> float:
    """Return m^2: 2 |epsilon|, that of small waves around the minimum, kept above 0."""
    return 2 * abs(params.epsilon) + params.diffusion * grid.k_min**2


def frequency(grid: Grid, params: SncglParams) -> NDArray[np.float64]:
    """Return omega on the complex spectrum, radians per unit time."""
    return np.sqrt(params.diffusion * grid.k_squared() + mass_squared(grid, params))


def rate(state: State, ops: Operators, grid: Grid) -> State:
    """Return the nonlinear part of dz/dt; two complex transforms."""
    params, z = ops["params"], state["psi"]
    rho = field_modes(z, ops)
    carried = to_carried(rho, grid)
    cubic = from_carried((carried.real**2 + carried.imag**2) * carried, grid)
    force = (params["epsilon"] + ops["mass_squared"]) * rho - params["lambda_cubic"] * cubic
    return {"psi": 1j * force + 0.5 * params["eta"] * mirrored(z)}


def field_modes(z: Array, ops: Operators) -> Array:
    """Return the complex spectrum of rho."""
    rho: Array = 0.5 * (z + mirrored(z)) / ops["omega"]
    return rho


def momentum_modes(z: Array) -> Array:
    """Return the complex spectrum of p."""
    return -0.5j * (z - mirrored(z))


def combined(rho: Array, momentum: Array, ops: Operators) -> Array:
    """Return the spectrum of z from those of rho and p."""
    z: Array = ops["omega"] * rho + 1j * momentum
    return z


def mirrored(spectrum: Array) -> Array:
    """Return the complex spectrum of a field's conjugate."""
    return jnp.conj(jnp.flip(spectrum))


def mean_energy(z: Array, ops: Operators, grid: Grid) -> Array:
    """Return <p^2/2 + D |grad rho|^2/2 - epsilon rho^2/2 + lambda rho^4/4>.

    It is conserved at eta = 0 and falls at the rate -eta <p^2> else.
    """
    params, rho_hat = ops["params"], field_modes(z, ops)
    rho, p = to_grid(rho_hat, grid).real, to_grid(momentum_modes(z), grid).real
    power = (rho_hat.real**2 + rho_hat.imag**2) / float(grid.N) ** (2 * grid.d)
    bending = params["diffusion"] * jnp.sum(ops["k2"] * power)
    well = params["lambda_cubic"] * rho**4 / 2 - params["epsilon"] * rho**2
    energy: Array = 0.5 * (bending + jnp.mean(p**2 + well))
    return energy
