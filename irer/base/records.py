"""The records that pass between the parts: what a job is and what came of it.

No JAX, no Flask: every process can read them. Field names are the file formats of docs/reference;
`SCHEMA_VERSION` changes when one of them does.
"""

import json
import math
import re
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import (
    Field,
    PlainValidator,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from irer.base.checking import Record, config_error, with_whole_numbers
from irer.base.clock import Instant
from irer.base.discovery import Extensions
from irer.base.errors import FieldError
from irer.base.extensions import METRIC, RUNNER, SAMPLER
from irer.base.files import sha256_of_json
from irer.base.models import DEFAULT_MODEL, Model

SCHEMA_VERSION = 1


SAMPLERS = Extensions(SAMPLER, ("gp", "tpe", "nsga2", "nsga3", "random"))
RUNNERS = Extensions(RUNNER, ("pool", "subprocess", "dask"))
if TYPE_CHECKING:
    Sampler = str
    RunnerName = str
else:
    Sampler, RunnerName = (
        Annotated[
            str,
            PlainValidator(names.check),
            WithJsonSchema({"enum": list(names.built_in), "type": "string"}),
        ]
        for names in (SAMPLERS, RUNNERS)
    )
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Generations = Annotated[int, Field(ge=1, le=100_000)]
Population = Annotated[int, Field(ge=1, le=10_000)]
SeedsPerCandidate = Annotated[int, Field(ge=1, le=1000)]  # 1: the sampler decides on repeats
PolishGenerations = Annotated[int, Field(ge=0, le=1000)]
WallSeconds = Annotated[float, Field(ge=1, le=365 * 86_400)]
# JSON has lists, not tuples; the two numbers inside stay exact floats.
_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
Bounds = Annotated[tuple[float, float], Field(strict=False), WithJsonSchema(_PAIR)]
# Eight ascending targets in k, radians per unit length; None is ln p (irer/validation/combs.py).
Comb = Annotated[tuple[float, ...], Field(min_length=8, max_length=8, strict=False)]
Parameter = Annotated[float, Field(ge=-1e3, le=1e3)]
Width = Annotated[float, Field(gt=0, le=1e3)]
NonNegative = Annotated[float, Field(ge=0, le=1e3)]
_NUMBERS = {"type": "array", "items": {"type": "number", "minimum": 0, "maximum": 1000}}
Rings = Annotated[
    tuple[NonNegative, ...],
    Field(strict=False, max_length=16),
    WithJsonSchema(_NUMBERS | {"maxItems": 16}),
]


class Outcome(IntEnum):
    """How a simulation ended; a code inside jit, an exception or a FAILED record outside."""

    OK = 0
    NONFINITE = 1  # psi or u left the finite numbers
    AMPLITUDE_CAP = 2  # |psi| or |u| passed the bound that no real run comes near
    STEP_FAILURE = 3  # the smallest step, or the constraint's solver, did not hold its tolerance


class RunState(StrEnum):
    """State of a committed job."""

    COMPLETE = "COMPLETE"
    FAILED = "FAILED"


class FailureReason(StrEnum):
    """Why a job has no metrics."""

    NONFINITE = "NONFINITE"
    AMPLITUDE_CAP = "AMPLITUDE_CAP"
    STEP_FAILURE = "STEP_FAILURE"
    WORKER_CRASHED = "WORKER_CRASHED"
    WORKER_TIMEOUT = "WORKER_TIMEOUT"
    WORKER_LOST = "WORKER_LOST"  # a cluster worker that went away
    VALIDATOR_CRASHED = "VALIDATOR_CRASHED"
    VALIDATOR_TIMEOUT = "VALIDATOR_TIMEOUT"
    BAD_ARTIFACT = "BAD_ARTIFACT"
    BAD_METRICS = "BAD_METRICS"


_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def canonical_uuid(value: str) -> str:
    """Return `value` if it is a UUID in its canonical form. Raises ValueError otherwise."""
    if not isinstance(value, str) or _UUID.fullmatch(value) is None:
        raise ValueError(f"must be a UUID in lower-case canonical form, got {value!r:.60}")
    return value


class SncglParams(Record):
    """Parameters of the models (docs/equations.md), all dimensionless; each uses its own.

    What each one means is in `irer.base.help`.
    """

    epsilon: Parameter = 1.0
    c1: Parameter = 1.5
    c3: Parameter = -0.8
    g_nonlocal: Parameter = 0.3
    sigma_k: Width = 1.0
    k0: NonNegative = 0.0
    kappa: NonNegative = 0.1
    lambda_sdg: Width = 5.0
    source_amplitude: Parameter = 0.0
    source_k: NonNegative = 1.0
    source_width: Width = 0.1
    diffusion: Width = 1.0
    lambda_cubic: NonNegative = 1.0
    eta: NonNegative = 0.1


@lru_cache(maxsize=16)
def _fingerprint(options: str) -> str:
    """Return the SHA-256 of options that are given as JSON: all runs of a hunt have the same."""
    return sha256_of_json(json.loads(options))


class SimulationOptions(Record):
    """The `simulation` object of a config file: grid, time, precision, what is kept."""

    geometry: Literal["coevolve", "constraint"] = "coevolve"
    dimensions: Literal[2, 3] = 2
    N_grid: int = Field(
        256, ge=16, le=1024, multiple_of=2, description="an even integer from 16 to 1,024"
    )
    box_length: float = Field(40 * math.pi, ge=1, le=10_000)  # side, simulation units
    dt: float = Field(0.1, gt=0, le=10)  # time step, simulation units
    step_control: Literal["controlled", "fixed"] = "controlled"
    T_steps: int = Field(600, ge=1, le=10**7)
    precision: Literal["float32", "float64"] = "float32"
    dealias: float = Field(0.5, ge=0.1, le=1)  # retained share of the modes along an axis
    n_frames: int = Field(50, ge=1, le=100_000)  # of diagnostics
    n_snapshots: int = Field(4, ge=1, le=64)  # of rho
    initial_amplitude: float = Field(0.1, gt=0, le=1e3)  # RMS of the noise at the start
    source_rings: Rings = Field(  # left out when empty, so that older records keep their digests
        (),
        exclude_if=lambda rings: not rings,
        description="a list of at most 16 numbers from 0 to 1,000, as [0.69, 1.1]",
    )

    @field_validator("N_grid")
    @classmethod
    def _smaller_in_3d(cls, n_grid: int, info: ValidationInfo) -> int:
        if info.data.get("dimensions") == 3 and n_grid > 256:
            raise ValueError(f"must be an even integer from 16 to 256 in 3-D, got {n_grid}")
        return n_grid

    def fingerprint(self) -> str:
        """Return the SHA-256 of the options; only runs with the same one are compared."""
        return _fingerprint(self.model_dump_json())

    def rings_of(self, params: SncglParams) -> tuple[float, ...]:
        """Return the radii of the source's rings, radians per unit length."""
        return self.source_rings or (params.source_k,)

    def source_problem(self, params: SncglParams) -> FieldError | None:
        """Say why this grid cannot hold the source S(x) of `params`; None when it can.

        A ring of `source_rings` at 0 is one mode, which every grid holds.
        """
        if not params.source_amplitude:
            return None
        field = "source_rings" if self.source_rings else "source_k"
        spacing = 2 * math.pi / self.box_length
        band = self.dealias * math.pi * self.N_grid / self.box_length
        rings = [k for k in self.rings_of(params) if k or not self.source_rings]
        for k in rings:
            if k + 3 * params.source_width > band:
                return FieldError(
                    field,
                    f"with 3 source_width must stay below the retained band, {band:.4g}, "
                    f"got {k:g} + 3 x {params.source_width:g}",
                )
        if rings and params.source_width < spacing / 2:
            message = f"needs a source_width of at least half the mode spacing, {spacing / 2:.4g}"
            return FieldError(field, message)
        return None

    @property
    def steps_per_frame(self) -> int:
        """Steps between diagnostics: ceil(T_steps / n_frames); the last frame may be shorter."""
        return -(-self.T_steps // self.n_frames)

    @property
    def snapshot_steps(self) -> tuple[int, ...]:
        """Steps after which rho is stored: ends of equal stretches of the run's second half."""
        half, n = self.T_steps - self.T_steps // 2, self.n_snapshots
        return tuple(sorted({self.T_steps - half * (n - i) // n for i in range(1, n + 1)}))


class SimulationConfig(SimulationOptions):
    """Everything that determines one simulation; equal configs give equal fields.

    Raises ConfigError naming every wrong field and its range.
    """

    model: Model = DEFAULT_MODEL
    global_seed: Seed = 0
    sncgl_params: SncglParams = SncglParams()

    if not TYPE_CHECKING:  # type checkers use the signature from the fields instead

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                whole = with_whole_numbers(values, error)
                if whole is None:
                    raise config_error(SimulationConfig, error) from error
                self.__init__(**whole)

    @model_validator(mode="after")
    def _grid_holds_the_source(self) -> "SimulationConfig":
        if problem := self.source_problem(self.sncgl_params):
            raise ValueError(str(problem))
        return self


class JobConfig(Record):
    """`config_{job_uuid}.json`: the registration of a job."""

    job_uuid: str
    hunt_id: str
    generation: int = Field(ge=1)
    index: int = Field(ge=0)
    origin: str = "search"
    candidate: str | None = None  # the first job with these parameters; None: this one
    global_seed: Seed
    model: Model
    simulation: SimulationOptions
    sncgl_params: SncglParams
    config_sha256: str = ""
    comb: Comb | None = None  # what the validator looks for; in a decoy hunt a decoy

    _uuid = field_validator("job_uuid", "hunt_id")(canonical_uuid)

    def fingerprint(self) -> str:
        """Return the SHA-256 of what determines the simulation: all but ids and bookkeeping."""
        return sha256_of_json(
            self.model_dump(include={"global_seed", "model", "simulation", "sncgl_params"})
        )

    def simulation_config(self) -> SimulationConfig:
        """Return the solver's view of this job."""
        return SimulationConfig(
            **self.simulation.model_dump(),
            model=self.model,
            global_seed=self.global_seed,
            sncgl_params=self.sncgl_params,
        )


class Metrics(Record):
    """What the validator measured (docs/metrics.md). p-values are uncorrected discovery values."""

    log_prime_sse: float = Field(ge=0, le=2 + 1e-9)
    sdg_h_norm_l2: float = Field(ge=0)
    sdg_h_norm_relative: float = Field(ge=0)
    sdg_h_norm_max: float = Field(ge=0)
    sdg_h_norm_l2_fd: float = Field(ge=0)  # the same by 6th-order finite differences
    n_targets_resolved: int = Field(ge=0, le=8)
    n_candidates: int = Field(ge=0)
    p_position: float | None = Field(None, ge=0, le=1)
    p_lines: float | None = Field(None, ge=0, le=1)
    # Beside the score, never in its place: one free scale factor on k, and spectra along rays.
    log_prime_sse_scaled: float = Field(ge=0, le=2 + 1e-9)
    log_prime_scale: float | None = Field(None, gt=0)
    p_scaled: float | None = Field(None, ge=0, le=1)
    log_prime_sse_multi_ray: float = Field(ge=0, le=2 + 1e-9)
    # The same slice by classical general relativity.
    bssn_h_norm_l2: float = Field(ge=0)
    bssn_momentum_l2: float = Field(ge=0)
    tail_ratio: float = Field(ge=0)  # power of psi at the end of the band over its largest
    under_resolved: bool
    degenerate: Literal["no_contrast", "too_few_shells"] | None = None
    # Version 2 of the measure and on; a record without them is of version 1.
    measure_version: int = Field(1, ge=1)
    matched_filter: float | None = None  # the excess at all targets together; never the score
    p_matched: float | None = Field(None, ge=0, le=1)
    noise_floor: float | None = Field(None, ge=0)  # of the density's power, |delta^|^2 / N^d
    floor_limited: bool = False  # shells of the candidates' window lie in the noise floor
    n_floor_limited: int = Field(0, ge=0)  # how many
    floor_k: float | None = None  # the first of them, radians per unit length
    settled: bool | None = None  # None: not judged
    transient: str | None = None  # why a run is not settled, as a clause


METRICS = Extensions(METRIC, Metrics.model_fields)
ExtraMetrics = dict[str, float | None]  # the values of the metrics that are extensions, by name


class RunError(Record):
    """Why a job failed: a reason from the list, and a sentence."""

    reason: FailureReason = Field(strict=False)
    message: str
    last_lines: list[str] = Field(default_factory=list)  # that a crashed process wrote


class Judgement(NamedTuple):
    """What the validator says of a job: its metrics, or why there are none."""

    state: RunState
    metrics: Metrics | None
    error: RunError | None
    extra_metrics: dict[str, float | None] = {}  # noqa: RUF012, nothing writes into it


class Seconds(Record):
    """Wall time of the two halves of a job, in seconds; None for a half that did not end."""

    simulation: float | None = None
    validation: float | None = None

    @property
    def total(self) -> float:
        """Return the sum of what is known."""
        return (self.simulation or 0.0) + (self.validation or 0.0)


class Provenance(Record):
    """`provenance_{job_uuid}.json`: its appearance commits the job."""

    schema_version: Literal[1] = 1
    job_uuid: str
    hunt_id: str
    generation: int = Field(ge=1)
    index: int = Field(ge=0)
    origin: str = "search"
    candidate: str | None = None  # the first job with these parameters; None: this one
    state: RunState = Field(strict=False)
    metrics: Metrics | None
    extra_metrics: ExtraMetrics = Field(default_factory=dict)
    earlier_metrics: tuple[Metrics, ...] = Field((), strict=False)  # by earlier measures
    error: RunError | None
    model: Model
    sncgl_params: SncglParams
    simulation: SimulationOptions
    global_seed: Seed
    config_sha256: str = ""
    comb: Comb | None = None  # what the metrics look for; None: ln p
    artifact_sha256: str | None = None
    versions: dict[str, str] = Field(default_factory=dict)  # with the processor and the threads
    # Whether another run on such a processor has the same bits; None: not known.
    reproducible: bool | None = None
    seconds: Seconds = Seconds()
    started_at: Instant | None = None  # of its simulation; None in records before 11.1
    ended_at: Instant | None = None  # when the record was made

    _uuid = field_validator("job_uuid", "hunt_id")(canonical_uuid)

    @model_validator(mode="after")
    def _complete_means_metrics(self) -> "Provenance":
        complete = self.state is RunState.COMPLETE
        if complete != (self.metrics is not None) or complete == (self.error is not None):
            raise ValueError("a COMPLETE run has metrics, a FAILED one an error; never both")
        return self

    @classmethod
    def of_job(cls, job: JobConfig, **outcome: Any) -> "Provenance":
        """Make the record of `job` with `state`, `metrics`, `error` and the like in `outcome`."""
        common = {name: getattr(job, name) for name in JobConfig.model_fields}
        return cls(**common, **outcome)
