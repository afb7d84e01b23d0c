"""Lines injected into a spectrum's shells: the same as into its field, ten thousand times faster.

The modes of an injection are complex Gaussian and independent of the field's own. A shell of n
independent modes and power P, given lines of mean power X, then has the power

    P + X g + sqrt(2 P X g / n) e,    g Gamma with mean 1,    e normal:

the lines' own power, and its interference with the field's. n is 1 / noise^2 of the shell; for g it
is smaller where the profile of a line varies over the shell's modes. Noise and background are
estimated anew as the validator does.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from irer.base.records import SimulationOptions
from irer.validation.background import fit_background, running_median
from irer.validation.combs import Array, resolved_targets
from irer.validation.injection import LINE_WIDTH, background_at, line_profile
from irer.validation.matching import (
    candidate_shells,
    confidence,
    gains,
    highest_peaks,
    reached,
    sse_of,
)
from irer.validation.spectrum import (
    NOISE_SHELLS,
    Spectrum,
    count_shells,
    mode_numbers,
    shell_width,
)

_LEAST = 0.01  # of a shell's power is left whatever the interference


@dataclass(frozen=True)
class InjectedPeaks:
    """The candidates of n injected spectra; both arrays have shape (n, 8)."""

    k: Array  # radians per unit length
    confidence: Array  # 0 where there were fewer candidates


@dataclass(frozen=True)
class Profiles:
    """Lines at n combs, as the shells of one grid see them."""

    combs: Array  # (n, 8)
    mean: Array  # (n, M), of the lines' profile over the modes of each shell
    square: Array  # (n, M), mean of its square

    def of(self, chosen: NDArray[np.intp]) -> "Profiles":
        """Return the profiles of the chosen combs."""
        return Profiles(self.combs[chosen], self.mean[chosen], self.square[chosen])


@dataclass(frozen=True)
class Draw:
    """The random numbers of n injections into one spectrum; one draw serves every height."""

    lines: Profiles
    gamma: Array  # (n, M)
    normal: Array  # (n, M)


def profiles(combs: Array, options: SimulationOptions, width: float = LINE_WIDTH) -> Profiles:
    """Return the profiles of lines at combs (n, 8) in the shells of runs with `options`."""
    n_shells = count_shells(options.N_grid, options.box_length, options.dealias)
    shell_k = shell_width(options.box_length)
    modes, weight = mode_numbers(options.N_grid, options.dimensions)
    # Modes of equal |k| have equal profiles; |n|^2 is an integer.
    squared, place = np.unique(np.rint(modes**2).astype(np.int64), return_inverse=True)
    weight = np.bincount(place.ravel(), weight.ravel()).astype(np.float64)
    k = np.sqrt(squared) * (2 * np.pi / options.box_length)
    shell = np.rint(k / shell_k).astype(np.int64)
    inside = (shell >= 1) & (shell <= n_shells)
    k, weight, shell = k[inside], weight[inside], shell[inside] - 1
    count = np.maximum(np.bincount(shell, weight, n_shells), 1)
    seen = [line_profile(k, comb, width) for comb in combs]
    sums = [
        [np.bincount(shell, weight * profile**power, n_shells) for profile in seen]
        for power in (1, 2)
    ]
    mean, square = np.array(sums) / count
    return Profiles(combs, mean, square)


def draw_injections(spectrum: Spectrum, lines: Profiles, rng: np.random.Generator) -> Draw:
    """Draw an injection of each of n combs into a spectrum."""
    share = lines.mean**2 / np.maximum(lines.square, np.finfo(float).tiny)
    shape = np.maximum(_independent(spectrum) * share, 1.0)
    return Draw(lines, rng.gamma(shape) / shape, rng.standard_normal(shape.shape))


def injected_spectra(spectrum: Spectrum, draw: Draw, height: float) -> list[Spectrum]:
    """Return a spectrum with lines of one height, once for each of n draws."""
    log_power, fit, noise, excess = _injected(spectrum, draw, height)
    known = spectrum.usable
    return [
        replace(
            spectrum,
            power=np.where(known, np.exp(log_power[i]), spectrum.power),
            background=np.where(known, np.exp(fit[i]), np.nan),
            noise=np.where(known, noise[i], np.nan),
            excess=np.where(known, excess[i], np.nan),
        )
        for i in range(len(log_power))
    ]


def injected_peaks(spectrum: Spectrum, draw: Draw, height: float) -> InjectedPeaks:
    """Return the candidates of a spectrum with lines of one height, once for each of n draws."""
    log_power, _, _, excess = _injected(spectrum, draw, height)
    allowed = candidate_shells(spectrum.k, spectrum.usable)
    positions, heights = highest_peaks(spectrum.k, excess, log_power, allowed)
    return InjectedPeaks(positions, confidence(heights))


def _injected(spectrum: Spectrum, draw: Draw, height: float) -> tuple[Array, Array, Array, Array]:
    """Return ln power, its fit, noise and excess of n spectra, (n, M); floor-limited shells 0."""
    usable, k = spectrum.usable, spectrum.k
    unit = height * background_at(spectrum, k)
    lines = unit * draw.lines.mean
    beat = np.sqrt(2 * spectrum.power * lines * draw.gamma / _independent(spectrum))
    power = spectrum.power + lines * draw.gamma + beat * draw.normal
    log_power, fit, noise, excess = np.zeros((4, *power.shape))
    log_power[:, usable] = np.log(np.maximum(power, _LEAST * spectrum.power)[:, usable])
    noise[:, usable] = _noise(spectrum, lines, unit**2 * draw.lines.square)
    known = log_power[:, usable]
    fit[:, usable] = fit_background(k[usable], known, noise[:, usable], spectrum.width)
    excess[:, usable] = (known - fit[:, usable]) / noise[:, usable]
    return log_power, fit, noise, excess


def injected_scores(spectrum: Spectrum, peaks: InjectedPeaks, combs: Array) -> Array:
    """Return the SSE of each of n injected spectra for a comb of its own, (n, 8): (n,)."""
    return sse_of(_tables(spectrum, peaks, combs))


def reached_by(
    spectrum: Spectrum,
    peaks: InjectedPeaks,
    combs: Array,
    score: Array,
    asked: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Say which of D combs, (D, 8), score `score`, (n,), or less on each spectrum: (n, D).

    Computed only where `asked`, (n, D), is true.
    """
    found = np.zeros(asked.shape, dtype=bool)
    resolved = resolved_targets(combs, spectrum.width, spectrum.usable)
    for i in range(len(peaks.k)):
        chosen = np.flatnonzero(asked[i])
        tables = gains(peaks.k[i], peaks.confidence[i], combs[chosen]) * resolved[chosen, None]
        found[i, chosen] = reached(score[i], tables)
    return found


