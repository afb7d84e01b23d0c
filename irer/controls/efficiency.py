"""Detection efficiency: shares of trials with intervals, and the heights that reach a level."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

CONFIDENCE = 0.95  # of every interval


def clopper_pearson(found: ArrayLike, trials: int) -> tuple[Array, Array]:
    """Return the exact 95% interval of a binomial share, `found` of `trials` each."""
    from scipy.stats import beta  # here, because reading a report needs no SciPy

    count = np.asarray(found, dtype=np.float64)
    tail = (1 - CONFIDENCE) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(count > 0, beta.ppf(tail, count, trials - count + 1), 0.0)
        high = np.where(count < trials, beta.ppf(1 - tail, count + 1, trials - count), 1.0)
    return low, high


def monotone(shares: ArrayLike) -> Array:
    """Return the non-decreasing sequence nearest to `shares` by least squares."""
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(np.asarray(shares, dtype=np.float64)).x)


def crossing(heights: Sequence[float], shares: ArrayLike, level: float) -> float | None:
    """Return the smallest height at which a share has risen to `level`; None if none does.

    Between two heights the share is linear in the logarithm of the height; below the first
    height above 0 it is linear in the height itself.
    """
    rising = monotone(shares)
    reached = np.flatnonzero(rising >= level)
    if not len(reached):
        return None
    after = int(reached[0])
    if after == 0:
        return float(heights[0])
    below, above = float(heights[after - 1]), float(heights[after])
    part = (level - rising[after - 1]) / (rising[after] - rising[after - 1])
    if below > 0:
        return float(below * (above / below) ** part)
    return float(below + part * (above - below))
