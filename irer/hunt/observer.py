"""What the generation loop tells whoever watches a hunt."""

from typing import Any, Protocol

from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance


class HuntObserver(Protocol):
    """Called from the hunt's own thread, in order; it should return fast and not raise."""

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """Hear that jobs run from here on; `committed` ones have their record (a resume)."""

    def generation_started(self, generation: int) -> None:
        """Hear that the jobs of `generation` (counted over all hunts of a home) are registered."""

    def job_committed(self, provenance: Provenance) -> None:
        """Hear that the record of a job, COMPLETE or FAILED, was written."""

    def jobs_changed(self, counts: dict[str, int]) -> None:
        """Hear how many jobs of the hunt are in each state (`JobState`); often, so be fast."""

    def hunt_paused(self, reason: str | None) -> None:
        """Hear that the hunt pauses and its last running job ended; no reason: as asked."""

    def hunt_resumed(self) -> None:
        """Hear that a pause is over; also before `hunt_ended`, when it ended by a stop."""

    def hunt_ended(self, plan: HuntPlan, result: dict[str, Any]) -> None:
        """Hear that the hunt is Completed or Stopped (`plan.state`), and what it returns."""


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

    def hunt_ended(self, plan: HuntPlan, result: dict[str, Any]) -> None:
        """Ignore it."""
