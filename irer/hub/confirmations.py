"""Starting, stopping and watching the one confirmation that a hub works on."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from irer.base.errors import ConflictError, IrerError
from irer.controls.cost import estimated_seconds
from irer.controls.files import (
    confirmation_home,
    current_report,
    missing_runs,
    read_plan,
    read_report,
)
from irer.controls.groups import TOTAL, read_run
from irer.controls.records import FormerReport, GroupName
from irer.hub.hunts import ConfirmRun
from irer.hub.workplace import Workplace
from irer.hunt.control import HuntControl
from settings import Settings

log = logging.getLogger("irer.hub.confirmations")

IN_PROGRESS = "A confirmation is in progress."


@dataclass
class _Active:
    """The confirmation in progress."""

    job_uuid: str
    control: HuntControl = field(default_factory=lambda: HuntControl(attended=False))
    done: int = 0
    thread: threading.Thread | None = None


class Confirmations:
    """At most one confirmation at a time, and none beside a hunt.

    `ended` is called after each, when its report lies in the home.
    """

    def __init__(
        self,
        settings: Settings,
        confirm_run: ConfirmRun,
        place: Workplace,
        ended: Callable[[], object],
    ) -> None:
        self._settings = settings
        self._confirm_run = confirm_run
        self._place = place
        self._ended = ended
        self._active: _Active | None = None
        self._errors: dict[str, str] = {}  # by run: why its last sitting ended

    def start(self, job_uuid: str) -> None:
        """Start, or go on with, the confirmation of a run.

        Raises ConflictError when it is complete or something else runs, or the run failed;
        ConfigError when a refinement would pass a limit of the grid; NotFoundError.
        """
        read_run(self._settings, job_uuid)
        if current_report(self._settings, job_uuid) is not None:
            raise ConflictError("The confirmation of this run is complete.")
        self._place.take(IN_PROGRESS)
        active = _Active(job_uuid)
        active.thread = threading.Thread(
            target=self._run, args=(active,), name="confirmation", daemon=True
        )
        self._errors.pop(job_uuid, None)
        self._active = active
        active.thread.start()

    def stop(self, job_uuid: str) -> None:
        """End the running jobs of a confirmation; a start goes on. Raises ConflictError."""
        active = self._active
        if active is None or active.job_uuid != job_uuid:
            raise ConflictError("No confirmation of this run is in progress.")
        active.control.cancel()

    def state(self, job_uuid: str) -> dict[str, Any]:
        """Return how far the confirmation of a run is, with its report once it is complete.

        One that does not run, and is not complete, comes with an estimate of what is left.
        """
        active = self._active
        report = read_report(self._settings, job_uuid)
        shown = report.model_dump(mode="json") if report else None
        found = {"job_uuid": job_uuid, "total": TOTAL, "message": None, "seconds_left": None}
        if active is not None and active.job_uuid == job_uuid:
            return found | {"state": "running", "done": active.done, "report": None}
        if report is not None and not isinstance(report, FormerReport):
            return found | {"state": "complete", "done": TOTAL, "report": shown}
        missing = missing_runs(self._settings, job_uuid)
        message = self._errors.get(job_uuid)
        begun = read_plan(confirmation_home(self._settings, job_uuid)) is not None
        idle = "former" if report else "none"
        return found | {
            "state": "error" if message else "interrupted" if begun else idle,
            "done": TOTAL - sum(missing.values()),
            "message": message,
            "seconds_left": self._seconds(job_uuid, missing),
            "report": shown,
        }

    def _seconds(self, job_uuid: str, missing: Mapping[GroupName, int]) -> float | None:
        """Estimate what is left of a confirmation; None of a run that cannot be confirmed."""
        try:
            return estimated_seconds(read_run(self._settings, job_uuid), missing, self._settings)
        except IrerError:
            return None

    def shutdown(self, timeout_s: float = 10.0) -> None:
        """Cancel the confirmation, if any, and wait for its thread."""
        active = self._active
        if active and active.thread:
            active.control.cancel()
            active.thread.join(timeout_s)

    def _run(self, active: _Active) -> None:
        def progress(done: int, _total: int) -> None:
            active.done = done

        log.info("run %s: confirmation begins", active.job_uuid)
        try:
            self._confirm_run(
                active.job_uuid, self._settings, progress=progress, control=active.control
            )
            if active.control.reason:
                self._errors[active.job_uuid] = active.control.reason
        except IrerError as error:
            log.error("run %s: confirmation ended: %s", active.job_uuid, error.message)
            self._errors[active.job_uuid] = error.message
        except Exception as error:
            log.exception("run %s: confirmation ended", active.job_uuid)
            self._errors[active.job_uuid] = f"{type(error).__name__}: {error}"
        self._place.free()  # first: who sees the final state may start at once
        if self._active is active:  # no other began meanwhile
            self._active = None
        try:
            self._ended()
        except IrerError as error:
            log.error("%s", error.message)
