"""The hub's memory of the committed runs: one slim row each, and a tally for every hunt."""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from irer.base.goals import NoScore
from irer.base.jobs import INFRASTRUCTURE
from irer.base.records import Provenance
from irer.hub.brushes import brushed, corners_of, ranges_of
from irer.hub.columns import Columns, Rows, among, without
from irer.hub.notes import RunNotes
from irer.hub.run import Run
from irer.hub.run_query import RunQuery

NEWEST = 20  # file names that the status lists
RECENT = 101  # runs that the median job time is taken over


@dataclass
class Tally:
    """The counts and bests of one hunt so far."""

    complete: int = 0
    failed: int = 0
    stalled: int = 0  # of the failed: both tries ended by a crash or a limit
    reasons: Counter[str] = field(default_factory=Counter)  # of the failed
    unscored: Counter[NoScore] = field(default_factory=Counter)  # complete, by why
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
        """Return the median wall time, in seconds, of the newest runs; None before the first."""
        return median(self.seconds) if self.seconds else None

    @property
    def committed(self) -> int:
        """Runs with a record, complete or failed."""
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
            self.reasons[run.reason or "unknown"] += 1
            self.stalled += run.reason in INFRASTRUCTURE
            return
        self.complete += 1
        self.last_measured = run
        if run.fitness is None:  # measured, but without a score (irer/base/goals.py says why)
            if run.no_score is not None:
                self.unscored[run.no_score] += 1
            return
        self.best_sse = _smaller(self.best_sse, run.log_prime_sse)
        self.best_h_norm = _smaller(self.best_h_norm, run.sdg_h_norm_l2)
        if self.best is None or _rank(run) > _rank(self.best):
            self.best = run

    def copy(self) -> "Tally":
        """Return a snapshot that later runs do not change."""
        return replace(
            self,
            newest=self.newest.copy(),
            seconds=self.seconds.copy(),
            reasons=self.reasons.copy(),
            unscored=self.unscored.copy(),
        )


def _smaller(known: float | None, new: float) -> float:
    return new if known is None else min(known, new)


def _rank(run: Run) -> tuple[float, int, int]:
    return (run.fitness or 0.0, -run.generation, -run.index)


class RunIndex:
    """Every committed run of a home, in memory; fed by the watcher, read by the routes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[Run] = []
        self._numbers: dict[str, int] = {}  # job_uuid -> index in _runs
        self._columns = Columns(self._runs)
        self._tallies: dict[str, Tally] = {}

    def add(self, record: Provenance) -> bool:
        """Take in a record; say whether it was new."""
        return self.add_run(Run.of(record))

    def add_run(self, run: Run) -> bool:
        """Take in a row; say whether it was new."""
        with self._lock:
            if run.job_uuid in self._numbers:
                return False
            self._columns.add(run)
            self._numbers[run.job_uuid] = len(self._runs)
            self._runs.append(run)
            self._tallies.setdefault(run.hunt_id, Tally()).add(run)
            return True

    def get(self, job_uuid: str) -> Run | None:
        """Return the row of a run, or None."""
        with self._lock:
            number = self._numbers.get(job_uuid)
            return None if number is None else self._runs[number]

    def uuids(self) -> list[str]:
        """Return the uuids of all runs."""
        with self._lock:
            return list(self._numbers)

    @property
    def size(self) -> int:
        """The number of runs; it never shrinks."""
        with self._lock:
            return len(self._runs)

    def tally(self, hunt_id: str | None) -> Tally:
        """Return a snapshot of a hunt's tally, empty for an unknown one."""
        with self._lock:
            known = self._tallies.get(hunt_id or "")
            return known.copy() if known else Tally()

    def runs(self, hunt_id: str | None = None) -> list[Run]:
        """Return the rows of one hunt, or of all, in (generation, index) order."""
        with self._lock:
            rows = self._columns.ordered(self._columns.rows(hunt_id=hunt_id))
            return [self._runs[n] for n in rows.tolist()]

    def hunts(self) -> dict[str, Tally]:
        """Return a snapshot of the tally of every hunt of the home, the newest first."""
        with self._lock:
            tallies = {hunt_id: tally.copy() for hunt_id, tally in self._tallies.items()}
        newest_first = sorted(tallies.items(), key=lambda item: -item[1].first_generation)
        return dict(newest_first)

    def page(self, query: RunQuery, current_hunt: str | None, notes: RunNotes) -> dict[str, Any]:
        """Return one page of the filtered, sorted table."""
        chosen = (current_hunt or "") if query.hunt == "current" else query.hunt
        with self._lock:
            rows = self._columns.rows(
                hunt_id=None if chosen == "all" else chosen,
                state=None if query.state == "all" else query.state,
            )
            rows = self._searched(self._unhidden(rows, query, notes), query, notes)
            ranges, corners = ranges_of(query.ranges), corners_of(query.lasso)
            rows = brushed(rows, ranges, corners, self._columns.numbers)
            rows = self._columns.ordered(rows, query.sort, descending=query.order == "desc")
            first = (query.page - 1) * query.per_page
            shown = [self._runs[n] for n in rows[first : first + query.per_page].tolist()]
            bests = [self._tallies[run.hunt_id].best for run in shown]
        names = [name for name in query.columns.split(",") if name]
        return {
            "runs": [
                run.as_row()
                | {"best": run is best, "values": {name: run.value(name) for name in names}}
                | notes.of(run.job_uuid).model_dump()
                for run, best in zip(shown, bests, strict=True)
            ],
            "page": query.page,
            "pages": max(1, -(-len(rows) // query.per_page)),
            "per_page": query.per_page,
            "total": len(rows),
        }

    def _unhidden(self, rows: Rows, query: RunQuery, notes: RunNotes) -> Rows:
        if query.hidden == "yes":
            return rows
        hidden = self._numbers_of(uuid for uuid, note in notes.all().items() if note.hidden)
        return among(rows, hidden) if query.hidden == "only" else without(rows, hidden)

    def _searched(self, rows: Rows, query: RunQuery, notes: RunNotes) -> Rows:
        asked = query.search.strip().lower()
        if not asked:
            return rows
        noted = self._numbers_of(
            uuid for uuid, note in notes.all().items() if asked in note.note.lower()
        )
        begin = [n for uuid, n in self._numbers.items() if uuid.startswith(asked)]
        return among(rows, [*begin, *noted])

    def _numbers_of(self, job_uuids: Iterable[str]) -> list[int]:
        return [self._numbers[uuid] for uuid in job_uuids if uuid in self._numbers]
