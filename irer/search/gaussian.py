"""Gaussian process regression in the unit box, as small as the search needs it.

The kernel is the weighted mean of two: a Matern kernel of all parameters together, and the average
of Matern kernels of one parameter each, which learns a parameter's own effect from fewer runs
(Duvenaud, Nickisch and Rasmussen, Additive Gaussian Processes, 2011). Length scales, share and
noise are chosen from a lattice by coordinate ascent on the posterior density, from the best kernel
with one length for all parameters, not by a continuous optimiser: a difference in the last bit of
a sum then changes no choice, so that equal histories give equal proposals on every machine.
(Rasmussen and Williams, Gaussian Processes for Machine Learning, chapters 2
and 5; Matern kernel with nu = 5/2.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

Array = NDArray[np.float64]
Places = tuple[int, ...]  # indices into the lattices: each length, the share, the noise

LENGTHS = np.geomspace(0.08, 8.0, 12)  # in units of the box's side; one is chosen per dimension
SHARES = np.array([0.0, 0.5, 0.9, 1.0])  # of the additive part
NOISES = np.array([1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0])  # signal's variance = 1
# The ascent begins at the best of these: one length for all parameters, indices into the lattices.
_FIRST_LENGTHS, _FIRST_SHARES, _FIRST_NOISES = (3, 5, 7, 9, 11), (0, 2), (0, 2, 4, 6, 8)
_USUAL_LENGTH, _USUAL_NOISE = 7.5, 4  # indices at which the prior of the common ones is largest
_APART = 0.6  # of log density: what it costs a length to differ from the common one
_JOINT = 1.0  # what it costs to have no additive part
_MOST_SWEEPS = 3
_SETTLED = 1e-6  # log likelihoods closer than this count as equal
_LEAST_WEIGHT = 0.02  # of an explanation, of the best one's
_FIT_ON = 120  # points that the kernel is chosen from; the cost grows with their cube


class GaussianProcess:
    """A regression of values y, (n,), at points x, (n, d), of the unit box; n >= 2.

    Every value has noise, the luck of its seed, of one variance everywhere.
    """

    def __init__(self, x: Array, y: Array, kernel: "Kernel | None" = None) -> None:
        self._mean, self._scale = float(y.mean()), float(y.std()) or 1.0
        values = (y - self._mean) / self._scale
        self._kernel = kernel or _likeliest(_Evidence.of(x, values))
        self._x = x
        covariance = _noisy(self._kernel.between(x, x), self._kernel.noise)
        self._factor = _cholesky(covariance)
        self._whitened = _solve(self._factor, values)
        self._variance = _variance(self._whitened)

    @property
    def noise(self) -> float:
        """The variance of the noise, in units of the values squared."""
        return self._kernel.noise * self._variance * self._scale**2

    @property
    def noise_share(self) -> float:
        """The share of the noise in the variance of a new value."""
        return self._kernel.noise / (1 + self._kernel.noise)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Return the mean over seeds at each of `x`, (m, d), and its standard deviation."""
        weights = _solve(self._factor, self._kernel.between(self._x, x))
        mean = weights.T @ self._whitened
        variance = np.maximum(1 - np.sum(weights**2, axis=0), 1e-9)
        deviation = np.sqrt(variance * self._variance)
        return mean * self._scale + self._mean, deviation * self._scale

    def believe(self, x: Array) -> float:
        """Add the prediction at one point, (d,), to the data as if it were a value; return it."""
        row = _solve(self._factor, self._kernel.between(self._x, x[None])[:, 0])
        corner = np.sqrt(max(1 + self._kernel.noise - float(row @ row), 1e-9))
        n = len(row)
        factor = np.zeros((n + 1, n + 1))
        factor[:n, :n], factor[n, :n], factor[n, n] = self._factor, row, corner
        predicted = float(row @ self._whitened)
        self._factor, self._x = factor, np.vstack([self._x, x])
        self._whitened = np.append(self._whitened, 0.0)  # a prediction has no residual
        return predicted * self._scale + self._mean


@dataclass(frozen=True)
class Kernel:
    """A kernel of unit variance, and the variance of the noise in the same units."""

    lengths: Array  # (d,)
    share: float
    noise: float

    def between(self, a: Array, b: Array) -> Array:
        """Return the kernel between points a, (n, d), and b, (m, d), as (n, m)."""
        a, b = a / self.lengths, b / self.lengths
        kernel = np.zeros((len(a), len(b)))
        if self.share < 1:
            squares = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2 * a @ b.T
            kernel += (1 - self.share) * _matern(np.maximum(squares, 0))
        if self.share:
            a, b = a * np.sqrt(5), b * np.sqrt(5)
            for ours, theirs in zip(a.T, b.T, strict=True):
                distance = np.subtract.outer(ours, theirs)
                alone = _matern_at(np.abs(distance, out=distance))
                alone *= self.share / len(self.lengths)
                kernel += alone
        return kernel


