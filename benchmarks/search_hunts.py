"""Hunts on analytic problems, through the functions that a real hunt uses; no PDE.

Every sampler proposes in batches of 10. For each seed the target is the hypervolume that 1,000
uniform draws have without noise. With noise a hunt is judged every 5 runs by the values without
noise of its recommended set, the front of posterior means; it ends at the target.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.search_problems import BENCHMARK, DEVELOPMENT, Instance, Noise, Problem
from irer.base.goals import H_NORM_GOAL, MEASURE_VERSION
from irer.base.records import Metrics, RunState, Sampler, SncglParams
from irer.home.ledger import LedgerRow
from irer.search.box import Box, Point
from irer.search.hypervolume import hypervolumes
from irer.search.recommendation import Candidates
from irer.search.samplers import propose
from settings import DEFAULT_PARAM_SPACE

BATCH = 10
EVERY = 5  # runs between two looks at what is recommended
RANDOM_RUNS = 1000
TIMED = 100  # first runs, whose proposals' cost is told
LOOKS = (50, 100, 300)  # runs after which a hunt without noise tells its hypervolume
BOX = Box(DEFAULT_PARAM_SPACE)
PROBLEMS = {problem.name: problem for problem in (*BENCHMARK, *DEVELOPMENT)}


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
        points = self.proposals()
        self.spent += (time.process_time() - began) * (len(self.rows) < TIMED)
        for point in points:
            self.rows.append(row(point, self.measured(point), len(self.rows)))

    def proposals(self) -> Sequence[Point]:
        """Return the points of the next batch."""
        return propose(
            BATCH,
            history=self.rows,
            space=BOX.space,
            sampler=self.sampler,
            seed=self.seed,
            generation=len(self.rows) // BATCH + 1,
            again=True,
        )

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
        return self.volume_of(Candidates(self.rows[:n], BOX.space).front())

    def volume_of(self, rows: Sequence[LedgerRow]) -> float:
        """Return the hypervolume, without noise, at the points of runs."""
        values = [self.instance(place) for place in BOX.of_rows(rows)]
        return volumes(self.problem, values)[-1] if values else 0.0

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


def volumes(problem: Problem, values: Iterable[tuple[float, float] | None]) -> list[float]:
    """Return the hypervolume after each run."""
    return hypervolumes([v and problem.point(v) for v in values], problem.reference)


def reached(course: Sequence[float], wanted: float) -> float:
    """Return after how many runs a hypervolume was reached."""
    return next((n for n, volume in enumerate(course, 1) if volume >= wanted), float("inf"))


@dataclass(frozen=True)
class Case:
    """A hunt to run: `problem` by its name, at most `runs` runs."""

    problem: str
    noise: Noise
    sampler: str
    seed: int
    runs: int


@dataclass(frozen=True)
class Outcome:
    """What a hunt showed: runs to the target, the share of it after so many runs, its cost."""

    needed: float  # infinite where the target was not reached
    shares: dict[str, float]  # without noise alone
    seconds: float  # of a core, a proposal among the first TIMED runs


def outcome(hunt: Hunt, runs: int) -> Outcome:
    """Run a hunt to its end."""
    wanted, shares = target(hunt.problem, hunt.seed), dict[str, float]()
    if hunt.noise.share:
        needed = hunt.runs_to(wanted, runs)
    else:
        course = hunt.course(runs)
        needed = reached(course, wanted)
        shares = {str(n): course[n - 1] / wanted for n in LOOKS if n <= runs}
    return Outcome(needed, shares, hunt.spent / min(len(hunt.rows), TIMED))


def ordinary(case: Case) -> Outcome:
    """Run a hunt of one of the hub's samplers."""
    hunt = Hunt(PROBLEMS[case.problem], case.noise, case.sampler, case.seed)
    return outcome(hunt, case.runs)
