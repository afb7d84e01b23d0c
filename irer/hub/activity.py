"""The long activities of a hub: a hunt, a confirmation, runs of components.

All follow one discipline. An activity takes a place before anything is done for it, and works in a
thread of its own. It leaves its place once: when its work has ended, before anyone is told so; or
at once when it cannot begin, even if only its thread does not start. `Places` alone knows who is at
work, under one lock.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from irer.base.errors import ConflictError


class Activity:
    """A long piece of work, known by `name` while it lasts."""

    def __init__(self, name: str, in_progress: str, cancel: Callable[[], object]) -> None:
        """`in_progress` is the refusal for whoever wants its place; `cancel` ends the work soon."""
        self.name = name
        self.in_progress = in_progress
        self.cancel = cancel
        self._over = threading.Event()

    def end(self) -> None:
        """Say that the work has ended."""
        self._over.set()

    def wait(self, timeout_s: float) -> None:
        """Wait until the work has ended."""
        self._over.wait(timeout_s)


A = TypeVar("A", bound=Activity)


class Places:
    """The places in which activities are at work, at most `most` at once; thread-safe."""

    def __init__(
        self,
        most: int = 1,
        full: str | None = None,
        failed: Callable[[], object] = lambda: None,
    ) -> None:
        """`full` is the refusal when no place is left; by default that of the first at work.

        `failed` is called when an activity has left its place because it could not begin.
        """
        self._most = most
        self._full = full
        self._failed = failed
        self._lock = threading.Lock()
        self._at_work: list[Activity] = []

    @contextmanager
    def taken(self, activity: Activity) -> Iterator[None]:
        """Take a place for the block; leave it if the block raises. Raises ConflictError."""
        self._take(activity)
        try:
            yield
        except BaseException:
            self.leave(activity)
            activity.end()
            self._failed()
            raise

    def start(self, activity: Activity, work: Callable[[], object]) -> None:
        """Do the work of an activity that has a place, in a thread, then leave the place.

        Raises RuntimeError when no thread can be started.
        """

        def carry_out() -> None:
            try:
                work()
            finally:
                self.leave(activity)
                activity.end()

        threading.Thread(target=carry_out, name=activity.name, daemon=True).start()

    def leave(self, activity: Activity) -> None:
        """Leave the place of an activity, and of no other; idempotent."""
        with self._lock:
            self._at_work = [each for each in self._at_work if each is not activity]

    def at_work(self, kind: type[A]) -> list[A]:
        """Return the activities of a kind that are at work."""
        with self._lock:
            return [each for each in self._at_work if isinstance(each, kind)]

    def _take(self, activity: Activity) -> None:
        with self._lock:
            for each in self._at_work:
                if each.name == activity.name:
                    raise ConflictError(each.in_progress)
            if len(self._at_work) >= self._most:
                raise ConflictError(self._full or self._at_work[0].in_progress)
            self._at_work.append(activity)


def end_all(activities: Iterable[Activity], timeout_s: float) -> None:
    """Cancel activities and wait for each, at most `timeout_s` seconds."""
    activities = list(activities)
    for each in activities:
        each.cancel()
    for each in activities:
        each.wait(timeout_s)
