"""What the routes answer: the models of `/api/openapi.json`.

The tests hold every answer against its model, so a field that is not here is a mistake.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel

from irer.base.checking import Record
from irer.base.clock import Instant
from irer.base.goals import NoScore
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.models import Model
from irer.base.records import (
    Bounds,
    Provenance,
    RunnerName,
    SimulationOptions,
    SncglParams,
)
from irer.base.results import FinalResult, Verdict
from irer.controls.records import ConfirmationReport, FormerReport
from irer.hub.hunted import Objective
from irer.hub.run_query import HuntChoice
from irer.reports.pictures import FieldName, Theme


class FieldProblem(Record):
    """One wrong field and what is allowed there."""

    field: str
    message: str


class Problem(Record):
    """Every error; `errors` is empty where no field is at fault."""

    message: str
    errors: list[FieldProblem]


class Nothing(Record):
    """The body of a request that says everything by its address: empty or `{}`."""


class StartBody(HuntOrder):
    """A hunt's order; an absent or null field means its default."""

    simulation: SimulationOptions | None = None  # type: ignore[assignment]
    params: dict[str, float | Bounds] | None = None


class ParameterFile(Record):
    """The content of a file that holds parameters, and of a ledger the run that is meant."""

    text: str
    run: str = Field("", description="the beginning of its job_uuid, where the file has many runs")
    model: Model | None = Field(None, description="of the hunt that they are for, if chosen")
    ignore_unknown: bool = False


class TakenValue(Record):
    """A name in the file, what it is in an order, and its value."""

    name: str
    becomes: str
    value: Any


class LoadedParameters(Record):
    """What a file of parameters holds, as the order of a hunt."""

    kind: str
    order: StartBody
    taken: list[TakenValue]
    left_out: list[FieldProblem] = Field(description="what has no counterpart; with ignore_unknown")


class HuntAccepted(Record):
    """What was set going, and the hunt that it concerns."""

    status: str
    hunt_id: str


class BestRunSoFar(RootModel[FinalResult]):
    """The best run, or that there is none."""


class Progress(Record):
    """How far a hunt is; times and rates are of this sitting, without pauses and its opening."""

    generation: int
    generations: int
    done: int
    failed: int
    total: int
    eta_s: float | None
    jobs_per_minute: float | None
    compiling: bool = Field(description="before the first result: its programs are being compiled")
    first_result_s: float | None = Field(
        description="seconds until the first result; null where not known, or it is there"
    )
    states: dict[str, int]


class QueueShown(Record):
    """What the status says of the queue of hunts."""

    waiting: int = Field(description="hunts that are to begin")
    set_aside: int = Field(description="hunts that have become impossible")
    held: str | None = Field(description="why it does not go on by itself, null where it does")
    version: int = Field(description="another number after each change of the queue")


class Status(Record):
    """The bytes of `hub_status.json`."""

    hunt_status: str = Field(
        description="Idle, Running, Paused, Stopping, Stopped, Completed, Interrupted or Error: ..."
    )
    reason: str | None
    last_event: str
    last_event_at: float | None
    last_sse: str
    last_h_norm: str
    found_files: list[str]
    found_count: int
    final_result: FinalResult | Nothing = Field(
        description="the best run once the hunt has ended, until then an empty object"
    )
    progress: Progress
    resumable: bool
    hunt_id: str | None
    queue: QueueShown


class Summary(Record):
    """Counts and bests of the current hunt."""

    complete: int
    failed: int
    best_run: str | None
    best_sse: float | None
    best_h_norm: float | None
    median_seconds: float | None = Field(description="how long a job took lately")
    unscored: dict[NoScore, int] = Field(description="complete runs without a score, by why")
    without_score: str | None = Field(
        description="how many runs have no score, why, and what would help; null where all have"
    )


class HuntSummary(Summary):
    """One hunt of the home; what its plan says is null where none was kept (before 11.1)."""

    hunt_id: str
    current: bool
    name: str
    tags: list[str]
    status: str | None = Field(description="as hunt_status; Interrupted for one that was left")
    started_at: Instant | None
    ended_at: Instant | None = Field(description="null while it is under way")
    total: int | None = Field(description="jobs of the whole hunt")
    verdict: Literal["reached", "confirmed", "not reached"] | None = Field(
        description="of its best run, once it has ended"
    )
    first_generation: int
    last_generation: int


class HuntDetails(HuntSummary):
    """What a hunt was, and what came of it."""

    plan: HuntPlan | None = Field(description="its order with every default, and how far it came")
    result: FinalResult
    golden: dict[str, Any] | None = Field(description="golden_parameters.json of its best run")


class Hunts(Record):
    """Every hunt of the home, the newest first."""

    hunts: list[HuntSummary]


class RunRow(Record):
    """One run in the table."""

    job_uuid: str
    hunt_id: str
    generation: int
    index: int
    state: str
    reason: str | None
    log_prime_sse: float | None
    sdg_h_norm_l2: float | None
    constraint_violation: float | None
    no_score: NoScore | None
    fitness: float | None
    seconds: float
    best: bool = Field(description="of its hunt")
    values: dict[str, float | None] = Field(description="the numbers that `columns` asks for")
    note: str
    hidden: bool


