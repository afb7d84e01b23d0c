"""The switch by which a hunt is paused or ended early, from any thread or signal handler."""

import threading


class HuntControl:
    """Asks a hunt to pause, to go on, or to end.

    `stop` lets running jobs finish, `cancel` ends them at once; either ends a pause too. With
    `attended=False` nobody is there to resume, so that a pause ends the hunt as `stop` does.
    """

    def __init__(self, *, attended: bool = True) -> None:
        self._attended = attended
        self._ending = threading.Event()
        self._cancelled = threading.Event()
        self._paused = False
        self._reason: str | None = None

    def pause(self, reason: str | None = None) -> None:
        """Start no further job until `resume`; those that run are finished and kept.

        `reason` says why the engine pauses the hunt by itself; during such a pause another reason
        is ignored.
        """
        if not self.paused or self._reason is None:
            self._reason = reason
        if self._attended:
            self._paused = True
        else:
            self.stop()

    def resume(self) -> None:
        """End a pause; without one nothing happens."""
        self._paused = False
        if not self.stopping:
            self._reason = None

    def stop(self) -> None:
        """Start no further job; those that run are finished and kept."""
        self._ending.set()

    def cancel(self) -> None:
        """End the running jobs too; they count as never run."""
        self._cancelled.set()
        self._ending.set()

    @property
    def paused(self) -> bool:
        """True from pause() to resume(), unless the hunt is asked to end."""
        return self._paused and not self.stopping

    @property
    def reason(self) -> str | None:
        """Why the engine paused or, unattended, ended the hunt; None when a person asked."""
        return self._reason

    @property
    def ending(self) -> threading.Event:
        """The event that is set when the hunt is asked to end."""
        return self._ending

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
