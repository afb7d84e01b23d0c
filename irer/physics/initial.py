"""Random fields that do not depend on the resolution: initial noise and the source S(x)."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from irer.records import SncglParams
from irer.seeds import generator
from irer.spectral.grid import Grid

INITIAL_CUTOFF = 3.0  # radians per unit length


def initial_noise(grid: Grid, amplitude: float, seed: int) -> NDArray[np.complex128]:
    """Return the compact spectrum of complex Gaussian noise with RMS `amplitude` (in the mean).

    One seed gives the same modes |k| <= 3 at any N with the same L, so that refining N refines
    the same problem; modes that a coarse grid does not retain are left out.
    """
    modes = _modes_within(grid, INITIAL_CUTOFF)
    rng = generator("initial", seed)
    drawn = rng.standard_normal((len(modes), 2)) @ np.array([1, 1j]) / math.sqrt(2 * len(modes))
    return _on_compact_spectrum(grid, modes, amplitude * drawn)


def source(grid: Grid, params: SncglParams, seed: int) -> NDArray[np.complex128]:
    """Return the compact spectrum of the source S(x), unit RMS, isotropic random phases.

    Power spectrum exp(-(|k| - source_k)^2 / (2 source_width^2)), cut where it is below 1e-12.
    """
    reach = params.source_width * math.sqrt(2 * math.log(1e12))
    modes = _modes_within(grid, params.source_k + reach)
    k = grid.k_min * np.linalg.norm(modes, axis=1)
    power = np.exp(-(((k - params.source_k) / params.source_width) ** 2) / 2)
    phases = generator("source", seed).uniform(0, 2 * np.pi, len(modes))
    return _on_compact_spectrum(grid, modes, np.sqrt(power / power.sum()) * np.exp(1j * phases))


def _modes_within(grid: Grid, k_max: float) -> NDArray[np.int64]:
    """Return the integer wavenumber vectors with |k| <= k_max in an order that N cannot change."""
    reach = int(k_max / grid.k_min)
    all_modes: NDArray[np.int64] = np.array(
        list(itertools.product(range(-reach, reach + 1), repeat=grid.d))
    )
    inside: NDArray[np.bool_] = grid.k_min * np.linalg.norm(all_modes, axis=1) <= k_max
    return np.compress(inside, all_modes, axis=0)


def _on_compact_spectrum(
    grid: Grid, modes: NDArray[np.int64], values: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Place the coefficients of exp(i k x) in a compact spectrum, scaled for `to_grid`."""
    spectrum = np.zeros((grid.n_modes,) * grid.d, complex)
    retained = (np.abs(modes) < grid.n_half).all(axis=1)
    rotated = np.roll(modes[retained], -1, axis=1)  # spectral axis j is physical axis j + 1
    spectrum[tuple(rotated.T)] = values[retained] * grid.N**grid.d
    return spectrum
