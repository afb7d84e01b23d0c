"""One committed run as the hub remembers it: a slim row."""

import json
import math
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import itemgetter
from typing import Any

from irer.base.fitness import fitness
from irer.base.goals import NO_SCORE, NoScore, constraint_violation, why_no_score
from irer.base.records import METRICS, Metrics, Provenance, RunState, SncglParams

PARAMS = tuple(SncglParams.model_fields)
_PLACE = {name: n for n, name in enumerate(PARAMS)}
MEASURED = tuple(  # metrics that are numbers
    name
    for name, known in Metrics.model_fields.items()
    if known.annotation in (int, float, float | None) and name != "measure_version"
)
_MEASURED = {name: n for n, name in enumerate(MEASURED)}
_NONE = array("d")  # of a failed run
_NO_EXTRA: Mapping[str, float | None] = {}
_cells_of = itemgetter(*MEASURED)
_NUMBERS = (
    "log_prime_sse",
    "sdg_h_norm_l2",
    "constraint_violation",
    "bssn_h_norm_l2",
    "fitness",
)


@dataclass(frozen=True, slots=True)
class Run:
    """A committed run as the table of runs shows it; the whole record stays in its file."""

    job_uuid: str
    hunt_id: str
    generation: int
    index: int
    state: str
    reason: str | None  # why a FAILED run failed, else None
    log_prime_sse: float | None
    sdg_h_norm_l2: float | None
    constraint_violation: float | None  # below 1 both constraint goals are met
    no_score: NoScore | None  # why a complete run has no fitness
    bssn_h_norm_l2: float | None
    fitness: float | None
    seconds: float
    params: "array[float]" = field(repr=False)  # in the order of PARAMS
    # In the order of MEASURED, NaN for none, which equals nothing.
    measured: "array[float]" = field(repr=False, compare=False)
    extra: Mapping[str, float | None] = field(repr=False)  # metrics that are extensions

    @classmethod
    def of(cls, record: Provenance) -> "Run":
        """Make the row from a record."""
        metrics = record.metrics
        return cls(
            job_uuid=record.job_uuid,
            hunt_id=sys.intern(record.hunt_id),  # one for all runs of a hunt
            generation=record.generation,
            index=record.index,
            state=record.state.value,
            reason=record.error.reason.value if record.error else None,
            log_prime_sse=metrics.log_prime_sse if metrics else None,
            sdg_h_norm_l2=metrics.sdg_h_norm_l2 if metrics else None,
            constraint_violation=constraint_violation(metrics) if metrics else None,
            no_score=why_no_score(metrics) if metrics else None,
            bssn_h_norm_l2=metrics.bssn_h_norm_l2 if metrics else None,
            fitness=fitness(metrics),
            seconds=record.seconds.total,
            params=array("d", (getattr(record.sncgl_params, name) for name in PARAMS)),
            measured=array("d", (_nan(getattr(metrics, name)) for name in MEASURED))
            if metrics
            else _NONE,
            extra=record.extra_metrics or _NO_EXTRA,
        )

    @classmethod
    def of_cells(cls, cells: Mapping[str, str]) -> "Run":
        """Make the row from the ledger's cells. Raises ValueError or KeyError."""
        numbers = {name: float(cells[name]) if cells[name] else None for name in _NUMBERS}
        return cls(
            job_uuid=cells["job_uuid"],
            hunt_id=sys.intern(cells["hunt_id"]),
            generation=int(cells["generation"]),
            index=int(cells["index"]),
            state=RunState(cells["state"]).value,
            reason=cells["reason"] or None,
            no_score=_no_score(cells["no_score"]),
            **numbers,
            seconds=float(cells["seconds"]),
            params=array("d", [float(cells[name]) for name in PARAMS]),
            measured=array("d", [float(cell or "nan") for cell in _cells_of(cells)])
            if cells["log_prime_sse"]
            else _NONE,
            extra=json.loads(extra) if (extra := cells["extra_metrics"]) else _NO_EXTRA,
        )

    def param(self, name: str) -> float:
        """Return the value of a parameter."""
        return self.params[_PLACE[name]]

    def value(self, name: str) -> float | None:
        """Return a number of the run by its name in NUMBERS; None where it has none."""
        if name in _PLACE:
            return self.params[_PLACE[name]]
        if name in _MEASURED:
            value = self.measured[_MEASURED[name]] if self.measured else math.nan
            return None if math.isnan(value) else value
        if name in _OF_ROW:
            found: float | None = getattr(self, name)
            return found
        return self.extra.get(name)

    def named_params(self) -> dict[str, float]:
        """Return the parameters by name."""
        return dict(zip(PARAMS, self.params, strict=True))

    def as_row(self) -> dict[str, Any]:
        """Return the row of the table, as JSON can hold it."""
        return {name: getattr(self, name) for name in _ROW}


def _no_score(cell: str) -> NoScore | None:
    return next((reason for reason in NO_SCORE if reason == cell), None)


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


_KEPT_APART = ("params", "measured", "extra", "bssn_h_norm_l2")
_ROW = tuple(f.name for f in fields(Run) if f.name not in _KEPT_APART)
_OF_ROW = ("log_prime_sse", "sdg_h_norm_l2", "constraint_violation", "fitness", "seconds")
NUMBERS = tuple(dict.fromkeys((*_OF_ROW, *PARAMS, *MEASURED)))


def number_names() -> tuple[str, ...]:
    """Return the names of all numbers that a run may have, extensions' metrics included."""
    return (*NUMBERS, *(name for name in METRICS.names() if name not in METRICS.built_in))
