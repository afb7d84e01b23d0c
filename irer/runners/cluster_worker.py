"""What runs in a Dask worker's process: fitness for a session, and the jobs themselves.

Why a pool inside the worker: a Dask thread cannot be ended, so a hard time limit, and a worker
that survives a crashing candidate, take a process of the job's own; and a fresh process per job
would import JAX and compile anew each time. So every Dask worker keeps a `PoolRunner` with as
many warm processes as it has threads, and a task only waits for it. Limits, crash detection and
the end of all children with their parent are those of the pool; the functions are the same.
"""

import asyncio
import logging
import multiprocessing.process
import platform
import threading
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from distributed import Worker, get_worker

from irer import __version__
from irer.base.errors import DeviceError, InfrastructureError, StorageError
from irer.base.jobs import JobState
from irer.base.models import EQUATIONS
from irer.base.records import METRICS, JobConfig, Provenance
from irer.home import Home
from irer.runners.pool import PoolRunner
from settings import Settings

_log = logging.getLogger("irer.cluster")

_COMPARED = ("numpy", "jax", "h5py", "scipy")
_POLL_S = 0.2  # how soon a task notices that nobody wants it any more
_IDLE_S = 60.0  # how long processes stay warm without a job: a killed hub frees nothing itself


@dataclass(frozen=True)
class Session:
    """One hub's use of the cluster, as each worker must know it; plain values only."""

    token: str
    token_file: str  # absolute; holds the token
    versions: dict[str, str]

    @property
    def topic(self) -> str:
        """The Dask topic on which workers tell the states of their jobs."""
        return f"irer-{self.token}"


@dataclass(frozen=True)
class Answer:
    """What came of one try on a worker: a record, or why there is none.

    A value and no exception: Dask logs exceptions as failures of its own and retries on them.
    """

    worker: str
    record: Provenance | None = None
    problem: Literal["", "unfit", "infrastructure", "storage", "withdrawn"] = ""
    reason: str = ""
    message: str = ""
    last_lines: tuple[str, ...] = ()  # of a process that crashed


def local_versions() -> dict[str, str]:
    """Return the versions on which hub and workers must agree; imports none of the packages."""
    major, minor, _ = platform.python_version_tuple()
    found = {"irer": __version__, "python": f"{major}.{minor}"}
    for name in _COMPARED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    for used in (EQUATIONS, METRICS):  # by workers and validators
        own = (f"{extension.name} ({extension.place})" for extension in used.all())
        found[used.kind.group] = ", ".join(own) or "none"
    return found


def differences(session: Session) -> list[str]:
    """Return how this process's versions differ from the hub's, one sentence each."""
    here = local_versions()
    return [
        f"{name} is {here.get(name, 'unknown')}, on the hub {wanted}"
        for name, wanted in session.versions.items()
        if here.get(name) != wanted
    ]


def sees_home(session: Session) -> bool:
    """Say whether this process reads the hub's token at the hub's absolute path."""
    try:
        return Path(session.token_file).read_text(encoding="utf-8") == session.token
    except (OSError, UnicodeDecodeError):
        return False


def examine(session: Session) -> tuple[bool, list[str]]:
    """Return (home seen, version differences): the hub asks every worker before the first job."""
    return sees_home(session), differences(session)


def run_job(job: JobConfig, settings: Settings, session: Session, tag: str) -> Answer:
    """Run one try of a job in this worker's pool: the Dask task. `tag` labels its states."""
    worker = get_worker()
    try:
        record = _station(session, settings, worker).run(job, worker, tag)
    except _UnfitError as error:
        return Answer(worker.address, problem="unfit", message=str(error))
    except InfrastructureError as error:
        return Answer(
            worker.address,
            problem="infrastructure",
            reason=error.reason,
            message=f"{error.message} (worker {worker.address})",
            last_lines=error.last_lines,
        )
    except StorageError as error:
        message = f"{error.message} (worker {worker.address})"
        return Answer(worker.address, problem="storage", message=message)
    except CancelledError:
        return Answer(worker.address, problem="withdrawn", message="the job was withdrawn")
    return Answer(worker.address, record)


