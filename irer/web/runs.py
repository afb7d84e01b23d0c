"""What the hub remembers of the committed runs: one slim row each, and a tally for every hunt."""

import sys
import threading
import time
from array import array
from collections import deque
from dataclasses import dataclass, field, fields, replace
from statistics import median
from typing import Annotated, Any, Literal

from pydantic import Field

from irer.checking import Record
from irer.records import Provenance, SncglParams
from irer.search.fitness import fitness
from irer.web.notes import Note, RunNotes

NEWEST = 20  # file names that the status lists
RECENT = 101  # runs that the median job time is taken over
PARAMS = tuple(SncglParams.model_fields)
_PLACE = {name: n for n, name in enumerate(PARAMS)}


@dataclass(frozen=True, slots=True)
class Run:
    """One committed run as the table shows it; the whole record stays in its file."""

    job_uuid: str
    hunt_id: str
    generation: int
    index: int
    state: str
    reason: str | None  # why a FAILED run failed
    log_prime_sse: float | None
    sdg_h_norm_l2: float | None
    fitness: float | None
    seconds: float
    params: "array[float]" = field(repr=False)  # in the order of PARAMS

    @classmethod
    def of(cls, record: Provenance) -> "Run":
        """Take the row from a record."""
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
            fitness=fitness(metrics),
            seconds=record.seconds.total,
            params=array("d", (getattr(record.sncgl_params, name) for name in PARAMS)),
        )

    def param(self, name: str) -> float:
        """Return the value of a parameter."""
        return self.params[_PLACE[name]]

    def named_params(self) -> dict[str, float]:
        """Return the parameters by name."""
        return dict(zip(PARAMS, self.params, strict=True))

    @property
    def place(self) -> tuple[int, int]:
        """Where the run stands in the home."""
        return self.generation, self.index

    def as_row(self) -> dict[str, Any]:
        """Return what the table shows, as JSON can hold it."""
        return {name: getattr(self, name) for name in _ROW}


_ROW = tuple(f.name for f in fields(Run) if f.name != "params")


@dataclass
class Tally:
    """What one hunt has come to so far."""

    complete: int = 0
    failed: int = 0
    newest: deque[str] = field(default_factory=lambda: deque(maxlen=NEWEST))  # job_uuids, new last
    first_generation: int = 0
    last_generation: int = 0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))  # of the newest
    last_at: float | None = None  # seconds since 1970 at which the newest was found
    last_measured: Run | None = None
    best: Run | None = None  # highest fitness; of equals the one that was proposed first
    best_sse: float | None = None
    best_h_norm: float | None = None

    @property
    def median_seconds(self) -> float | None:
        """Return how long a job took lately, None before the first."""
        return median(self.seconds) if self.seconds else None

    @property
    def committed(self) -> int:
        """Runs with a result, good or failed."""
        return self.complete + self.failed

    def add(self, run: Run) -> None:
        """Count one more run."""
        self.newest.append(run.job_uuid)
        self.last_at = round(time.time(), 3)
        self.seconds.append(run.seconds)
        self.first_generation = min(self.first_generation or run.generation, run.generation)
        self.last_generation = max(self.last_generation, run.generation)
        if run.log_prime_sse is None or run.sdg_h_norm_l2 is None:
            self.failed += 1
            return
        self.complete += 1
        self.last_measured = run
        if run.fitness is None:  # measured, but its grid did not resolve its field: no score
            return
        self.best_sse = _smaller(self.best_sse, run.log_prime_sse)
        self.best_h_norm = _smaller(self.best_h_norm, run.sdg_h_norm_l2)
        if self.best is None or _rank(run) > _rank(self.best):
            self.best = run

    def copy(self) -> "Tally":
        """Return a snapshot that later runs do not change."""
        return replace(self, newest=self.newest.copy(), seconds=self.seconds.copy())


def _smaller(known: float | None, new: float) -> float:
    return new if known is None else min(known, new)


def _rank(run: Run) -> tuple[float, int, int]:
    return (run.fitness or 0.0, -run.generation, -run.index)


