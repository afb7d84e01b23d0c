"""The events that the generation loop reports to an observer of the hunt."""

from typing import Protocol

from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance
from irer.base.results import FinalResult
from irer.hunt.control import HuntControl
from settings import Settings


class HuntObserver(Protocol):
    """Its methods are called from the hunt's thread, in order; they must be fast and not raise."""

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """React to the start of the jobs; `committed` of them have a record already (a resume)."""

    def generation_started(self, generation: int) -> None:
        """React to the registration of `generation`, counted over all hunts of a home."""

    def job_committed(self, provenance: Provenance) -> None:
        """React to the record of a job, COMPLETE or FAILED, that was written."""

    def jobs_changed(self, counts: dict[str, int]) -> None:
        """React, fast and often, to the numbers of the hunt's jobs by state (`JobState`)."""

    def hunt_paused(self, reason: str | None) -> None:
        """React to a pause, once no job runs any more; `reason` None: a person asked for it."""

    def hunt_resumed(self) -> None:
        """React to the end of a pause; also before `hunt_ended`, when a stop ended it."""

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:
        """React to the hunt's end, Completed or Stopped (`plan.state`), with its final result."""


class SilentObserver:
    """Watches nothing."""

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """Ignore it."""

    def generation_started(self, generation: int) -> None:
        """Ignore it."""

    def job_committed(self, provenance: Provenance) -> None:
        """Ignore it."""

    def jobs_changed(self, counts: dict[str, int]) -> None:
        """Ignore it."""

    def hunt_paused(self, reason: str | None) -> None:
        """Ignore it."""

    def hunt_resumed(self) -> None:
        """Ignore it."""

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:
        """Ignore it."""


class RunHunt(Protocol):
    """`core_engine.run_hunt` with the arguments that the hub and the controls use."""

    def __call__(
        self, *, plan: HuntPlan, settings: Settings, observer: HuntObserver, control: HuntControl
    ) -> FinalResult:
        """Run the hunt to its end on the runner that the plan names; return its final result."""
