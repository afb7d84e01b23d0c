"""Lines injected into a density, to see what the measure says when lines are there.

An injection adds to the contrast of each snapshot a Gaussian field whose modes have the power
a f(k) sum_j exp(-(k - t_j)^2 / 2 w^2): f is the background that was fitted to the density's own
spectrum, t_j are the targets of a comb, a is the height in units of the background. The added
field has the density's own correlation between snapshots. float64 NumPy, alike in 2-D and 3-D;
k is in radians per unit length.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.errors import ConfigError
from irer.validation.combs import TARGETS, Array
from irer.validation.spectrum import Spectrum, contrast, mode_numbers

Modes = NDArray[np.complexfloating[Any, Any]]

LINE_WIDTH = 0.03  # standard deviation of an injected line, radians per unit length


def inject_lines(
    rho: Array,
    spectrum: Spectrum,
    box_length: float,
    height: float,
    rng: np.random.Generator,
    comb: Array = TARGETS,
    width: float = LINE_WIDTH,
) -> Array:
    """Return snapshots with lines of `height` at the targets of `comb`.

    `rho`, (S,) + (N,)*d, are the snapshots that `spectrum` was measured from. Each call draws new
    lines; for one state of `rng` their amplitude grows as the square root of `height`. Each
    snapshot keeps its mean, so that the contrast is the former one plus the lines; a density below
    0 is not clipped, because the validator accepts it. Raises ConfigError for an impossible height
    or width.
    """
    check_height(height)
    if not (np.isfinite(width) and width > 0):
        raise ConfigError.of_field("width", f"must be finite and above 0, got {width}")
    delta, dimensions = contrast(rho), rho.ndim - 1
    n_grid = rho.shape[-1]
    k = mode_numbers(n_grid, dimensions)[0] * (2 * np.pi / box_length)
    lines = height * background_at(spectrum, k) * line_profile(k, comb, width)
    lines.flat[0] = 0.0  # the mean stays
    axes = tuple(range(1, rho.ndim))
    xi = _correlated_noise(np.fft.rfftn(delta, axes=axes), k, spectrum, rng, rho.shape)
    added = np.fft.irfftn(np.sqrt(lines) * xi, s=rho.shape[1:], axes=axes)
    mean = rho.mean(axis=axes, keepdims=True)
    return np.asarray(mean * (1.0 + delta + added))


def check_height(height: float) -> None:
    """Raise ConfigError for a height that no line can have."""
    if not (np.isfinite(height) and height >= 0):
        raise ConfigError.of_field("height", f"must be finite and at least 0, got {height:g}")


def line_profile(k: ArrayLike, comb: Array, width: float = LINE_WIDTH) -> Array:
    """Return sum_j exp(-(k - t_j)^2 / 2 w^2): about 1 at a target."""
    k = np.asarray(k, dtype=np.float64)
    total = np.zeros_like(k)
    for tooth in np.asarray(comb, dtype=np.float64):
        total += np.exp(-0.5 * ((k - tooth) / width) ** 2)
    return total


def background_at(spectrum: Spectrum, k: Array) -> Array:
    """Return the background's power of a mode at `k`, its logarithm interpolated between shells.

    0 outside the first and the last usable shell; the interpolation spans floor-limited shells.
    """
    known = spectrum.usable
    if not known.any():
        return np.zeros_like(k)
    centres = spectrum.k[known]
    power = np.exp(np.interp(k, centres, np.log(spectrum.background[known])))
    half = spectrum.width / 2
    return np.where((k >= centres[0] - half) & (k <= centres[-1] + half), power, 0.0)


def _correlated_noise(
    modes: Modes, k: Array, spectrum: Spectrum, rng: np.random.Generator, shape: tuple[int, ...]
) -> Modes:
    """Return modes of unit power, (S,) + those of a real transform, for snapshots of `shape`.

    Independent white noises are mixed so that snapshots correlate as their own modes do in the
    same shell; the white noise brings the Hermitian symmetry of a real field.
    """
    size = float(np.prod(shape[1:]))
    white = np.stack(
        [np.fft.rfftn(rng.standard_normal(shape[1:])) / np.sqrt(size) for _ in range(shape[0])]
    )
    if shape[0] == 1:
        return white
    shell = np.clip(np.rint(k / spectrum.width).astype(np.int64), 0, len(spectrum.k))
    weight = mode_numbers(shape[-1], len(shape) - 1)[1]
    mix = _mixing(correlations(modes, shell, weight, len(spectrum.k) + 1))
    xi = np.zeros_like(white)
    for s in range(shape[0]):
        for t in range(s + 1):
            xi[s] += mix[shell, s, t] * white[t]
    return xi


def correlations(modes: Modes, shell: NDArray[np.int64], weight: Array, n_shells: int) -> Array:
    """Return the correlation of mode amplitudes between snapshots in each shell, (n, S, S)."""
    count = len(modes)
    found = np.empty((n_shells, count, count))
    for s in range(count):
        for t in range(s, count):
            product = weight * (modes[s] * modes[t].conj()).real
            found[:, s, t] = np.bincount(shell.ravel(), product.ravel(), n_shells)
            found[:, t, s] = found[:, s, t]
    power = np.sqrt(np.diagonal(found, axis1=1, axis2=2))
    scale = power[:, :, None] * power[:, None, :]
    unit = np.broadcast_to(np.eye(count), found.shape)
    return np.where(scale > 0, found / np.where(scale > 0, scale, 1.0), unit)


def _mixing(correlation: Array) -> Array:
    """Return lower triangular T with T T' = C and rows of unit length, (n, S, S)."""
    jitter = 1e-9 * np.eye(correlation.shape[-1])  # with equal snapshots C is singular
    lower = np.linalg.cholesky(correlation + jitter)
    return np.asarray(lower / np.linalg.norm(lower, axis=-1, keepdims=True))
