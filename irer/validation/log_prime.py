"""How well the peaks of a density's spectrum sit at the logarithms of the first primes.

The statistic is defined step by step in docs/metrics.md: the excess of the shell spectrum over
its background, the highest peaks of it, and the cheapest one-to-one assignment of peaks to
k = ln p. It is 0 when every target has a strong peak on it and 2 when none has.
"""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.errors import ConfigError
from irer.validation.nulls import p_value, shuffled_peaks
from irer.validation.spectrum import Array, Spectrum, contrast, count_shells, shell_spectrum

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)
TARGETS: Array = np.log(PRIMES)  # radians per unit length
UNMATCHED_COST = 0.5**2  # a peak further than 0.5 from a target is no better than none
CONFIDENT_EXCESS = 3.0  # standard deviations
MAX_PEAKS = len(PRIMES)  # more or denser peaks must not buy a lower score
MIN_CONTRAST = 1e-3
MIN_SHELLS = 12
WINDOW_MARGIN = 0.1  # of the targets' span, at each end of the window of the position null

Degenerate = Literal["no_contrast", "too_few_shells"]


@dataclass(frozen=True)
class Peaks:
    """Candidate lines, strongest first; every array has shape (P,), P <= 8."""

    k: Array  # radians per unit length
    excess: Array  # standard deviations above the background

    @property
    def confidence(self) -> Array:
        """From 0, a peak that noise makes all the time, to 1, one that it never makes."""
        return 1.0 - np.exp(-((self.excess / CONFIDENT_EXCESS) ** 2))


@dataclass(frozen=True)
class Match:
    """A peak that was assigned to the target ln(prime); `cost` is its share of the SSE."""

    prime: int
    target: float  # radians per unit length
    k: float  # of the peak, radians per unit length
    excess: float  # standard deviations
    cost: float  # 0 to 0.25


@dataclass(frozen=True)
class Fidelity:
    """The log-prime fidelity of one density and what it rests on.

    A p-value is None when it was not asked for or not all eight targets are resolved.
    """

    sse: float  # 0 perfect, 2 nothing
    n_targets_resolved: int
    degenerate: Degenerate | None = None  # why there was nothing to measure
    p_position: float | None = None
    p_lines: float | None = None  # the line null is not drawn here
    matches: tuple[Match, ...] = ()
    peaks: Peaks | None = None
    spectrum: Spectrum | None = None

    @property
    def n_candidates(self) -> int:
        """How many peaks took part in the assignment, at most 8."""
        return 0 if self.peaks is None else len(self.peaks.k)


def log_prime_fidelity(
    rho: ArrayLike,
    box_length: float,
    n_null: int = 1000,
    rng: np.random.Generator | None = None,
    dealias: float = 0.5,
    *,
    dimensions: int | None = None,
) -> Fidelity:
    """Score the density `rho` in a periodic box of side `box_length`.

    `rho` is real, one field (N,)*d or S snapshots (S,) + (N,)*d, d = 2 or 3; `dimensions` says d
    where S = N snapshots in 2-D would count as one field in 3-D. The shells cover the share
    `dealias` of the band, k <= dealias pi N / L. `n_null` draws of the position null (0 leaves
    its p-value out) come from `rng`, by default one seeded with 0: equal fields score equally.
    Raises ConfigError for a wrong shape, a number that is not finite, or an argument out of its
    range.
    """
    snapshots = _as_snapshots(rho, dimensions)
    _check_arguments(box_length, n_null, dealias)
    n_shells = count_shells(snapshots.shape[-1], dealias)
    resolved = resolved_targets(2 * np.pi / box_length, n_shells)
    nothing = partial(Fidelity, len(PRIMES) * UNMATCHED_COST, int(resolved.sum()))
    if n_shells < MIN_SHELLS:
        return nothing("too_few_shells")
    delta = contrast(snapshots)
    if delta.std() < MIN_CONTRAST:
        return nothing("no_contrast")

    spectrum = shell_spectrum(delta, box_length, dealias)
    peaks = find_peaks(spectrum)
    sse, matches = match_peaks(peaks, resolved)
    p_position = None
    if n_null and resolved.all():
        rng = rng or np.random.default_rng(0)
        p_position = _position_p_value(sse, peaks, null_window(spectrum), n_null, rng)
    return Fidelity(
        sse,
        int(resolved.sum()),
        p_position=p_position,
        matches=matches,
        peaks=peaks,
        spectrum=spectrum,
    )


def resolved_targets(spacing: float, n_shells: int) -> NDArray[np.bool_]:
    """Say for each of the 8 targets whether shells of this spacing and number can tell it.

    It lies two shells from its nearest neighbour, and within reach of a peak: half a shell
    around the shells 2..M-1.
    """
    gaps = np.diff(TARGETS, prepend=-np.inf, append=np.inf)
    apart = np.minimum(gaps[:-1], gaps[1:]) >= 2 * spacing
    lowest, highest = 1.5 * spacing, (n_shells - 0.5) * spacing
    return np.asarray(apart & (lowest <= TARGETS) & (highest >= TARGETS))


