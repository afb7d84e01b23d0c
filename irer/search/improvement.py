"""Proposals by expected hypervolume improvement, from a Gaussian process for each objective.

One process predicts the mean over seeds of each objective, a third whether a run succeeds at all.
The front that improvement is measured against is the front of these means at the points that were
run, so that a lucky seed promises nothing (noisy expected hypervolume improvement with the means
plugged in; Daulton, Balandat and Bakshy 2021 integrate over them). Candidates are drawn uniformly
and around the front, and the points of the front are candidates themselves, to be run under
another seed; the one with the largest expected growth of the hypervolume is proposed. Before the
next of a batch is chosen, its prediction is taken for its result (the "kriging believer",
Ginsbourger et al. 2010). The generator alone draws the candidates; the processes only choose.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from irer.search.gaussian import GaussianProcess
from irer.search.hypervolume import Front

Array = NDArray[np.float64]

_CANDIDATES = 500  # drawn uniformly, and as many around the front
_BEST, _CHILDREN, _ROUNDS = 10, 10, 2  # then the best have children, in rounds
_LUCK = 0.04  # of the variance; less noise than that is taken for detail of the objective
_MANY_DECADES = 10.0  # median over minimum from which an objective's logarithm is predicted


class Expectation:
    """Predictions for runs at new points, (m, d), from the runs at `x`, (n, d).

    `values` are the objectives of those runs, (n, 2), NaN for a failed run; at least two succeeded.
    """

    def __init__(self, x: Array, values: Array) -> None:
        succeeded = np.isfinite(values[:, 0])
        self._x = x[succeeded]
        y = np.column_stack([np.log(c) if spans_decades(c) else c for c in values[succeeded].T])
        self._processes = [GaussianProcess(self._x, column) for column in y.T]
        self._success = None if succeeded.all() else GaussianProcess(x, succeeded.astype(float))
        means = np.column_stack([process.predict(self._x)[0] for process in self._processes])
        # The worst of all runs, so that the ends of the front are worth extending.
        self._front = Front[Array](tuple(means.max(axis=0) + 0.1 * np.ptp(means, axis=0)))
        for point, place in zip(means, self._x, strict=True):
            self._front.add((float(point[0]), float(point[1])), place)

    @property
    def leaders(self) -> Array:
        """The points of the runs on the front, (k, d)."""
        return np.array(self._front.items)

    @property
    def is_noisy(self) -> bool:
        """Whether a seed's luck matters to an objective, so that a run may be worth repeating."""
        return any(process.noise_share > _LUCK for process in self._processes)

    def improvement(self, x: Array) -> Array:
        """Return the expected growth of the hypervolume times the chance of success, (m,).

        Where a seed's luck matters it is less the less a run there would tell of the mean
        (augmented expected improvement, Huang, Allen, Notz and Zeng 2006): else proposals crowd
        where the mean is known almost as well as it can be.
        """
        mean, deviation = zip(*(process.predict(x) for process in self._processes), strict=True)
        gain = _expected_gain(self._front, mean, deviation)
        for process, spread in zip(self._processes, deviation, strict=True):
            if process.noise_share > _LUCK:
                gain = gain * (1 - np.sqrt(process.noise / (process.noise + spread**2)))
        if self._success is not None:
            chance, spread = self._success.predict(x)
            spread = np.hypot(spread, np.sqrt(self._success.noise))  # of a single run
            gain = gain * ndtr((chance - 0.5) / np.maximum(spread, 0.05))
        return gain

    def believe(self, x: Array) -> None:
        """Take the prediction at one point, (d,), for the result of a run there."""
        first, second = (process.believe(x) for process in self._processes)
        self._front.add((first, second), x)


def spans_decades(values: Array) -> bool:
    """Say whether a process suits the logarithms of `values` better than the values."""
    least = float(values.min())
    return least > 0 and float(np.median(values)) > _MANY_DECADES * least


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


def propose_points(
    x: Array, values: Array, n: int, rng: np.random.Generator, *, again: bool = False
) -> list[Array]:
    """Return `n` points of the unit box, each (d,), for runs that start together.

    With `again` a point of `x` that is worth another seed may be among them.
    """
    expected = Expectation(x, values)
    proposed = []
    for _ in range(n):
        best = _search(expected, x.shape[1], rng, again and expected.is_noisy)
        expected.believe(best)
        proposed.append(best)
    return proposed


def _search(expected: Expectation, d: int, rng: np.random.Generator, again: bool) -> Array:
    """Return the candidate of the largest improvement; with `again` one that was run counts."""
    leaders = expected.leaders
    parents = leaders[rng.integers(len(leaders), size=_CANDIDATES)]
    reach = 10 ** rng.uniform(-2.5, -0.3, size=(_CANDIDATES, 1))
    share = rng.choice([0.3, 1.0], size=(_CANDIDATES, 1))
    drawn = [rng.uniform(size=(_CANDIDATES, d)), _mutated(parents, reach, share, rng)]
    pool = np.vstack([*drawn, *([leaders] if again else [])])
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
