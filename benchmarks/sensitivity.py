"""Do upper limits of a hunt cover what was injected, and what does rescoring cost?

A trial draws a decoy comb for the truth, a height from 0.1 to 10 (its logarithm even), a ball of
30% of the search space, and puts such lines into the spectra of the runs in it. The hunt's best
s* follows, and the upper limit by decoys from the same spectra: it covers the truth where
P(best(a) <= s*) is at most 0.95 at the true height a. `clean` takes that share from the spectra
as they were before the truth was put in; `as seen` from those with the truth in them, as whoever
judges a real hunt must.
usage: python benchmarks/sensitivity.py [--home HOME [--fields 27] [--runs 30]] [--trials 2000]
Without a home: 30 settled runs are made of Gaussian fields of random slopes.
"""

import argparse
import itertools
import multiprocessing
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.stats import ks_2samp

import settings
from benchmarks.timing import report
from irer.base.hunt_records import HuntPlan
from irer.base.records import SimulationOptions
from irer.controls.efficiency import clopper_pearson
from irer.controls.hunt_spectra import HuntSpectra, ScoredRun, read_spectra
from irer.controls.injections import Injector, Trials, balls, rank_of_best
from irer.home.artifacts import read_artifact
from irer.home.registry import load_plan
from irer.validation import decoy_combs, fidelity_of
from irer.validation.injected_shells import (
    draw_injections,
    injected_peaks,
    injected_scores,
    injected_spectra,
    profiles,
)
from irer.validation.injection import inject_lines
from irer.validation.matching import comb_scores, find_peaks

SHARE = 0.3
INNER = 100  # trials that say how often the best would be as good as s*
POOL = 4000  # decoys, each with a ball, from which all trials draw theirs
LEVEL = 0.95
FIELD_HEIGHTS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1000.0)
PER_FIELD = 4  # combs injected into each field


def gaussian_hunt(n: int, options: SimulationOptions, rng: np.random.Generator) -> HuntSpectra:
    """Make a hunt of n runs of four half-correlated Gaussian snapshots each."""
    line = 2 * np.pi / options.box_length * np.fft.fftfreq(options.N_grid, 1 / options.N_grid)
    k = np.hypot(line[:, None], line)
    runs = []
    for number in range(n):
        amplitude = np.exp(-rng.uniform(0.5, 3) * k)
        common, *own = (
            np.fft.ifft2(amplitude * np.fft.fft2(rng.standard_normal(k.shape))).real
            for _ in range(5)
        )
        delta = np.array([common + each for each in own])
        found = fidelity_of(1 + 0.3 * delta / delta.std(), options)
        assert found.spectrum is not None
        assert found.peaks is not None
        place = rng.random(7)
        runs.append(ScoredRun(str(number), place, found.sse, found.spectrum, found.peaks))
    return HuntSpectra(runs, min(run.sse for run in runs), 0)


class Calibration:
    """Trials on one hunt, their combs from a pool of decoys that is measured once."""

    def __init__(
        self, spectra: HuntSpectra, options: SimulationOptions, seed: int, pool: int = POOL
    ) -> None:
        rng = np.random.default_rng([seed, 0])
        self.spectra = spectra
        self.pool = profiles(decoy_combs(pool, rng), options)
        self.own = spectra.scores(self.pool.combs)
        self.members = balls(spectra.places(), SHARE, pool, rng)  # a ball a comb
        self.seed = seed

    def trial(self, number: int) -> tuple[float, bool, bool]:
        """Return the true height, whether the clean limit covers it, and that as seen."""
        rng = np.random.default_rng([self.seed, 1, number])
        height = float(10 ** rng.uniform(-1, 1))
        truth, *inner = rng.choice(len(self.own[0]), 1 + INNER, replace=False)
        seen, scores = self.with_truth(truth, height, rng)
        best = float(scores[:, 0].min())
        own = self.own[:, inner].copy()
        clean = self.is_covered(self.spectra, own, inner, height, best, rng)
        changed = np.flatnonzero(self.members[:, truth])
        for run in changed:
            own[run] = comb_scores(
                seen.runs[run].peaks, self.pool.combs[inner], seen.runs[run].spectrum
            )
        return height, clean, self.is_covered(seen, own, inner, height, best, rng)

    def with_truth(
        self, truth: int, height: float, rng: np.random.Generator
    ) -> tuple[HuntSpectra, np.ndarray]:
        """Return the hunt with lines at a comb of the pool, and each run's score for that comb."""
        lines, runs = self.pool.of(np.array([truth])), []
        for run, member in zip(self.spectra.runs, self.members[:, truth], strict=True):
            if member:
                draw = draw_injections(run.spectrum, lines, rng)
                spectrum = injected_spectra(run.spectrum, draw, height)[0]
                run = replace(run, spectrum=spectrum, peaks=find_peaks(spectrum))
            runs.append(run)
        seen = replace(self.spectra, runs=runs)
        return seen, seen.scores(lines.combs)

    def is_covered(
        self,
        spectra: HuntSpectra,
        own: np.ndarray,
        inner: list[int],
        height: float,
        best: float,
        rng: np.random.Generator,
    ) -> bool:
        """Say whether the limit from `best`, by decoys on these spectra, is not below `height`."""
        trials = Trials(self.pool.of(np.array(inner)), self.members[:, inner])
        seed, nothing = int(rng.integers(2**32)), np.zeros((0, 8))
        injector = Injector(
            spectra, trials, nothing, lambda run: np.random.default_rng([seed, run]), own
        )
        return bool(np.mean(injector.at(height, lambda: None).best <= best) <= LEVEL)


