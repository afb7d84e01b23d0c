"""The density's power spectrum over shells of |k|, its smooth background and its noise.

float64 NumPy, alike in 2-D and 3-D. k is in radians per unit length everywhere.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POWER_FLOOR = 1e-12  # variance of the white noise added to delta, so that no shell's power is 0
BACKGROUND_WIDTH = 0.8  # of the local fit, radians per unit length
BACKGROUND_SHELLS = 9  # shells in the local fit at the least
BACKGROUND_ROUNDS = 12  # of clipping what sticks out by more than the noise
NOISE_SHELLS = 9  # shells in the running median of the scatter


@dataclass(frozen=True)
class Spectrum:
    """Shells j = 1..M of a density's power spectrum; every array has shape (M,)."""

    k: Array  # centres 2 pi j / L, radians per unit length
    power: Array  # mean |delta^|^2 over the shell's modes and the snapshots, plus the floor
    background: Array  # the power that is left without lines
    noise: Array  # standard deviation of ln power
    excess: Array  # (ln power - ln background) / noise

    @property
    def spacing(self) -> float:
        """Width of a shell, 2 pi / L, radians per unit length."""
        return float(self.k[0])


def contrast(snapshots: Array) -> Array:
    """Return delta = rho / <rho> - 1 of snapshots (S,) + (N,)*d; 0 where a snapshot is empty."""
    axes = tuple(range(1, snapshots.ndim))
    mean = snapshots.mean(axis=axes, keepdims=True)
    empty = mean == 0
    return np.where(empty, 0.0, snapshots / np.where(empty, 1.0, mean) - 1.0)


def count_shells(n_grid: int, dealias: float) -> int:
    """Return M, the number of shells with k <= dealias pi N / L."""
    return int(np.floor(dealias * n_grid / 2 + 1e-9))


def shell_spectrum(delta: Array, box_length: float, dealias: float) -> Spectrum:
    """Measure the spectrum of `delta`, shape (S,) + (N,)*d, with its background and its noise."""
    n_snapshots, n_grid, dimensions = delta.shape[0], delta.shape[-1], delta.ndim - 1
    mean, scatter, modes = _shell_statistics(delta, count_shells(n_grid, dealias))
    power: Array = mean + POWER_FLOOR * float(n_grid) ** dimensions
    # S snapshots scatter by 1/sqrt(S) if independent, else by more; half of that is a bound for
    # shells that hold nothing but the floor.
    relative = np.maximum(scatter / power, 0.5 / np.sqrt(n_snapshots))
    noise = np.sqrt(2.0 / modes) * _running_median(relative, NOISE_SHELLS)
    k = np.arange(1, len(power) + 1, dtype=np.float64) * (2 * np.pi / box_length)
    log_background = fit_background(k, np.log(power), noise)
    excess = (np.log(power) - log_background) / noise
    return Spectrum(k, power, np.exp(log_background), noise, excess)


def _shell_statistics(delta: Array, n_shells: int) -> tuple[Array, Array, Array]:
    """Return mean power, its standard deviation over independent modes, and modes, of each shell.

    A real field's modes k and -k are one: a shell of c modes has c / 2 independent powers.
    """
    n_grid, axes = delta.shape[-1], tuple(range(delta.ndim - 1))
    index, weight = _shells_of_modes(n_grid, len(axes))
    inside = (index >= 1) & (index <= n_shells)
    index, weight = index[inside] - 1, weight[inside]
    total = np.zeros(len(index))
    for snapshot in delta:
        total += np.abs(np.fft.rfftn(snapshot, axes=axes)[inside]) ** 2
    mode_power = total / len(delta)

    def over_shells(values: Array) -> Array:
        return np.bincount(index, weight * values, n_shells).astype(np.float64)

    modes = over_shells(np.ones_like(mode_power))
    mean = over_shells(mode_power) / modes
    squares = over_shells((mode_power - mean[index]) ** 2)
    return mean, np.sqrt(squares / 2 / (modes / 2 - 1)), modes


def _shells_of_modes(n_grid: int, dimensions: int) -> tuple[NDArray[np.int64], Array]:
    """Return the shell number of every mode of a real transform, and how often it counts."""
    full, half = np.fft.fftfreq(n_grid, 1 / n_grid), np.fft.rfftfreq(n_grid, 1 / n_grid)
    axes = np.meshgrid(*[full] * (dimensions - 1), half, indexing="ij", sparse=True)
    index = np.rint(np.sqrt(sum(axis**2 for axis in axes))).astype(np.int64)
    twice = (half > 0) & (half < n_grid / 2)  # the transform leaves out the mode at -k
    return index, np.broadcast_to(np.where(twice, 2.0, 1.0), index.shape)


def _running_median(values: Array, width: int) -> Array:
    """Return the median over the `width` values nearest to each."""
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    return np.asarray(np.median(windows, axis=1)[_nearest_windows(len(values), width)])


def fit_background(k: Array, log_power: Array, noise: Array) -> Array:
    """Return a smooth fit to ln P that lines do not lift; the last axis is the shells'.

    A local quadratic G, then `f <- G (f + clip(ln P - f, -noise, noise))`. A running median
    would hide lines on a slope.
    """
    fit = _local_quadratic(k)
    smooth = log_power @ fit.T
    for _ in range(BACKGROUND_ROUNDS):
        smooth = (smooth + np.clip(log_power - smooth, -noise, noise)) @ fit.T
    return np.asarray(smooth)


def _local_quadratic(k: Array) -> Array:
    """Return the (M, M) matrix of quadratics fitted to the shells nearest to each."""
    spacing, n_shells = k[0], len(k)
    width = max(BACKGROUND_SHELLS, 2 * round(BACKGROUND_WIDTH / 2 / spacing) + 1)
    offsets = np.arange(min(width, n_shells))
    fit = np.zeros((n_shells, n_shells))
    for j, start in enumerate(_nearest_windows(n_shells, len(offsets))):
        design = np.vander((start + offsets - j) / len(offsets), 3, increasing=True)
        fit[j, start + offsets] = np.linalg.pinv(design)[0]
    return fit


def _nearest_windows(n_values: int, width: int) -> NDArray[np.int64]:
    """Return where the window of the `width` values nearest to each value starts."""
    return np.clip(np.arange(n_values) - width // 2, 0, n_values - width)
