"""Runners on warm processes: workers that simulate, validators that judge beside them.

While a validator checks one job, the worker simulates the next. JAX is imported and each shape
compiled once a process instead of once a job.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Literal

from irer.base.files import remove_file
from irer.base.jobs import JobState
from irer.base.records import JobConfig, Provenance
from irer.home.provenance import read_provenance
from irer.runners.device import opened_device
from irer.runners.processes import core_slots
from irer.runners.runner import OnState, ignore_state
from irer.runners.subprocess_runner import crash_error, timeout_error
from irer.runners.warm import ProcessCrashedError, WarmProcess
from settings import Settings

VALIDATE = "validation_pipeline:validate_job"
_WORKERS_A_VALIDATOR = 4  # a simulation takes ten times as long as its validation, or more


@dataclass(frozen=True)
class Try:
    """One submission of a job."""

    job: JobConfig
    on_state: OnState
    future: "Future[Provenance]" = field(default_factory=Future)

    def begin(self, settings: Settings) -> bool:
        """Say whether the job is to be run: not if it was cancelled or has its record."""
        if not self.future.set_running_or_notify_cancel():
            return False
        record = settings.home.provenance_file(self.job.job_uuid)
        if not record.exists():
            return True
        with errors_to(self.future):
            self.future.set_result(read_provenance(record))
        return False


class WarmRunner:
    """What runners on warm processes share: the validation of an artifact, and the end.

    `validate` names the validating function as `module:function`; only the processes import it:
    validate(job_uuid, artifact_sha256, settings) -> the record, which it has written.
    """

    def __init__(
        self, settings: Settings, workers: list[WarmProcess], n_validators: int, validate: str
    ) -> None:
        self._settings = settings
        self._validate = validate
        self._cancelled = threading.Event()
        self._workers = _Processes("irer-worker", workers)
        # Not pinned: a validator takes whichever core has time for it.
        validators = [WarmProcess() for _ in range(n_validators)]
        self._validators = _Processes("irer-validator", validators)

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones; nothing can be submitted after."""
        self._cancelled.set()
        self._workers.cancel()
        self._validators.cancel()

    def close(self) -> None:
        """Wait for running jobs and end the processes; idempotent."""
        self._workers.close()
        self._validators.close()

    def try_device(self) -> None:
        """Open the device in a worker, before any job is given to one.

        Raises DeviceError when it cannot be used, CancelledError after `cancel`.
        """
        with self._workers.one() as process:
            opened_device(process)

    def _call_worker(self, function: str, given: Any, jobs: list[JobConfig]) -> Any:
        """Call `function` on `given` in a worker; return its report on `jobs`."""
        limit = self._settings.worker_timeout_s
        with self._workers.one() as process:
            for job in jobs:
                remove_file(self._settings.home.artifact_file(job.job_uuid))
            with _as_infrastructure("WORKER", limit):
                return process.call(function, given, self._settings, timeout_s=limit)

    def _hand_over(self, this: Try, report: Any) -> None:
        """Let a validator judge a job that was simulated, if the worker left its artifact."""
        if not self._settings.home.artifact_file(this.job.job_uuid).exists():
            raise crash_error("WORKER", "it left no artifact")
        this.on_state(this.job.job_uuid, JobState.SIMULATED)
        digest = report.get("artifact_sha256") if isinstance(report, dict) else None
        try:
            self._validators.threads.submit(self._run_validator, this, digest)
        except RuntimeError as error:  # cancelled since
            raise CancelledError from error

    def _run_validator(self, this: Try, digest: str | None) -> None:
        with errors_to(this.future), self._validators.one() as process:
            self._refuse_when_cancelled()
            this.future.set_result(self._call_validator(process, this.job, digest))

    def _call_validator(
        self, process: WarmProcess, job: JobConfig, digest: str | None
    ) -> Provenance:
        limit = self._settings.validator_timeout_s
        record = self._settings.home.provenance_file(job.job_uuid)
        try:
            with _as_infrastructure("VALIDATOR", limit):
                process.call(self._validate, job.job_uuid, digest, self._settings, timeout_s=limit)
        except Exception:
            if not record.exists():  # else the validator died after committing the job
                raise
        if not record.exists():
            raise crash_error("VALIDATOR", "it left no record")
        return read_provenance(record)

    def _refuse_when_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise CancelledError


class PoolRunner(WarmRunner):
    """Simulates `settings.workers` jobs at once, each worker on a core of its own.

    `simulate` names the simulating function: simulate(job, settings) -> report with the artifact's
    digest. Without `pin` a worker takes any free core, for a machine that others share.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        simulate: str = "worker_sncgl_sdg:run",
        validate: str = VALIDATE,
        pin: bool = True,
    ) -> None:
        cores = core_slots(settings.workers) if pin else [None] * settings.workers
        workers = [WarmProcess(core) for core in cores]
        self._n_validators = 1 + settings.workers // _WORKERS_A_VALIDATOR
        super().__init__(settings, workers, self._n_validators, validate)
        self._simulate = simulate

    @property
    def capacity(self) -> int:
        """A job in each worker and one in each validator."""
        return self._settings.workers + self._n_validators

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Queue a job; see `Runner.submit`."""
        this = Try(job, on_state)
        self._workers.threads.submit(self._run, this)
        return this.future

    def _run(self, this: Try) -> None:
        if this.begin(self._settings):
            with errors_to(this.future):
                self._refuse_when_cancelled()
                this.on_state(this.job.job_uuid, JobState.RUNNING)
                report = self._call_worker(self._simulate, this.job, [this.job])
                self._hand_over(this, report)


class _Processes:
    """Warm processes, each with a thread that waits for its results."""

    def __init__(self, name: str, processes: list[WarmProcess]) -> None:
        self._all = processes
        self._idle: SimpleQueue[WarmProcess] = SimpleQueue()
        for process in processes:
            self._idle.put(process)
        self.threads = ThreadPoolExecutor(len(processes), thread_name_prefix=name)

    @contextmanager
    def one(self) -> Iterator[WarmProcess]:
        """Yield a process for one thread's use; there are as many threads as processes."""
        process = self._idle.get()
        try:
            yield process
        finally:
            self._idle.put(process)

    def cancel(self) -> None:
        """End every process; queued calls then find that they are cancelled."""
        self.threads.shutdown(wait=False)
        for process in self._all:
            process.end()

    def close(self) -> None:
        """Let queued calls end, then free the processes."""
        self.threads.shutdown(wait=True)
        for process in self._all:
            process.close()


@contextmanager
def errors_to(future: "Future[Provenance]") -> Iterator[None]:
    """Set what the block raises as the exception of `future`."""
    try:
        yield
    except BaseException as error:
        future.set_exception(error)


@contextmanager
def _as_infrastructure(who: Literal["WORKER", "VALIDATOR"], limit_s: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise timeout_error(who, limit_s) from error
    except ProcessCrashedError as error:
        raise crash_error(who, str(error), error.last_lines) from error
