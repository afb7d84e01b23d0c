"""Null distributions: how well peaks would do that know nothing of the targets."""

import numpy as np

from irer.validation.spectrum import Array


def shuffled_peaks(
    positions: Array,
    strengths: Array,
    window: tuple[float, float],
    n_null: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Return positions and strengths, each (n_null, P), of the peaks moved inside `window`.

    The gaps between the peaks inside the window are permuted, the group slides uniformly within
    it, and the strengths are permuted; peaks outside stay as they are. This keeps the spacing
    that the peaks happen to have, as independent uniform positions would not. A regular lattice
    of peaks is not exchangeable: it gets p-values that are too small.
    """
    low, high = window
    inside = (positions >= low) & (positions <= high)
    if not inside.any():
        return _repeat(positions, n_null), _repeat(strengths, n_null)
    gaps = np.diff(np.sort(positions[inside]))
    first = rng.uniform(low, high - gaps.sum(), size=(n_null, 1))
    steps = np.cumsum(rng.permuted(_repeat(gaps, n_null), axis=1), axis=1)
    moved = np.concatenate((first, first + steps, _repeat(positions[~inside], n_null)), axis=1)
    mixed = rng.permuted(_repeat(strengths[inside], n_null), axis=1)
    return moved, np.concatenate((mixed, _repeat(strengths[~inside], n_null)), axis=1)


def p_value(observed: float, null: Array) -> float:
    """Return (1 + #{null <= observed}) / (1 + n), n = len(null): small is rare by chance."""
    as_good = null <= observed + 1e-12  # a tie is one whatever the order of its sum
    return float((1 + np.count_nonzero(as_good)) / (1 + len(null)))


def _repeat(values: Array, times: int) -> Array:
    return np.tile(values, (times, 1))
