"""The dask runner: one task per job on a cluster, the home on a file system that all share.

Dask finds the worker, and another one when a worker is lost; a job that has its record by then
is not run again. How a worker runs a job is in `cluster_worker`, what must hold before the first
one in `cluster_checks`.
"""

import asyncio
import itertools
import logging
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from irer.base.errors import InfrastructureError, IrerError, StorageError
from irer.base.jobs import JobState
from irer.base.records import FailureReason, JobConfig, Provenance
from irer.runners.cluster_checks import (
    ANSWER_S,
    check_workers,
    close_session,
    connect,
    open_session,
)
from irer.runners.runner import OnState, ignore_state
from settings import Settings

if TYPE_CHECKING:
    from irer.runners.cluster_worker import Answer, Session

_log = logging.getLogger("irer.engine.cluster")

_JOBS_PER_THREAD = 2  # one that runs and one that waits beside it
_FRESH_S = 1.0  # how old a count of the workers may be


class SchedulerLostError(StorageError):
    """The scheduler is gone: no candidate's fault, so the hunt waits and tries again.

    A StorageError, so that the hunt pauses with the reason and no job is given up.
    """


@dataclass(eq=False)
class _Try:
    """One submission of a job by the engine; on the cluster it may take several tasks."""

    tag: str
    job: JobConfig
    on_state: OnState
    future: "Future[Provenance]" = field(default_factory=Future)
    told: set[JobState] = field(default_factory=set)
    wanted: bool | None = None

    def begin(self) -> bool:
        """Mark the future as running, once; False when it was cancelled before."""
        if self.wanted is None:
            self.wanted = self.future.set_running_or_notify_cancel()
        return self.wanted


class _Call:
    """Pickles as the call itself, so that unpickling it makes the call.

    Dask's scheduler unpickles a task's function and arguments too; this way it gets nothing but
    `pickle.loads` and bytes, and need not be able to import this program.
    """

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self._call = function, args

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


