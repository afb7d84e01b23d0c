"""Pauses of a hunt: waited out in one place, and what a full disk refused is tried again."""

import logging
from collections.abc import Callable
from typing import TypeVar

from irer.base.errors import StorageError
from irer.hunt.control import HuntControl

T = TypeVar("T")

_log = logging.getLogger("irer.engine")

_POLL_S = 0.1  # how soon a resume is noticed; a stop is at once


class Pauses:
    """Waits while a hunt is paused; `began(reason)` and `ended()` hear of it."""

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
        """Do what writes files; when they are refused pause the hunt, then do it again.

        `action` is done anew as a whole. Raises StorageError once the hunt is to end.
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
