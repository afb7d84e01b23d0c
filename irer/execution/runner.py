"""The interface between the generation loop and whatever runs the jobs."""

from concurrent.futures import Future
from typing import Protocol

from irer.records import JobConfig, Provenance


class Runner(Protocol):
    """Runs jobs whose config file is written; each ends with its provenance file."""

    def submit(self, job: JobConfig) -> "Future[Provenance]":
        """Queue a job and return at once.

        The future gives the committed record, COMPLETE or FAILED. A failed candidate is a
        result; the future raises only when there is no record: CancelledError after
        `Future.cancel()` or `cancel()`, StorageError when the record could not be written.
        """

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones, none of which leaves a record; idempotent.

        Nothing can be submitted afterwards.
        """

    def close(self) -> None:
        """Wait for running jobs and free what the runner holds; idempotent."""