async def end_session(token: str) -> None:
    """End the jobs and free the processes of a session; idempotent."""
    for home, station in list(_stations.items()):
        if station.session.token == token:
            await asyncio.to_thread(station.cancel)  # the worker's event loop goes on meanwhile
            _stations.pop(home, None)


class _UnfitError(Exception):
    """The worker must not run jobs of the session."""


class _Station:
    """The pool of one session in this process."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self.session = session
        self._settings = settings
        self._lock = threading.Lock()
        self._pool: PoolRunner | None = None
        self._trying = threading.Lock()
        self._tried: PoolRunner | None = None
        self._waiting = 0
        self._idle: threading.Timer | None = None

    def run(self, job: JobConfig, worker: Worker, tag: str) -> Provenance:
        """Run a job to its end, or until Dask no longer wants the task's result."""
        key = worker.get_current_task()

        def tell(_job_uuid: str, state: JobState) -> None:
            worker.log_event(self.session.topic, [tag, state.value])

        pool = self._enter()
        future: Future[Provenance] = Future()
        try:
            self._try_device(pool)
            future = pool.submit(job, tell)
            while not wait([future], timeout=_POLL_S).done:
                task = worker.state.tasks.get(key)
                if task is None or task.state == "cancelled":
                    raise CancelledError
            return future.result()
        finally:
            self._leave(future)

    def _enter(self) -> PoolRunner:
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            if self._pool is None:
                self._pool = PoolRunner(self._settings, pin=False)
            self._waiting += 1
            return self._pool

    def _try_device(self, pool: PoolRunner) -> None:
        """Try the device of a new pool, once. Raises _UnfitError."""
        with self._trying:
            if self._tried is pool:
                return
            try:
                pool.try_device()
            except DeviceError as error:
                self.cancel()
                raise _UnfitError(error.message) from error
            self._tried = pool

    def _leave(self, future: "Future[Provenance]") -> None:
        """End a withdrawn task's job: a running one with the pool, once no other task needs it.

        Dask cannot end a task; that its result is no longer wanted shows that the hub cancelled
        it or is gone, for all tasks of the session within one poll.
        """
        with self._lock:
            self._waiting -= 1
            alone = self._waiting == 0
            if alone:
                self._idle = threading.Timer(_IDLE_S, self.cancel, kwargs={"only_idle": True})
                self._idle.daemon = True
                self._idle.start()
        if not future.done() and not future.cancel() and alone:
            self.cancel()

    def cancel(self, only_idle: bool = False) -> None:
        """End all jobs and processes; a later job gets a fresh pool."""
        with self._lock:
            if only_idle and self._waiting:
                return
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.cancel()
            threading.Thread(target=pool.close, name="irer-close-pool", daemon=True).start()


_stations: dict[Home, _Station] = {}  # by home: a newer session on a home ends the older one's
_stations_lock = threading.Lock()


def _station(session: Session, settings: Settings, worker: Worker) -> _Station:
    """Return the session's station here, made at its first job if this process is fit for it."""
    with _stations_lock:
        known = _stations.get(settings.home)
        if known is not None and known.session.token == session.token:
            return known
        found = differences(session)
        if not sees_home(session):
            found.append(f"it does not see the home {settings.home}")
        if found:
            raise _UnfitError("; ".join(found))
        if known is not None:
            known.cancel()
        _allow_children()
        threads = worker.state.nthreads
        own = _Station(session, settings.model_copy(update={"workers": threads}))
        _stations[settings.home] = own
        return own


def _allow_children() -> None:
    """Let this process have children although its nanny started it as a daemon.

    The flag only makes `multiprocessing` refuse; the pool's children end with their parent by
    themselves.
    """
    multiprocessing.process.current_process()._config.pop("daemon", None)  # type: ignore[attr-defined]
