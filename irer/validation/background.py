"""A smooth background that lines do not lift, fitted to the logarithm of a spectrum."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from irer.validation.combs import Array

BACKGROUND_WIDTH = 0.8  # width of the local fit, radians per unit length
BACKGROUND_SHELLS = 9  # shells in the local fit at the least
BACKGROUND_ROUNDS = 12  # of clipping residuals larger than the noise


def fit_background(k: Array, log_power: Array, noise: Array, width: float) -> Array:
    """Return a smooth fit to ln P that lines do not lift; the last axis is the shells'.

    A local quadratic G, then `f <- G (f + clip(ln P - f, -noise, noise))`. A running median
    would hide lines on a slope. `k`, (M,), may have gaps; `width` is the width of a shell.
    """
    shells = max(BACKGROUND_SHELLS, 2 * round(BACKGROUND_WIDTH / 2 / width) + 1)
    places = np.rint(k / width).astype(np.int64)
    fit = _local_quadratic(places.tobytes(), min(shells, len(k)))
    smooth = log_power @ fit.T
    for _ in range(BACKGROUND_ROUNDS):
        smooth = (smooth + np.clip(log_power - smooth, -noise, noise)) @ fit.T
    return np.asarray(smooth)


def running_median(values: Array, width: int) -> Array:
    """Return the median over the `width` values nearest to each along the last axis."""
    count = values.shape[-1]
    width = min(width, count)
    if not width:
        return values
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=-1)
    return np.asarray(np.median(windows, axis=-1)[..., _nearest_windows(count, width)])


@lru_cache(maxsize=64)
def _local_quadratic(places: bytes, width: int) -> Array:
    """Return the (M, M) matrix of quadratics fitted to the `width` shells nearest to each.

    `places` are the shells' numbers as the bytes of int64; they may have gaps.
    """
    shells = np.frombuffer(places, dtype=np.int64)
    fit = np.zeros((len(shells), len(shells)))
    for j, start in enumerate(_nearest_windows(len(shells), width)):
        window = slice(start, start + width)
        design = np.vander((shells[window] - shells[j]) / width, 3, increasing=True)
        fit[j, window] = np.linalg.pinv(design)[0]
    return fit


def _nearest_windows(n_values: int, width: int) -> NDArray[np.int64]:
    """Return where the window of the `width` values nearest to each value starts."""
    return np.clip(np.arange(n_values) - width // 2, 0, n_values - width)