class DaskRunner:
    """Runs jobs on the cluster behind `settings.dask_scheduler`.

    The constructor connects and checks every worker; it raises one-line ConfigErrors before any job
    starts. A worker that joins later is checked likewise at its first task and, if unfit, retired.
    When no worker is left, jobs wait for the next one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._open: dict[str, _Try] = {}  # by tag
        self._count = itertools.count()
        self._cancelled = self._closed = self._lost = False
        self._retiring: asyncio.Lock
        self._retired: set[str]  # addresses
        self._threads = 0
        self._counted = float("-inf")
        self._client: Any  # distributed.Client
        self._session: Session
        self._connect()

    def _connect(self) -> None:
        self._client = connect(self._settings)
        try:
            self._session = open_session(self._settings)
            check_workers(self._client, self._session, self._settings)
        except BaseException:
            self._client.close()
            close_session(self._settings.home)
            raise
        self._retiring, self._retired = asyncio.Lock(), set()  # a lock belongs to one loop
        self._client.subscribe_topic(self._session.topic, self._hear)
        self._lost = False

    @property
    def capacity(self) -> int:
        """Twice the threads of all workers at this moment, at least one."""
        if time.monotonic() - self._counted > _FRESH_S:
            with suppress(Exception):  # the jobs' futures report a lost scheduler
                threads = self._client.sync(self._client.nthreads, callback_timeout=ANSWER_S)
                self._note_threads(sum(threads.values()))
            self._counted = time.monotonic()
        return max(1, _JOBS_PER_THREAD * self._threads)

    def _note_threads(self, threads: int) -> None:
        if threads != self._threads:
            _log.info("%d threads of workers at %s", threads, self._settings.dask_scheduler)
        if threads == 0 < self._threads:
            _log.warning("no worker is left at the scheduler; jobs wait for the next to join")
        self._threads = threads

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        """Queue a job; see `Runner.submit`. Reconnects if the scheduler was lost."""
        if self._cancelled or self._closed:
            raise RuntimeError("the runner was closed")
        this = _Try(f"{job.job_uuid}-{next(self._count)}", job, on_state)
        try:
            self._reconnect_if_lost()
        except (IrerError, OSError) as error:
            this.future.set_exception(SchedulerLostError(str(error)))
        else:
            with self._lock:
                self._open[this.tag] = this
            loop = self._client.loop.asyncio_loop
            asyncio.run_coroutine_threadsafe(self._follow(this), loop)
        return this.future

    def _reconnect_if_lost(self) -> None:
        if self._lost or self._client.status != "running":
            self._lost = True
            self._client.close(timeout=ANSWER_S)
            for this in self._tries():
                self._settle(this, self._lost_error())
            self._connect()

    def cancel(self) -> None:
        """End running jobs at once and drop queued ones; idempotent."""
        if not self._cancelled:
            self._cancelled = True
            self._end_session()
        for this in self._tries():
            self._settle(this, CancelledError())

    def close(self) -> None:
        """Wait for running jobs, end the workers' processes, disconnect; idempotent."""
        wait([this.future for this in self._tries()])
        if not self._closed:
            self._closed = True
            self._end_session()
            self._client.close(timeout=ANSWER_S)
            close_session(self._settings.home)

    def _tries(self) -> list[_Try]:
        with self._lock:
            return list(self._open.values())

    def _end_session(self) -> None:
        """End the session's jobs and processes on all workers, as far as they can be reached."""
        from irer.runners.cluster_worker import end_session

        with suppress(Exception):
            self._client.sync(
                self._client.run,
                end_session,
                self._session.token,
                on_error="ignore",
                callback_timeout=ANSWER_S,
            )

    async def _follow(self, this: _Try) -> None:
        """Run a try until a fit worker has answered; retire unfit ones on the way."""
        client = self._client
        try:
            for number in itertools.count():
                answer = await self._run_task(this, number)
                if answer.problem != "unfit":
                    break
                await self._retire(answer, client)
        except (Exception, asyncio.CancelledError) as error:
            self._settle(this, self._explain(error, this, client))
        else:
            self._settle(this, answer.record or self._error_of(answer))

    async def _retire(self, answer: "Answer", client: Any) -> None:
        """Retire an unfit worker once; a second caller waits until it is gone."""
        async with self._retiring:
            if answer.worker not in self._retired:
                _log.warning("the worker %s is retired: %s", answer.worker, answer.message)
                await client.retire_workers([answer.worker])
                self._retired.add(answer.worker)

    async def _run_task(self, this: _Try, number: int) -> "Answer":
        """Submit the job to Dask and wait for the answer of whichever worker runs it."""
        from irer.runners.cluster_worker import run_job

        # The key is what Dask's dashboard shows; two tasks never share one.
        key = f"job-{this.tag}-{number}-{self._session.token[:8]}"
        call = _Call(run_job, this.job, self._settings, self._session, this.tag)
        task = self._client.submit(pickle.loads, pickle.dumps(call), key=key, pure=False)
        loop = asyncio.get_running_loop()

        def withdraw(future: "Future[Provenance]") -> None:
            if future.cancelled():
                loop.call_soon_threadsafe(lambda: asyncio.ensure_future(task.cancel(force=True)))

        this.future.add_done_callback(withdraw)
        answer: Answer = await task
        return answer

    def _explain(self, error: BaseException, this: _Try, client: Any) -> BaseException:
        """Turn what Dask raised into what a runner's future may raise."""
        from distributed import KilledWorker

        if isinstance(error, KilledWorker):
            message = "every worker that took the job was lost"
            return InfrastructureError(FailureReason.WORKER_LOST, message)
        if self._cancelled or this.future.cancelled():
            return CancelledError()
        # Dask cancels all tasks when it loses the scheduler, and may have found it again by now.
        if isinstance(error, CancelledError | asyncio.CancelledError) or client.status != "running":
            self._lost = True
            return self._lost_error()
        return InfrastructureError(FailureReason.WORKER_CRASHED, f"in the cluster: {error!r}")

    def _error_of(self, answer: "Answer") -> BaseException:
        """Return the exception for an answer without a record."""
        if answer.problem == "withdrawn" and self._cancelled:  # may precede what `cancel` sets
            return CancelledError()
        if answer.problem == "storage":
            return StorageError(answer.message)
        reason = answer.reason or FailureReason.WORKER_LOST
        return InfrastructureError(reason, answer.message, answer.last_lines)

    def _lost_error(self) -> SchedulerLostError:
        address = self._settings.dask_scheduler
        return SchedulerLostError(f"the connection to the scheduler at {address} was lost")

    def _settle(self, this: _Try, outcome: Provenance | BaseException) -> None:
        """Settle a try's future once; what comes later, as after a cancel, is ignored."""
        with self._lock:
            if self._open.pop(this.tag, None) is None or not this.begin():
                return
        if isinstance(outcome, Provenance):
            this.future.set_result(outcome)
        else:
            this.future.set_exception(outcome)

    def _hear(self, event: tuple[float, Any]) -> None:
        """Pass on each state once: a job that lost its worker repeats its states unreported."""
        tag, state = event[1][0], JobState(event[1][1])
        with self._lock:
            this = self._open.get(tag)
            if this is None or state in this.told or not this.begin():
                return
            this.told.add(state)
        this.on_state(this.job.job_uuid, state)