class RunsPage(Record):
    """One page of the table of runs."""

    runs: list[RunRow]
    page: int
    pages: int
    per_page: int
    total: int
    summary: Summary


class RunDetails(Provenance):
    """The whole record of a run, and what follows from it."""

    fitness: float | None
    verdict: Verdict | None
    has_artifact: bool
    artifact_removed: str | None = Field(description="why its fields were removed by policy")
    note: str
    hidden: bool


class ConfirmationAccepted(Record):
    """What was set going, and the run that it concerns."""

    status: str
    job_uuid: str


class ConfirmationState(Record):
    """How far the confirmation of a run is, with its report once it is complete."""

    job_uuid: str
    state: Literal["none", "former", "running", "interrupted", "error", "complete"] = Field(
        description="`former`: only an earlier version's, shown and used for no verdict"
    )
    message: str | None = Field(description="why the last sitting ended, for `error`")
    done: int
    total: int
    seconds_left: float | None = Field(
        description="estimate for the runs that are left, from the run's own time; null while "
        "running, when complete, and where it cannot be confirmed"
    )
    report: ConfirmationReport | FormerReport | None


class Candidate(Record):
    """A peak of the spectrum that took part in the assignment."""

    k: float
    excess: float
    confidence: float


class SpectrumMatch(Record):
    """A candidate assigned to a target; `cost` is its share of the SSE."""

    prime: int | None = Field(description="the target is its logarithm; null in a decoy hunt")
    target: float
    k: float
    excess: float
    cost: float


class Target(Record):
    """A place in k that is looked at, and whether this grid can tell it from its neighbours."""

    prime: int | None = Field(description="whose logarithm k is; null in a decoy hunt")
    k: float
    resolved: bool


class RunSpectrum(Record):
    """The density's spectrum over shells, recomputed from the artifact; k in radians per length.

    The five lists are equally long, one number a shell; they are empty when `degenerate`.
    """

    job_uuid: str
    box_length: float
    snapshot_t: list[float] = Field(description="times of the snapshots that it is the mean of")
    log_prime_sse: float
    degenerate: Literal["no_contrast", "too_few_shells"] | None
    noise_floor: float | None = Field(description="of the power; ten times it is the limit")
    k: list[float]
    power: list[float]
    background: list[float | None] = Field(description="null where a shell is floor-limited")
    noise: list[float | None] = Field(description="standard deviation of ln power")
    excess: list[float | None] = Field(description="(ln power - ln background) / noise")
    candidates: list[Candidate]
    matches: list[SpectrumMatch]
    targets: list[Target]


class RunDiagnostics(Record):
    """What the solver noted at the end of every frame; a series for each name, as long as `t`."""

    job_uuid: str
    t: list[float]
    series: dict[str, list[float]]
    frames: int = Field(description="in the artifact; of more than 2,000 every n-th is here")
    last_good_time: float = Field(description="of the fields: where a failed run was last finite")
    end_time: float = Field(description="T_steps * dt, where it was to end")


class RunLog(Record):
    """Lines of the hunt's log that name the run, oldest first."""

    job_uuid: str
    lines: list[str]
    total: int = Field(description="how many there are; `lines` are the newest 500 of them")


class PictureQuery(Record):
    """Which field of a run is drawn, and in which of the page's themes."""

    field: FieldName = "density"
    theme: Theme = "light"
    snapshot: int | None = Field(
        None, ge=1, le=10**9, strict=False, description="of the density, 1 the first; else the end"
    )


ParameterName = Annotated[
    str,
    Field(
        pattern=f"^({'|'.join(SncglParams.model_fields)})?$",
        description="of the map: a parameter that is searched; empty: the first that is left",
    ),
]


class FigureQuery(Record):
    """Whose runs a figure shows, and what of them where it shows one objective or a map."""

    hunt: HuntChoice = "current"
    objective: Objective = "log_prime_sse"
    x: ParameterName = ""
    y: ParameterName = ""

    @property
    def axes(self) -> tuple[str, str]:
        """The parameters of a map; an empty one is free."""
        return (self.x, self.y)


class Figure(Record):
    """A Plotly figure."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class Constants(Record):
    """Names and values of the settings that the hub works with."""

    HASH_KEY: str
    SSE_METRIC_KEY: str
    STABILITY_METRIC_KEY: str
    NUM_GENERATIONS: int
    POPULATION_SIZE: int
    HOME: str
    WORKER_SCRIPT: str
    VALIDATOR_SCRIPT: str
    CONFIG_DIR: str
    DATA_DIR: str
    PROVENANCE_DIR: str
    LEDGER_FILE: str
    STATUS_FILE: str
    WORKER_TIMEOUT_S: float
    VALIDATOR_TIMEOUT_S: float
    RUNNER: RunnerName
    WORKERS: int
    PARAM_SPACE: dict[str, Bounds]
    HUNT_STATUS: str = Field(description="the status's key of that name, as the four below")
    LAST_EVENT: str
    LAST_SSE: str
    LAST_STABILITY: str
    FINAL_RESULT: str


class Health(Record):
    """The hub answers."""

    status: Literal["ok"]


class OpenApi(BaseModel):
    """An OpenAPI document."""

    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]
