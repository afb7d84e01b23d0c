"""Dispatch of one generation's jobs: a window of them is in flight until each has its record.

A job whose try ended by a crash, a time limit or a lost worker is tried once more; when that ends
so too it is abandoned, with a FAILED record that only this module writes. While no job of the
hunt has been judged, the machine is to blame and none is abandoned.
"""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from irer.base.clock import now
from irer.base.errors import InfrastructureError, StorageError
from irer.base.files import write_json
from irer.base.jobs import TRANSITIONS, JobBook, JobState, end_state
from irer.base.records import FailureReason, JobConfig, Provenance, RunError, RunState
from irer.hunt.control import HuntControl
from irer.hunt.pausing import Pauses
from irer.runners.runner import PAUSE_AFTER, Runner
from settings import Settings

_log = logging.getLogger("irer.engine")

TRIES = 2
_POLL_S = 0.2  # how soon a pause, stop or cancel is obeyed while no job ends


class _Try:
    """One submission of a job; its identity tells late reports of an earlier try apart."""

    def __init__(self, job: JobConfig) -> None:
        self.job = job
        self.future: Future[Provenance] | None = None
        self.withdrawn = False


class Dispatcher:
    """Runs jobs on a runner, from one thread, obeying the hunt's control.

    It calls `committed(record)` for every record, and `changed(counts)` with the jobs by state.
    """

    def __init__(
        self,
        settings: Settings,
        runner: Runner,
        control: HuntControl,
        pauses: Pauses,
        book: JobBook,
        *,
        committed: Callable[[Provenance], None],
        changed: Callable[[dict[str, int]], None],
    ) -> None:
        self._settings = settings
        self._runner = runner
        self._control = control
        self._pauses = pauses
        self._book = book
        self._committed = committed
        self._changed = changed
        self._events: SimpleQueue[tuple[_Try, JobState | None]] = SimpleQueue()  # None: it ended
        self._waiting: deque[JobConfig] = deque()
        self._in_flight: set[_Try] = set()
        self._to_abandon: deque[tuple[JobConfig, InfrastructureError]] = deque()
        self._failed_tries: dict[str, int] = {}
        self._began: dict[str, str] = {}  # when the first try of a job began
        self._in_a_row = 0

    def run(self, jobs: Iterable[JobConfig]) -> None:
        """Run jobs, the longest first, until each has its record or the hunt is asked to end."""
        self._waiting = deque(longest_first(jobs))
        self._to_abandon.clear()
        self._failed_tries.clear()
        self._began.clear()
        self._book.enter(job.job_uuid for job in self._waiting)
        self._changed(self._book.counts())
        while self._in_flight or (self._work_left and not self._control.stopping):
            self._obey()
            if self._in_flight:
                self._take_in()
            self._changed(self._book.counts())

    @property
    def _work_left(self) -> bool:
        return bool(self._waiting or self._to_abandon)

    def _obey(self) -> None:
        """Fill the window; during a pause or stop, withdraw the jobs that have not started."""
        if self._control.cancelled:
            self._runner.cancel()
        if self._control.stopping or self._control.paused:
            self._withdraw()
            if not self._in_flight:
                self._pauses.hold()
            return
        self._write_abandoned()
        while self._waiting and len(self._in_flight) < max(1, self._runner.capacity):
            if self._control.stopping or self._control.paused:
                return
            self._submit(self._waiting.popleft())

    def _submit(self, job: JobConfig) -> None:
        if self._book.state(job.job_uuid) is JobState.RETRIED:
            self._book.move(job.job_uuid, JobState.QUEUED)
        this = _Try(job)
        self._in_flight.add(this)
        this.future = self._runner.submit(job, lambda _, state: self._events.put((this, state)))
        this.future.add_done_callback(lambda _: self._events.put((this, None)))

    def _withdraw(self) -> None:
        for this in self._in_flight:
            if this.future is not None and not this.withdrawn:
                this.withdrawn = this.future.cancel()

    def _take_in(self) -> None:
        """Wait for the next event of a job, then handle all events that are there."""
        with suppress(Empty):
            event = self._events.get(timeout=_POLL_S)
            while True:
                self._note(*event)
                event = self._events.get_nowait()

    def _note(self, this: _Try, state: JobState | None) -> None:
        if this not in self._in_flight:
            return
        if state is None:
            self._in_flight.remove(this)
            self._end_try(this)
        elif state in TRANSITIONS[self._book.state(this.job.job_uuid) or state]:
            self._began.setdefault(this.job.job_uuid, now())
            self._book.move(this.job.job_uuid, state)

    def _end_try(self, this: _Try) -> None:
        job, future = this.job, this.future
        assert future is not None  # noqa: S101 (it was submitted)
        try:
            record = future.result()
        except CancelledError:
            if this.withdrawn or self._control.cancelled:
                self._put_back(job)
            else:
                lost = InfrastructureError(FailureReason.WORKER_LOST, "the runner dropped the job")
                self._count_trouble(job, lost)
        except StorageError as error:
            self._put_back(job)
            self._control.pause(error.message)
        except InfrastructureError as error:
            self._count_trouble(job, error)
        else:
            self._in_a_row = 0
            self._commit(record)

    def _put_back(self, job: JobConfig) -> None:
        """Queue a job again whose try does not count."""
        if self._book.state(job.job_uuid) is not JobState.QUEUED:
            self._book.move(job.job_uuid, JobState.QUEUED)
        self._waiting.appendleft(job)

    def _count_trouble(self, job: JobConfig, error: InfrastructureError) -> None:
        """Count a try that ended through no fault of its candidate.

        A try that was under way while the engine itself paused the hunt does not count.
        """
        if self._control.reason is not None:
            self._put_back(job)
            return
        tries = self._failed_tries[job.job_uuid] = self._failed_tries.get(job.job_uuid, 0) + 1
        _log.warning("job %s, try %d: %s, %s", job.job_uuid, tries, error.reason, error.message)
        for line in error.last_lines:
            _log.warning("job %s | %s", job.job_uuid, line)
        if tries < TRIES or not self._ever_ended:
            self._book.move(job.job_uuid, JobState.RETRIED)
            self._waiting.append(job)
        else:
            self._to_abandon.append((job, error))
            self._write_abandoned()
        self._in_a_row += 1
        if self._in_a_row == PAUSE_AFTER:
            self._in_a_row = 0
            message = (
                f"{PAUSE_AFTER} tries in a row ended by a crash or a limit, "
                f"the last one: {error.reason}, {error.message}"
            )
            if not self._ever_ended:
                self._failed_tries.clear()
                _log.warning("no job of the hunt has come to its end: none is charged with this")
            self._control.pause(message)

    @property
    def _ever_ended(self) -> bool:
        """Say whether any job of the hunt was judged, in this sitting or an earlier one."""
        counts = self._book.counts()
        return bool(counts[JobState.COMPLETE] + counts[JobState.FAILED])

    def _write_abandoned(self) -> None:
        """Write the FAILED records of abandoned jobs; if refused, pause and keep the rest."""
        while self._to_abandon:
            job, error = self._to_abandon[0]
            ended = now()
            record = Provenance.of_job(
                job,
                state=RunState.FAILED,
                metrics=None,
                error=RunError(
                    reason=FailureReason(error.reason),
                    message=error.message,
                    last_lines=list(error.last_lines),
                ),
                started_at=self._began.get(job.job_uuid, ended),
                ended_at=ended,
            )
            try:
                path = self._settings.home.provenance_file(job.job_uuid)
                write_json(path, record.model_dump(mode="json"))
            except StorageError as refused:
                self._control.pause(refused.message)
                return
            self._to_abandon.popleft()
            self._commit(record)

    def _commit(self, record: Provenance) -> None:
        state = end_state(record.state, record.error.reason if record.error else None)
        self._book.move(record.job_uuid, state)
        _log.info("job %s: %s", record.job_uuid, state)
        self._committed(record)


def longest_first(jobs: Iterable[JobConfig]) -> list[JobConfig]:
    """Return jobs by falling duration, as estimated, so that the cores finish together.

    Controlled steps must resolve two rates, which set the duration: epsilon sqrt(1 + c3^2) of the
    saturated field, and kappa of the geometry.
    """

    def rates(job: JobConfig) -> float:
        given = job.sncgl_params
        return given.epsilon * math.hypot(1.0, given.c3) + given.kappa

    return sorted(jobs, key=rates, reverse=True)