def in_fields(home: settings.Settings, plan: HuntPlan, spectra: HuntSpectra, most: int) -> None:
    """Say what share of runs' fields with lines is found, and whether their shells say the same."""
    rng = np.random.default_rng([plan.seed, 9])
    combs = decoy_combs(PER_FIELD, rng)
    for height in FIELD_HEIGHTS:
        rng = np.random.default_rng([plan.seed, 10])
        whole, shells, reached, position = [], [], 0, 0
        for run in spectra.runs[:most]:
            rho = read_artifact(home.home.artifact_file(run.job_uuid), run.job_uuid).snapshot_rho
            for comb in combs:
                given = rho.astype(np.float64)
                box = plan.simulation.box_length
                lined = inject_lines(given, run.spectrum, box, height, rng, comb)
                found = fidelity_of(lined, plan.simulation, 199, rng, comb)
                is_placed = found.p_position is not None and found.p_position < 0.05
                position += is_placed
                reached += is_placed and found.sse < 0.01
                whole.append(found.sse)
            draw = draw_injections(run.spectrum, profiles(combs, plan.simulation), rng)
            peaks = injected_peaks(run.spectrum, draw, height)
            shells += injected_scores(run.spectrum, peaks, combs).tolist()
        report(
            "sensitivity: injections in fields",
            height=height,
            n=len(whole),
            reached=reached / len(whole),
            position=position / len(whole),
            median_sse=float(np.median(whole)),
            median_sse_by_shells=float(np.median(shells)),
            ks_p=float(ks_2samp(whole, shells).pvalue),
        )


_calibration: list[Calibration] = []  # of this worker


def _begin(spectra: HuntSpectra, options: SimulationOptions, seed: int) -> None:
    _calibration[:] = [Calibration(spectra, options, seed)]


def _trial(number: int) -> tuple[float, bool, bool]:
    return _calibration[0].trial(number)


def say(name: str, covered: list[bool]) -> None:
    count = sum(covered)
    low, high = clopper_pearson([count], len(covered))
    report(
        f"sensitivity: coverage of upper limits, {name}",
        trials=len(covered), covered=count / len(covered), low=float(low[0]), high=float(high[0]),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, help="the first so many of the home's, a smaller hunt")
    parser.add_argument("--workers", type=int, default=settings.usable_cores())
    parser.add_argument("--fields", type=int, default=0, help="of the home, injected as fields")
    given = parser.parse_args()
    started = time.process_time()
    if given.home is None:
        options = SimulationOptions()
        spectra = gaussian_hunt(30, options, np.random.default_rng(given.seed))
    else:
        home = settings.load(home=given.home)
        plan = load_plan(home.home)
        if plan is None:
            parser.error(f"no hunt in {given.home}")
        options = plan.simulation
        spectra = read_spectra(home.home, plan, lambda: None)
    read_s = time.process_time() - started
    report("sensitivity: reading and scoring", runs=len(spectra.runs), cpu_s=read_s)
    for n in (99, 999):
        started = time.process_time()
        p = rank_of_best(spectra, n, np.random.default_rng(given.seed))
        cost = time.process_time() - started
        report("sensitivity: p_position of the hunt", decoys=n, p=p, cpu_s=cost)
    if given.home is not None and given.fields:
        in_fields(home, plan, spectra, given.fields)
    started = time.perf_counter()
    spectra = replace(spectra, runs=spectra.runs[: given.runs])
    context = multiprocessing.get_context("fork")
    with context.Pool(given.workers, _begin, (spectra, options, given.seed)) as pool:
        found = pool.map(_trial, range(given.trials), chunksize=10)
    report(
        "sensitivity: coverage", runs=len(spectra.runs), trials=given.trials,
        seconds=time.perf_counter() - started,
    )  # fmt: skip
    for column, kind in ((1, "clean"), (2, "as seen")):
        say(kind, [bool(trial[column]) for trial in found])
        for low, high in itertools.pairwise((0.1, 0.3, 1, 3, 10)):
            part = [bool(trial[column]) for trial in found if low <= trial[0] < high]
            say(f"{kind}, heights from {low} to {high}", part)


if __name__ == "__main__":
    main()
