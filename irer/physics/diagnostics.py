"""The diagnostics of a state at the end of a frame: numbers, each over the whole box."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from irer.base.band import half_band
from irer.physics import sdg
from irer.physics.trees import Operators
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_carried


def observe(psi_hat: Array, u_hat: Array, ops: Operators, grid: Grid) -> dict[str, Array]:
    """Return the diagnostics of psi and u; H is pointwise, without any dealiasing of it."""
    density = sdg.square(to_carried(psi_hat, grid))  # the carrier leaves the modulus as it is
    rho = sdg.energy_density(psi_hat, grid, ops.k)
    H, u = sdg.hamiltonian_constraint(u_hat, rho, ops.params["kappa"], grid, ops.k_real)
    volume = jnp.exp(grid.d * u)
    return {
        "psi_max": jnp.sqrt(jnp.max(density)),
        "density_mean": jnp.mean(density),
        "rho_info_mean": jnp.mean(rho),
        "u_mean": jnp.mean(u),
        "u_min": jnp.min(u),
        "u_max": jnp.max(u),
        "sdg_h_norm_l2": jnp.sqrt(jnp.sum(volume * H**2) / jnp.sum(volume)),
        "tail_ratio": tail_ratio(psi_hat, grid),
    }


def tail_ratio(psi_hat: Array, grid: Grid) -> Array:
    """Return the mean shell power of psi at the end of the band over the largest shell mean.

    The shells are those of |n| = 0..M, M = dealias N/2, and the end is their last tenth, where a
    resolved field has almost no power. 0 for an empty field.
    """
    last = int(half_band(grid.N, grid.dealias))
    members = _members(_shells(grid.k_squared() / grid.k_min**2, last), last)
    modes = np.bincount(_shells(grid.k_squared_full() / grid.k_min**2, last).ravel())
    power = (psi_hat.real**2 + psi_hat.imag**2).ravel()
    # By a table of each shell's modes: XLA's scattered sums take longer than the transforms.
    total = jnp.sum(jnp.append(power, 0)[members], axis=1)
    means = total / modes[: last + 1]
    largest = jnp.max(means)
    tail = jnp.mean(means[-max(1, -(-last // 10)) :])
    return jnp.where(largest > 0, tail / jnp.where(largest > 0, largest, 1), 0)


def _members(shells: NDArray[np.int64], last: int) -> NDArray[np.int32]:
    """Return the indices of each shell's modes, a row a shell, padded with the index past all."""
    order = np.argsort(shells, axis=None, kind="stable")
    counts = np.bincount(shells.ravel(), minlength=last + 2)[: last + 1]
    places = np.arange(counts.max()) + (np.cumsum(counts) - counts)[:, None]
    inside = np.arange(counts.max()) < counts[:, None]
    rows = order[np.minimum(places, shells.size - 1)]
    return np.where(inside, rows, shells.size).astype(np.int32)


def _shells(n_squared: NDArray[np.float64], last: int) -> NDArray[np.int64]:
    """Return the shell of each mode; `last` + 1 stands for all that lie beyond."""
    return np.minimum(np.rint(np.sqrt(n_squared)), last + 1).astype(np.int64)
