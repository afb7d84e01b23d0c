"""Events of one folder, also after the folder or the watching thread was replaced."""

import threading
from pathlib import Path

from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_TELLING = [FileCreatedEvent, FileMovedEvent, FileClosedEvent]  # reading a file makes none of them


class FolderEvents:
    """Passes the events of the files in `folder` to `handler`, once `renew` was called.

    Each new watch has a new observer: an old one ignores a path that it watched before, even if its
    emitter died with the folder.
    """

    def __init__(self, folder: Path, handler: FileSystemEventHandler) -> None:
        self._folder = folder
        self._handler = handler
        self._lock = threading.Lock()  # guards what follows
        self._observer: BaseObserver | None = None
        self._watched: tuple[int, int] | None = None  # device and inode of the folder
        self._ended = False

    def renew(self) -> None:
        """Watch the folder that has this name now, unless it is watched already.

        Raises OSError when there is none, or no observer can be had.
        """
        with self._lock:
            stat = self._folder.stat()
            there = stat.st_dev, stat.st_ino
            if self._ended or (self._watched == there and self._lives()):
                return
            self._stop_observer()
            observer = Observer()
            observer.schedule(self._handler, str(self._folder), event_filter=_TELLING)
            observer.start()
            self._observer, self._watched = observer, there

    def end(self) -> None:
        """Stop watching."""
        with self._lock:
            self._ended = True
            self._stop_observer()

    def _lives(self) -> bool:
        observer = self._observer
        return (
            observer is not None
            and observer.is_alive()
            and any(emitter.is_alive() for emitter in observer.emitters)
        )

    def _stop_observer(self) -> None:
        observer, self._observer = self._observer, None
        if observer is not None and observer.is_alive():
            observer.stop()
            observer.join()
