"""The status of the hub: one owner of `hub_status.json` and of the bytes that are served."""

import hashlib
import logging
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from irer.errors import StorageError
from irer.files import dump_json, write_text
from irer.records import HuntPlan
from irer.web.runs import RunIndex, Tally

log = logging.getLogger("irer.hub.status")

NOTHING_YET = "-"


@dataclass(frozen=True)
class HuntState:
    """Where the current hunt stands, as far as it is not counted from the runs."""

    hunt_status: str = "Idle"
    plan: HuntPlan | None = None
    generation: int = 0  # of this hunt, from 1
    final_result: dict[str, Any] | None = None
    began_at: float = 0.0  # monotonic seconds
    committed_before: int = 0  # runs that an earlier sitting of this hunt committed

    @property
    def resumable(self) -> bool:
        """Say whether there is an unfinished hunt that a resume could go on with."""
        unfinished = self.hunt_status in ("Interrupted", "Stopped")
        return self.plan is not None and (unfinished or self.hunt_status.startswith("Error"))


class StatusBoard:
    """Holds the state, renders it, writes it to the file, and only then serves it.

    A change of the counts is written by a thread of its own, so that a burst of results costs a
    few writes and never delays the watcher; a change of state is written before it returns.
    """

    def __init__(self, file: Path, index: RunIndex) -> None:
        self._file = file
        self._index = index
        self._lock = threading.Lock()  # guards _state
        self._publishing = threading.Lock()  # one rendering at a time, so that none overtakes
        self._state = HuntState()
        self._served: tuple[bytes, str] = _sealed(_render(self._state, Tally()))
        self._changed = threading.Event()
        self._closed = False
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
        """Write what is unwritten and stop."""
        self._closed = True
        self._changed.set()
        if self._writer:
            self._writer.join()
        self.publish()

    def touch(self) -> None:
        """Say that the counts have changed; returns at once."""
        self._changed.set()

    def restore(self, plan: HuntPlan | None, hunt_status: str, final: Any) -> None:
        """Show a hunt that an earlier process of the hub worked on."""
        with self._lock:
            self._state = HuntState(hunt_status, plan, _own_generation(plan), final)
        self.publish()

    def begin(self, plan: HuntPlan) -> None:
        """Show `plan` as running."""
        committed = self._index.tally(plan.hunt_id).committed
        generation = _own_generation(plan)
        with self._lock:
            self._state = HuntState("Running", plan, generation, None, time.monotonic(), committed)
        self.publish()

    def generation(self, plan: HuntPlan, generation: int) -> None:
        """Show that generation `generation` (counted over the hunts of the home) has begun."""
        self._change(plan, generation=generation - plan.first_generation + 1)
        self.touch()

    def stopping(self, plan: HuntPlan) -> None:
        """Show that no further jobs are begun."""
        with self._lock:
            if self._state.plan is plan and self._state.hunt_status == "Running":
                self._state = replace(self._state, hunt_status="Stopping")
        self.publish()

    def finish(self, plan: HuntPlan, hunt_status: str, final: dict[str, Any] | None) -> None:
        """Show how the hunt of `plan` ended, unless another has begun since."""
        self._change(plan, hunt_status=hunt_status, final_result=final)
        self.publish()

    def _change(self, plan: HuntPlan, **changes: Any) -> None:
        with self._lock:
            if self._state.plan is plan:
                self._state = replace(self._state, **changes)

    def publish(self) -> None:
        """Render, write the file, and serve these very bytes from now on."""
        with self._publishing:
            state = self.state
            data, tag = _sealed(_render(state, self._index.tally(_hunt_of(state))))
            if tag == self._served[1] and self._file.exists():
                return
            try:
                write_text(self._file, data.decode())
            except StorageError as error:  # the page must still show where the hunt stands
                log.error("%s", error.message)
            self._served = (data, tag)

    def _follow(self) -> None:
        while not self._closed:
            self._changed.wait()
            self._changed.clear()
            self.publish()


def _own_generation(plan: HuntPlan | None) -> int:
    """Return which of the hunt's own generations its plan has come to, from 1."""
    return plan.generation - plan.first_generation + 1 if plan else 0


def _hunt_of(state: HuntState) -> str | None:
    return state.plan.hunt_id if state.plan else None


def _sealed(status: dict[str, Any]) -> tuple[bytes, str]:
    data = (dump_json(status) + "\n").encode()
    return data, hashlib.sha256(data).hexdigest()[:32]


def _render(state: HuntState, tally: Tally) -> dict[str, Any]:
    """Put the state and the counts into the words of the status."""
    newest = list(reversed(tally.newest))
    last = tally.last_measured
    return {
        "hunt_status": state.hunt_status,
        "last_event": f"Analyzed {newest[0][:8]}..." if newest else NOTHING_YET,
        "last_sse": f"{last.log_prime_sse:.6f}" if last else NOTHING_YET,
        "last_h_norm": f"{last.sdg_h_norm_l2:.6f}" if last else NOTHING_YET,
        "found_files": [f"provenance_{job_uuid}.json" for job_uuid in newest],
        "found_count": tally.committed,
        "final_result": state.final_result,
        "progress": _progress(state, tally),
        "resumable": state.resumable,
        "hunt_id": _hunt_of(state),
    }


def _progress(state: HuntState, tally: Tally) -> dict[str, Any]:
    plan = state.plan
    return {
        "generation": state.generation,
        "generations": plan.num_generations if plan else 0,
        "done": tally.committed,
        "failed": tally.failed,
        "total": plan.total_jobs if plan else 0,
        "eta_s": _seconds_left(state, tally),
    }


def _seconds_left(state: HuntState, tally: Tally) -> float | None:
    """Extrapolate from the pace of this sitting; None before its first result."""
    done_now = tally.committed - state.committed_before
    if state.plan is None or state.hunt_status != "Running" or done_now < 1:
        return None
    elapsed = time.monotonic() - state.began_at
    return round(elapsed / done_now * (state.plan.total_jobs - tally.committed), 1)
