"""The subprocess runner: per job one worker process, then one validator process.

These are the commands that anyone could type, with a time limit on each and a record even of
the jobs that reach none.
"""

import logging
import os
import re
import sys
import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

import psutil

from irer.errors import StorageError
from irer.execution.processes import Ended, run_process
from irer.files import parse_json, write_json
from irer.provenance import read_provenance
from irer.records import FailureReason, JobConfig, Provenance, RunError, RunState
from settings import Settings

_log = logging.getLogger("irer.engine.local")

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_ONE_THREAD_XLA = "--xla_cpu_multi_thread_eigen=false"
_LONGEST_MESSAGE = 500


class SubprocessRunner:
    """Runs `settings.workers` jobs at once, each on a core of its own where there are enough."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cancelled = threading.Event()
        self._cores = _core_slots(settings.workers)
        self._pool = ThreadPoolExecutor(settings.workers, thread_name_prefix="irer-job")

    def submit(self, job: JobConfig) -> "Future[Provenance]":
        """Queue a job; see `Runner.submit`."""
        return self._pool.submit(self._run, job)

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones; nothing can be submitted after."""
        self._cancelled.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Wait for running jobs and free the threads; idempotent."""
        self._pool.shutdown(wait=True)

    def _run(self, job: JobConfig) -> Provenance:
        core = self._cores.get()
        try:
            return run_job(job, self._settings, core=core, cancelled=self._cancelled)
        finally:
            self._cores.put(core)


def _core_slots(workers: int) -> "SimpleQueue[int | None]":
    """Return a queue with one core number per job at once, None where cores cannot be chosen."""
    process = psutil.Process()
    cores = process.cpu_affinity() if hasattr(process, "cpu_affinity") else None
    slots: SimpleQueue[int | None] = SimpleQueue()
    for slot in range(workers):
        slots.put(cores[slot % len(cores)] if cores else None)
    return slots


def run_job(
    job: JobConfig,
    settings: Settings,
    *,
    params: Path | None = None,
    core: int | None = None,
    cancelled: threading.Event | None = None,
) -> Provenance:
    """Run one registered job and return its committed record, COMPLETE or FAILED.

    `params` is the job's config file if not the registered one. A job that has its record is
    not run again. Raises CancelledError when `cancelled` was set first, StorageError when a
    file cannot be written, ContractError when the validator left no readable record.
    """
    record = settings.provenance_file(job.job_uuid)
    if record.exists():
        return read_provenance(record)
    artifact = settings.artifact_file(job.job_uuid)
    _remove(artifact)  # of an earlier try: what is there after this worker is this worker's
    child = _Child(job, settings, core, cancelled)
    worker = child.run(
        settings.worker_script,
        settings.worker_timeout_s,
        "--params",
        str(params or settings.config_file(job.job_uuid)),
    )
    if worker.timed_out or not artifact.exists():
        return _commit_failure(job, settings, _failure("WORKER", worker))
    # Exit 1 with an artifact is a diverged candidate: the validator says so in its record.
    validator = child.run(
        settings.validator_script, settings.validator_timeout_s, *_digest_option(worker.stdout)
    )
    if not record.exists():
        return _commit_failure(job, settings, _failure("VALIDATOR", validator))
    return read_provenance(record)


@dataclass(frozen=True)
class _Child:
    """Starts the scripts of one job."""

    job: JobConfig
    settings: Settings
    core: int | None
    cancelled: threading.Event | None

    def run(self, script: Path, timeout_s: float, *options: str) -> Ended:
        """Run a script on the job to its end. Raises CancelledError."""
        ended = run_process(
            [sys.executable, script, "--job_uuid", self.job.job_uuid, *options],
            timeout_s=timeout_s,
            env=child_environment(self.settings),
            core=self.core,
            cancelled=self.cancelled,
        )
        if ended.cancelled:
            raise CancelledError
        return ended


def child_environment(settings: Settings) -> dict[str, str]:
    """Return our environment with the home named and every numerical library on one thread."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} {_ONE_THREAD_XLA}".strip()
    return {**os.environ, **_ONE_THREAD, "XLA_FLAGS": flags, "IRER_HOME": str(settings.home)}


def _digest_option(stdout: str) -> list[str]:
    """Return the option that hands on the digest from the worker's report, its last line."""
    lines = stdout.strip().splitlines()
    try:
        report = parse_json(lines[-1]) if lines else None
    except ValueError:
        return []
    digest = report.get("artifact_sha256") if isinstance(report, dict) else None
    whole = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}", digest)
    return ["--artifact_sha256", str(digest)] if whole else []


def _failure(who: Literal["WORKER", "VALIDATOR"], ended: Ended) -> RunError:
    """Say why a script left nothing to go on with."""
    if ended.timed_out:
        message = f"ended at its time limit, after {ended.seconds:.0f} s"
        return RunError(reason=FailureReason[f"{who}_TIMEOUT"], message=message)
    code = ended.returncode
    how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    said = f": {ended.last_error_line}" if ended.last_error_line else ""
    message = f"{how}{said}"[:_LONGEST_MESSAGE]
    return RunError(reason=FailureReason[f"{who}_CRASHED"], message=message)


def _commit_failure(job: JobConfig, settings: Settings, error: RunError) -> Provenance:
    """Write the FAILED record of a job that never got one."""
    record = Provenance.of_job(job, state=RunState.FAILED, metrics=None, error=error)
    write_json(settings.provenance_file(job.job_uuid), record.model_dump(mode="json"))
    _log.warning("job %s failed: %s, %s", job.job_uuid, error.reason, error.message)
    return record


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot remove {path}: {error.strerror or error}") from error
