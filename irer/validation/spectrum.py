"""The density's power spectrum over shells of |k|, its noise floor, background and noise.

float64 NumPy, alike in 2-D and 3-D. k is in radians per unit length everywhere. Shells have one
width in k whatever the grid, so that a finer grid or a larger box refines the same statistic.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.base.band import half_band
from irer.validation.background import fit_background, running_median
from irer.validation.combs import WINDOW, Array

SHELL_WIDTH = 0.05  # radians per unit length; a small box has wider ones, 2 pi / L
K_MAX = 3.2  # the last shell, radians per unit length: what the default grid retains
NOISE_SHELLS = 9  # shells in the running median of the scatter
FLOOR_FACTOR = 10.0  # a shell below so many times the noise floor is floor-limited
# Variance of the white noise that rounding leaves in delta, in units of eps^2 <rho^2>/<rho>^2:
# at least _LEAST inside the band of a solver's field (2.3 to 4.6 where it has no other power), and
# never more than _MOST; a larger variance is the field's own power.
_LEAST, _MOST = 4.0, 4000.0
_TRANSFORM = 400.0  # the same for the validator's transform, in units of float64's eps^2


@dataclass(frozen=True)
class Spectrum:
    """Shells j = 1..M of a density's power spectrum; every array has shape (M,).

    Background, noise and excess of a floor-limited shell are NaN: nothing is known there.
    """

    k: Array  # centres j times the width, radians per unit length
    power: Array  # mean |delta^|^2 over the shell's modes and the snapshots
    background: Array  # the power that is left without lines
    noise: Array  # standard deviation of ln power
    excess: Array  # (ln power - ln background) / noise
    floor: float  # noise floor of the power
    modes: Array  # how many modes a shell has

    @property
    def width(self) -> float:
        """Width of a shell, radians per unit length."""
        return float(self.k[0])

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Shells that stand above the noise floor, (M,)."""
        return np.asarray(np.isfinite(self.excess))

    @property
    def floor_limited(self) -> NDArray[np.bool_]:
        """Shells inside the candidates' window that do not stand above the floor, (M,)."""
        return np.asarray(~self.usable & (self.k >= WINDOW[0]) & (self.k <= WINDOW[1]))


def contrast(snapshots: Array) -> Array:
    """Return delta = rho / <rho> - 1 of snapshots (S,) + (N,)*d; 0 where a snapshot is empty."""
    axes = tuple(range(1, snapshots.ndim))
    mean = snapshots.mean(axis=axes, keepdims=True)
    empty = mean == 0
    return np.where(empty, 0.0, snapshots / np.where(empty, 1.0, mean) - 1.0)


def shell_width(box_length: float) -> float:
    """Return the width of a shell: 0.05, or the mode spacing 2 pi / L of a box too small."""
    return max(SHELL_WIDTH, 2 * np.pi / box_length)


def count_shells(n_grid: int, box_length: float, dealias: float) -> int:
    """Return M: the shells up to 3.2 whose centres lie inside the retained band."""
    band = half_band(n_grid, dealias) * 2 * np.pi / box_length
    return int(np.floor(min(band, K_MAX) / shell_width(box_length) + 1e-9))


def spectra(
    delta: Array, box_length: float, dealias: float, eps: float
) -> tuple[Spectrum, Spectrum]:
    """Return the spectrum of `delta`, shape (S,) + (N,)*d, over shells, and that along rays.

    `eps` is the machine epsilon of the stored field. A ray is a grid line; the one-dimensional
    spectrum is averaged over all rays along every axis. In it a ring in 2-D is an edge with a
    spike, a shell in 3-D an edge alone.
    """
    n_grid, dimensions = delta.shape[-1], delta.ndim - 1
    width, n_shells = shell_width(box_length), count_shells(n_grid, box_length, dealias)
    mode_power = _mode_power(delta)
    scale = 2 * np.pi / box_length / width  # shells to a mode number
    mean, relative, modes = _shell_statistics(mode_power, n_grid, scale, n_shells)
    # S snapshots scatter by 1/sqrt(S) if independent, else by more; half of that is a bound.
    relative = np.maximum(relative, 0.5 / np.sqrt(len(delta)))
    white = float(n_grid) ** dimensions  # power of a white noise of variance 1
    floor = _noise_floor(mode_power, n_grid) if dealias < 1 else 0.0
    unit = white * float(np.mean((1 + delta) ** 2))
    own = _TRANSFORM * np.finfo(np.float64).eps ** 2
    floor = float(np.clip(floor, (_LEAST * eps**2 + own) * unit, (_MOST * eps**2 + own) * unit))
    usable = (modes > 0) & (mean > FLOOR_FACTOR * floor)
    relative[usable] = running_median(relative[usable], NOISE_SHELLS)
    k = np.arange(1, n_shells + 1, dtype=np.float64) * width
    shells = _spectrum(
        k, mean, np.sqrt(2.0 / np.maximum(modes, 1)) * relative, usable, floor, modes
    )
    power, squares = _ray_sums(mode_power, n_grid, scale, n_shells)
    # Modes of expected power P have E p^2 = (1 + CV^2) P^2 and the variance CV^2 P^2.
    share = relative**2 / (1 + relative**2)
    noise = np.sqrt(share * squares) / np.where(power > 0, power, 1.0)
    return shells, _spectrum(k, power, noise, usable & (power > 0), floor, modes)


