"""Keeps the reading of a hunt up to date while the hunt runs."""

import logging

from irer.base.errors import ContractError
from irer.base.hunt_records import HuntPlan
from irer.controls.reading.making import make_reading
from irer.home import Home

_log = logging.getLogger("irer.engine.reading")

EVERY_GENERATION = 100  # runs, up to which each generation has a reading
GROWTH = 1.25  # beyond: so many times the runs of the last one, which costs five readings in all


class ReadingKeeper:
    """Makes the reading after a generation; in a long hunt, when its runs are a quarter more."""

    def __init__(self, home: Home, workers: int) -> None:
        self._home = home
        self._workers = workers
        self._next = 0.0  # runs

    def after_generation(self, plan: HuntPlan) -> None:
        """Make the reading after the plan's generation if it is its turn. Raises StorageError."""
        runs = (plan.generation - plan.first_generation + 1) * plan.population_size
        if runs < self._next:
            return
        self.make(plan)
        self._next = 0.0 if runs <= EVERY_GENERATION else GROWTH * runs

    def make(self, plan: HuntPlan) -> None:
        """Make the reading; a broken file of a control leaves the last one. Raises StorageError.

        A null hunt has none.
        """
        if self._home.of_null_hunt:
            return
        try:
            make_reading(self._home, plan, self._workers)
        except ContractError as error:
            _log.warning("no reading of hunt %s: %s", plan.hunt_id, error.message)
