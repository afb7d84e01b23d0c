"""Null distributions: how well spectra and peaks would do that know nothing of the targets."""

from dataclasses import dataclass

import numpy as np

from irer.validation.matching import (
    SCALES,
    TARGETS,
    confidence,
    highest_peaks,
    resolved_targets,
    scores,
)
from irer.validation.spectrum import Array, fit_background

WINDOW_MARGIN = 0.1  # of the targets' span, at each end of the window of the position null
TIE = 1e-12  # a tie is one whatever the order of its sum


@dataclass(frozen=True)
class LineNull:
    """n spectra without lines, in the shells and with the background and noise of a real one."""

    log_power: Array  # (n, M)
    sse: Array  # (n,), the score of each
    peaks_k: Array  # (n, 8), radians per unit length
    peaks_confidence: Array  # (n, 8), 0 where there were fewer peaks


def draw_line_null(
    k: Array, background: Array, noise: Array, n_null: int, rng: np.random.Generator
) -> LineNull:
    """Draw shell powers that have no lines, and score them as a real spectrum is scored.

    `k`, `background` and `noise`, (M,), are those of a `Spectrum`. A power is the background
    times Gamma noise of variance noise^2 (for one snapshot of a Gaussian field: the mean of c / 2
    independent exponential powers), with a mean logarithm of 0, because the background is
    fitted to logarithms. The background is then fitted anew, and peaks sought and matched.
    """
    # Imported here: it takes longer than all else, and who only draws spectra needs none of it.
    from scipy.special import digamma

    shape = noise**-2.0
    gamma = np.maximum(rng.gamma(shape, size=(n_null, len(shape))), np.finfo(float).tiny)
    log_power = np.log(background) + np.log(gamma) - digamma(shape)
    excess = (log_power - fit_background(k, log_power, noise)) / noise
    positions, height = highest_peaks(k, excess)
    weights = confidence(height)
    sse = scores(positions, weights, resolved_targets(k[0], len(k)))
    return LineNull(log_power, sse, positions, weights)


def shuffled_peaks(
    positions: Array,
    strengths: Array,
    window: tuple[float, float],
    n_null: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Return positions and strengths, each (n_null, P), of the peaks moved inside `window`.

    The gaps between the peaks inside the window are permuted, the group slides uniformly within
    it, and the strengths are permuted; peaks outside stay as they are. This keeps the spacing
    that the peaks happen to have, as independent uniform positions would not. A regular lattice
    of peaks is not exchangeable: it gets p-values that are too small.
    """
    low, high = window
    inside = (positions >= low) & (positions <= high)
    if not inside.any():
        return _repeat(positions, n_null), _repeat(strengths, n_null)
    gaps = np.diff(np.sort(positions[inside]))
    first = rng.uniform(low, high - gaps.sum(), size=(n_null, 1))
    steps = np.cumsum(rng.permuted(_repeat(gaps, n_null), axis=1), axis=1)
    moved = np.concatenate((first, first + steps, _repeat(positions[~inside], n_null)), axis=1)
    mixed = rng.permuted(_repeat(strengths[inside], n_null), axis=1)
    return moved, np.concatenate((mixed, _repeat(strengths[~inside], n_null)), axis=1)


def position_window(k: Array, *, scaled: bool = False) -> tuple[float, float]:
    """Return where peaks may wander: the targets' range, wider by 10%, inside the band `k`.

    With `scaled`, the range of the targets times every scale of the one-scale variant.
    """
    margin = WINDOW_MARGIN * (TARGETS[-1] - TARGETS[0])
    least, most = (SCALES.min(), SCALES.max()) if scaled else (1.0, 1.0)
    low, high = least * TARGETS[0] - margin, most * TARGETS[-1] + margin
    return max(low, float(k[0])), min(high, float(k[-1]))


def scrambled_phases(rho: Array, rng: np.random.Generator) -> Array:
    """Return a real field with the power spectrum of `rho`, (N,)*d, and random phases.

    It has the same log-prime score as `rho`, whatever `rho` is: no evidence for or against
    lines, only a check that the score depends on nothing but the power spectrum.
    """
    axes = tuple(range(rho.ndim))
    # The phases of a real field's transform: odd under k -> -k, as they have to be.
    random = np.fft.rfftn(rng.standard_normal(rho.shape), axes=axes)
    size = np.abs(random)
    spectrum = np.abs(np.fft.rfftn(rho, axes=axes)) * random / np.where(size == 0, 1.0, size)
    spectrum.flat[0] = rho.sum()  # the mean keeps its sign
    return np.fft.irfftn(spectrum, s=rho.shape, axes=axes)


def p_value(observed: float, null: Array) -> float:
    """Return (1 + #{null <= observed}) / (1 + n), n = len(null): small is rare by chance."""
    return p_value_of_count(int(np.count_nonzero(null <= observed + TIE)), len(null))


def p_value_of_count(as_good: int, n_null: int) -> float:
    """Return (1 + as_good) / (1 + n_null)."""
    return float((1 + as_good) / (1 + n_null))


def _repeat(values: Array, times: int) -> Array:
    return np.tile(values, (times, 1))
