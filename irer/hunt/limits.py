"""What ends a hunt before its budget of runs is spent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from irer.hunt.control import HuntControl


class WallTime:
    """Stops a hunt so many seconds after its start or resume; None never does."""

    def __init__(self, seconds: float | None, control: HuntControl) -> None:
        self._seconds = seconds
        self._control = control
        self._used_up = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch while the block runs."""
        if self._seconds is None:
            yield
            return
        timer = threading.Timer(self._seconds, self._end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()

    @property
    def message(self) -> str | None:
        """Say that the time is used up, None while it is not."""
        return f"the wall time of {self._seconds:g} s is used up" if self._used_up else None

    def _end(self) -> None:
        self._used_up = True
        self._control.stop()
