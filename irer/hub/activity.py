"""What keeps a hub busy for long: a hunt, a confirmation, runs of components.

One discipline for all of them. An activity takes a place before anything is done for it, and
works in a thread of its own; it leaves its place once, when its work has ended and before anyone
is told so, or at once when it cannot begin, be it that its thread does not start. `Places` alone
knows who is at work, under one lock.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from irer.base.errors import ConflictError


class Activity:
    """One long work, known by `name` while it lasts."""

    def __init__(self, name: str, in_progress: str, cancel: Callable[[], object]) -> None:
        """`in_progress` is what who wants its place hears; `cancel` ends the work soon."""
        self.name = name
        self.in_progress = in_progress
        self.cancel = cancel
        self._over = threading.Event()

    def end(self) -> None:
        """Say that nothing is done any more."""
        self._over.set()

    def wait(self, timeout_s: float) -> None:
        """Wait until nothing is done any more."""
        self._over.wait(timeout_s)


A = TypeVar("A", bound=Activity)


class Places:
    """Where activities are at work, so many at once; thread-safe."""

    def __init__(self, most: int = 1, full: str | None = None) -> None:
        """`full` is said where no place is left; by default what is in progress there."""
        self._most = most
        self._full = full
        self._lock = threading.Lock()
        self._at_work: list[Activity] = []

    @contextmanager
    def taken(self, activity: Activity) -> Iterator[None]:
        """Take a place and begin within; what fails there gives it up. Raises ConflictError."""
        self._take(activity)
        try:
            yield
        except BaseException:
            self.leave(activity)
            activity.end()
            raise

    def start(self, activity: Activity, work: Callable[[], object]) -> None:
        """Do the work of an activity that has a place, in a thread; its place is free after it.

        Raises RuntimeError where there can be no more threads.
        """

        def carry_out() -> None:
            try:
                work()
            finally:
                self.leave(activity)
                activity.end()

        threading.Thread(target=carry_out, name=activity.name, daemon=True).start()

    def leave(self, activity: Activity) -> None:
        """Give up the place of an activity; idempotent, and never another's."""
        with self._lock:
            self._at_work = [each for each in self._at_work if each is not activity]

    def at_work(self, kind: type[A]) -> list[A]:
        """Return the activities of a kind."""
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
    """Cancel activities and wait for each."""
    activities = list(activities)
    for each in activities:
        each.cancel()
    for each in activities:
        each.wait(timeout_s)
