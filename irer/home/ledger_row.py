"""One row of the ledger: a committed job, as the cells of `COLUMNS`."""

import json
import math
from operator import itemgetter
from typing import Any

from pydantic import Field, ValidationError, field_validator

from irer.base.checking import Record, config_error
from irer.base.clock import Instant
from irer.base.files import parse_json
from irer.base.fitness import fitness, objectives
from irer.base.goals import NoScore, constraint_violation, why_no_score
from irer.base.models import Model
from irer.base.records import (
    ExtraMetrics,
    FailureReason,
    Metrics,
    Provenance,
    RunState,
    Seed,
    SncglParams,
    canonical_uuid,
)

_PLACE = ("job_uuid", "hunt_id", "generation", "index", "origin", "state", "reason")
_JOB = ("global_seed", "model", "simulation_sha256")
_FIRST = (*_PLACE, *_JOB)
_PARAMS = tuple(SncglParams.model_fields)
_METRICS = tuple(Metrics.model_fields)
_TIMES = ("started_at", "ended_at")
_DERIVED = ("constraint_violation", "no_score", "fitness")
_LAST = (*_DERIVED, "seconds", *_TIMES, "candidate", "extra_metrics")
COLUMNS = (*_FIRST, *_PARAMS, *_METRICS, *_LAST)
_in_order = itemgetter(*COLUMNS)
# What a ledger of an earlier schema may lack: it follows from the rest, or is not known.
_MAY_LACK = (*_TIMES, "candidate", "constraint_violation", "no_score", "extra_metrics")
LATER = frozenset(_MAY_LACK) | {
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
    constraint_violation: float | None  # of the metrics: below 1 both constraint goals are met
    no_score: NoScore | None  # why a complete run has no fitness
    fitness: float | None
    seconds: float = Field(ge=0)  # wall time of worker and validator together
    started_at: Instant | None = None
    ended_at: Instant | None = None
    candidate: str  # the job_uuid of the first run with these parameters; runs of one repeat it
    extra_metrics: ExtraMetrics = Field(default_factory=dict)  # in one cell, as JSON

    _uuid = field_validator("job_uuid", "hunt_id", "candidate")(canonical_uuid)

    @classmethod
    def of_provenance(cls, record: Provenance) -> "LedgerRow":
        """Return the row of a committed job."""
        return cls(
            **{name: getattr(record, name) for name in (*_PLACE[:-1], *_JOB[:-1], *_TIMES)},
            simulation_sha256=record.simulation.fingerprint(),
            reason=record.error.reason if record.error else None,
            params=record.sncgl_params,
            metrics=record.metrics,
            **_judged(record.metrics),
            seconds=record.seconds.total,
            extra_metrics=record.extra_metrics,
            candidate=record.candidate or record.job_uuid,
        )

    @property
    def place(self) -> tuple[int, int]:
        """Where the job stands in the home: (generation, index)."""
        return self.generation, self.index

    @property
    def objectives(self) -> tuple[float, float] | None:
        """The two errors that the search minimises; None for a run that has no score."""
        return objectives(self.metrics)

    def flat(self) -> dict[str, Any]:
        """Return the value of each column by its name; None for nothing."""
        flat = self.model_dump(mode="json", exclude={"params", "metrics", "extra_metrics"})
        flat["extra_metrics"] = json.dumps(self.extra_metrics) if self.extra_metrics else None
        flat |= self.params.model_dump()
        return flat | (self.metrics.model_dump() if self.metrics else dict.fromkeys(_METRICS))

    def values(self) -> tuple[Any, ...]:
        """Return the values in the order of COLUMNS, as a CSV writer takes them."""
        values: tuple[Any, ...] = _in_order(self.flat())
        return values

    def cells(self) -> list[str]:
        """Return the row's cells in the order of COLUMNS; floats in full, None as nothing."""
        return ["" if value is None else str(value) for value in self.values()]

    @classmethod
    def of_cells(cls, cells: list[str], *, earlier: bool = False) -> "LedgerRow":
        """Parse what `cells` wrote. Raises ValueError naming each wrong column.

        For a row of an `earlier` schema the columns that follow from the metrics are computed.
        """
        if len(cells) != len(COLUMNS):
            raise ValueError(f"must have {len(COLUMNS)} cells, got {len(cells)}")
        given = iter([cell or None for cell in cells])  # consumed in the order of COLUMNS
        flat: dict[str, Any] = dict(zip(_FIRST, given, strict=False))
        flat["params"] = dict(zip(_PARAMS, given, strict=False))
        measured = zip(_METRICS, given, strict=False)
        metrics = {name: cell for name, cell in measured if cell is not None}
        flat["metrics"] = metrics or None
        flat |= dict(zip(_LAST, given, strict=True))
        if extra := flat.pop("extra_metrics"):
            flat["extra_metrics"] = _extra(extra)
        if earlier:
            flat["candidate"] = flat["candidate"] or flat["job_uuid"]  # none was repeated
        try:
            row = cls.model_validate(flat, strict=False)
        except ValidationError as error:
            raise ValueError(config_error(cls, error).message) from error
        if earlier:
            row = row.model_copy(update=_judged(row.metrics))
        row._check_consistent()
        return row

    def _check_consistent(self) -> None:
        if (self.state is RunState.COMPLETE) != (self.metrics is not None):
            raise ValueError("state: COMPLETE rows have metrics, FAILED rows none")
        if (self.state is RunState.FAILED) != (self.reason is not None):
            raise ValueError("reason: FAILED rows have a reason, COMPLETE rows none")
        for name, expected in _judged(self.metrics).items():
            found = getattr(self, name)
            if found != expected and not _close(found, expected):
                raise ValueError(f"{name}: must be {expected} for its metrics, got {found}")


def _extra(cell: str) -> Any:
    try:
        return parse_json(cell)
    except ValueError as error:
        raise ValueError(f"extra_metrics: must be a JSON object ({error})") from error


def _judged(metrics: Metrics | None) -> dict[str, Any]:
    """Return the columns that follow from a run's metrics."""
    return {
        "constraint_violation": constraint_violation(metrics) if metrics else None,
        "no_score": why_no_score(metrics) if metrics else None,
        "fitness": fitness(metrics),
    }


def _close(found: Any, expected: Any) -> bool:
    numbers = isinstance(found, float) and isinstance(expected, float)
    return numbers and math.isclose(found, expected, rel_tol=1e-9)
