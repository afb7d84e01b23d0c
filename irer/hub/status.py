"""The status of the hub: this module alone writes `hub_status.json` and the served bytes."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from irer.base.errors import StorageError
from irer.base.files import dump_json, write_text
from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntPlan
from irer.base.jobs import JobState
from irer.base.results import BestRun, FinalResult
from irer.home.paths import record_name
from irer.hub.pace import NOTHING_KNOWN, Opening, Pace
from irer.hub.runs import RunIndex, Tally

log = logging.getLogger("irer.hub.status")

NOTHING_YET = "-"
ACTIVE = ("Running", "Paused", "Stopping")
JOB_STATES = tuple(state.value for state in JobState)
_PACE_S = 0.1  # between two writes of changed counts
_AT_REST = Pace(0.0)
_OPENING_S = 1.0  # between two looks at what is expected of a hunt without a result


@dataclass(frozen=True)
class HuntState:
    """The state of the current hunt, but for what is counted from the runs."""

    hunt_status: str = "Idle"
    plan: HuntPlan | None = None
    generation: int = 0  # of this hunt, from 1
    final_result: FinalResult | None = None
    reason: str | None = None  # why it is paused, or soon will be
    jobs: dict[str, int] | None = None  # job states, as the engine counts them
    pace: Pace | None = None  # of this sitting
    committed_before: int = 0  # runs that an earlier sitting of this hunt committed

    @property
    def resumable(self) -> bool:
        """Say whether there is an unfinished hunt that a resume could go on with."""
        unfinished = self.hunt_status in ("Interrupted", "Stopped")
        if self.plan is None or self.plan.measure_version != MEASURE_VERSION:
            return False
        return unfinished or self.hunt_status.startswith("Error")


@dataclass(frozen=True)
class QueueShown:
    """What the status says of the hunts that wait; `version` changes with every change of it."""

    waiting: int = 0
    set_aside: int = 0
    held: str | None = None  # why it does not go on by itself
    version: int = 0


class StatusBoard:
    """Holds the state, renders it, writes it to the file, and only then serves it.

    A change of the counts is written by a thread of its own, so that a burst of results costs a
    few writes and never delays the watcher; a change of state is written before it returns.
    """

    def __init__(
        self,
        file: Path,
        index: RunIndex,
        workers: int = 1,
        expect: Callable[[HuntPlan], Opening] = lambda _: NOTHING_KNOWN,
    ) -> None:
        """`workers` run jobs at once; `expect` tells what is known before the first result."""
        self._file = file
        self._index = index
        self._workers = workers
        self._expect = expect
        self._lock = threading.Lock()  # guards _state
        self._publishing = threading.Lock()  # one rendering at a time: none overtakes a later one
        self._state = HuntState()
        self._queue = QueueShown()
        self._start_s = 0.0  # of the processes of the last sitting
        self._served: tuple[bytes, str] = self._rendered(self._state, Tally())
        self._written = ""  # the entity tag of the file's content
        self._changed = threading.Event()
        self._closed = threading.Event()
        self._writer: threading.Thread | None = None

    @property
    def state(self) -> HuntState:
        """The state at this moment."""
        with self._lock:
            return self._state

    @property
    def hunt_id(self) -> str | None:
        """The current hunt, if there is or was one."""
        plan = self.state.plan
        return plan.hunt_id if plan else None

    def served(self) -> tuple[bytes, str]:
        """Return the JSON bytes of the status and their entity tag."""
        return self._served

    def open(self) -> None:
        """Write the status and start to follow the counts."""
        self.publish()
        self._writer = threading.Thread(target=self._follow, name="status-writer", daemon=True)
        self._writer.start()

    def close(self) -> None:
        """Write what is not written yet and stop."""
        self._closed.set()
        self._changed.set()
        if self._writer:
            self._writer.join()
        self.publish()

    def touch(self) -> None:
        """Note that the counts have changed; returns at once."""
        self._changed.set()

    def restore(self, plan: HuntPlan | None, hunt_status: str, final: FinalResult | None) -> None:
        """Show a hunt that an earlier process of the hub worked on."""
        with self._lock:
            self._state = HuntState(hunt_status, plan, _own_generation(plan), final)
        self.publish()

    def begin(self, plan: HuntPlan) -> None:
        """Show `plan` as running."""
        committed = self._index.tally(plan.hunt_id).committed
        generation = _own_generation(plan)
        with self._lock:
            self._state = HuntState(
                "Running",
                plan,
                generation,
                pace=Pace(time.monotonic(), self._expect(plan)),
                committed_before=committed,
            )
        self.publish()

    def generation(self, plan: HuntPlan, generation: int) -> None:
        """Show that generation `generation` (counted over the hunts of the home) has begun."""
        self._change(plan, generation=generation - plan.first_generation + 1)
        self.touch()

    def jobs(self, plan: HuntPlan, counts: dict[str, int]) -> None:
        """Show how many jobs are in which state."""
        self._change(plan, jobs=dict(counts))
        self.touch()

    def turn(self, plan: HuntPlan, hunt_status: str, reason: str | None) -> None:
        """Show an active hunt as running, paused or stopping, without writing that yet."""
        now = time.monotonic()
        with self._lock:
            state = self._state
            if state.plan is not plan or state.hunt_status not in ACTIVE:
                return
            pace = state.pace
            if pace:
                pace = pace.paused(now) if hunt_status == "Paused" else pace.resumed(now)
            self._state = replace(state, hunt_status=hunt_status, reason=reason, pace=pace)

    def finish(self, plan: HuntPlan, hunt_status: str, final: FinalResult | None) -> None:
        """Show how the hunt of `plan` ended, unless another has begun since."""
        self._change(plan, hunt_status=hunt_status, final_result=final, reason=None)
        self.publish()

    def queue(self, waiting: int, set_aside: int, held: str | None) -> None:
        """Show how many hunts wait, and why they do not begin by themselves if so."""
        with self._lock:
            self._queue = QueueShown(waiting, set_aside, held, self._queue.version + 1)
        self.publish()

    def renew_final(self, final: FinalResult) -> None:
        """Show a newer version of the final result that is shown."""
        with self._lock:
            shown = self._state.final_result
            if not isinstance(shown, BestRun) or not isinstance(final, BestRun):
                return
            if shown.job_uuid != final.job_uuid:
                return
            self._state = replace(self._state, final_result=final)
        self.publish()

    def _change(self, plan: HuntPlan, **changes: Any) -> None:
        with self._lock:
            if self._state.plan is plan:
                self._state = replace(self._state, **changes)

    def publish(self) -> None:
        """Render the status, write the file, and serve the same bytes from now on."""
        with self._publishing:
            tally = self._index.tally(self.hunt_id)
            data, tag = self._rendered(self._noted(tally), tally)
            if tag == self._written and self._file.exists():
                return
            try:
                write_text(self._file, data.decode())
                self._written = tag
            except StorageError as error:  # the page must still show where the hunt stands
                log.error("%s", error.message)
            self._served = (data, tag)

    def _noted(self, tally: Tally) -> HuntState:
        """Return the state, the first results of the sitting noted in it."""
        with self._lock:
            state = self._state
            if state.pace is None or state.plan is None or state.hunt_status not in ACTIVE:
                return state
            done = tally.committed - state.committed_before
            pace = state.pace.with_results(done, time.monotonic())
            if pace is not state.pace:
                started_in = pace.started_in(tally.median_seconds)
                self._start_s = self._start_s if started_in is None else started_in
                self._state = replace(state, pace=pace)
            return self._state

    def _rendered(self, state: HuntState, tally: Tally) -> tuple[bytes, str]:
        now, pace = time.monotonic(), state.pace if state.hunt_status in ACTIVE else None
        opening = (pace or _AT_REST).until_first(self._start_s, now)
        progress = _progress(state, tally, self._workers) | opening
        return _sealed(_render(state, tally) | {"progress": progress, "queue": asdict(self._queue)})

    def _follow(self) -> None:
        while not self._closed.wait(_PACE_S):
            self._changed.wait(_OPENING_S if self._opens() else None)
            self._changed.clear()
            self.publish()

    def _opens(self) -> bool:
        """Say whether a hunt runs that has no result yet: what is expected of it changes."""
        state = self.state
        waits = state.pace is not None and state.pace.first_at is None
        return waits and state.hunt_status == "Running"


def _own_generation(plan: HuntPlan | None) -> int:
    """Return the generation of a plan, counted from 1 in its own hunt."""
    return plan.generation - plan.first_generation + 1 if plan else 0


def _hunt_of(state: HuntState) -> str | None:
    return state.plan.hunt_id if state.plan else None


def _sealed(status: dict[str, Any]) -> tuple[bytes, str]:
    data = (dump_json(status) + "\n").encode()
    return data, hashlib.sha256(data).hexdigest()[:32]


def _render(state: HuntState, tally: Tally) -> dict[str, Any]:
    """Return the status of the hub from state and counts, but for progress and queue."""
    newest = list(reversed(tally.newest))
    last, final = tally.last_measured, state.final_result
    return {
        "hunt_status": state.hunt_status,
        "reason": state.reason,
        "last_event": f"Analyzed {newest[0][:8]}..." if newest else NOTHING_YET,
        "last_event_at": tally.last_at,
        "last_sse": f"{last.log_prime_sse:.6f}" if last else NOTHING_YET,
        "last_h_norm": f"{last.sdg_h_norm_l2:.6f}" if last else NOTHING_YET,
        "found_files": [record_name(job_uuid) for job_uuid in newest],
        "found_count": tally.committed,
        # An object while idle, as earlier dashboards read it.
        "final_result": final.model_dump(mode="json") if final else {},
        "resumable": state.resumable,
        "hunt_id": _hunt_of(state),
    }


def _progress(state: HuntState, tally: Tally, workers: int) -> dict[str, Any]:
    plan, pace = state.plan, state.pace if state.hunt_status in ACTIVE else None
    now, done = time.monotonic(), tally.committed - state.committed_before
    rate = pace and pace.jobs_per_second(done, tally.median_seconds, workers, now)
    left = plan.total_jobs - tally.committed if plan else 0
    return {
        "generation": state.generation,
        "generations": plan.num_generations if plan else 0,
        "done": tally.committed,
        "failed": tally.failed,
        "total": plan.total_jobs if plan else 0,
        "eta_s": round(left / rate, 1) if rate and state.hunt_status == "Running" else None,
        "jobs_per_minute": round(60 * rate, 1) if rate else None,
        "states": dict.fromkeys(JOB_STATES, 0) | (state.jobs or _settled(tally)),
    }


def _settled(tally: Tally) -> dict[str, int]:
    """Return the job states of a hunt that this process did not run: only results are known."""
    return {"committed": tally.complete, "failed": tally.failed}
