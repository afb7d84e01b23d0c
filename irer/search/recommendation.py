"""What a hunt recommends: candidates judged by the mean over seeds, not by their luckiest run.

A candidate is a set of parameters with all its runs. Gaussian processes of each objective, over all
runs with a score, predict the candidates' means; intervals are for the mean of FRESH_SEEDS runs
under seeds that the hunt has not seen.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from irer.base.goals import SSE_GOAL
from irer.base.hunt_records import Expected, Recommended, VarianceShare
from irer.home.ledger import LedgerRow
from irer.search.box import Box
from irer.search.gaussian import explanations
from irer.search.hypervolume import Front
from irer.search.improvement import spans_decades
from irer.search.variance import share_of_parameters

Array = NDArray[np.float64]

OBJECTIVES = ("log_prime_sse", "constraint_violation")
FRESH_SEEDS = 20
LEVEL = 0.9  # of the intervals
# A process believes its own kernel, and the recommended candidate was chosen for its mean: its
# error is so many times the deviation that a process says (benchmarks/search_calibration.py).
_WIDENED = 1.2
_FEWEST = 10  # candidates with a score; fewer tell too little of noise and parameters
_FEWEST_REPEATED = 5  # candidates with more than one run, for a share of variance


class Candidates:
    """The candidates of a hunt that have a score in every run, and their posterior means."""

    def __init__(self, rows: Sequence[LedgerRow], space: Mapping[str, tuple[float, float]]) -> None:
        unscored = {row.candidate for row in rows if row.objectives is None}
        groups: dict[str, list[LedgerRow]] = {}
        for row in rows:
            if row.candidate not in unscored:
                groups.setdefault(row.candidate, []).append(row)
        self._groups = list(groups.values())
        self._first = [group[0] for group in self._groups]
        scored = [row for row in rows if row.objectives is not None]
        box = Box(space)
        places = box.of_rows(scored)
        values = np.array([row.objectives for row in scored], dtype=float).reshape(-1, 2)
        self._predicted: list[Array] = []  # for each objective (3, m): mean, low, high
        if len(self._groups) >= _FEWEST:
            wanted = box.of_rows(self._first)
            self._predicted = [_posterior(places, column, wanted) for column in values.T]

    def front(self) -> list[LedgerRow]:
        """Return the first run of each candidate on the front of posterior means."""
        front: Front[LedgerRow] = Front()
        for row, point in zip(self._first, self._points(), strict=True):
            front.add(point, row)
        return front.items

    def best(self) -> Recommended | None:
        """Return the recommended candidate; None when there are too few to say."""
        if not self._predicted:
            return None
        means = [predicted[0] for predicted in self._predicted]
        chosen = int(np.argmin(means[0] / SSE_GOAL + means[1]))
        expected = {
            name: Expected(
                **dict(zip(("mean", "low", "high"), predicted[:, chosen].tolist(), strict=True))
            )
            for name, predicted in zip(OBJECTIVES, self._predicted, strict=True)
        }
        return Recommended(
            candidate=self._first[chosen].candidate,
            runs=len(self._groups[chosen]),
            sncgl_params=self._first[chosen].params,
            expected=expected,
            fresh_seeds=FRESH_SEEDS,
            level=LEVEL,
        )

    def shares(self) -> dict[str, VarianceShare]:
        """Return the share of each objective's variance that the parameters decide.

        It is that among the candidates with several runs; empty when they are too few.
        """
        repeated = [group for group in self._groups if len(group) > 1]
        if len(repeated) < _FEWEST_REPEATED:
            return {}
        values = [[row.objectives or (np.nan, np.nan) for row in group] for group in repeated]
        return {
            name: share_of_parameters([[pair[k] for pair in group] for group in values])
            for k, name in enumerate(OBJECTIVES)
        }

    def _points(self) -> list[tuple[float, float]]:
        if not self._predicted:
            return [row.objectives or (np.inf, np.inf) for row in self._first]
        first, second = (predicted[0].tolist() for predicted in self._predicted)
        return list(zip(first, second, strict=True))


class Recommendation(NamedTuple):
    """What a hunt's result says beside its best run."""

    recommended: Recommended | None
    variance_share: dict[str, VarianceShare]  # by objective


def recommend(
    rows: Sequence[LedgerRow], space: Mapping[str, tuple[float, float]], *, chosen: bool = False
) -> Recommendation:
    """Return what the runs of a hunt recommend; nothing where nothing is searched.

    With `chosen` the sampler ran candidates again for a good score. These have more luck in it
    than others, and among them the parameters would seem to decide less than they do: no share.
    """
    if not space:
        return Recommendation(None, {})
    candidates = Candidates(rows, space)
    return Recommendation(candidates.best(), {} if chosen else candidates.shares())


def _posterior(x: Array, y: Array, wanted: Array) -> Array:
    """Return the mean at `wanted`, (m, d), and its interval, as (3, m)."""
    in_decades = spans_decades(y)
    weights, processes = zip(*explanations(x, np.log(y) if in_decades else y), strict=True)
    means, deviations = zip(*(process.predict(wanted) for process in processes), strict=True)
    mean = np.average(means, axis=0, weights=weights)
    noise = float(np.average([process.noise for process in processes], weights=weights))
    spread = np.square(means - mean) + np.square(_WIDENED * np.array(deviations))
    variance = np.average(spread, axis=0, weights=weights) + noise / FRESH_SEEDS
    half = float(ndtri((1 + LEVEL) / 2)) * np.sqrt(variance)
    found = np.array([mean, mean - half, mean + half])
    return np.exp(found + noise / 2) if in_decades else found
