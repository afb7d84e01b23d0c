"""Starting, stopping and watching the one confirmation that a hub works on."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from irer.base.errors import ConflictError, IrerError
from irer.base.goals import GroupName
from irer.controls.cost import estimated_seconds
from irer.controls.files import (
    current_report,
    missing_runs,
    read_plan,
    read_report,
)
from irer.controls.groups import TOTAL, read_run
from irer.controls.records import FormerReport
from irer.home import Home
from irer.home.artifact_policy import removal_of
from irer.hub.activity import Activity, Places, end_all
from irer.hub.hunts import ConfirmRun
from irer.hunt.control import HuntControl
from settings import Settings

log = logging.getLogger("irer.hub.confirmations")

IN_PROGRESS = "A confirmation is in progress."


class _Confirming(Activity):
    """The confirmation in progress."""

    def __init__(self, job_uuid: str) -> None:
        self.job_uuid = job_uuid
        self.control = HuntControl(attended=False)
        self.done = 0
        super().__init__("confirmation", IN_PROGRESS, self.control.cancel)


class Confirmations:
    """At most one confirmation at a time, and none beside a hunt (irer.hub.activity).

    `ended` is called after each, when its report lies in the home.
    """

    def __init__(
        self,
        settings: Settings,
        confirm_run: ConfirmRun,
        places: Places,
        ended: Callable[[], object],
    ) -> None:
        self._settings = settings
        self._confirm_run = confirm_run
        self._places = places
        self._ended = ended
        self._errors: dict[str, str] = {}  # run -> why its last sitting ended

    def start(self, job_uuid: str) -> None:
        """Start, or go on with, the confirmation of a run.

        Raises ConflictError when it is complete or something else runs, or the run failed or has no
        fields any more; ConfigError when a refinement would pass a limit of the grid;
        NotFoundError.
        """
        read_run(self._settings.home, job_uuid)
        if current_report(self._settings.home, job_uuid) is not None:
            raise ConflictError("The confirmation of this run is complete.")
        _refuse_removed(self._settings.home, job_uuid)
        active = _Confirming(job_uuid)
        with self._places.taken(active):
            self._errors.pop(job_uuid, None)
            self._places.start(active, lambda: self._run(active))

    def stop(self, job_uuid: str) -> None:
        """End the running jobs of a confirmation; a start goes on. Raises ConflictError."""
        active = self._active(job_uuid)
        if active is None:
            raise ConflictError("No confirmation of this run is in progress.")
        active.control.cancel()

    def state(self, job_uuid: str) -> dict[str, Any]:
        """Return how far the confirmation of a run is, with its report once it is complete.

        If it is neither running nor complete, the seconds left are estimated.
        """
        active = self._active(job_uuid)
        report = read_report(self._settings.home, job_uuid)
        shown = report.model_dump(mode="json") if report else None
        found = {"job_uuid": job_uuid, "total": TOTAL, "message": None, "seconds_left": None}
        if active is not None:
            return found | {"state": "running", "done": active.done, "report": None}
        if report is not None and not isinstance(report, FormerReport):
            return found | {"state": "complete", "done": TOTAL, "report": shown}
        missing = missing_runs(self._settings.home, job_uuid)
        message = self._errors.get(job_uuid)
        begun = read_plan(self._settings.home.confirmation(job_uuid)) is not None
        idle = "former" if report else "none"
        return found | {
            "state": "error" if message else "interrupted" if begun else idle,
            "done": TOTAL - sum(missing.values()),
            "message": message,
            "seconds_left": self._seconds(job_uuid, missing),
            "report": shown,
        }

    def _seconds(self, job_uuid: str, missing: Mapping[GroupName, int]) -> float | None:
        """Estimate the seconds left of a confirmation; None for a run that cannot be confirmed."""
        try:
            run = read_run(self._settings.home, job_uuid)
            return estimated_seconds(run, missing, self._settings.workers)
        except IrerError:
            return None

    def shutdown(self, timeout_s: float = 10.0) -> None:
        """Cancel the confirmation, if any, and wait for its thread."""
        end_all(self._places.at_work(_Confirming), timeout_s)

    def _active(self, job_uuid: str) -> _Confirming | None:
        """Return the confirmation of a run while it is in progress."""
        found = (each for each in self._places.at_work(_Confirming) if each.job_uuid == job_uuid)
        return next(found, None)

    def _run(self, active: _Confirming) -> None:
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
        self._places.leave(active)  # first: whoever sees the final state may start another at once
        try:
            self._ended()
        except IrerError as error:
            log.error("%s", error.message)


def _refuse_removed(home: Home, job_uuid: str) -> None:
    removal = None if home.artifact_file(job_uuid).exists() else removal_of(home, job_uuid)
    if removal is not None:
        raise ConflictError(
            f"the fields of the run {job_uuid} were removed by policy ({removal.reason}), and its "
            "confirmation is compared with them"
        )
