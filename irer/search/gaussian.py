"""Gaussian process regression in the unit box, as small as the search needs it.

Length scales and noise are chosen from a lattice by coordinate ascent on the marginal
likelihood, not by a continuous optimiser: a difference in the last bit of a sum then changes no
choice, so that equal histories give equal proposals on every machine. (Rasmussen and Williams,
Gaussian Processes for Machine Learning, chapters 2 and 5; Matern kernel with nu = 5/2.)
"""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

Array = NDArray[np.float64]

LENGTHS = np.geomspace(0.08, 8.0, 12)  # in units of the box's side, one of them per dimension
NOISES = np.array([1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5])  # variances, in units of the signal's
_USUAL_LENGTH, _USUAL_NOISE = 7, 1  # where the prior has its peak, as places in the lattices
_MOST_SWEEPS = 3
_SETTLED = 1e-6  # log likelihoods closer than this count as equal
_FIT_ON = 120  # points that the lattice is searched with; the cost grows with their cube


class GaussianProcess:
    """A regression of values y, (n,), at points x, (n, d), of the unit box; n >= 2."""

    def __init__(self, x: Array, y: Array) -> None:
        self._mean, self._scale = float(y.mean()), float(y.std()) or 1.0
        values = (y - self._mean) / self._scale
        step = -(-len(x) // _FIT_ON)
        self._lengths, self._noise = _choose(x[::step], values[::step])
        self._x = x
        self._factor = _cholesky(_covariance(_squares(x), self._lengths, self._noise))
        self._whitened = _solve(self._factor, values)
        self._variance = max(float(self._whitened @ self._whitened) / len(x), 1e-12)

    def predict(self, x: Array) -> tuple[Array, Array]:
        """Return the mean and the standard deviation of a new value at each of `x`, (m, d).

        The noise is part of the deviation: runs are deterministic, so what the process takes
        for noise is detail that can be had.
        """
        weights = _solve(self._factor, self._kernel_to(x).T)
        mean = weights.T @ self._whitened
        variance = np.maximum(1 - np.sum(weights**2, axis=0), 1e-9) + NOISES[self._noise]
        deviation = np.sqrt(variance * self._variance)
        return mean * self._scale + self._mean, deviation * self._scale

    def believe(self, x: Array) -> float:
        """Take in the prediction at one point, (d,), as if it were a value there; return it."""
        row = _solve(self._factor, self._kernel_to(x[None])[0])
        corner = np.sqrt(max(1 + NOISES[self._noise] - float(row @ row), 1e-9))
        n = len(row)
        factor = np.zeros((n + 1, n + 1))
        factor[:n, :n], factor[n, :n], factor[n, n] = self._factor, row, corner
        predicted = float(row @ self._whitened)
        self._factor, self._x = factor, np.vstack([self._x, x])
        self._whitened = np.append(self._whitened, 0.0)  # what is predicted is no surprise
        return predicted * self._scale + self._mean

    def _kernel_to(self, x: Array) -> Array:
        """Return the kernel between `x`, (m, d), and the known points, (m, n)."""
        scale = 1 / LENGTHS[self._lengths]
        a, b = x * scale, self._x * scale
        squares = np.sum(a * a, axis=1)[:, None] + np.sum(b * b, axis=1) - 2 * a @ b.T
        return _matern(np.maximum(squares, 0))


def _choose(x: Array, y: Array) -> tuple[NDArray[np.intp], int]:
    """Return the places in LENGTHS, (d,), and in NOISES of the largest posterior found."""
    squares = _squares(x)
    lengths, noise = np.full(x.shape[1], _USUAL_LENGTH - 1), 2
    best = _log_posterior(squares, y, lengths, noise)
    for _ in range(_MOST_SWEEPS):
        before = best
        for k in range(len(lengths)):
            for step in (-1, 1):
                while 0 <= lengths[k] + step < len(LENGTHS):
                    tried = lengths.copy()
                    tried[k] += step
                    value = _log_posterior(squares, y, tried, noise)
                    if value <= best + _SETTLED:
                        break
                    best, lengths = value, tried
        for other in range(len(NOISES)):
            value = _log_posterior(squares, y, lengths, other)
            if value > best + _SETTLED:
                best, noise = value, other
        if best == before:
            break
    return lengths, noise


def _log_posterior(squares: Array, y: Array, lengths: NDArray[np.intp], noise: int) -> float:
    """Return the log marginal likelihood, its variance profiled out, plus a broad prior's."""
    factor = _cholesky(_covariance(squares, lengths, noise))
    whitened = _solve(factor, y)
    variance = max(float(whitened @ whitened) / len(y), 1e-12)
    likelihood = -len(y) / 2 * np.log(variance) - np.sum(np.log(np.diag(factor)))
    prior = np.sum(((lengths - _USUAL_LENGTH) / 4) ** 2) + ((noise - _USUAL_NOISE) / 3) ** 2
    return float(likelihood - prior / 2)


def _squares(x: Array) -> Array:
    """Return the squared differences of each coordinate, (n, n, d)."""
    return np.asarray((x[:, None, :] - x[None, :, :]) ** 2)


def _covariance(squares: Array, lengths: NDArray[np.intp], noise: int) -> Array:
    covariance = _matern(squares @ LENGTHS[lengths] ** -2.0)
    covariance[np.diag_indices_from(covariance)] += NOISES[noise]
    return covariance


def _matern(squares: Array) -> Array:
    distance = np.sqrt(5 * squares)
    return np.asarray((1 + distance + squares * (5 / 3)) * np.exp(-distance))


def _cholesky(covariance: Array) -> Array:
    return np.asarray(np.linalg.cholesky(covariance), dtype=float)


def _solve(factor: Array, right: Array) -> Array:
    return np.asarray(solve_triangular(factor, right, lower=True, check_finite=False))
