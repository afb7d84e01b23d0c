"""Statistics of null hunts, confirmations and the paradox (docs/controls.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.errors import ConfigError

Array = NDArray[np.float64]
Agreement = Literal["equivalent", "different", "unresolved"]

ALPHA = 0.05  # the significance level
BOOTSTRAP_DRAWS = 2000
_PARTS = 20  # of the draws, one after another: all at once take hundreds of megabytes
_FEWEST_RUNS = 5  # for a correlation whose interval means anything


def p_hunt(best: float, null_bests: Sequence[float | None]) -> float:
    """Return (1 + #{best_null <= best}) / (1 + n) over n null hunts; smaller scores are better.

    A null hunt without any complete run (None) did not do as well. With n = 19 the smallest p is
    0.05, so print n beside p.
    """
    as_good = sum(null is not None and null <= best for null in null_bests)
    return (1 + as_good) / (1 + len(null_bests))


@dataclass(frozen=True)
class Equivalence:
    """Two groups of runs compared: the difference of their means, and whether it matters."""

    difference: float  # mean of the other less that of the base
    low: float  # ends of its 90% confidence interval
    high: float
    p: float  # the larger of the two one-sided tests', which decides
    outcome: Agreement


def equivalence(base: ArrayLike, other: ArrayLike, margin: float) -> Equivalence:
    """Test at 5% whether the means of two samples differ by less than `margin`, above 0.

    Two one-sided tests after Welch, each sample of at least two values: "equivalent" when the
    90% interval of the difference lies inside (-margin, margin), "different" when none of it
    does, else "unresolved": the scatter is too large to tell. Samples without scatter have an
    interval of length 0, so the difference itself decides. Raises ConfigError for a sample that is
    too small or not finite, or a margin out of its range.
    """
    from scipy import special  # here, because the hub imports this module and needs no SciPy

    if not (np.isfinite(margin) and margin > 0):
        raise ConfigError.of_field("margin", f"must be finite and above 0, got {margin}")
    a, b = _sample("base", base, 2), _sample("other", other, 2)
    difference = float(b.mean() - a.mean())
    parts = np.array([_squared_error(a), _squared_error(b)])
    error = float(np.sqrt(parts.sum()))
    outside = abs(difference) - margin
    if error == 0:
        low, high, p = difference, difference, 0.0 if outside < 0 else 1.0
    else:
        shares = parts / parts.sum()
        freedom = 1 / float((shares**2 / (np.array([len(a), len(b)]) - 1)).sum())
        half = float(special.stdtrit(freedom, 1 - ALPHA)) * error
        low, high = difference - half, difference + half
        p = float(special.stdtr(freedom, outside / error))
    return Equivalence(difference, low, high, p, _agreement(low, high, margin))


def _squared_error(sample: Array) -> float:
    """Return the square of the mean's standard error; exactly 0 where all values are equal."""
    return 0.0 if np.ptp(sample) == 0 else float(sample.var(ddof=1)) / len(sample)


def _agreement(low: float, high: float, margin: float) -> Agreement:
    if -margin < low and high < margin:
        return "equivalent"
    return "different" if low >= margin or high <= -margin else "unresolved"


@dataclass(frozen=True)
class Correlation:
    """A correlation coefficient with its bootstrap 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Paradox:
    """The correlations of fidelity (-SSE) with a norm of the constraint over a hunt's runs.

    A coefficient is None with fewer than five runs, or where either side does not vary.
    """

    n: int
    pearson: Correlation | None
    spearman: Correlation | None


def paradox(sse: ArrayLike, norm: ArrayLike, rng: np.random.Generator | None = None) -> Paradox:
    """Correlate -`sse` with `norm`, one value a run each.

    The interval comes from 2,000 draws of the runs with replacement, by default from a generator
    seeded with 0, so that equal runs give equal intervals. Raises ConfigError for samples of
    unequal length or values that are not finite.
    """
    fidelity, norm = -_sample("sse", sse, 0), _sample("norm", norm, 0)
    if fidelity.shape != norm.shape:
        raise ConfigError.of_field("norm", f"must have {len(fidelity)} values, got {len(norm)}")
    if len(norm) < _FEWEST_RUNS or np.ptp(norm) == 0 or np.ptp(fidelity) == 0:
        return Paradox(len(norm), None, None)
    rng = rng or np.random.default_rng(0)
    drawn = rng.integers(len(norm), size=(BOOTSTRAP_DRAWS, len(norm)))
    return Paradox(
        len(norm),
        pearson=_interval(fidelity, norm, drawn),
        spearman=_interval(_ranks(fidelity), _ranks(norm), drawn, rank=True),
    )


def _interval(x: Array, y: Array, drawn: NDArray[np.int64], rank: bool = False) -> Correlation:
    """Return the correlation of x and y, and the 2.5% and 97.5% quantiles over the draws.

    Draws in which one side does not vary have no correlation and are left out.
    """
    parts = []
    for part in np.array_split(drawn, _PARTS):
        xs, ys = x[part], y[part]
        if rank:  # each draw has its own ties
            xs, ys = _ranks(xs), _ranks(ys)
        parts.append(_pearson(xs, ys))
    draws = np.concatenate(parts)
    low, high = np.quantile(draws[np.isfinite(draws)], [0.025, 0.975])
    return Correlation(float(_pearson(x, y)), float(low), float(high))


def _pearson(x: Array, y: Array) -> Array:
    """Return the correlation along the last axis; NaN where a side does not vary."""
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    scale = np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))
    varies = scale > 0
    return np.where(varies, (x * y).sum(axis=-1) / np.where(varies, scale, 1.0), np.nan)


def _ranks(values: Array) -> Array:
    """Return the ranks along the last axis, ties sharing their mean rank."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=-1), dtype=np.float64)


def _sample(name: str, values: ArrayLike, fewest: int) -> Array:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or len(found) < fewest or not np.isfinite(found).all():
        raise ConfigError.of_field(name, f"must be at least {fewest} finite numbers")
    return found
