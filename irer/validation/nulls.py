"""Null distributions: the scores of spectra without lines, or unrelated to ln p."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.validation.background import fit_background
from irer.validation.combs import Array, resolved_targets
from irer.validation.matching import (
    TIE,
    candidate_shells,
    confidence,
    count_reaching,
    gains,
    highest_peaks,
    sse_of,
)
from irer.validation.spectrum import Spectrum


@dataclass(frozen=True)
class LineNull:
    """n spectra without lines, in the shells and with the background and noise of a real one."""

    comb: Array  # (8,), radians per unit length
    resolved: NDArray[np.bool_]  # (8,), which of its targets are
    log_power: Array  # (n, M)
    peaks_k: Array  # (n, 8), radians per unit length
    peaks_confidence: Array  # (n, 8), 0 where there were fewer peaks

    @property
    def sse(self) -> Array:
        """The score of each, (n,)."""
        return sse_of(self._gains())

    def count(self, score: float) -> int:
        """Return how many score `score` or less."""
        return count_reaching(score, self._gains())

    def _gains(self) -> Array:
        return gains(self.peaks_k, self.peaks_confidence, self.comb) * self.resolved


def draw_line_null(
    spectrum: Spectrum, comb: Array, n_null: int, rng: np.random.Generator
) -> LineNull:
    """Draw shell powers that have no lines, and score them as a real spectrum is scored.

    A power is the background times Gamma noise of variance noise^2 (for one snapshot of a
    Gaussian field: the mean of c / 2 independent exponential powers), with a mean logarithm of
    0, because the background is fitted to logarithms. Then the background is fitted anew, and
    candidates are found and matched. Floor-limited shells stay NaN; M counts all shells.
    """
    # Imported here: it takes longer than all else, and who only draws spectra needs none of it.
    from scipy.special import digamma

    usable, k = spectrum.usable, spectrum.k
    noise = spectrum.noise[usable]
    shape = noise**-2.0
    gamma = np.maximum(rng.gamma(shape, size=(n_null, len(shape))), np.finfo(float).tiny)
    log_power, excess = np.full((2, n_null, len(k)), np.nan)
    drawn = np.log(spectrum.background[usable]) + np.log(gamma) - digamma(shape)
    log_power[:, usable] = drawn
    fit = fit_background(k[usable], drawn, noise, spectrum.width)
    excess[:, usable] = (drawn - fit) / noise
    allowed = candidate_shells(k, usable)
    positions, height = highest_peaks(k, np.nan_to_num(excess), log_power, allowed)
    resolved = resolved_targets(comb, spectrum.width, usable)
    return LineNull(comb, resolved, log_power, positions, confidence(height))


def scrambled_phases(rho: Array, rng: np.random.Generator) -> Array:
    """Return a real field with the power spectrum of `rho`, (N,)*d, and random phases.

    It has the same log-prime score as `rho` for any `rho`: it is no evidence for or against
    lines, only a check that the score depends on the power spectrum alone.
    """
    axes = tuple(range(rho.ndim))
    # The phases of a real field's transform: odd under k -> -k, as they have to be.
    random = np.fft.rfftn(rng.standard_normal(rho.shape), axes=axes)
    size = np.abs(random)
    spectrum = np.abs(np.fft.rfftn(rho, axes=axes)) * random / np.where(size == 0, 1.0, size)
    spectrum.flat[0] = rho.sum()  # the mean keeps its sign
    return np.fft.irfftn(spectrum, s=rho.shape, axes=axes)


def p_value(observed: float, null: Array) -> float:
    """Return (1 + #{null <= observed}) / (1 + n), n = len(null); small means rare by chance."""
    return p_value_of_count(int(np.count_nonzero(null <= observed + TIE)), len(null))


def p_value_of_count(as_good: int, n_null: int) -> float:
    """Return (1 + as_good) / (1 + n_null)."""
    return float((1 + as_good) / (1 + n_null))
