"""A generation as one batch in one worker: what an accelerator is good at.

A batch that fails is halved and run again, whatever the reason: out of memory, because half of it
may fit; a crash or the time limit, to find the job at fault. Only a failure of a job that runs
alone counts as its try.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Future
from importlib.metadata import entry_points
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any

from irer.base.errors import InfrastructureError
from irer.base.jobs import JobState
from irer.base.records import JobConfig, Provenance
from irer.runners.device import opened_device
from irer.runners.pool import VALIDATE, PoolRunner, Try, WarmRunner, errors_to
from irer.runners.runner import PAUSE_AFTER, OnState, Runner, ignore_state
from irer.runners.subprocess_runner import crash_error
from irer.runners.warm import OutOfMemoryError, WarmProcess
from settings import Settings

_log = logging.getLogger("irer.engine.batch")

ON_ACCELERATOR = 256  # jobs at most, unless the settings say another number
_GATHER_S = 0.05  # how long a batch waits for one more job


def open_pool(settings: Settings) -> Runner:
    """Return the runner on warm processes that suits this machine. Raises DeviceError."""
    batch = settings.batch or _suggested_batch()
    return PoolRunner(settings) if batch == 1 else BatchRunner(settings, batch)


def _suggested_batch() -> int:
    """Return how many jobs JAX's device had best simulate at once. Raises DeviceError.

    JAX has no accelerator without a plug-in; where none is installed, JAX is not imported.
    """
    if not entry_points(group="jax_plugins"):
        return 1
    process = WarmProcess()
    try:
        return 1 if opened_device(process) == "cpu" else ON_ACCELERATOR
    finally:
        process.close()


class BatchRunner(WarmRunner):
    """Simulates up to `batch` jobs of one shape at once, in one process.

    `simulate` names the simulating function: simulate(jobs, settings) -> a report for each. A
    worker's time limit holds for a batch. How many jobs fit into memory is learned once.
    """

    def __init__(
        self,
        settings: Settings,
        batch: int,
        *,
        simulate: str = "worker_sncgl_sdg:run_batch",
        validate: str = VALIDATE,
    ) -> None:
        super().__init__(settings, [WarmProcess()], settings.workers, validate)
        self._simulate = simulate
        self._batch = batch
        self._fits = batch  # less, once memory was short
        self._failed_alone: list[InfrastructureError] = []  # in a row
        self._waiting: SimpleQueue[Try] = SimpleQueue()

    @property
    def capacity(self) -> int:
        """Two batches: one in the worker, and one that is validated or gathered."""
        return 2 * self._batch

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Queue a job; see `Runner.submit`."""
        this = Try(job, on_state)
        self._waiting.put(this)
        self._workers.threads.submit(self._run_waiting)
        return this.future

    def _run_waiting(self) -> None:
        """Run the waiting jobs, one batch a shape; a later call finds fewer jobs or none."""
        for tries in _of_one_shape(self._gather()):
            self._failed_alone.clear()
            batch = [this for this in tries if this.begin(self._settings)]
            for this in batch:
                this.on_state(this.job.job_uuid, JobState.RUNNING)
            self._run(batch)

    def _gather(self) -> list[Try]:
        found: list[Try] = []
        while len(found) < self._batch:
            try:
                found.append(self._waiting.get(timeout=_GATHER_S if found else 0))
            except Empty:
                break
        return found

    def _run(self, batch: list[Try]) -> None:
        """Simulate jobs and hand them on to the validators; halve a batch that fails."""
        if len(batch) > self._fits:
            self._run_halves(batch)
        elif len(self._failed_alone) >= PAUSE_AFTER:  # no job's fault: the hunt is to pause
            _fail(batch, self._failed_alone[-1])
        elif batch:
            try:
                reports = self._reports(batch)
            except InfrastructureError as error:
                self._take_trouble(batch, error)
            except BaseException as error:
                _fail(batch, error)
            else:
                self._failed_alone.clear()
                for this, report in zip(batch, reports, strict=True):
                    with errors_to(this.future):
                        self._hand_over(this, report)

    def _run_halves(self, batch: list[Try]) -> None:
        middle = len(batch) // 2
        self._run(batch[:middle])
        self._run(batch[middle:])

    def _reports(self, batch: list[Try]) -> list[Any]:
        self._refuse_when_cancelled()
        jobs = [this.job for this in batch]
        reports = self._call_worker(self._simulate, jobs, jobs)
        if not isinstance(reports, list) or len(reports) != len(jobs):
            raise crash_error("WORKER", "it did not report on every job")
        return reports

    def _take_trouble(self, batch: list[Try], error: InfrastructureError) -> None:
        if len(batch) == 1:
            self._failed_alone.append(error)
            _fail(batch, error)
            return
        if isinstance(error.__cause__, OutOfMemoryError):
            self._fits = len(batch) // 2
        _log.warning(
            "a batch of %d jobs is halved: %s, %s", len(batch), error.reason, error.message
        )
        self._run_halves(batch)


def _fail(batch: list[Try], error: BaseException) -> None:
    for this in batch:
        this.future.set_exception(error)


def _of_one_shape(tries: list[Try]) -> Iterable[list[Try]]:
    """Group tries by what a compiled program depends on; a hunt's jobs are all of one shape."""

    def shape(this: Try) -> str:
        return f"{this.job.model} {this.job.simulation.fingerprint()}"

    return (list(group) for _, group in groupby(sorted(tries, key=shape), key=shape))