def _tables(spectrum: Spectrum, peaks: InjectedPeaks, combs: Array) -> Array:
    """Return how much each possible match saves, (n, 8, 8)."""
    resolved = resolved_targets(combs, spectrum.width, spectrum.usable)
    return gains(peaks.k, peaks.confidence, combs) * resolved[:, None, :]


def _independent(spectrum: Spectrum) -> Array:
    """Return how many independent modes each shell has over all snapshots."""
    return 1.0 / np.where(spectrum.usable, spectrum.noise, 1.0) ** 2


def _noise(spectrum: Spectrum, lines: Array, squares: Array) -> Array:
    """Return the noise that the validator would measure in the usable shells, (n, usable).

    Modes of power P + X, with X uneven over a shell, have the relative variance
    (1 + CV^2) <(P + X)^2> / <P + X>^2 - 1, where CV^2 is that without lines.
    """
    usable = spectrum.usable
    per_mode = np.sqrt(2.0 / spectrum.modes[usable])
    own = (spectrum.noise[usable] / per_mode) ** 2
    power, lines, squares = spectrum.power[usable], lines[:, usable], squares[:, usable]
    uneven = (power**2 + 2 * power * lines + squares) / (power + lines) ** 2
    relative = np.sqrt((1 + own) * uneven - 1)
    return np.asarray(per_mode * running_median(relative, NOISE_SHELLS))
