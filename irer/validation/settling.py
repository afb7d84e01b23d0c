"""Whether a run has settled on its attractor or was stopped in a transient.

Judged by the diagnostics of its last fifth, one row a frame. A chaotic run fluctuates for ever, and
so do the means over its box: only a change along a straight line, far above the scatter about that
line, counts as a drift.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.validation.combs import Array

WINDOW = 0.2  # the share of the run that is judged, at its end
MIN_FRAMES = 4  # in that window
DENSITY_BOUND = 0.02  # change of the mean density, relative to its mean
U_BOUND = 0.01  # change of the mean of u
LOG_H_BOUND = math.log(2)  # change of ln sdg_h_norm_l2
SSE_BOUND = 0.5  # change of log_prime_sse between the halves of the snapshots
SCATTERS = 4.0  # a drift is at least so many times the scatter about its line
QUIET_H_NORM = 1e-3  # the goal of stability, which a norm below it and falling meets
_MAX_POINTS = 64  # frames that the line is fitted to, evenly chosen
_TINY = 1e-300  # below it a mean has no logarithm and no relative change


@dataclass(frozen=True)
class Drift:
    """How one quantity moves over the last fifth of a run."""

    change: float  # from the first half of the window to the second; 0 without a direction
    scatter: float  # standard deviation about the line

    def exceeds(self, bound: float) -> bool:
        """Say whether it is above `bound` and not explained by the scatter."""
        return abs(self.change) > max(bound, SCATTERS * self.scatter)


def settled(diagnostics: Mapping[str, ArrayLike]) -> str | None:
    """Return None for a run on its attractor, else why it is not there, as a clause.

    `diagnostics` are those of an artifact: `t`, `density_mean`, `sdg_h_norm_l2` and `u_mean`, one
    value a frame. An artifact from before `u_mean` was kept is judged by the others.
    """
    series = {name: np.asarray(values, np.float64) for name, values in diagnostics.items()}
    inside = last_fifth(series["t"])
    if len(inside) < MIN_FRAMES:
        return f"only {len(inside)} frames lie in its last fifth, {MIN_FRAMES} are needed"
    return next(_reasons({name: values[inside] for name, values in series.items()}), None)


def last_fifth(t: Array) -> NDArray[np.intp]:
    """Return the indices of the frames in the last fifth of a run that began at 0."""
    return np.flatnonzero(t > (1 - WINDOW) * t[-1] * (1 + 1e-9)) if len(t) else np.arange(0)


def drift(t: Array, values: Array) -> Drift:
    """Return the drift of `values` at the times `t`, at least two.

    The change is the smaller of two: that of the mean from the first half of the window to the
    second, and that of the line with the median slope over all pairs (Theil and Sen) over half
    the window. Where they differ in sign there is no direction.
    """
    late = t > (t[0] + t[-1]) / 2
    by_means = float(values[late].mean() - values[~late].mean())
    slope = _median_slope(t, values)
    by_line = slope * float(t[-1] - t[0]) / 2
    scatter = float(np.std(values - slope * t))
    if by_means * by_line <= 0:
        return Drift(0.0, scatter)
    return Drift(min(by_means, by_line, key=abs), scatter)


def _reasons(window: Mapping[str, Array]) -> Iterator[str]:
    t, between = window["t"], "between the halves of its last fifth"
    mean = float(window["density_mean"].mean())
    if abs(mean) > _TINY:
        density = drift(t, window["density_mean"] / mean)
        if density.exceeds(DENSITY_BOUND):
            yield f"its mean density changes by {density.change:+.1%} {between}"
    if "u_mean" in window:
        geometry = drift(t, window["u_mean"])
        if geometry.exceeds(U_BOUND):
            yield f"its mean u changes by {geometry.change:+.3g} {between}"
    norm = window["sdg_h_norm_l2"]
    stability = drift(t, np.log(np.maximum(norm, _TINY)))
    # The H-norm of a freezing pattern falls for ever, but meets the goal all the time.
    freezes = stability.change < 0 and norm.max() < QUIET_H_NORM
    if stability.exceeds(LOG_H_BOUND) and not freezes:
        yield f"its H-norm changes by a factor {math.exp(stability.change):.3g} {between}"


def _median_slope(t: Array, values: Array) -> float:
    """Return the median of the slopes between all pairs of points."""
    chosen = np.unique(np.linspace(0, len(t) - 1, min(len(t), _MAX_POINTS)).round().astype(int))
    t, values = t[chosen], values[chosen]
    first, second = np.triu_indices(len(t), 1)
    return float(np.median((values[second] - values[first]) / (t[second] - t[first])))
