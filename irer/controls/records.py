"""The records of confirmations and of null hunts (docs/controls.md)."""

from typing import Literal

from pydantic import ConfigDict, Field, field_validator

from irer.base.checking import Record
from irer.base.clock import Instant
from irer.base.goals import ConfirmationOutcome, GoalName, GroupName, MetricName
from irer.base.hunt_records import Recommended
from irer.base.records import Bounds, Metrics, RunError, Seed, SimulationOptions, canonical_uuid
from irer.search.significance import Agreement


class ConfirmationPlan(Record):
    """`plan.json` of a confirmation: the jobs of each group, named before the first one starts."""

    schema_version: Literal[2] = 2
    job_uuid: str  # the run that is to be confirmed
    job_uuids: dict[GroupName, list[str]]
    started_at: Instant | None = None  # None in plans before 11.1

    _uuid = field_validator("job_uuid")(canonical_uuid)


class Spread(Record):
    """The spread of one metric over the complete runs of a group, from seed to seed."""

    n: int
    mean: float
    std: float | None  # of the sample; None with fewer than two runs
    median: float
    min: float
    max: float


class Replicate(Record):
    """One run of a confirmation."""

    job_uuid: str
    global_seed: Seed
    metrics: Metrics | None
    error: RunError | None


class Group(Record):
    """Replicates at the same settings; `spread`, by metric, is that of the complete ones."""

    name: GroupName
    simulation: SimulationOptions
    runs: list[Replicate]
    spread: dict[GoalName, Spread]


class JudgedGroup(Group):
    """A group, and whether it holds without regard to the other groups."""

    holds: bool
    findings: list[str]  # in words, what speaks against it


class Comparison(Record):
    """One metric of a refinement against the own settings: ratio of H-norms, difference of SSEs.

    `low` and `high` are the ends of the 90% interval, which lies inside `limits` for agreement.
    """

    group: GroupName
    metric: MetricName
    estimate: float
    low: float
    high: float
    limits: Bounds
    p: float = Field(ge=0, le=1)  # the larger of the two one-sided tests'
    outcome: Agreement


class Pooled(Record):
    """The replicates at the own settings pooled: the p-values of a confirmation.

    All but p_lines are from decoys. A verdict uses p_position alone.
    """

    n_snapshots: int
    log_prime_sse: float  # of the pooled spectrum
    n_targets_resolved: int
    p_position: float | None
    p_lines: float | None
    matched_filter: float | None = None  # t over the replicates, one spectrum each
    p_matched: float | None = None


class Discovery(Record):
    """The run as the search found it; its p-values are uncorrected for selection."""

    global_seed: Seed
    simulation: SimulationOptions
    metrics: Metrics


class ConfirmationReport(Record):
    """`confirmation.json`: discovery and confirmation side by side."""

    schema_version: Literal[2] = 2
    measure_version: int
    job_uuid: str
    hunt_id: str
    discovery: Discovery
    groups: list[JudgedGroup]
    comparisons: list[Comparison]  # of the eight, those that could be made
    pooled: Pooled | None  # None when no run at the own settings is complete
    outcome: ConfirmationOutcome
    findings: list[str]  # in words, what speaks against it or is unresolved
    started_at: Instant | None = None  # of the first sitting
    ended_at: Instant | None = None

    def group(self, name: GroupName) -> JudgedGroup:
        """Return the group of that name."""
        return next(group for group in self.groups if group.name == name)


class FormerReport(Record):
    """`confirmation.json` of version 1, kept to be shown: no verdict uses it.

    It passed when no difference was significant, which does not show agreement, and its groups
    did not have to hold by themselves. The page beside it shows its tests.
    """

    model_config = ConfigDict(extra="ignore")

    schema_version: Literal[1]
    job_uuid: str
    hunt_id: str
    discovery: Discovery
    groups: list[Group]
    pooled: Pooled | None
    passed: bool
    findings: list[str]


class NullBests(Record):
    """The null hunts of one kind: the best of each in the order of their numbers."""

    model_config = ConfigDict(extra="ignore")  # version 1 of the measure kept them otherwise

    n: int
    p_hunt: float | None
    bests: list[float | None] = Field(default_factory=list)  # None: no run of it counts


class NullReport(Record):
    """`p_hunt.json`: a hunt's best beside those of its null hunts."""

    hunt_id: str
    design_sha256: str
    measure_version: int = 1
    statistic: str
    best: float
    kinds: dict[str, NullBests]  # by NullKind; version 1 of the measure had others
    p_hunt: float | None  # of the decoy hunts


class ControlFigures(Record):
    """What one of two hunts came to, to be compared."""

    runs: int
    scored: int
    hypervolume: float  # square decades
    smallest_log_prime_sse: float | None
    best_fitness: float | None  # of a single run
    recommended: Recommended | None


class BesideRandom(Record):
    """The hypervolume of a hunt less that of random draws, beside what shuffled runs give."""

    difference: float  # square decades
    low: float  # 5% and 95% quantiles over the shuffles
    high: float
    p_better: float = Field(ge=0, le=1)  # the share of shuffles with as large a difference
    p_worse: float = Field(ge=0, le=1)


class ControlReport(Record):
    """`control.json`: a hunt beside the same budget of random draws."""

    hunt_id: str
    complete: bool
    sampler: str  # of the hunt
    hunt: ControlFigures
    random: ControlFigures | None
    beside: BesideRandom | None = None  # of complete hunts; None in reports before 11.3


class HuntOfGolden(Record):
    """The `provenance` of golden parameters, as far as this program reads it."""

    model_config = ConfigDict(extra="ignore")

    hunt_id: str

    _uuid = field_validator("hunt_id")(canonical_uuid)


class GoldenRun(Record):
    """Whose run `golden_parameters.json` is of; all else in it is for others."""

    model_config = ConfigDict(extra="ignore")

    job_uuid: str
    provenance: HuntOfGolden | None = None  # None in the first ones
