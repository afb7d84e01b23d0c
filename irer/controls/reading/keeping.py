"""Keeps the reading of a hunt up to date while the hunt runs."""

import logging
import time

from irer.base.errors import ContractError
from irer.base.hunt_records import HuntPlan
from irer.controls.reading.making import make_reading
from irer.home import Home

_log = logging.getLogger("irer.engine.reading")

SHARE = 0.01  # of a hunt's time that its readings may take; a reading of 10^5 runs takes seconds


class ReadingKeeper:
    """Makes the reading after a generation, unless the last one was made too short a while ago."""

    def __init__(self, home: Home, workers: int) -> None:
        self._home = home
        self._workers = workers
        self._not_before = 0.0  # on the monotonic clock

    def after_generation(self, plan: HuntPlan) -> None:
        """Make the reading if its time has come. Raises StorageError."""
        if time.monotonic() >= self._not_before:
            self.make(plan)

    def make(self, plan: HuntPlan) -> None:
        """Make the reading; a broken file of a control leaves the last one. Raises StorageError."""
        began = time.monotonic()
        try:
            make_reading(self._home, plan, self._workers)
        except ContractError as error:
            _log.warning("no reading of hunt %s: %s", plan.hunt_id, error.message)
        ended = time.monotonic()
        self._not_before = ended + (ended - began) / SHARE
