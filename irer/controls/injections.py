"""Trials: a hunt's spectra with lines injected in a ball of its search space, and their best SSE.

The lines of a trial stand at a decoy comb, and that comb is searched for, so that what the runs'
own spectra have at ln p, by chance or in truth, is no part of the injection. Runs outside the
ball, and all runs at height 0, keep their spectra.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.base.goals import SSE_GOAL
from irer.controls.hunt_spectra import HuntSpectra
from irer.search.significance import ALPHA
from irer.validation.combs import Array, decoy_combs
from irer.validation.injected_shells import (
    InjectedPeaks,
    Profiles,
    draw_injections,
    injected_peaks,
    injected_scores,
    reached_by,
)
from irer.validation.matching import TIE

_SAMPLE = 4096  # points of the search space that measure a ball's volume

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Trials:
    """T trials: the targets of their lines, and the runs that have them."""

    lines: Profiles  # (T, 8)
    members: Bools  # (R, T)

    def __len__(self) -> int:
        """How many trials."""
        return len(self.lines.combs)


def balls(places: Array, share: float, n: int, rng: np.random.Generator) -> Bools:
    """Say for each of R runs, (R, d), whether it lies in each of n balls: (R, n).

    A ball lies around a random point of the unit cube and holds `share` of the cube's volume; the
    part of the ball outside the cube does not count. With share 1 it holds the whole cube.
    """
    if share >= 1:
        return np.ones((len(places), n), dtype=bool)
    sample = rng.random((_SAMPLE, places.shape[1]))
    inside = np.zeros((len(places), n), dtype=bool)
    for trial, centre in enumerate(rng.random((n, places.shape[1]))):
        radius = np.quantile(np.linalg.norm(sample - centre, axis=1), share)
        inside[:, trial] = np.linalg.norm(places - centre, axis=1) <= radius
    return inside


@dataclass(frozen=True)
class Bests:
    """The results of T trials at one height."""

    best: Array  # (T,), the smallest SSE of the hunt in each trial
    as_good: NDArray[np.int64]  # (T,), how many rank decoys do as well on the same spectra
    n_decoys: int

    @property
    def position(self) -> Bools:
        """Whether p_position is below 0.05, (T,)."""
        return np.asarray((1 + self.as_good) / (1 + self.n_decoys) < ALPHA)

    @property
    def reached(self) -> Bools:
        """Whether, in addition, the best is below the goal, (T,)."""
        return self.position & (self.best < SSE_GOAL)


class Injector:
    """Injects into the spectra of a hunt; equal streams give equal trials at every height."""

    def __init__(
        self,
        spectra: HuntSpectra,
        trials: Trials,
        decoys: Array,
        stream: Callable[[int], np.random.Generator],
        own: Array | None = None,
    ) -> None:
        """`stream(i)` is the random generator of run i; `decoys`, (D, 8), rank the best.

        `own`, (R, T), are the runs' scores without lines, if the caller has them.
        """
        self._runs = spectra.runs
        self._trials = trials
        self._decoys = decoys
        self._stream = stream
        self._own = spectra.scores(trials.lines.combs) if own is None else own
        self._own_decoys = spectra.scores(decoys) if len(decoys) else None  # (R, D)

    def at(self, height: float, each: Callable[[], object]) -> Bests:
        """Return the results of the trials at one height; `each` is called after each run."""
        trials, runs = self._trials, self._runs
        members = trials.members if height > 0 else np.zeros_like(trials.members)
        best = np.where(members, np.inf, self._own).min(axis=0)
        kept: list[tuple[NDArray[np.intp], InjectedPeaks]] = []
        for number, run in enumerate(runs):
            chosen = np.flatnonzero(members[number])
            if len(chosen):
                lines = trials.lines.of(chosen)
                draw = draw_injections(run.spectrum, lines, self._stream(number))
                peaks = injected_peaks(run.spectrum, draw, height)
                scores = injected_scores(run.spectrum, peaks, lines.combs)
                best[chosen] = np.minimum(best[chosen], scores)
                kept.append((chosen, peaks))
            each()
        return Bests(best, self._count_as_good(members, best, kept), len(self._decoys))

    def _count_as_good(
        self,
        members: Bools,
        best: Array,
        kept: Sequence[tuple[NDArray[np.intp], InjectedPeaks]],
    ) -> NDArray[np.int64]:
        """Return how many rank decoys do as well as each trial's best, (T,)."""
        reached = np.zeros((len(best), len(self._decoys)), dtype=bool)
        if self._own_decoys is None:
            return np.zeros(len(best), dtype=np.int64)
        for trial, score in enumerate(best):
            outside = self._own_decoys[~members[:, trial]]
            if len(outside):
                reached[trial] = outside.min(axis=0) <= score + TIE
        having = [run for number, run in enumerate(self._runs) if members[number].any()]
        for run, (chosen, peaks) in zip(having, kept, strict=True):
            found = reached_by(run.spectrum, peaks, self._decoys, best[chosen], ~reached[chosen])
            reached[chosen] |= found
        return np.asarray(np.count_nonzero(reached, axis=1), dtype=np.int64)


def rank_of_best(
    spectra: HuntSpectra, n: int, rng: np.random.Generator, best: float | None = None
) -> float:
    """Return p_position of a hunt: its best against that of n decoy combs on the same spectra."""
    best = spectra.observed_best if best is None else best
    decoys = spectra.scores(decoy_combs(n, rng)).min(axis=0)
    return float((1 + np.count_nonzero(decoys <= best + TIE)) / (1 + n))
