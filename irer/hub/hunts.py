"""Starting, resuming and ending the one hunt that a hub works on, in a thread of its own."""

import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from irer.base.errors import ConflictError, IrerError
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.records import Provenance
from irer.base.results import FinalResult
from irer.controls.fingerprint import check_measure
from irer.controls.records import ConfirmationReport
from irer.home import Home
from irer.home.registry import save_plan
from irer.hub.activity import Activity, Places, end_all
from irer.hub.status import StatusBoard
from irer.hunt.control import HuntControl
from irer.hunt.observer import RunHunt
from settings import Settings

log = logging.getLogger("irer.hub.hunts")

IN_PROGRESS = "A hunt is already in progress."
PAUSED_BY_REQUEST = "paused on request"


class ConfirmRun(Protocol):
    """`core_engine.confirm_run`, as far as the hub calls it."""

    def __call__(
        self,
        job_uuid: str,
        settings: Settings,
        *,
        progress: Callable[[int, int], object],
        control: HuntControl,
    ) -> ConfirmationReport | None:
        """Run the confirmation to its end and return its report; None when ended early."""


@dataclass(frozen=True)
class Engine:
    """What the hub uses of the engine; the entry point passes it in, so irer does not import it."""

    plan_hunt: Callable[[HuntOrder, Settings], HuntPlan]
    run_hunt: RunHunt
    load_plan: Callable[[Home], HuntPlan | None]
    new_id: Callable[[], str]
    confirm_run: ConfirmRun


class _Hunting(Activity):
    """The hunt in progress; `plan` is None while it is still being planned."""

    def __init__(self) -> None:
        self.control = HuntControl()
        self.plan: HuntPlan | None = None
        self.at_rest = False  # paused, and the last running job has ended
        self.by_request = False  # a person, or the hub's end, has ended it early
        super().__init__("hunt", IN_PROGRESS, self.control.cancel)


class BoardObserver:
    """Passes the engine's reports to the board. Results are counted from their files instead."""

    def __init__(
        self, board: StatusBoard, plan: HuntPlan, rested: Callable[[bool], object]
    ) -> None:
        """`rested` is called with whether a pause has brought all jobs to rest."""
        self._board = board
        self._plan = plan
        self._rested = rested

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """Note in the log what the hunt begins with."""
        log.info("hunt %s runs, %d of %d committed", plan.hunt_id, committed, plan.total_jobs)

    def generation_started(self, generation: int) -> None:
        """Show the generation."""
        self._board.generation(self._plan, generation)

    def jobs_changed(self, counts: dict[str, int]) -> None:
        """Show the job states."""
        self._board.jobs(self._plan, counts)

    def job_committed(self, provenance: Provenance) -> None:
        """Leave the counting to the watcher, which reads what is on disk."""

    def hunt_paused(self, reason: str | None) -> None:
        """Show that nothing runs any more."""
        log.info("hunt %s paused: %s", self._plan.hunt_id, reason or "asked to")
        self._rested(True)

    def hunt_resumed(self) -> None:
        """Show that jobs run again."""
        log.info("hunt %s goes on", self._plan.hunt_id)
        self._rested(False)

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:
        """Leave the end to the controller, which first waits for the counts."""


class HuntWatcher(Protocol):
    """Is told of the hunts of a hub, whoever began them."""

    def hunt_began(self) -> None:
        """Note that a hunt has begun or goes on."""

    def hunt_ended(self, hunt_id: str, hunt_status: str, *, by_request: bool) -> None:
        """Note how a hunt has ended; its place is free. `by_request`: somebody has ended it."""


