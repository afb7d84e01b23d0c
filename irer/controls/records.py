"""What is kept of a confirmation, and the verdict on a run (docs/controls.md)."""

from typing import Literal

from pydantic import Field, field_validator

from irer.checking import Record
from irer.records import Metrics, RunError, Seed, SimulationOptions, canonical_uuid

GroupName = Literal["base", "finer_grid", "half_step", "larger_box"]
MetricName = Literal["log_prime_sse", "sdg_h_norm_l2"]


class ConfirmationPlan(Record):
    """`plan.json` of a confirmation: the jobs of each group, named before the first one starts."""

    schema_version: Literal[1] = 1
    job_uuid: str  # the run that is to be confirmed
    job_uuids: dict[GroupName, list[str]]

    _uuid = field_validator("job_uuid")(canonical_uuid)


class Spread(Record):
    """How one metric scatters over the complete runs of a group, seed to seed."""

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
    """Five fresh seeds at one setting; `spread` is of the complete ones, by metric."""

    name: GroupName
    simulation: SimulationOptions
    runs: list[Replicate]
    spread: dict[MetricName, Spread]


class TestedDifference(Record):
    """Welch's test of one metric between the base group and a refinement."""

    group: GroupName
    metric: MetricName
    t: float | None  # None where neither group scatters
    p: float = Field(ge=0, le=1)
    p_bonferroni: float = Field(ge=0, le=1)
    significant: bool


class Pooled(Record):
    """The pooled spectrum of the fresh base seeds: the p-values that a verdict may use."""

    n_snapshots: int
    log_prime_sse: float
    n_targets_resolved: int
    p_position: float | None
    p_lines: float | None


class Discovery(Record):
    """The run as the search found it; its p-values are uncorrected for selection."""

    global_seed: Seed
    simulation: SimulationOptions
    metrics: Metrics


class ConfirmationReport(Record):
    """`confirmation.json`: discovery and confirmation side by side."""

    schema_version: Literal[1] = 1
    job_uuid: str
    hunt_id: str
    discovery: Discovery
    groups: list[Group]
    differences: list[TestedDifference]  # those that could be tested, of six
    pooled: Pooled | None  # None when no base run is complete
    robust: bool  # all runs complete and none of the six differences significant
    medians_pass: bool  # the medians of the base seeds reach the goal
    passed: bool  # both
    findings: list[str]  # in words, what speaks against it

    def group(self, name: GroupName) -> Group:
        """Return the group of that name."""
        return next(group for group in self.groups if group.name == name)


class Verdict(Record):
    """The verdict on a run, in the words of docs/controls.md; None is what is not known."""

    scientific: Literal["reached", "confirmed", "not reached"]
    engineering: str | None = None
    engineering_passed: bool | None = None
    confirmation: Literal["passed", "not passed"] | None = None
    p_position: float | None = None  # of the confirmation's pooled spectrum, like p_lines
    p_lines: float | None = None
    p_hunt: float | None = None  # of decoy hunts
    p_flat: float | None = None  # of flat hunts, the second witness
    n_null_hunts: dict[Literal["decoys", "flat"], int] = Field(default_factory=dict)
    a95: float | None = None  # of the hunt: lines of that height are found in 95% (sensitivity)
    a_upper_limit: float | None = None  # stronger lines would have made a better best, in 95%
    missing: list[str] = Field(
        default_factory=list
    )  # what there is not, or not yet, for the next word
