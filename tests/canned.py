"""A runner that answers in microseconds, with a deterministic function of the parameters."""

import math
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.jobs import JobState
from irer.base.records import FailureReason, JobConfig, Metrics, Provenance, RunError, RunState
from irer.home.provenance import read_provenance
from irer.runners.runner import OnState, ignore_state
from settings import Settings


def make_metrics(sse: float = 1.5, h_norm: float = 0.02, **changes: Any) -> Metrics:
    """Metrics of these two scores, with something possible in every other field."""
    filled: dict[str, Any] = {
        "log_prime_sse": sse,
        "sdg_h_norm_l2": h_norm,
        "sdg_h_norm_relative": min(h_norm, 1.0),
        "sdg_h_norm_max": h_norm,
        "sdg_h_norm_l2_fd": h_norm,
        "n_targets_resolved": 8,
        "n_candidates": 8,
        "log_prime_sse_scaled": sse,
        "log_prime_scale": 1.0,
        "log_prime_sse_multi_ray": sse,
        "bssn_h_norm_l2": h_norm,
        "bssn_momentum_l2": h_norm,
        "tail_ratio": 1e-9,
        "under_resolved": False,
        "measure_version": MEASURE_VERSION,
        "settled": True,
    }
    return Metrics(**(filled | changes))


def canned_record(job: JobConfig) -> Provenance:
    """A smooth two-objective landscape; candidates with large c1 and c3 diverge."""
    p = job.sncgl_params
    if p.c1 > 2.5 and p.c3 > 0:
        error = RunError(reason=FailureReason.NONFINITE, message="last good time 1.5")
        return Provenance.of_job(job, state=RunState.FAILED, metrics=None, error=error)
    sse = 2 * (1 - math.exp(-((p.epsilon - 0.7) ** 2) - (p.c1 - 0.5) ** 2))
    h_norm = 0.01 * p.kappa + 0.1 * (p.c3 - 0.3) ** 2
    metrics = make_metrics(sse, h_norm, sdg_h_norm_relative=h_norm / (1 + h_norm), p_position=0.5)
    return Provenance.of_job(job, state=RunState.COMPLETE, metrics=metrics, error=None)


class CannedRunner:
    """Commits each job as it is submitted, or `hold` jobs at once, the last first.

    `capacity` is as many as are held, unless given. With `hold` larger than what is submitted,
    jobs wait for `release()`.
    """

    def __init__(
        self,
        settings: Settings,
        answer: Callable[[JobConfig], Provenance] = canned_record,
        hold: int = 1,
        capacity: int | None = None,
    ) -> None:
        self._settings = settings
        self._answer = answer
        self._hold = hold
        self._waiting: list[tuple[JobConfig, OnState, Future[Provenance]]] = []
        self.capacity = hold if capacity is None else capacity
        self.submitted: list[JobConfig] = []
        self.cancelled = self.closed = False

    def submit(self, job: JobConfig, on_state: OnState = ignore_state) -> "Future[Provenance]":
        if self.cancelled or self.closed:
            raise RuntimeError("the runner was closed")
        future: Future[Provenance] = Future()
        self.submitted.append(job)
        self._waiting.append((job, on_state, future))
        if len(self._waiting) >= self._hold:
            self.release()
        return future

    def release(self) -> None:
        """Run the jobs that are held back."""
        while self._waiting:
            job, on_state, future = self._waiting.pop()
            if future.set_running_or_notify_cancel():
                self._run(job, on_state, future)

    def _run(self, job: JobConfig, on_state: OnState, future: "Future[Provenance]") -> None:
        path = self._settings.home.provenance_file(job.job_uuid)
        try:
            if path.exists():
                record = read_provenance(path)
            else:
                on_state(job.job_uuid, JobState.RUNNING)
                record = self._answer(job)
                on_state(job.job_uuid, JobState.SIMULATED)
                write_json(path, record.model_dump(mode="json"))
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(record)

    def cancel(self) -> None:
        self.cancelled = True
        while self._waiting:
            future = self._waiting.pop()[2]
            if not future.cancel():
                future.set_exception(CancelledError())

    def close(self) -> None:
        self.release()
        self.closed = True
