"""One row of the ledger: a committed job, as the cells of `COLUMNS`."""

import math
from typing import Any

from pydantic import Field, ValidationError, field_validator

from irer.checking import Record, config_error
from irer.clock import Instant
from irer.records import (
    FailureReason,
    Metrics,
    Model,
    Provenance,
    RunState,
    Seed,
    SncglParams,
    canonical_uuid,
)
from irer.search.fitness import fitness

_PLACE = ("job_uuid", "hunt_id", "generation", "index", "origin", "state", "reason")
_JOB = ("global_seed", "model", "simulation_sha256")
_FIRST = (*_PLACE, *_JOB)
_PARAMS = tuple(SncglParams.model_fields)
_METRICS = tuple(Metrics.model_fields)
_TIMES = ("started_at", "ended_at")
COLUMNS = (*_FIRST, *_PARAMS, *_METRICS, "fitness", "seconds", *_TIMES)
LATER = frozenset(_TIMES) | {  # what a ledger of an earlier schema may lack: it is not known then
    name for name, field in Metrics.model_fields.items() if not field.is_required()
}


class LedgerRow(Record):
    """One committed job; a FAILED one has no `metrics`, one without a score no `fitness`."""

    job_uuid: str
    hunt_id: str
    generation: int = Field(ge=1)
    index: int = Field(ge=0)
    origin: str
    state: RunState
    reason: FailureReason | None
    global_seed: Seed
    model: Model
    simulation_sha256: str = Field(pattern="^[0-9a-f]{64}$")  # of its simulation options
    params: SncglParams
    metrics: Metrics | None
    fitness: float | None
    seconds: float = Field(ge=0)  # wall time of worker and validator together
    started_at: Instant | None = None
    ended_at: Instant | None = None

    _uuid = field_validator("job_uuid", "hunt_id")(canonical_uuid)

    @classmethod
    def of_provenance(cls, record: Provenance) -> "LedgerRow":
        """Return the row of a committed job."""
        return cls(
            **{name: getattr(record, name) for name in (*_PLACE[:-1], *_JOB[:-1], *_TIMES)},
            simulation_sha256=record.simulation.fingerprint(),
            reason=record.error.reason if record.error else None,
            params=record.sncgl_params,
            metrics=record.metrics,
            fitness=fitness(record.metrics),
            seconds=record.seconds.total,
        )

    @property
    def place(self) -> tuple[int, int]:
        """Where the job stands in the home: (generation, index)."""
        return self.generation, self.index

    @property
    def objectives(self) -> tuple[float, float] | None:
        """The two errors that the search minimises; None for a run that has no score."""
        if self.metrics is None or self.metrics.under_resolved:
            return None
        return self.metrics.log_prime_sse, self.metrics.sdg_h_norm_l2

    def cells(self) -> list[str]:
        """Return the row's cells in the order of COLUMNS; floats in full, None as nothing."""
        flat = self.model_dump(mode="json", exclude={"params", "metrics"})
        flat |= self.params.model_dump()
        flat |= self.metrics.model_dump() if self.metrics else dict.fromkeys(_METRICS)
        return ["" if flat[name] is None else str(flat[name]) for name in COLUMNS]

    @classmethod
    def of_cells(cls, cells: list[str]) -> "LedgerRow":
        """Parse what `cells` wrote. Raises ValueError naming each wrong column."""
        if len(cells) != len(COLUMNS):
            raise ValueError(f"must have {len(COLUMNS)} cells, got {len(cells)}")
        given = iter([cell or None for cell in cells])  # handed out in the order of COLUMNS
        flat: dict[str, Any] = dict(zip(_FIRST, given, strict=False))
        flat["params"] = dict(zip(_PARAMS, given, strict=False))
        metrics = dict(zip(_METRICS, given, strict=False))
        flat["metrics"] = metrics if any(metrics.values()) else None
        flat["fitness"], flat["seconds"], flat["started_at"], flat["ended_at"] = given
        try:
            row = cls.model_validate(flat, strict=False)
        except ValidationError as error:
            raise ValueError(config_error(cls, error).message) from error
        row._check_consistent()
        return row

    def _check_consistent(self) -> None:
        if (self.state is RunState.COMPLETE) != (self.metrics is not None):
            raise ValueError("state: COMPLETE rows have metrics, FAILED rows none")
        if (self.state is RunState.FAILED) != (self.reason is not None):
            raise ValueError("reason: FAILED rows have a reason, COMPLETE rows none")
        expected = fitness(self.metrics)
        if (self.fitness is None) != (expected is None) or not math.isclose(
            self.fitness or 0.0, expected or 0.0, rel_tol=1e-9
        ):
            raise ValueError(f"fitness: must be {expected} for its metrics, got {self.fitness}")