class _Evidence:
    """The posterior density of a kernel, given values y, (n,), at points x, (n, d)."""

    def __init__(self, x: Array, y: Array) -> None:
        self._y = y
        self.dimensions = x.shape[1]
        self._squares = np.asarray((x[:, None, :] - x[None, :, :]) ** 2)  # (n, n, d)
        self._alone: dict[tuple[int, int], Array] = {}

    @classmethod
    def of(cls, x: Array, y: Array) -> "_Evidence":
        """Return that of at most _FIT_ON of the values, evenly."""
        step = -(-len(x) // _FIT_ON)
        return cls(x[::step], y[::step])

    def at(self, places: Places, common: int) -> float:
        """Return the log marginal likelihood, variance profiled out, plus the log prior.

        The prior holds lengths together: with as much noise as signal, those of one parameter each
        would be fitted to the noise.
        """
        lengths, share, noise = np.array(places[:-2]), SHARES[places[-2]], places[-1]
        covariance = (1 - share) * _matern(self._squares @ LENGTHS[lengths] ** -2.0)
        if share:
            added = sum(self._one(k, place) for k, place in enumerate(places[:-2]))
            covariance += share / len(lengths) * added
        factor = _cholesky(_noisy(covariance, NOISES[noise]))
        variance = _variance(_solve(factor, self._y))
        likelihood = -len(self._y) / 2 * np.log(variance) - np.sum(np.log(np.diag(factor)))
        prior = ((common - _USUAL_LENGTH) / 2.5) ** 2 + ((noise - _USUAL_NOISE) / 2.5) ** 2
        apart = _APART * np.sum(np.log1p(np.abs(lengths - common))) + _JOINT * (share == 0)
        return float(likelihood - prior / 2 - apart)

    def _one(self, k: int, place: int) -> Array:
        """Return the kernel of the parameter `k` alone, (n, n), kept for later calls."""
        if (k, place) not in self._alone:
            self._alone[k, place] = _matern(self._squares[:, :, k] * LENGTHS[place] ** -2.0)
        return self._alone[k, place]


def explanations(x: Array, y: Array) -> list[tuple[float, GaussianProcess]]:
    """Return processes that explain the values, with their weights, which add up to 1.

    One kernel alone may take for a detail that can be had what is luck: among points that are far
    apart a short length and noise explain values alike. So these are the kernels of one length
    from which the choice begins, weighted by their posterior densities, without those that weigh
    next to nothing; what the ascent reaches stands in the place of the best.
    """
    values = (y - y.mean()) / (float(y.std()) or 1.0)
    evidence = _Evidence.of(x, values)
    first = _first(evidence)
    densities = np.array([density for density, _ in first])
    weights = np.exp(densities - densities.max())
    kernels = [_kernel(places) for _, places in first]
    kernels[_best(first)] = _choose(evidence, first)
    kept = [n for n in range(len(first)) if weights[n] > _LEAST_WEIGHT]
    total = float(weights[kept].sum())
    return [(float(weights[n]) / total, GaussianProcess(x, y, kernels[n])) for n in kept]


def _first(evidence: _Evidence) -> list[tuple[float, Places]]:
    """Return the kernels with one length for all parameters, with their densities."""
    tried = [
        (*[length] * evidence.dimensions, share, noise)
        for length, share, noise in product(_FIRST_LENGTHS, _FIRST_SHARES, _FIRST_NOISES)
    ]
    return [(evidence.at(places, places[0]), places) for places in tried]


def _best(first: Sequence[tuple[float, Places]]) -> int:
    """Return the index of the largest density; of those that count as equal the first."""
    best = 0
    for n, (density, _) in enumerate(first):
        if density > first[best][0] + _SETTLED:
            best = n
    return best


def _likeliest(evidence: _Evidence) -> Kernel:
    """Return the kernel with the largest posterior density found."""
    return _choose(evidence, _first(evidence))


def _choose(evidence: _Evidence, first: Sequence[tuple[float, Places]]) -> Kernel:
    """Return the kernel that an ascent from the best of the first ones reaches."""
    dimensions = evidence.dimensions
    best, places = first[_best(first)]
    common = places[0]
    for _ in range(_MOST_SWEEPS):
        before = best
        for k in range(dimensions):
            for step in (-1, 1):
                for tried in _onwards(places, k, step):
                    value = evidence.at(tried, common)
                    if value <= best + _SETTLED:
                        break
                    best, places = value, tried
        for k, lattice in ((dimensions, SHARES), (dimensions + 1, NOISES)):
            for place in range(len(lattice)):
                tried = (*places[:k], place, *places[k + 1 :])
                value = evidence.at(tried, common)
                if value > best + _SETTLED:
                    best, places = value, tried
        if best == before:
            break
    return _kernel(places)


def _kernel(places: Places) -> Kernel:
    lengths, (share, noise) = list(places[:-2]), places[-2:]
    return Kernel(LENGTHS[lengths], float(SHARES[share]), float(NOISES[noise]))


def _onwards(places: Places, k: int, step: int) -> Iterator[Places]:
    """Yield `places` with one length moved step by step to the end of its lattice."""
    place = places[k] + step
    while 0 <= place < len(LENGTHS):
        yield (*places[:k], place, *places[k + 1 :])
        place += step


def _matern(squares: Array) -> Array:
    """Return (1 + r + r^2 / 3) exp(-r) with r^2 = 5 `squares`."""
    return _matern_at(np.sqrt(5 * squares))


def _matern_at(distance: Array) -> Array:
    """Return (1 + r + r^2 / 3) exp(-r), with two arrays' memory."""
    kernel = np.exp(-distance)
    polynomial = distance * (1 / 3)
    polynomial += 1
    polynomial *= distance
    polynomial += 1
    kernel *= polynomial
    return np.asarray(kernel)


def _noisy(covariance: Array, noise: float) -> Array:
    covariance[np.diag_indices_from(covariance)] += noise
    return covariance


def _variance(whitened: Array) -> float:
    return max(float(whitened @ whitened) / len(whitened), 1e-12)


def _cholesky(covariance: Array) -> Array:
    return np.asarray(np.linalg.cholesky(covariance), dtype=float)


def _solve(factor: Array, right: Array) -> Array:
    return np.asarray(solve_triangular(factor, right, lower=True, check_finite=False))
