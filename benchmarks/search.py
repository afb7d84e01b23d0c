"""How few runs each sampler needs, on analytic problems in the hunt's own box; no PDE.

    python benchmarks/search.py [--samplers gp,tpe] [--runs 300] [--seeds 20] [--development]

Every sampler proposes in batches of 10, as in a hunt, through the same function. For each seed
the target is the hypervolume that 1,000 uniform draws have. Prints one JSON line for each problem
and sampler, medians over the seeds:
  runs_to_target     runs until the target is reached; null when more than half do not reach it
  at_50, at_100, ... hypervolume after so many runs / the target
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

from benchmarks.search_problems import BENCHMARK, DEVELOPMENT, Instance, Problem
from irer.base.records import Metrics, RunState, Sampler, SncglParams
from irer.home.ledger import LedgerRow
from irer.search.hypervolume import hypervolumes
from irer.search.samplers import SAMPLERS, Box, propose
from settings import DEFAULT_PARAM_SPACE

BATCH = 10
RANDOM_RUNS = 1000
BOX = Box(DEFAULT_PARAM_SPACE)


def instance_of(problem: Problem, seed: int) -> Instance:
    """Return the instance of a problem that belongs to a seed."""
    return problem.make(np.random.default_rng([*problem.name.encode(), seed]))


def row(params: dict[str, float], values: tuple[float, float] | None, number: int) -> LedgerRow:
    """Return a run as the ledger would hold it."""
    metrics = None
    if values is not None:
        sse, h_norm = values
        metrics = Metrics.model_construct(
            log_prime_sse=sse, sdg_h_norm_l2=h_norm, under_resolved=False
        )
    return LedgerRow.model_construct(
        job_uuid=str(uuid.UUID(int=number)),
        generation=number // BATCH + 1,
        index=number % BATCH,
        state=RunState.COMPLETE if metrics else RunState.FAILED,
        params=SncglParams(**params),
        metrics=metrics,
    )


def search(problem: Problem, sampler: Sampler, seed: int, runs: int) -> tuple[list[float], float]:
    """Return the hypervolume after each run, and the CPU ms of a proposal in the first 100."""
    instance, rows, spent = instance_of(problem, seed), list[LedgerRow](), 0.0
    while len(rows) < runs:
        began = time.process_time()
        points = propose(
            BATCH,
            history=rows,
            space=BOX.space,
            sampler=sampler,
            seed=seed,
            generation=len(rows) // BATCH + 1,
        )
        spent += (time.process_time() - began) * (len(rows) < 100)
        for point in points:
            rows.append(row(point, instance(BOX.of_point(point)), len(rows)))
    return volumes(problem, (r.objectives for r in rows)), 1000 * spent / min(runs, 100)


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


def compare(problem: Problem, sampler: Sampler, seeds: Sequence[int], runs: int) -> None:
    """Run a sampler on an instance for each seed and print the medians."""
    targets = [target(problem, seed) for seed in seeds]
    courses, spent = zip(*(search(problem, sampler, s, runs) for s in seeds), strict=True)
    median = statistics.median(map(reached, courses, targets))
    figures = {
        f"at_{n}": round(
            statistics.median(c[n - 1] / t for c, t in zip(courses, targets, strict=True)), 3
        )
        for n in (50, 100, 300)
        if n <= runs
    }
    line = {
        "benchmark": "search",
        "problem": problem.name,
        "sampler": sampler,
        "seeds": len(seeds),
        "runs_to_target": median if median < float("inf") else None,
        **figures,
        "cpu_ms": round(statistics.mean(spent), 1),
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
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.seeds)
    for problem in DEVELOPMENT if given.development else BENCHMARK:
        if given.problems is None or problem.name in given.problems.split(","):
            for sampler in given.samplers.split(","):
                compare(problem, sampler, seeds, given.runs)


if __name__ == "__main__":
    main()
