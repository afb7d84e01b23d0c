"""Somebody who watches jobs while they run."""

import base64
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from irer.home import Home
from irer.home.live import LiveField, LiveFields, ask, live_fields

Fields = Callable[[], list[np.ndarray]]


class Asking(LiveFields):
    """A viewer who asks before every frame, and keeps what there is after it."""

    seen: list[list[LiveField]] = []  # noqa: RUF012

    def __call__(self, step: int, numbers: Any, densities: Fields) -> None:
        ask_later(self._home)
        self._rest_until = 0.0  # every frame, however long it takes
        super().__call__(step, numbers, densities)
        self.seen.append(live_fields(self._home))


def ask_later(home: Home) -> None:
    """Ask, a second after whoever asked before: the file system's clock may be coarse."""
    former = home.live_request.stat().st_mtime_ns if home.live_request.exists() else 0
    ask(home)
    os.utime(home.live_request, ns=(former + 10**9, former + 10**9))


def squared(psi: np.ndarray) -> np.ndarray:
    """|psi|^2 as the snapshots have it."""
    return psi.real.astype(float) ** 2 + psi.imag.astype(float) ** 2


def density_of(field: LiveField) -> np.ndarray:
    levels = np.frombuffer(base64.b64decode(field.density), np.uint8).reshape(field.shape)
    return field.low + levels / 255 * (field.high - field.low)


class Viewer(FileSystemEventHandler):
    """Asks for the fields of a home's jobs all the time: `with Viewer(home) as viewer`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.seen: set[str] = set()  # names of files that workers wrote
        self._over = threading.Event()
        self._asking = threading.Thread(target=self._ask, daemon=True)
        self._observer = Observer()

    def on_moved(self, event: FileSystemEvent) -> None:
        self.seen.add(Path(os.fsdecode(event.dest_path)).name)

    def __enter__(self) -> "Viewer":
        ask(self._home)
        self._observer.schedule(self, str(self._home.live_dir))
        self._observer.start()
        self._asking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._asking.join()
        self._observer.stop()
        self._observer.join()

    def _ask(self) -> None:
        while not self._over.wait(0.01):
            ask_later(self._home)