class HuntController:
    """At most one hunt at a time, and none beside a confirmation (irer.hub.activity)."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        board: StatusBoard,
        settle: Callable[[], object],
        places: Places,
        watcher: HuntWatcher,
    ) -> None:
        """`settle` returns once every committed file is counted; `places` are the hub's."""
        self._places = places
        self._watcher = watcher
        self._settings = settings
        self._engine = engine
        self._board = board
        self._settle = settle
        self._showing = threading.Lock()

    def start(self, order: HuntOrder, hunt_id: str | None = None) -> str:
        """Start a hunt and return its id, a new one unless it was given one before.

        Raises ConfigError, ConflictError or StorageError.
        """
        return self._launch(lambda: self._new_plan(order, hunt_id))

    def pause(self) -> str:
        """Begin no job until `resume`; running ones finish. Raises ConflictError."""
        active, plan = self._running()
        if active.control.stopping or active.control.paused:
            raise ConflictError(f"The hunt cannot be paused ({self._shown_as(active)}).")
        active.control.pause()
        self._show(active)
        return plan.hunt_id

    def resume(self) -> str:
        """Go on with the paused or unfinished hunt and return its id. Raises ConflictError."""
        active = self._active()
        if active is None or active.plan is None:
            return self._launch(self._unfinished_plan)
        if active.control.stopping or not active.control.paused:
            raise ConflictError(f"The hunt is not paused ({self._shown_as(active)}).")
        active.control.resume()
        self._show(active)
        return active.plan.hunt_id

    def stop(self) -> str:
        """Begin no further jobs and let the running ones finish. Raises ConflictError."""
        active, plan = self._running()
        if active.control.stopping:
            raise ConflictError("The hunt is stopping already.")
        active.by_request = True
        active.control.stop()
        self._show(active)
        return plan.hunt_id

    def cancel(self) -> str:
        """End the running jobs at once; a resume runs them again. Raises ConflictError."""
        active, plan = self._running()
        active.by_request = True
        active.control.cancel()
        self._show(active)
        return plan.hunt_id

    def shutdown(self, timeout_s: float = 10.0) -> None:
        """Cancel the hunt, if any, and wait for its thread."""
        end_all(self._places.at_work(_Hunting), timeout_s)

    def _active(self) -> _Hunting | None:
        return next(iter(self._places.at_work(_Hunting)), None)

    def _running(self) -> tuple[_Hunting, HuntPlan]:
        active = self._active()
        if active is None or active.plan is None:
            raise ConflictError(f"No hunt is running ({self._board.state.hunt_status}).")
        return active, active.plan

    def _show(self, active: _Hunting) -> None:
        """Show the state of the hunt's control; of concurrent calls the last shows the newest."""
        if active.plan is None:
            return
        with self._showing:
            self._board.turn(active.plan, self._shown_as(active), _why(active.control))
        self._board.publish()

    def _shown_as(self, active: _Hunting) -> str:
        if active.control.stopping:
            return "Stopping"
        return "Paused" if active.control.paused and active.at_rest else "Running"

    def _rest(self, active: _Hunting, at_rest: bool) -> None:
        active.at_rest = at_rest
        self._show(active)

    def _new_plan(self, order: HuntOrder, hunt_id: str | None) -> HuntPlan:
        """Plan a hunt and save the plan, so that a kill cannot lose an accepted hunt.

        Only the engine may overwrite an unfinished hunt, after it has entered its results.
        """
        earlier = self._engine.load_plan(self._settings.home)
        plan = self._engine.plan_hunt(order, self._settings)
        if hunt_id is not None:
            plan = plan.model_copy(update={"hunt_id": hunt_id})
        if earlier is None or earlier.state == "Completed":
            save_plan(self._settings.home, plan)
        return plan

    def _unfinished_plan(self) -> HuntPlan:
        state = self._board.state
        plan = self._engine.load_plan(self._settings.home)
        if plan is not None:
            check_measure(plan)
        if plan is None or not state.resumable:
            raise ConflictError(f"There is no unfinished hunt to resume ({state.hunt_status}).")
        return plan

    def _launch(self, make_plan: Callable[[], HuntPlan]) -> str:
        """Take the one place, plan the hunt and start its thread; leave the place on failure."""
        active = _Hunting()
        with self._places.taken(active):
            plan = make_plan()
            self._board.begin(plan)
            active.plan = plan
            self._watcher.hunt_began()
            try:
                self._places.start(active, lambda: self._run(active, plan))
            except BaseException:  # nobody works on the hunt: it can be resumed
                self._places.leave(active)
                self._board.finish(plan, hunt_status_of(plan), None)
                self._watcher.hunt_ended(plan.hunt_id, hunt_status_of(plan), by_request=True)
                raise
        return plan.hunt_id

    def _run(self, active: _Hunting, plan: HuntPlan) -> None:
        status, result = self._execute(active, plan)
        self._settle()
        # Left first: whoever sees the final state may start the next hunt at once.
        self._places.leave(active)
        self._board.finish(plan, status, result)
        self._watcher.hunt_ended(plan.hunt_id, status, by_request=active.by_request)

    def _execute(self, active: _Hunting, plan: HuntPlan) -> tuple[str, FinalResult | None]:
        """Run the hunt; return the status it ended with and its final result."""
        observer = BoardObserver(self._board, plan, functools.partial(self._rest, active))
        try:
            result = self._engine.run_hunt(
                plan=plan, settings=self._settings, observer=observer, control=active.control
            )
            ended = self._engine.load_plan(self._settings.home)
        except IrerError as error:
            log.error("hunt %s ended: %s", plan.hunt_id, error.message)
            return f"Error: {error.message}", None
        except Exception as error:
            log.exception("hunt %s ended", plan.hunt_id)
            return f"Error: {type(error).__name__}: {error}", None
        return (hunt_status_of(ended) if ended else "Completed"), result


def _why(control: HuntControl) -> str | None:
    """Return why the hunt is paused or about to be; None for a hunt that is neither."""
    if control.stopping or not control.paused:
        return None
    return control.reason or PAUSED_BY_REQUEST


def hunt_status_of(plan: HuntPlan) -> str:
    """Return the status, by its plan, of a hunt that nobody works on."""
    if plan.state in ("Running", "Paused"):
        return "Interrupted"
    return f"Error: {plan.message or 'unknown'}" if plan.state == "Error" else plan.state
