"""The subprocess runner: per job one worker process, then one validator process.

It runs the commands that a person would type, with a time limit on each: the reference for the
other runners, and the one to debug with.
"""

import re
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

from irer.base.errors import InfrastructureError, StorageError
from irer.base.files import parse_json, remove_file
from irer.base.jobs import JobState
from irer.base.records import FailureReason, JobConfig, Provenance
from irer.home.provenance import read_provenance
from irer.runners.processes import Ended, child_environment, core_slots, how_it_ended, run_process
from irer.runners.runner import OnState, ignore_state
from settings import Settings

_LONGEST_MESSAGE = 500


class SubprocessRunner:
    """Runs `settings.workers` jobs at once, each on a core of its own where there are enough."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cancelled = threading.Event()
        self._cores: SimpleQueue[int | None] = SimpleQueue()
        for core in core_slots(settings.workers):
            self._cores.put(core)
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="irer-job")

    @property
    def capacity(self) -> int:
        """One job for each worker: the next starts when one ends."""
        return self._settings.workers

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Queue a job; see `Runner.submit`."""
        return self._pool.submit(self._run, job, on_state)

    def try_device(self) -> None:
        """Let the worker open its device, before it is given any job.

        A worker script other than the program's is not asked. Raises DeviceError when the device
        cannot be used, CancelledError after `cancel`.
        """
        from irer.runners.device import try_device  # imports Pebble

        if self._settings.worker_script == Settings.model_fields["worker_script"].default:
            try_device(self._settings, self._cancelled)

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones; nothing can be submitted after."""
        self._cancelled.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for running jobs and free the threads; idempotent."""
        self._pool.shutdown(wait=True)

    def _run(self, job: JobConfig, on_state: OnState) -> Provenance:
        core = self._cores.get()
        try:
            return run_job(
                job, self._settings, on_state=on_state, core=core, cancelled=self._cancelled
            )
        finally:
            self._cores.put(core)


def run_job(
    job: JobConfig,
    settings: Settings,
    *,
    params: Path | None = None,
    on_state: OnState = ignore_state,
    core: int | None = None,
    cancelled: threading.Event | None = None,
) -> Provenance:
    """Run one registered job, once, and return its committed record, COMPLETE or FAILED.

    `params` is the job's config file if not the registered one. A job that has its record is
    not run again. Raises InfrastructureError when a script crashed or met its limit,
    CancelledError when `cancelled` was set first, StorageError when a file cannot be written,
    ContractError when the validator left no readable record.
    """
    record = settings.home.provenance_file(job.job_uuid)
    if record.exists():
        return read_provenance(record)
    artifact = settings.home.artifact_file(job.job_uuid)
    remove_file(artifact)  # of an earlier try: what is there after the worker is its own
    child = _Child(job, settings, core, cancelled)
    on_state(job.job_uuid, JobState.RUNNING)
    worker = child.run(
        settings.worker_script,
        settings.worker_timeout_s,
        "--params",
        str(params or settings.home.config_file(job.job_uuid)),
    )
    if worker.timed_out or not artifact.exists():
        raise _failure("WORKER", worker)
    # Exit 1 with an artifact is a diverged candidate: the validator says so in its record.
    on_state(job.job_uuid, JobState.SIMULATED)
    validator = child.run(
        settings.validator_script, settings.validator_timeout_s, *_digest_option(worker.stdout)
    )
    if not record.exists():
        raise _failure("VALIDATOR", validator)
    return read_provenance(record)


@dataclass(frozen=True)
class _Child:
    """Starts the scripts of one job."""

    job: JobConfig
    settings: Settings
    core: int | None
    cancelled: threading.Event | None

    def run(self, script: Path, timeout_s: float, *options: str) -> Ended:
        """Run a script on the job to its end. Raises CancelledError, InfrastructureError."""
        try:
            ended = run_process(
                [sys.executable, script, "--job_uuid", self.job.job_uuid, *options],
                timeout_s=timeout_s,
                env=child_environment(self.settings.home),
                core=self.core,
                cancelled=self.cancelled,
            )
        except OSError as error:
            raise crash_error("WORKER", f"cannot start a process: {error}") from error
        if ended.cancelled:
            raise CancelledError
        return ended


def _report(stdout: str) -> dict[str, Any]:
    """Return a script's report, the JSON object in its last line; empty without one."""
    lines = stdout.strip().splitlines()
    try:
        report = parse_json(lines[-1]) if lines else None
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


def _digest_option(stdout: str) -> list[str]:
    """Return the option that hands on the digest from the worker's report."""
    digest = _report(stdout).get("artifact_sha256")
    whole = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
    return ["--artifact_sha256", str(digest)] if whole else []


def _failure(
    who: Literal["WORKER", "VALIDATOR"], ended: Ended
) -> InfrastructureError | StorageError:
    """Return the error of a script that left no usable result."""
    if ended.timed_out:
        return timeout_error(who, ended.seconds)
    report = _report(ended.stdout)
    if report.get("error") == "StorageError":
        return StorageError(str(report.get("message")))
    said = f": {ended.last_error_line}" if ended.last_error_line else ""
    return crash_error(who, f"{how_it_ended(ended.returncode)}{said}", ended.last_lines)


def timeout_error(who: Literal["WORKER", "VALIDATOR"], seconds: float) -> InfrastructureError:
    """Return the error of a try that met its time limit."""
    message = f"ended at its time limit, after {seconds:.0f} s"
    return InfrastructureError(FailureReason[f"{who}_TIMEOUT"], message)


def crash_error(
    who: Literal["WORKER", "VALIDATOR"], message: str, last_lines: Sequence[str] = ()
) -> InfrastructureError:
    """Return the error of a try whose process crashed, with the last lines that it wrote."""
    reason = FailureReason[f"{who}_CRASHED"]
    return InfrastructureError(reason, message[:_LONGEST_MESSAGE], last_lines)
