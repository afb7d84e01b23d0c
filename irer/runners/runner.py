"""The interface between the generation loop and whatever runs the jobs."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, runtime_checkable

from irer.base.jobs import JobState
from irer.base.records import JobConfig, Provenance

OnState = Callable[[str, JobState], None]

PAUSE_AFTER = 5  # tries in a row that ended by the infrastructure's fault pause a hunt


def ignore_state(job_uuid: str, state: JobState) -> None:
    """Ignore the state of a job."""


@runtime_checkable
class Runner(Protocol):
    """Runs jobs whose config file is written; each ends with its provenance file.

    One that also has `try_device()` is asked, before any job, to prove that it can compute; it
    raises DeviceError when it cannot, CancelledError after `cancel()`.
    """

    @property
    def capacity(self) -> int:
        """How many jobs are worth having submitted at once; it may change with a cluster."""

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Queue a job for one try and return at once.

        `on_state(job_uuid, ...)` is called with RUNNING and SIMULATED when they happen, from any
        thread; it must be fast and not raise. States after the future's end are ignored.

        The future gives the committed record, COMPLETE or FAILED; a job that has its record is not
        run again. It raises only when there is no record: InfrastructureError when the try ended by
        a crash, a time limit or a lost worker (no retry here: that is the caller's); StorageError
        when a file could not be written, in whatever process; CancelledError after `cancel()`, or
        after `Future.cancel()`, which works until the job is running.
        """

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones, none of which leaves a record; idempotent.

        Nothing can be submitted afterwards: `submit` raises RuntimeError.
        """

    def close(self) -> None:
        """Wait for running jobs and free what the runner holds; idempotent."""
