"""The pauses of a hunt: waiting until they end, and repeating what a full disk refused."""

import logging
from collections.abc import Callable
from typing import TypeVar

from irer.base.errors import StorageError
from irer.hunt.control import HuntControl

T = TypeVar("T")

_log = logging.getLogger("irer.engine")

_POLL_S = 0.1  # how soon a resume is noticed; a stop is at once


class Pauses:
    """Waits while a hunt is paused; calls `began(reason)` and `ended()`."""

    def __init__(
        self,
        control: HuntControl,
        began: Callable[[str | None], None],
        ended: Callable[[], None],
    ) -> None:
        self._control = control
        self._began = began
        self._ended = ended

    def hold(self) -> None:
        """Wait until the hunt is resumed or asked to end; return at once if it is not paused."""
        if not self._control.paused:
            return
        _log.warning("paused: %s", self._control.reason or "as asked")
        self._began(self._control.reason)
        while self._control.paused:
            self._control.wait(_POLL_S)
        _log.info("going on after the pause")
        self._ended()

    def insist(self, action: Callable[[], T]) -> T:
        """Run `action`; on a StorageError pause the hunt, then run it again from its beginning.

        Raises StorageError once the hunt is to end.
        """
        while True:
            try:
                return action()
            except StorageError as error:
                if not self._control.stopping:
                    self._control.pause(error.message)
                if not self._control.paused:
                    raise
            self.hold()
