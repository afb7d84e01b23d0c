"""Lines of a spectrum and the targets of a comb: candidates, costs, assignment.

Every function works on one spectrum or on a stack of them, whose axes come first. k is in radians
per unit length.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.validation.assignment import (
    best_pairs,
    most_saved,
    saves_at_least,
)
from irer.validation.combs import PRIMES, WINDOW, Array, primes_of, resolved_targets
from irer.validation.spectrum import Spectrum

UNMATCHED_COST = 0.5**2  # a peak further than 0.5 from a target is no better than none
CONFIDENT_EXCESS = 3.0  # standard deviations
MAX_PEAKS = len(PRIMES)  # more or denser peaks must not buy a lower score
NOTHING = len(PRIMES) * UNMATCHED_COST  # the score when no target is matched
TIE = 1e-12  # a tie stays one whatever the order of summation


@dataclass(frozen=True)
class Peaks:
    """Candidate lines, strongest first; every array has shape (P,), P <= 8."""

    k: Array  # radians per unit length
    excess: Array  # standard deviations above the background

    @property
    def confidence(self) -> Array:
        """From 0, for a peak as noise often makes, to 1, for one that noise never makes."""
        return confidence(self.excess)


NO_PEAKS = Peaks(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Match:
    """A peak that was assigned to a target; `cost` is its share of the SSE."""

    prime: int | None  # whose logarithm the target is; None for a decoy
    target: float  # radians per unit length
    k: float  # of the peak, radians per unit length
    excess: float  # standard deviations
    cost: float  # 0 to 0.25


def confidence(excess: Array) -> Array:
    """Return 1 - exp(-(excess / 3)^2)."""
    return np.asarray(1.0 - np.exp(-((excess / CONFIDENT_EXCESS) ** 2)))


def candidate_shells(k: Array, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which of the shells 2..M-1 may hold a candidate, (M - 2,).

    These lie inside the window, and they and both shells beside them are usable.
    """
    inside = (k >= WINDOW[0]) & (k <= WINDOW[1])
    return np.asarray(inside[1:-1] & usable[:-2] & usable[1:-1] & usable[2:])


def find_peaks(spectrum: Spectrum) -> Peaks:
    """Return the 8 highest candidates of a spectrum, placed by a parabola."""
    allowed = candidate_shells(spectrum.k, spectrum.usable)
    log_power = np.log(np.where(spectrum.usable, spectrum.power, 1.0))
    excess = np.nan_to_num(spectrum.excess)
    k, height = highest_peaks(spectrum.k, excess, log_power, allowed)
    there = height > 0
    return Peaks(k[there], height[there])


def highest_peaks(
    k: Array, excess: Array, log_power: Array, allowed: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Return positions and heights, both (..., 8), of the highest candidates of (..., M) shells.

    A candidate has a positive excess and is a local maximum of the excess; or of the power, if no
    shell beside it is a maximum of the excess. Lines much stronger than the background lift its
    fit with their wings, and where that fit falls the excess may have no maximum at a line.
    Highest first; with fewer than 8 the rest have height 0 and so confidence 0.
    """
    inside = allowed & (excess[..., 1:-1] > 0)
    of_excess = inside & _local_maxima(excess)
    beside = of_excess.copy()
    beside[..., 1:] |= of_excess[..., :-1]
    beside[..., :-1] |= of_excess[..., 1:]
    is_peak = of_excess | (inside & _local_maxima(log_power) & ~beside)
    height = np.where(is_peak, excess[..., 1:-1], 0.0)
    order = np.argsort(-height, axis=-1, kind="stable")[..., :MAX_PEAKS]
    is_peak, by_excess, height = (
        np.take_along_axis(values, order, axis=-1) for values in (is_peak, of_excess, height)
    )
    left, middle, right = (
        np.where(
            by_excess,
            np.take_along_axis(excess, order + step, axis=-1),
            np.take_along_axis(log_power, order + step, axis=-1),
        )
        for step in range(3)
    )
    curvature = np.where(is_peak, left - 2 * middle + right, 1.0)
    offset = np.where(is_peak, 0.5 * (left - right) / curvature, 0.0)
    return k[1:-1][order] + offset * k[0], height


def _local_maxima(values: Array) -> NDArray[np.bool_]:
    """Say which of the inner values, (..., M - 2), stand above both neighbours."""
    left, middle, right = values[..., :-2], values[..., 1:-1], values[..., 2:]
    return np.asarray((middle > left) & (middle >= right))


def gains(positions: Array, confidences: Array, targets: Array) -> Array:
    """Return how much matching each of (..., P) peaks to each of (..., T) targets saves.

    The table is (..., P, T). Gains are never negative, so matching as many as possible is always
    cheapest.
    """
    saved = positions[..., :, None] - targets[..., None, :]
    saved *= saved
    np.subtract(UNMATCHED_COST, saved, out=saved)
    np.maximum(saved, 0.0, out=saved)
    saved *= confidences[..., :, None]
    return np.asarray(saved)


def match_peaks(
    peaks: Peaks, comb: Array, resolved: NDArray[np.bool_]
) -> tuple[float, tuple[Match, ...]]:
    """Return the SSE over the 8 targets, and the matches that lower it, in the targets' order."""
    primes = primes_of(comb)
    saved = gains(peaks.k, peaks.confidence, comb) * resolved
    pairs = best_pairs(saved)
    matches = [
        Match(
            prime=primes[j],
            target=float(comb[j]),
            k=float(peaks.k[i]),
            excess=float(peaks.excess[i]),
            cost=float(UNMATCHED_COST - saved[i, j]),
        )
        for i, j in zip(*pairs, strict=True)
        if saved[i, j] > 0
    ]
    sse = float(max(NOTHING - saved[pairs].sum(), 0.0))
    return sse, tuple(sorted(matches, key=lambda match: match.target))


def comb_scores(peaks: Peaks, combs: Array, spectrum: Spectrum) -> Array:
    """Return the SSE of one spectrum's peaks for each of n combs, (n, 8): (n,)."""
    return sse_of(_comb_gains(peaks, combs, spectrum))


def count_combs(score: float, peaks: Peaks, combs: Array, spectrum: Spectrum) -> int:
    """Return for how many of n combs, (n, 8), the SSE of a spectrum's peaks is `score` or less."""
    return count_reaching(score, _comb_gains(peaks, combs, spectrum))


def _comb_gains(peaks: Peaks, combs: Array, spectrum: Spectrum) -> Array:
    """Return the gains of one spectrum's peaks for n combs, (n, 8): (n, P, 8)."""
    resolved = resolved_targets(combs, spectrum.width, spectrum.usable)
    return gains(peaks.k, peaks.confidence, combs) * resolved[:, None, :]


def sse_of(tables: Array) -> Array:
    """Return the SSE of the best assignment of each of n tables of gains, (n, P, T): (n,)."""
    return np.asarray(np.maximum(NOTHING - most_saved(tables), 0.0))


def reached(score: float, tables: Array) -> NDArray[np.bool_]:
    """Say for each of n tables of gains, (n, P, T), whether its SSE is `score` or less: (n,)."""
    need = NOTHING - score - TIE
    return saves_at_least(np.ascontiguousarray(tables.transpose(1, 2, 0)), need)


def count_reaching(score: float, tables: Array) -> int:
    """Return for how many of n tables of gains, (n, P, T), the SSE is `score` or less."""
    return int(np.count_nonzero(reached(score, tables)))
