"""The states of a job and which may follow which; a book that counts a hunt's jobs by state."""

import threading
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from irer.base.errors import ContractError
from irer.base.records import FailureReason, RunState


class JobState(StrEnum):
    """Where a job of a hunt stands."""

    QUEUED = "queued"  # registered; waits for its turn
    RUNNING = "running"  # its simulation runs
    SIMULATED = "simulated"  # the artifact is written; the validator runs or is about to
    COMPLETE = "committed"  # its record says COMPLETE; page and API say committed
    FAILED = "failed"  # its record says FAILED: a bad candidate
    RETRIED = "retried"  # its first try ended by a crash or a limit; waits for its second
    ABANDONED = "abandoned"  # so did its second; the record says FAILED with that reason


INFRASTRUCTURE = frozenset(
    {
        FailureReason.WORKER_CRASHED,
        FailureReason.WORKER_TIMEOUT,
        FailureReason.WORKER_LOST,
        FailureReason.VALIDATOR_CRASHED,
        FailureReason.VALIDATOR_TIMEOUT,
    }
)
"""Reasons for which a job is tried again: none of them is the candidate's fault."""

_ENDS = frozenset({JobState.COMPLETE, JobState.FAILED, JobState.ABANDONED})
_TROUBLE = frozenset({JobState.RETRIED, JobState.ABANDONED})

# A job goes back to `queued` when it was withdrawn, or a file of its try could not be written.
TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: _ENDS | _TROUBLE | {JobState.RUNNING},
    JobState.RUNNING: _ENDS | _TROUBLE | {JobState.SIMULATED, JobState.QUEUED},
    JobState.SIMULATED: _ENDS | _TROUBLE | {JobState.QUEUED},
    JobState.RETRIED: frozenset({JobState.QUEUED}),
    JobState.COMPLETE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.ABANDONED: frozenset(),
}


def end_state(state: RunState | str, reason: FailureReason | str | None) -> JobState:
    """Return the job state for the `state` and `reason` of a record or ledger row."""
    if state == RunState.COMPLETE:
        return JobState.COMPLETE
    return JobState.ABANDONED if reason in INFRASTRUCTURE else JobState.FAILED


class JobBook:
    """The states of a hunt's jobs; thread-safe.

    Of ended jobs only the count is kept, so the book does not grow with their number.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, JobState] = {}
        self._counts: Counter[JobState] = Counter()

    def enter(self, job_uuids: Iterable[str]) -> None:
        """Enter new jobs as queued. Raises ContractError for one that is open already."""
        with self._lock:
            for job_uuid in job_uuids:
                if job_uuid in self._states:
                    raise ContractError(f"the job {job_uuid} is in the book already")
                self._states[job_uuid] = JobState.QUEUED
                self._counts[JobState.QUEUED] += 1

    def count_ended(self, state: JobState, jobs: int = 1) -> None:
        """Count jobs that ended before this book was opened (a resumed hunt)."""
        if state not in _ENDS:
            raise ContractError(f"a job does not end as {state}")
        with self._lock:
            self._counts[state] += jobs

    def move(self, job_uuid: str, state: JobState) -> None:
        """Set a job's next state. Raises ContractError when it may not follow the present one."""
        with self._lock:
            former = self._states.get(job_uuid)
            if former is None:
                raise ContractError(f"the job {job_uuid} is not open and cannot become {state}")
            if state not in TRANSITIONS[former]:
                raise ContractError(f"the job {job_uuid} is {former} and cannot become {state}")
            self._counts[former] -= 1
            self._counts[state] += 1
            if state in _ENDS:
                del self._states[job_uuid]
            else:
                self._states[job_uuid] = state

    def state(self, job_uuid: str) -> JobState | None:
        """Return the state of an open job, None for one that ended or was never entered."""
        with self._lock:
            return self._states.get(job_uuid)

    @property
    def ended(self) -> int:
        """How many jobs have their record."""
        with self._lock:
            return sum(self._counts[state] for state in _ENDS)

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state, every state named."""
        with self._lock:
            return {state.value: self._counts[state] for state in JobState}
