"""The one place at which a hub works: a hunt or a confirmation, never both."""

import threading

from irer.base.errors import ConflictError


class Workplace:
    """Taken by whoever starts something, freed when it has ended; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: str | None = None

    def take(self, said: str) -> None:
        """Take the place; who comes next hears `said`. Raises ConflictError if it is taken."""
        with self._lock:
            if self._taken is not None:
                raise ConflictError(self._taken)
            self._taken = said

    def free(self) -> None:
        """Give the place up."""
        with self._lock:
            self._taken = None
