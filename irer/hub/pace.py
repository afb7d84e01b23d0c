"""How fast a hunt runs, and what is expected of it before its first result."""

from collections.abc import Callable
from dataclasses import dataclass, replace

_ROUNDS = 2  # of results by all workers, after which the measured pace counts


@dataclass(frozen=True)
class Opening:
    """What is expected of a hunt from its beginning to its first result."""

    is_compiled: Callable[[], bool | None]  # None: not known
    job_s: float | None  # of jobs of its size; None: not known
    compile_s: float | None  # until its programs are compiled; None: not known


NOTHING_KNOWN = Opening(lambda: None, None, None)


@dataclass(frozen=True)
class Pace:
    """The results of one sitting over time; all times are monotonic seconds, pauses left out.

    The time before the first result is no part of the pace: processes start in it, and programs
    are compiled.
    """

    began_at: float
    opening: Opening = NOTHING_KNOWN
    first_at: float | None = None
    counted: int = 0  # results that were there at `first_at`
    paused_at: float | None = None

    def paused(self, now: float) -> "Pace":
        """Return it standing still."""
        return self if self.paused_at is not None else replace(self, paused_at=now)

    def resumed(self, now: float) -> "Pace":
        """Return it going on, the pause left out."""
        if self.paused_at is None:
            return self
        pause = now - self.paused_at
        first_at = None if self.first_at is None else self.first_at + pause
        return replace(self, began_at=self.began_at + pause, first_at=first_at, paused_at=None)

    def with_results(self, done: int, now: float) -> "Pace":
        """Note the first results of the sitting."""
        if self.first_at is not None or done < 1:
            return self
        return replace(self, first_at=now, counted=done)

    def jobs_per_second(
        self, done: int, job_s: float | None, workers: int, now: float
    ) -> float | None:
        """Return the measured rate; at first that of jobs of `job_s` on all workers.

        None before the first result.
        """
        if self.first_at is None:
            return None
        now = self.paused_at if self.paused_at is not None else now
        since = done - self.counted
        if since >= _ROUNDS * workers or not job_s:
            return since / max(now - self.first_at, 1e-3) or None
        return workers / job_s

    def until_first(self, start_s: float, now: float) -> dict[str, object]:
        """Return whether programs are being compiled, and the seconds until the first result.

        `start_s` is how long processes took to start, as `started_in` told of an earlier sitting.
        """
        if self.first_at is not None or self.paused_at is not None:
            return {"compiling": False, "first_result_s": None}
        job_s, compile_s = self.opening.job_s, self.opening.compile_s
        left = None
        if job_s is not None and compile_s is not None:
            left = round(start_s + compile_s + job_s - (now - self.began_at), 1)
        compiling = self.opening.is_compiled() is False
        return {"compiling": compiling, "first_result_s": left if left and left > 0 else None}

    def started_in(self, job_s: float | None) -> float | None:
        """Return how long the processes of this sitting took to start; None where not known."""
        if self.first_at is None or self.opening.compile_s != 0 or job_s is None:
            return None
        return max(0.0, self.first_at - self.began_at - job_s)
