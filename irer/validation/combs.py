"""The targets of the score, and decoys of them.

A comb is eight targets in k, in ascending order, radians per unit length. The comb of the theory
is ln p for the first eight primes; a decoy has the same seven gaps in another order, shifted
within the same window. A field unrelated to ln p matches either equally well.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19)
TARGETS: Array = np.log(PRIMES)
MARGIN = 0.25  # of the window of candidates, beyond the first and the last target
WINDOW = (float(TARGETS[0]) - MARGIN, float(TARGETS[-1]) + MARGIN)  # radians per unit length
SLIDE = 0.2  # a decoy starts at most so far from ln 2, so that the window holds all of it


def targets_of(comb: ArrayLike | None) -> Array:
    """Return what a job is scored against: its decoy comb, or ln p where it has none."""
    return TARGETS if comb is None else np.asarray(comb, dtype=np.float64)


def primes_of(comb: Array) -> tuple[int | None, ...]:
    """Return the prime whose logarithm each target of a comb is; None eight times for a decoy."""
    return PRIMES if np.array_equal(comb, TARGETS) else (None,) * len(PRIMES)


def decoy_combs(n: int, rng: np.random.Generator) -> Array:
    """Draw n decoys, (n, 8): the gaps of ln p permuted, the whole slid by at most 0.2."""
    gaps = np.tile(np.diff(TARGETS), (n, 1))
    first = TARGETS[0] + rng.uniform(-SLIDE, SLIDE, size=(n, 1))
    steps = np.cumsum(rng.permuted(gaps, axis=1), axis=1)
    return np.concatenate((first, first + steps), axis=1)


def resolved_targets(comb: Array, width: float, usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say for each target of combs (..., 8) whether shells resolve it.

    The shells 1..M have centres j `width`; `usable`, (M,), says which stand above the noise
    floor. A target is resolved if it lies two shells from the nearest other target, and its own
    shell and both shells beside it are usable.
    """
    gaps = np.diff(comb, prepend=-np.inf, append=np.inf, axis=-1)
    apart = np.minimum(gaps[..., :-1], gaps[..., 1:]) >= 2 * width
    known = np.zeros(len(usable) + 2, dtype=bool)  # shells 0..M+1; the first and last hold none
    known[2:-2] = usable[:-2] & usable[1:-1] & usable[2:]
    shell = np.clip(np.rint(comb / width).astype(np.int64), 0, len(known) - 1)
    return np.asarray(apart & known[shell])
