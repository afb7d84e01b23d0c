"""A hunt's progress on a terminal or in a captured log."""

import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from irer.base.goals import why_no_score
from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance
from irer.base.results import FinalResult
from irer.hunt.observer import SilentObserver


class ProgressBar:
    """An observer that draws one line on stderr: jobs done, failed, smallest errors so far.

    `make_bar` is tqdm's class for a terminal, or another of its classes.
    """

    def __init__(self, make_bar: "Callable[..., tqdm[Any]]" = tqdm) -> None:
        self._make_bar = make_bar
        self._bar: tqdm[Any] | None = None
        self._failed = 0
        self._sse: float | None = None
        self._h_norm: float | None = None

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:
        """Draw the line; a resumed hunt starts where it was."""
        self._bar = self._make_bar(
            total=plan.total_jobs, initial=committed, unit="job", desc="hunt", file=sys.stderr
        )

    def generation_started(self, generation: int) -> None:
        """Name the generation."""
        if self._bar is not None:
            self._bar.set_description(f"generation {generation}")

    def job_committed(self, provenance: Provenance) -> None:
        """Count the job."""
        if self._bar is None:
            return
        if provenance.metrics is None:
            self._failed += 1
        elif not why_no_score(provenance.metrics):
            self._sse = _smaller(self._sse, provenance.metrics.log_prime_sse)
            self._h_norm = _smaller(self._h_norm, provenance.metrics.sdg_h_norm_l2)
        known = {"sse": self._sse, "h": self._h_norm}
        shown = {name: f"{value:.4g}" for name, value in known.items() if value is not None}
        self._bar.set_postfix({"failed": self._failed, **shown}, refresh=False)
        self._bar.update()

    def jobs_changed(self, counts: dict[str, int]) -> None:
        """Draw nothing: the line counts what is committed."""

    def hunt_paused(self, reason: str | None) -> None:
        """Draw nothing: a pause ends a hunt without a hub, and the command says why."""

    def hunt_resumed(self) -> None:
        """Draw nothing."""

    def hunt_ended(self, plan: HuntPlan, result: FinalResult) -> None:  # noqa: ARG002
        """Leave the line as it is."""
        self.close()

    def close(self) -> None:
        """End the line, also after an error; idempotent."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class SeriesBar(SilentObserver):
    """One line on stderr that counts the jobs of many hunts, `total` in all."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar: tqdm[Any] | None = None  # drawn with the first hunt

    def next_hunt(self, name: str, jobs_done: int) -> None:
        """Name the next hunt; count its jobs that were done in an earlier sitting."""
        if self._bar is None:
            self._bar = tqdm(total=self._total, unit="job", file=sys.stderr)
        self._bar.set_description(name)
        self._bar.update(jobs_done)

    def hunt_started(self, plan: HuntPlan, committed: int) -> None:  # noqa: ARG002
        """Count what an interrupted hunt has done already."""
        self._count(committed)

    def job_committed(self, provenance: Provenance) -> None:  # noqa: ARG002
        """Count the job."""
        self._count(1)

    def _count(self, jobs: int) -> None:
        if self._bar is not None:
            self._bar.update(jobs)

    def close(self) -> None:
        """End the line; idempotent."""
        if self._bar is not None:
            self._bar.close()


class CountBar:
    """One line on stderr that shows how many of a known number are done."""

    def __init__(self, name: str, unit: str = "run") -> None:
        self._name = name
        self._unit = unit
        self._bar: tqdm[Any] | None = None  # drawn once there is something to count

    def __call__(self, done: int, total: int) -> None:
        """Show `done` of `total`."""
        if self._bar is None:
            self._bar = tqdm(total=total, unit=self._unit, desc=self._name, file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """End the line; idempotent."""
        if self._bar is not None:
            self._bar.close()


def _smaller(known: float | None, new: float) -> float:
    return new if known is None else min(known, new)
