"""hunt.json of the hunt that runs: the plan in memory and its file change together."""

import logging
from contextlib import suppress
from typing import Any

from irer.base.clock import now
from irer.base.errors import IrerError, StorageError
from irer.base.hunt_records import HuntPlan
from irer.home import Home
from irer.home.registry import save_plan

_log = logging.getLogger("irer.engine")


class PlanFile:
    """The plan of a hunt and its file, which is another hunt's until `own` is called."""

    def __init__(self, plan: HuntPlan, home: Home) -> None:
        self.plan = plan
        self._home = home
        self._owned = False

    def own(self) -> None:
        """Say that the file holds nothing of an earlier hunt that is still needed."""
        self._owned = True

    def save(self, **changes: Any) -> None:
        """Change the plan, file first. Raises StorageError; then nothing is changed."""
        plan = self.plan.model_copy(update=changes)
        under_way = plan.state in ("Running", "Paused")
        times = {"started_at": plan.started_at or now(), "ended_at": None if under_way else now()}
        plan = plan.model_copy(update=times)
        save_plan(self._home, plan)
        self.plan = plan

    def try_to_save(self, **changes: Any) -> None:
        """Save changes to the plan if possible: the disk may be full."""
        if self._owned:
            with suppress(IrerError):
                self.save(**changes)

    def save_error(self, error: BaseException, *, stopping: bool) -> None:
        """Save which error ended the hunt; after a kill or Ctrl-C it is only unfinished."""
        if not isinstance(error, Exception):
            return
        message = error.message if isinstance(error, IrerError) else repr(error)
        _log.error("hunt %s ended: %s", self.plan.hunt_id, message)
        stopped = isinstance(error, StorageError) and stopping
        self.try_to_save(state="Stopped" if stopped else "Error", message=message)