SortKey = Literal[
    "generation", "job_uuid", "state", "log_prime_sse", "sdg_h_norm_l2", "fitness", "seconds"
]


HuntChoice = Annotated[
    str,
    Field(
        pattern=r"^(current|all|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        description="current, all or the id of a hunt",
    ),
]


class RunQuery(Record):
    """The query string of `GET /api/runs`."""

    page: int = Field(1, ge=1, le=10**9, strict=False)
    per_page: int = Field(25, ge=1, le=500, strict=False)
    sort: SortKey = "generation"
    order: Literal["asc", "desc"] = "desc"
    state: Literal["all", "COMPLETE", "FAILED"] = "all"
    hunt: HuntChoice = "all"
    hidden: Literal["no", "yes", "only"] = "no"
    search: str = Field(
        "", max_length=100, description="the first characters of a run's uuid, or part of its note"
    )


class RunIndex:
    """Every committed run of a home, in memory; fed by the watcher, read by the routes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._tallies: dict[str, Tally] = {}

    def add(self, record: Provenance) -> bool:
        """Take in a record; say whether it was new."""
        run = Run.of(record)
        with self._lock:
            if run.job_uuid in self._runs:
                return False
            self._runs[run.job_uuid] = run
            self._tallies.setdefault(run.hunt_id, Tally()).add(run)
            return True

    def get(self, job_uuid: str) -> Run | None:
        """Return the row of a run, or None."""
        with self._lock:
            return self._runs.get(job_uuid)

    @property
    def size(self) -> int:
        """How many runs there are; none ever leaves."""
        with self._lock:
            return len(self._runs)

    def tally(self, hunt_id: str | None) -> Tally:
        """Return a snapshot of a hunt's tally, empty for an unknown one."""
        with self._lock:
            known = self._tallies.get(hunt_id or "")
            return known.copy() if known else Tally()

    def runs(self, hunt_id: str | None = None) -> list[Run]:
        """Return the rows of one hunt, or of all, in the order they were found."""
        with self._lock:
            rows = list(self._runs.values())
        return rows if hunt_id is None else [run for run in rows if run.hunt_id == hunt_id]

    def hunts(self) -> dict[str, Tally]:
        """Return a snapshot of the tally of every hunt of the home, the newest first."""
        with self._lock:
            tallies = {hunt_id: tally.copy() for hunt_id, tally in self._tallies.items()}
        newest_first = sorted(tallies.items(), key=lambda item: -item[1].first_generation)
        return dict(newest_first)

    def page(self, query: RunQuery, current_hunt: str | None, notes: RunNotes) -> dict[str, Any]:
        """Return one page of the filtered, sorted table."""
        chosen = (current_hunt or "") if query.hunt == "current" else query.hunt
        rows = self.runs(None if chosen == "all" else chosen)
        rows = [run for run in rows if _matches(run, query, notes.of(run.job_uuid))]
        first = (query.page - 1) * query.per_page
        shown = _sorted(rows, query)[first : first + query.per_page]
        return {
            "runs": [run.as_row() | notes.of(run.job_uuid).model_dump() for run in shown],
            "page": query.page,
            "pages": max(1, -(-len(rows) // query.per_page)),
            "per_page": query.per_page,
            "total": len(rows),
        }


def _matches(run: Run, query: RunQuery, note: Note) -> bool:
    asked = query.search.strip().lower()
    return (
        query.state in ("all", run.state)
        and (query.hidden == "yes" or note.hidden == (query.hidden == "only"))
        and (run.job_uuid.startswith(asked) or asked in note.note.lower())
    )


def _sorted(rows: list[Run], query: RunQuery) -> list[Run]:
    """Sort by the asked column, then by place in the hunt; runs without a value come last."""
    descending = query.order == "desc"
    rows = sorted(rows, key=lambda run: (run.generation, run.index), reverse=descending)
    if query.sort == "generation":
        return rows
    known = [run for run in rows if getattr(run, query.sort) is not None]
    known.sort(key=lambda run: getattr(run, query.sort), reverse=descending)
    return known + [run for run in rows if getattr(run, query.sort) is None]
