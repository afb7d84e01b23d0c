"""Starting, resuming and ending the one hunt that a hub works on, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from irer.errors import ConflictError, IrerError
from irer.execution.control import HuntControl
from irer.records import HuntOrder, HuntPlan, Provenance
from irer.web.status import StatusBoard
from settings import Settings

log = logging.getLogger("irer.hub.hunts")

IN_PROGRESS = "A hunt is already in progress."


class ExecuteHunt(Protocol):
    """`core_engine.execute_hunt`, as far as the hub calls it."""

    def __call__(
        self, *, plan: HuntPlan, settings: Settings, observer: Any, control: HuntControl
    ) -> dict[str, Any]:
        """Run the hunt to its end and return its best run."""


@dataclass(frozen=True)
class Engine:
    """What the hub asks of the engine; given by the entry point, so that irer imports none."""

    plan_hunt: Callable[[HuntOrder, Settings], HuntPlan]
    execute_hunt: ExecuteHunt
    load_plan: Callable[[Settings], HuntPlan | None]


class BoardObserver:
    """Tells the board what the engine tells. Results are counted from their files instead."""

    def __init__(self, board: StatusBoard, plan: HuntPlan) -> None:
        self._board = board
        self._plan = plan

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """Note in the log what the hunt begins with."""
        log.info("hunt %s runs, %d of %d committed", plan.hunt_id, committed, plan.total_jobs)

    def generation_started(self, generation: int) -> None:
        """Show the generation."""
        self._board.generation(self._plan, generation)

    def job_committed(self, provenance: Provenance) -> None:
        """Leave the counting to the watcher, which reads what is on disk."""

    def hunt_ended(self, plan: HuntPlan, result: dict[str, Any]) -> None:
        """Leave the end to the controller, which first waits for the counts."""


@dataclass
class _Active:
    """The hunt in progress; `plan` is None while it is still being planned."""

    control: HuntControl
    plan: HuntPlan | None = None
    thread: threading.Thread | None = None


class HuntController:
    """At most one hunt at a time. Every change of who runs happens under one lock."""

    def __init__(
        self, settings: Settings, engine: Engine, board: StatusBoard, settle: Callable[[], object]
    ) -> None:
        """`settle` returns when every committed file has been counted."""
        self._settings = settings
        self._engine = engine
        self._board = board
        self._settle = settle
        self._lock = threading.Lock()
        self._active: _Active | None = None

    def start(self, order: HuntOrder) -> str:
        """Start a hunt and return its id. Raises ConfigError or ConflictError."""
        return self._launch(lambda: self._engine.plan_hunt(order, self._settings))

    def resume(self) -> str:
        """Go on with the unfinished hunt and return its id. Raises ConflictError."""
        return self._launch(self._unfinished_plan)

    def stop(self) -> None:
        """Begin no further jobs and let the running ones finish. Raises ConflictError."""
        active = self._running()
        active.control.stop()
        self._show_stopping(active)

    def cancel(self) -> None:
        """End the running jobs at once; a resume runs them again. Raises ConflictError."""
        active = self._running()
        active.control.cancel()
        self._show_stopping(active)

    def shutdown(self, timeout_s: float = 10.0) -> None:
        """Cancel the hunt, if any, and wait for its thread."""
        with self._lock:
            active = self._active
        if active and active.thread:
            active.control.cancel()
            active.thread.join(timeout_s)

    def _running(self) -> _Active:
        with self._lock:
            active = self._active
        if active is None or active.plan is None:
            raise ConflictError(f"No hunt is running ({self._board.state.hunt_status}).")
        return active

    def _show_stopping(self, active: _Active) -> None:
        if active.plan:
            self._board.stopping(active.plan)

    def _unfinished_plan(self) -> HuntPlan:
        state = self._board.state
        plan = self._engine.load_plan(self._settings)
        if plan is None or not state.resumable:
            raise ConflictError(f"There is no unfinished hunt to resume ({state.hunt_status}).")
        return plan

    def _launch(self, make_plan: Callable[[], HuntPlan]) -> str:
        """Reserve the one place, plan, and set the thread going; give the place up on failure."""
        active = self._reserve()
        try:
            plan = make_plan()
            thread = threading.Thread(
                target=self._run, args=(active, plan), name="hunt", daemon=True
            )
            self._board.begin(plan)
            active.thread, active.plan = thread, plan
            thread.start()
        except BaseException:
            self._release(active)
            raise
        return plan.hunt_id

    def _reserve(self) -> _Active:
        with self._lock:
            if self._active is not None:
                raise ConflictError(IN_PROGRESS)
            self._active = _Active(HuntControl())
            return self._active

    def _release(self, active: _Active) -> None:
        with self._lock:
            if self._active is active:
                self._active = None

    def _run(self, active: _Active, plan: HuntPlan) -> None:
        status, result = self._execute(active, plan)
        self._settle()
        # Free first: who sees the final state may start the next hunt that very instant.
        self._release(active)
        self._board.finish(plan, status, result)

    def _execute(self, active: _Active, plan: HuntPlan) -> tuple[str, dict[str, Any] | None]:
        """Run the hunt; return the status it ended with and its best run."""
        observer = BoardObserver(self._board, plan)
        try:
            result = self._engine.execute_hunt(
                plan=plan, settings=self._settings, observer=observer, control=active.control
            )
            ended = self._engine.load_plan(self._settings)
        except IrerError as error:
            log.error("hunt %s ended: %s", plan.hunt_id, error.message)
            return f"Error: {error.message}", None
        except Exception as error:
            log.exception("hunt %s ended", plan.hunt_id)
            return f"Error: {type(error).__name__}: {error}", None
        return (hunt_status_of(ended) if ended else "Completed"), result


def hunt_status_of(plan: HuntPlan) -> str:
    """Return the status that `hunt.json` tells of a hunt nobody works on any more."""
    if plan.state == "Running":
        return "Interrupted"
    return f"Error: {plan.message or 'unknown'}" if plan.state == "Error" else plan.state
