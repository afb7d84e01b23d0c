"""The score with one scale factor on k free, and how many decoys reach it with the same freedom.

k is in radians per unit length.
"""

import numpy as np
from numpy.typing import NDArray

from irer.validation.assignment import greedily_saved, saves_after_all, upper_bound
from irer.validation.combs import Array, resolved_targets
from irer.validation.matching import NOTHING, TIE, UNMATCHED_COST, Peaks, sse_of
from irer.validation.spectrum import Spectrum

# Scale factors on k that are tried, the nearest to 1 first.
SCALES: Array = np.exp(0.02 * np.array(sorted(range(-11, 12), key=abs)))


def scaled_score(peaks: Peaks, comb: Array, spectrum: Spectrum) -> tuple[float, float]:
    """Return the lowest SSE over SCALES, and its scale (1 if none is better).

    At scale s the targets are s times the comb's and distances are divided by s, as if the box
    were s times as long.
    """
    tables = [_scaled_gains(scale, peaks, comb[None], spectrum)[:, :, 0] for scale in SCALES]
    found = sse_of(np.stack(tables))
    best = int(np.argmin(found))
    return float(found[best]), float(SCALES[best])


def count_scaled(score: float, peaks: Peaks, combs: Array, spectrum: Spectrum) -> int:
    """Return for how many of n combs, (n, 8), the `scaled_score` is `score` or less."""
    need = NOTHING - score - TIE
    found = np.zeros(len(combs), dtype=bool)
    undecided: list[tuple[NDArray[np.intp], Array]] = []
    for scale in SCALES:
        which = np.flatnonzero(~found)
        tables = _scaled_gains(scale, peaks, combs[which], spectrum)
        possible = upper_bound(tables) >= need
        which, tables = which[possible], tables.compress(possible, axis=2)
        quickly = greedily_saved(tables) >= need
        found[which[quickly]] = True
        undecided.append((which[~quickly], tables.compress(~quickly, axis=2)))
    which = np.concatenate([combs_of for combs_of, _ in undecided])
    tables = np.concatenate([tables for _, tables in undecided], axis=2)
    still = ~found[which]
    found[which[still][saves_after_all(tables.compress(still, axis=2), need)]] = True
    return int(np.count_nonzero(found))


def _scaled_gains(scale: float, peaks: Peaks, combs: Array, spectrum: Spectrum) -> Array:
    """Return the gains for n combs, (n, 8), at one scale: (P, 8, n)."""
    saved = (peaks.k / scale)[:, None, None] - combs.T
    saved *= saved
    np.subtract(UNMATCHED_COST, saved, out=saved)
    np.maximum(saved, 0.0, out=saved)
    resolved = resolved_targets(scale * combs, spectrum.width, spectrum.usable)
    saved *= peaks.confidence[:, None, None] * resolved.T
    return saved
