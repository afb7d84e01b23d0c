"""The order of a hunt (what a person asks for) and its plan (the order filled in, and progress)."""

from typing import Any, Literal

from pydantic import Field

from irer.base.checking import Record
from irer.base.clock import Instant
from irer.base.models import Model
from irer.base.records import (
    Bounds,
    Comb,
    Generations,
    PolishGenerations,
    Population,
    RunnerName,
    Sampler,
    Seed,
    SeedsPerCandidate,
    SimulationOptions,
    SncglParams,
    WallSeconds,
)

MOST_POINTS = 10_000


class Expected(Record):
    """The mean of an objective over fresh seeds, and the interval for the mean of so many."""

    mean: float
    low: float
    high: float


class Recommended(Record):
    """The candidate of the best posterior mean (docs/searching.md); not the luckiest single run."""

    candidate: str  # the job_uuid of its first run
    runs: int
    sncgl_params: SncglParams
    expected: dict[str, Expected]  # by objective
    fresh_seeds: int  # whose mean the intervals are for
    level: float  # of the intervals


class VarianceShare(Record):
    """The parameters' share of the variance of a single run, with its interval."""

    share: float
    low: float
    high: float
    level: float
    candidates: int  # with several runs, from which it is estimated
    runs: int


class HuntOrder(Record):
    """What a person may ask of a hunt; an absent or null field means its default."""

    num_generations: Generations | None = None
    population_size: Population | None = None
    seed: Seed | None = None
    sampler: Sampler | None = None
    model: Model | None = None
    runner: RunnerName | None = None
    max_wall_s: WallSeconds | None = None
    max_stagnation: Generations | None = None
    polish_generations: PolishGenerations | None = None
    seeds_per_candidate: SeedsPerCandidate | None = None
    simulation: dict[str, Any] | None = Field(None, description="an object of simulation options")
    params: dict[str, Any] | None = Field(
        None, description="an object of parameter: value or parameter: [low, high]"
    )
    points: list[dict[str, float]] | None = Field(None, max_length=MOST_POINTS)


class HuntPlan(Record):
    """`hunt.json`: the order of the current hunt with every default filled in, and how far it is.

    `job_uuids` are the jobs of `generation`, in index order: what a resumed hunt goes on with.
    """

    schema_version: Literal[1] = 1
    hunt_id: str
    seed: Seed
    num_generations: Generations
    population_size: Population
    sampler: Sampler
    model: Model
    runner: RunnerName
    simulation: SimulationOptions
    fixed_params: SncglParams
    search_space: dict[str, Bounds]
    points: tuple[dict[str, float], ...] = Field(  # left out when empty, as in earlier plans
        (), strict=False, exclude_if=lambda points: not points
    )
    measure_version: int = Field(1, ge=1)  # of the metrics that it searches by
    comb: Comb | None = None  # what a decoy hunt scores its runs against; None: ln p
    max_wall_s: WallSeconds | None = None  # since its start or its last resume
    max_stagnation: Generations | None = None  # generations without a larger hypervolume
    polish_generations: PolishGenerations = 0  # so many last ones start from the Pareto front
    seeds_per_candidate: SeedsPerCandidate = 1  # runs of each; 1: the sampler decides
    design_sha256: str = ""  # of objective, bounds and thresholds, fixed before the first run
    first_generation: int = Field(ge=1)
    generation: int = Field(ge=1)
    job_uuids: tuple[str, ...] = Field((), strict=False)
    state: Literal["Running", "Paused", "Stopped", "Completed", "Error"] = "Running"
    message: str | None = None
    started_at: Instant | None = None  # None before it began, and in plans before 11.1
    ended_at: Instant | None = None  # None while it is under way

    @property
    def total_jobs(self) -> int:
        """Jobs of the whole hunt."""
        return self.num_generations * self.population_size
