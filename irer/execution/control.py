"""The switch by which a hunt is ended early, from any thread or signal handler."""

import threading


class HuntControl:
    """Asks a hunt to end: `stop` lets running jobs finish, `cancel` ends them at once."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._cancelled = threading.Event()

    def stop(self) -> None:
        """Start no further job; those that run are finished and kept."""
        self._ending.set()

    def cancel(self) -> None:
        """End the running jobs too; they count as never run."""
        self._cancelled.set()
        self._ending.set()

    @property
    def stopping(self) -> bool:
        """True after stop() or cancel()."""
        return self._ending.is_set()

    @property
    def cancelled(self) -> bool:
        """True after cancel()."""
        return self._cancelled.is_set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the hunt is asked to end; False when `timeout_s` passed first."""
        return self._ending.wait(timeout_s)