def _spectrum(
    k: Array,
    power: Array,
    noise: Array,
    usable: NDArray[np.bool_],
    floor: float,
    modes: Array,
) -> Spectrum:
    background, excess = np.full((2, len(k)), np.nan)
    log_power = np.log(power[usable])
    fit = fit_background(k[usable], log_power, noise[usable], k[0]) if usable.any() else log_power
    background[usable] = np.exp(fit)
    excess[usable] = (log_power - fit) / noise[usable]
    return Spectrum(k, power, background, np.where(usable, noise, np.nan), excess, floor, modes)


def _noise_floor(mode_power: Array, n_grid: int) -> float:
    """Return the mean power beyond |n| = N / 2, where nothing of the field is left.

    psi has modes |n_i| < dealias N / 2 alone, so the power of its density falls beyond them, down
    to the plateau that storage and arithmetic leave.
    """
    n, weight = mode_numbers(n_grid, mode_power.ndim)
    corner = n >= n_grid / 2
    return float(np.average(mode_power[corner], weights=weight[corner]))


def _mode_power(delta: Array) -> Array:
    """Return |delta^|^2 of the modes of a real transform, averaged over the snapshots."""
    total = sum(np.abs(np.fft.rfftn(snapshot)) ** 2 for snapshot in delta)
    return np.asarray(total / len(delta))


def _shell_statistics(
    mode_power: Array, n_grid: int, scale: float, n_shells: int
) -> tuple[Array, Array, Array]:
    """Return mean power, its relative scatter over independent modes, and modes, of each shell.

    A real field's modes k and -k are one: a shell of c modes has n = c / 2 independent powers. For
    Gamma distributed powers their sample's relative variance CV^2 is on average too small by the
    factor 1 + CV^2 / n, which matters where n is 4; that is corrected.
    """
    n, weight = mode_numbers(n_grid, mode_power.ndim)
    index = np.rint(n * scale).astype(np.int64)
    inside = (index >= 1) & (index <= n_shells)
    index, weight, mode_power = index[inside] - 1, weight[inside], mode_power[inside]

    def over_shells(values: Array) -> Array:
        return np.bincount(index, weight * values, n_shells).astype(np.float64)

    modes = over_shells(np.ones_like(mode_power))
    counted = np.maximum(modes, 1)
    mean = over_shells(mode_power) / counted
    squares = over_shells((mode_power - mean[index]) ** 2)
    independent = counted / 2
    scatter = np.sqrt(squares / 2 / np.maximum(independent - 1, 1))
    relative = np.divide(scatter, mean, out=np.zeros_like(mean), where=mean > 0)
    return mean, relative * np.sqrt(1 + relative**2 / independent), modes


def _ray_sums(mode_power: Array, n_grid: int, scale: float, n_shells: int) -> tuple[Array, Array]:
    """Return the mean power of rays in each shell, and the sum of the squares of its parts.

    One mode of a pair k, -k stands for both, so each counts once on either side of an axis.
    """
    axes, last, half = range(mode_power.ndim), mode_power.ndim - 1, (n_grid + 1) // 2
    _, weight = mode_numbers(n_grid, mode_power.ndim)
    power, squares = np.zeros((2, half - 1))  # of the harmonics below N / 2
    for axis in axes:
        # Along the last axis the transform has one side; along others k > 0 and k < 0 are folded.
        share = np.ones_like(mode_power) if axis == last else weight / 2
        across = tuple(other for other in axes if other != axis)
        for sums, values in ((power, share * mode_power), (squares, share * mode_power**2)):
            line = values.sum(axis=across)
            up = line[1:half]
            sums += up if axis == last else up + line[-1:-half:-1]
    shell = np.rint(np.arange(1, half) * scale).astype(np.int64)
    inside = (shell >= 1) & (shell <= n_shells)
    shell = shell[inside] - 1
    harmonics = np.maximum(np.bincount(shell, minlength=n_shells), 1)
    rays = harmonics * len(axes) * float(n_grid) ** (2 * last)
    return (
        np.bincount(shell, power[inside], n_shells) / rays,
        np.bincount(shell, squares[inside], n_shells) / rays**2,
    )


def mode_numbers(n_grid: int, dimensions: int) -> tuple[Array, Array]:
    """Return |n| of every mode of a real transform, and how often the mode counts."""
    full, half = np.fft.fftfreq(n_grid, 1 / n_grid), np.fft.rfftfreq(n_grid, 1 / n_grid)
    axes = np.meshgrid(*[full] * (dimensions - 1), half, indexing="ij", sparse=True)
    n = np.sqrt(sum(axis**2 for axis in axes))
    twice = (half > 0) & (half < n_grid / 2)  # the transform omits the mode at -k
    return n, np.broadcast_to(np.where(twice, 2.0, 1.0), n.shape)
