"""Random fields that do not depend on the resolution: initial noise and the source S(x)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from irer.base.records import SncglParams
from irer.base.seeds import generator
from irer.spectral.grid import Grid

INITIAL_CUTOFF = 3.0  # radians per unit length
SOURCE_WIDTHS = 3.0


def initial_noise(grid: Grid, amplitude: float, seed: int) -> NDArray[np.complex128]:
    """Return the compact spectrum of complex Gaussian noise with RMS `amplitude` (in the mean).

    One seed gives the same modes |k| <= 3 at any N with the same L, so that refining N refines
    the same problem; modes that a coarse grid does not retain are left out.
    """
    modes = _retained_modes(grid, INITIAL_CUTOFF)
    count = _count_modes(INITIAL_CUTOFF / grid.k_min, grid.d)
    parts = generator("initial", seed).standard_normal((len(modes), 2))
    drawn = parts.view(np.complex128)[:, 0]  # not a matrix product: BLAS would use threads
    return _on_compact_spectrum(grid, modes, amplitude / math.sqrt(2 * count) * drawn)


def source(
    grid: Grid, params: SncglParams, seed: int, rings: Sequence[float] = ()
) -> NDArray[np.complex128]:
    """Return the compact spectrum of the source S(x), unit RMS, isotropic random phases.

    Power spectrum exp(-(|k| - source_k)^2 / (2 source_width^2)), cut at three widths. With
    `rings` there is one such ring at each k of the list instead, all of equal power; a ring at 0
    is the mode 0 alone. The config's `source_problem` ensures that the grid retains all modes.
    """
    width = params.source_width
    modes = _retained_modes(grid, max(rings or (params.source_k,)) + SOURCE_WIDTHS * width)
    k = grid.k_min * np.linalg.norm(modes, axis=1)
    if rings:
        power = np.mean([_ring(k, ring, width) if ring else k == 0 for ring in rings], axis=0)
    else:
        power = _ring(k, params.source_k, width)
    phases = generator("source", seed).uniform(0, 2 * np.pi, len(modes))
    return _on_compact_spectrum(grid, modes, np.sqrt(power) * np.exp(1j * phases))


def _ring(k: NDArray[np.float64], ring: float, width: float) -> NDArray[np.float64]:
    """Return the share of its power that each mode of a ring has."""
    offset = (k - ring) / width
    power = np.where(abs(offset) <= SOURCE_WIDTHS, np.exp(-(offset**2) / 2), 0)
    return np.asarray(power / power.sum())


def _retained_modes(grid: Grid, k_max: float) -> NDArray[np.int64]:
    """Return the retained integer wavenumber vectors with |k| <= k_max, (modes, d).

    They are ordered by max |n_i|, so that a finer grid only adds modes at the end.
    """
    reach = min(int(k_max / grid.k_min), grid.n_half - 1)
    cube = np.indices((2 * reach + 1,) * grid.d).reshape(grid.d, -1) - reach
    inside = (cube**2).sum(axis=0) <= (k_max / grid.k_min) ** 2
    modes = cube[:, inside].T
    return modes[np.lexsort((*modes.T, np.abs(modes).max(axis=1)))]


def _count_modes(radius: float, d: int) -> int:
    """Return how many integer vectors of d dimensions have a length of at most `radius`."""
    if d == 1:
        return 2 * int(radius) + 1
    rest = radius**2 - np.arange(-int(radius), int(radius) + 1) ** 2
    if d == 2:
        return int((2 * np.floor(np.sqrt(rest)) + 1).sum())
    return sum(_count_modes(math.sqrt(r), d - 1) for r in rest)


def _on_compact_spectrum(
    grid: Grid, modes: NDArray[np.int64], values: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    """Place the coefficients of exp(i k x) in a compact spectrum, scaled for `to_grid`."""
    spectrum = np.zeros((grid.n_modes,) * grid.d, complex)
    places = modes[:, list(grid.spectral_axes)] + grid.n_half - 1
    spectrum[tuple(places.T)] = values * float(grid.N) ** grid.d
    return spectrum