def find_peaks(spectrum: Spectrum) -> Peaks:
    """Return the 8 highest local maxima of a positive excess, placed by a parabola."""
    left, middle, right = spectrum.excess[:-2], spectrum.excess[1:-1], spectrum.excess[2:]
    peak = np.flatnonzero((middle > 0) & (middle > left) & (middle >= right))
    peak = peak[np.argsort(-middle[peak], kind="stable")][:MAX_PEAKS]
    curvature = left[peak] - 2 * middle[peak] + right[peak]
    offset = 0.5 * (left[peak] - right[peak]) / curvature
    return Peaks(spectrum.k[1:-1][peak] + offset * spectrum.spacing, middle[peak])


def assignment_costs(positions: Array, confidences: Array, targets: Array) -> Array:
    """Return what it costs to match each of (..., P) peaks to each target: (..., P, T).

    Never more than an unmatched target, so matching as many as possible is always cheapest.
    """
    distance = np.minimum((positions[..., None] - targets) ** 2, UNMATCHED_COST)
    weight = confidences[..., None]
    return np.asarray(weight * distance + (1 - weight) * UNMATCHED_COST)


def match_peaks(peaks: Peaks, resolved: NDArray[np.bool_]) -> tuple[float, tuple[Match, ...]]:
    """Return the SSE over the 8 targets, and the pairs that lower it in the targets' order."""
    targets, primes = TARGETS[resolved], np.array(PRIMES)[resolved]
    costs = assignment_costs(peaks.k, peaks.confidence, targets)
    pairs = _assign(costs)
    matches = [
        Match(int(primes[j]), float(targets[j]), float(peaks.k[i]), float(peaks.excess[i]), cost)
        for i, j in zip(*pairs, strict=True)
        if (cost := float(costs[i, j])) < UNMATCHED_COST
    ]
    return _sse(costs, pairs), tuple(sorted(matches, key=lambda match: match.prime))


def _position_p_value(
    sse: float, peaks: Peaks, window: tuple[float, float], n_null: int, rng: np.random.Generator
) -> float:
    positions, confidences = shuffled_peaks(peaks.k, peaks.confidence, window, n_null, rng)
    costs = assignment_costs(positions, confidences, TARGETS)
    return p_value(sse, np.array([_sse(draw, _assign(draw)) for draw in costs]))


def _assign(costs: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows and columns of the cheapest one-to-one assignment."""
    # Imported here: it takes longer than all else, and who only draws spectra needs none of it.
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(costs)
    return rows, columns


def _sse(costs: Array, pairs: tuple[NDArray[np.intp], NDArray[np.intp]]) -> float:
    """Return the cost of the pairs and of the targets, of eight, that are in none."""
    return float(costs[pairs].sum() + (len(PRIMES) - len(pairs[0])) * UNMATCHED_COST)


def null_window(spectrum: Spectrum) -> tuple[float, float]:
    """Return where peaks may wander: the targets' range, wider by 10%, inside the band."""
    margin = WINDOW_MARGIN * (TARGETS[-1] - TARGETS[0])
    low, high = TARGETS[0] - margin, TARGETS[-1] + margin
    return max(low, spectrum.k[0]), min(high, spectrum.k[-1])


def _as_snapshots(rho: ArrayLike, dimensions: int | None) -> Array:
    """Return `rho` as float64 of shape (S,) + (N,)*d. Raises ConfigError."""
    if np.iscomplexobj(rho):
        raise ConfigError.of_field("rho", "must be real")
    field = np.asarray(rho, dtype=np.float64)
    if dimensions is None:
        cube = len(set(field.shape)) == 1
        dimensions = field.ndim if cube else field.ndim - 1
    if dimensions not in (2, 3) or field.ndim - dimensions not in (0, 1):
        raise ConfigError.of_field(
            "rho", f"must have shape (N,)*d or (S,)+(N,)*d, d = 2 or 3, got {field.shape}"
        )
    if len(set(field.shape[-dimensions:])) != 1 or not field.size:
        raise ConfigError.of_field("rho", f"must have N points along each axis, got {field.shape}")
    if not np.isfinite(field).all():
        raise ConfigError.of_field("rho", "must be finite everywhere")
    return field if field.ndim > dimensions else field[None]


def _check_arguments(box_length: float, n_null: int, dealias: float) -> None:
    if not (np.isfinite(box_length) and box_length > 0):
        raise ConfigError.of_field("box_length", f"must be finite and above 0, got {box_length}")
    if n_null < 0:
        raise ConfigError.of_field("n_null", f"must be at least 0, got {n_null}")
    if not 0 < dealias <= 1:
        raise ConfigError.of_field("dealias", f"must be above 0 and at most 1, got {dealias}")
