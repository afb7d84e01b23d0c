"""Proposals by expected hypervolume improvement, from a Gaussian process for each objective.

One process predicts each objective, a third whether a run succeeds at all. Candidates are drawn
uniformly and around the front; the one with the largest expected growth of the hypervolume is
proposed. Before the next of a batch is chosen, its prediction is taken for its result (the
"kriging believer", Ginsbourger et al. 2010). The generator alone draws the candidates; the
processes only choose among them.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from irer.search.gaussian import GaussianProcess
from irer.search.hypervolume import Front

Array = NDArray[np.float64]

_CANDIDATES = 500  # drawn uniformly, and as many around the front
_BEST, _CHILDREN, _ROUNDS = 10, 10, 2  # then the best have children, in rounds
_MANY_DECADES = 10.0  # median over minimum from which the logarithm of an objective is used


class Expectation:
    """Predictions for runs at new points, (m, d), from the runs at `x`, (n, d).

    `values` are the objectives of those runs, (n, 2), NaN for a failed run; at least two succeeded.
    """

    def __init__(self, x: Array, values: Array) -> None:
        succeeded = np.isfinite(values[:, 0])
        self._x = x[succeeded]
        y = np.column_stack([_even(column) for column in values[succeeded].T])
        self._processes = [GaussianProcess(self._x, column) for column in y.T]
        self._success = None if succeeded.all() else GaussianProcess(x, succeeded.astype(float))
        # The worst of all runs, so that the ends of the front are worth extending.
        self._front = Front[Array](tuple(y.max(axis=0) + 0.1 * np.ptp(y, axis=0)))
        for point, place in zip(y, self._x, strict=True):
            self._front.add((float(point[0]), float(point[1])), place)

    @property
    def leaders(self) -> Array:
        """The points of the runs on the front, (k, d)."""
        return np.array(self._front.items)

    def improvement(self, x: Array) -> Array:
        """Return the expected growth of the hypervolume times the chance of success, (m,)."""
        mean, deviation = zip(*(process.predict(x) for process in self._processes), strict=True)
        gain = _expected_gain(self._front, mean, deviation)
        if self._success is not None:
            chance, spread = self._success.predict(x)
            gain = gain * ndtr((chance - 0.5) / np.maximum(spread, 0.05))
        return gain

    def believe(self, x: Array) -> None:
        """Take the prediction at one point, (d,), for the result of a run there."""
        first, second = (process.believe(x) for process in self._processes)
        self._front.add((first, second), x)


def _even(values: Array) -> Array:
    """Return values transformed, in the same order, to suit a Gaussian process.

    Values that span decades become their logarithms; those worse than the median are compressed,
    because differences among bad values do not matter.
    """
    least, median = float(values.min()), float(np.median(values))
    if least > 0 and median > _MANY_DECADES * least:
        values = np.log(values)
        least, median = float(values.min()), float(np.median(values))
    scaled = (values - median) / ((median - least) or 1.0)
    return np.where(scaled > 0, np.log1p(np.maximum(scaled, 0)), scaled)


def _expected_gain(front: Front[Array], mean: tuple[Array, ...], sd: tuple[Array, ...]) -> Array:
    """Return the expected hypervolume improvement of independent normal objectives, (m,).

    The area under the front is cut into strips at its points; in each strip the expectation is a
    product (Emmerich, Deutz and Klinkenberg, 2011).
    """
    points = np.array(front.points).reshape(-1, 2)
    edges = np.append(points[:, 0], front.reference[0])
    heights = np.append(front.reference[1], points[:, 1])
    widths = _below(edges, mean[0], sd[0])
    widths[:, 1:] -= widths[:, :-1].copy()
    return np.asarray(np.sum(widths * _below(heights, mean[1], sd[1]), axis=1))


def _below(limits: Array, mean: Array, sd: Array) -> Array:
    """Return E[max(limit - value, 0)] for normal values (m,) and limits (k,), as (m, k)."""
    u = (limits - mean[:, None]) / sd[:, None]
    density = np.exp(-u * u / 2) / np.sqrt(2 * np.pi)
    return np.asarray(sd[:, None] * (u * ndtr(u) + density))


def propose_points(x: Array, values: Array, n: int, rng: np.random.Generator) -> list[Array]:
    """Return `n` points of the unit box, each (d,), for runs that start together."""
    expected = Expectation(x, values)
    proposed = []
    for _ in range(n):
        best = _search(expected, x.shape[1], rng)
        expected.believe(best)
        proposed.append(best)
    return proposed


def _search(expected: Expectation, d: int, rng: np.random.Generator) -> Array:
    """Return the candidate of the largest improvement."""
    parents = expected.leaders[rng.integers(len(expected.leaders), size=_CANDIDATES)]
    reach = 10 ** rng.uniform(-2.5, -0.3, size=(_CANDIDATES, 1))
    share = rng.choice([0.3, 1.0], size=(_CANDIDATES, 1))
    pool = np.vstack([rng.uniform(size=(_CANDIDATES, d)), _mutated(parents, reach, share, rng)])
    worth = expected.improvement(pool)
    for round_ in range(_ROUNDS):
        best = pool[np.argsort(-worth, kind="stable")[:_BEST]]
        children = _mutated(np.repeat(best, _CHILDREN, axis=0), 0.1 / 3**round_, 0.5, rng)
        pool, worth = np.vstack([pool, children]), np.append(worth, expected.improvement(children))
    return np.asarray(pool[np.argmax(worth)])


def _mutated(
    x: Array, reach: Array | float, share: Array | float, rng: np.random.Generator
) -> Array:
    """Move a `share` of the coordinates by normal steps of `reach`, reflected at the bounds."""
    steps = reach * rng.normal(size=x.shape) * (rng.uniform(size=x.shape) < share)
    return np.asarray(np.clip(1 - np.abs(1 - np.abs(x + steps)), 0, 1))
