"""The density's power spectrum over shells of |k|, its smooth background and its noise.

float64 NumPy, alike in 2-D and 3-D. k is in radians per unit length everywhere.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from irer.band import half_band

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
    return int(half_band(n_grid, dealias))


def spectra(delta: Array, box_length: float, dealias: float) -> tuple[Spectrum, Spectrum]:
    """Return the spectrum of `delta`, shape (S,) + (N,)*d, over shells, and that along rays.

    A ray is a grid line; its spectrum in one dimension is averaged over all rays, along every
    axis. A ring of the plane is an edge with a spike there, a shell of space an edge alone.
    """
    n_snapshots, n_grid, dimensions = delta.shape[0], delta.shape[-1], delta.ndim - 1
    n_shells = count_shells(n_grid, dealias)
    floor = POWER_FLOOR * float(n_grid) ** dimensions
    mode_power = _mode_power(delta)
    mean, scatter, modes = _shell_statistics(mode_power, n_grid, n_shells)
    # S snapshots scatter by 1/sqrt(S) if independent, else by more; half of that is a bound for
    # shells that hold nothing but the floor.
    relative = np.maximum(scatter / (mean + floor), 0.5 / np.sqrt(n_snapshots))
    relative = _running_median(relative, NOISE_SHELLS)
    k = np.arange(1, n_shells + 1, dtype=np.float64) * (2 * np.pi / box_length)
    shells = _spectrum(k, mean + floor, np.sqrt(2.0 / modes) * relative)
    power, squares = _ray_sums(mode_power + floor, n_grid, n_shells)
    # Modes of expected power P have E p^2 = (1 + CV^2) P^2 and the variance CV^2 P^2.
    share = relative**2 / (1 + relative**2)
    rays = _spectrum(k, power, np.sqrt(share * squares) / power)
    return shells, rays


def _spectrum(k: Array, power: Array, noise: Array) -> Spectrum:
    log_background = fit_background(k, np.log(power), noise)
    excess = (np.log(power) - log_background) / noise
    return Spectrum(k, power, np.exp(log_background), noise, excess)


def _mode_power(delta: Array) -> Array:
    """Return |delta^|^2 of the modes of a real transform, averaged over the snapshots."""
    total = sum(np.abs(np.fft.rfftn(snapshot)) ** 2 for snapshot in delta)
    return np.asarray(total / len(delta))


def _shell_statistics(mode_power: Array, n_grid: int, n_shells: int) -> tuple[Array, Array, Array]:
    """Return mean power, its standard deviation over independent modes, and modes, of each shell.

    A real field's modes k and -k are one: a shell of c modes has n = c / 2 independent powers. A
    relative variance CV^2 taken over them is too small by 1 + CV^2 / n on average when powers are
    Gamma distributed, which shows where n is 4; that is made good.
    """
    index, weight = _shells_of_modes(n_grid, mode_power.ndim)
    inside = (index >= 1) & (index <= n_shells)
    index, weight, mode_power = index[inside] - 1, weight[inside], mode_power[inside]

    def over_shells(values: Array) -> Array:
        return np.bincount(index, weight * values, n_shells).astype(np.float64)

    modes = over_shells(np.ones_like(mode_power))
    mean = over_shells(mode_power) / modes
    squares = over_shells((mode_power - mean[index]) ** 2)
    independent = modes / 2
    scatter = np.sqrt(squares / 2 / (independent - 1))
    relative = np.divide(scatter, mean, out=np.zeros_like(mean), where=mean > 0)
    return mean, scatter * np.sqrt(1 + relative**2 / independent), modes


def _ray_sums(mode_power: Array, n_grid: int, n_shells: int) -> tuple[Array, Array]:
    """Return the mean power of rays at 1..M, and the sum of the squares of what it is made of.

    One mode of a pair k, -k stands for both, so each is counted once on either side of an axis.
    """
    power, squares = np.zeros(n_shells), np.zeros(n_shells)
    axes, last = range(mode_power.ndim), mode_power.ndim - 1
    _, weight = _shells_of_modes(n_grid, mode_power.ndim)
    for axis in axes:
        # Along the last axis the transform has one side; along others k > 0 and k < 0 are folded.
        share = np.ones_like(mode_power) if axis == last else weight / 2
        across = tuple(other for other in axes if other != axis)
        for sums, values in ((power, share * mode_power), (squares, share * mode_power**2)):
            line = values.sum(axis=across)
            up = line[1 : n_shells + 1]
            sums += up if axis == last else up + line[-1 : -n_shells - 1 : -1]
    rays = len(axes) * float(n_grid) ** (2 * last)
    return power / rays, squares / rays**2


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
    width = max(BACKGROUND_SHELLS, 2 * round(BACKGROUND_WIDTH / 2 / k[0]) + 1)
    fit = _local_quadratic(len(k), min(width, len(k)))
    smooth = log_power @ fit.T
    for _ in range(BACKGROUND_ROUNDS):
        smooth = (smooth + np.clip(log_power - smooth, -noise, noise)) @ fit.T
    return np.asarray(smooth)


@cache
def _local_quadratic(n_shells: int, width: int) -> Array:
    """Return the (M, M) matrix of quadratics fitted to the `width` shells nearest to each."""
    offsets = np.arange(width)
    fit = np.zeros((n_shells, n_shells))
    for j, start in enumerate(_nearest_windows(n_shells, width)):
        design = np.vander((start + offsets - j) / width, 3, increasing=True)
        fit[j, start + offsets] = np.linalg.pinv(design)[0]
    return fit


def _nearest_windows(n_values: int, width: int) -> NDArray[np.int64]:
    """Return where the window of the `width` values nearest to each value starts."""
    return np.clip(np.arange(n_values) - width // 2, 0, n_values - width)
