"""How few runs each sampler needs, on analytic problems in the hunt's own box; no PDE.

    python benchmarks/search.py [--samplers gp,tpe] [--noise 0.5] [--runs 300] [--seeds 20]

Every sampler proposes in batches of 10, as in a hunt, through the same function. For each seed
the target is the hypervolume that 1,000 uniform draws have without noise. With `--noise S` the
share S of the variance of f1 is the seed's (`--varying`: more on one side of the box), and a hunt
is judged every 5 runs by the values without noise of its recommended set, the front of posterior
means; it ends at the target. Prints one JSON line for each problem and sampler, medians over the
seeds:
  runs_to_target     runs until the target is reached; null when more than half do not reach it
  at_50, at_100, ... without noise: hypervolume after so many runs / the target
  cpu_ms             CPU time of a proposal among the first 100 runs
"""

import argparse
import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy; proposals use small matrices
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.search_problems import BENCHMARK, DEVELOPMENT, Instance, Noise, Problem
from irer.base.goals import H_NORM_GOAL, MEASURE_VERSION
from irer.base.records import Metrics, RunState, Sampler, SncglParams
from irer.home.ledger import LedgerRow
from irer.search.box import Box
from irer.search.hypervolume import hypervolumes
from irer.search.recommendation import Candidates
from irer.search.samplers import SAMPLERS, propose
from settings import DEFAULT_PARAM_SPACE

BATCH = 10
EVERY = 5  # runs between two looks at what is recommended
RANDOM_RUNS = 1000
BOX = Box(DEFAULT_PARAM_SPACE)


def instance_of(problem: Problem, seed: int) -> Instance:
    """Return the instance of a problem that belongs to a seed."""
    return problem.make(np.random.default_rng([*problem.name.encode(), seed]))


def row(params: dict[str, float], values: tuple[float, float] | None, number: int) -> LedgerRow:
    """Return a run as the ledger would hold it, its constraint_violation the second value."""
    metrics = None
    if values is not None:
        metrics = Metrics.model_construct(
            log_prime_sse=values[0],
            sdg_h_norm_l2=values[1] * H_NORM_GOAL,
            sdg_h_norm_relative=0.0,
            measure_version=MEASURE_VERSION,
            under_resolved=False,
            settled=True,
        )
    return LedgerRow.model_construct(
        job_uuid=str(uuid.UUID(int=number)),
        generation=number // BATCH + 1,
        index=number % BATCH,
        state=RunState.COMPLETE if metrics else RunState.FAILED,
        params=SncglParams(**params),
        metrics=metrics,
        candidate=str(uuid.UUID(int=number)),
    )


class Hunt:
    """One hunt on an instance of a problem: its rows, and what it cost."""

    def __init__(self, problem: Problem, noise: Noise, sampler: Sampler, seed: int) -> None:
        self.problem, self.noise, self.sampler, self.seed = problem, noise, sampler, seed
        self.instance = instance_of(problem, seed)
        self.deviation = noise.deviation(self.instance, np.random.default_rng([2, seed]))
        self.rows: list[LedgerRow] = []
        self.spent = 0.0

    def generation(self) -> None:
        """Run the next batch."""
        began = time.process_time()
        points = propose(
            BATCH,
            history=self.rows,
            space=BOX.space,
            sampler=self.sampler,
            seed=self.seed,
            generation=len(self.rows) // BATCH + 1,
            again=True,
        )
        self.spent += (time.process_time() - began) * (len(self.rows) < 100)
        for point in points:
            self.rows.append(row(point, self.measured(point), len(self.rows)))

    def measured(self, point: dict[str, float]) -> tuple[float, float] | None:
        """Return what a run at `point` under the next seed measures."""
        place = BOX.of_point(point)
        values = self.instance(place)
        if values is None or not self.noise.share:
            return values
        luck = np.random.default_rng([3, self.seed, len(self.rows)]).normal()
        return float(values[0] + luck * self.deviation(place)), values[1]

    def volume(self, n: int) -> float:
        """Return the hypervolume, without noise, of the set recommended after `n` runs."""
        front = Candidates(self.rows[:n], BOX.space).front()
        values = [self.instance(BOX.of_rows([r])[0]) for r in front]
        return volumes(self.problem, iter(values))[-1] if values else 0.0

    def course(self, runs: int) -> list[float]:
        """Run it; return the hypervolume after each run."""
        while len(self.rows) < runs:
            self.generation()
        return volumes(self.problem, (r.objectives for r in self.rows))

    def runs_to(self, wanted: float, most: int) -> float:
        """Run it until its recommended set has the hypervolume `wanted`; return the runs."""
        while len(self.rows) < most:
            before = len(self.rows)
            self.generation()
            for n in range(before + EVERY, len(self.rows) + 1, EVERY):
                if self.volume(n) >= wanted:
                    return n
        return float("inf")


def target(problem: Problem, seed: int) -> float:
    """Return the hypervolume that uniform draws have in the end."""
    instance, rng = instance_of(problem, seed), np.random.default_rng([1, seed])
    return volumes(problem, (instance(z) for z in rng.uniform(size=(RANDOM_RUNS, 7))))[-1]


def volumes(problem: Problem, values: Iterator[tuple[float, float] | None]) -> list[float]:
    """Return the hypervolume after each run."""
    return hypervolumes([v and problem.point(v) for v in values], problem.reference)


def reached(course: Sequence[float], wanted: float) -> float:
    """Return after how many runs a hypervolume was reached."""
    return next((n for n, volume in enumerate(course, 1) if volume >= wanted), float("inf"))


def compare(
    problem: Problem, noise: Noise, sampler: Sampler, seeds: Sequence[int], runs: int
) -> None:
    """Run a sampler on an instance for each seed and print the medians."""
    targets = [target(problem, seed) for seed in seeds]
    hunts = [Hunt(problem, noise, sampler, seed) for seed in seeds]
    figures = {}
    if noise.share:
        needed = [hunt.runs_to(t, runs) for hunt, t in zip(hunts, targets, strict=True)]
    else:
        courses = [hunt.course(runs) for hunt in hunts]
        needed = list(map(reached, courses, targets))
        figures = {
            f"at_{n}": round(
                statistics.median(c[n - 1] / t for c, t in zip(courses, targets, strict=True)), 3
            )
            for n in (50, 100, 300)
            if n <= runs
        }
    median = statistics.median(needed)
    line = {
        "benchmark": "search",
        "problem": problem.name,
        "noise": noise.name,
        "sampler": sampler,
        "seeds": len(seeds),
        "runs_to_target": median if median < float("inf") else None,
        **figures,
        "cpu_ms": round(1000 * statistics.mean(h.spent / min(len(h.rows), 100) for h in hunts), 1),
    }
    print(json.dumps(line), flush=True)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description="Compare samplers on analytic problems.")
    parser.add_argument("--samplers", default=",".join(SAMPLERS))
    parser.add_argument("--problems", help="names, comma between; default all of the set")
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--development", action="store_true", help="the other set of problems")
    parser.add_argument("--noise", type=float, default=0.0, help="the seed's share in f1")
    parser.add_argument("--varying", action="store_true", help="more noise on one side of the box")
    given = parser.parse_args()
    noise = Noise(given.noise, given.varying)
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    for problem in DEVELOPMENT if given.development else BENCHMARK:
        if given.problems is None or problem.name in given.problems.split(","):
            for sampler in given.samplers.split(","):
                compare(problem, noise, sampler, seeds, given.runs)


if __name__ == "__main__":
    main()
