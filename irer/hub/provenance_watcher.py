"""The watcher of a home's records: it hands each to the hub, once."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler

from irer.base.errors import IrerError
from irer.base.records import Provenance, canonical_uuid
from irer.home.paths import RECORD_UUID, job_of_record
from irer.home.provenance import read_provenance
from irer.hub.folder_events import FolderEvents

log = logging.getLogger("irer.hub")

_RESTS = 20  # rest after a rescan, in durations of that rescan: a large folder costs 5% of a core


class ProvenanceWatcher(FileSystemEventHandler):
    """Finds the committed records of a home, each once.

    Events are hints; the folder is the truth. It is read at the start, every `rescan_s` seconds
    (less often when that takes long) and at each call of `rescan`. Each reading also renews a watch
    that was lost, because the folder was replaced or the observer died. A torn or foreign file is
    left alone until it changes.
    """

    def __init__(
        self, folder: Path | str, found: Callable[[Provenance], object], rescan_s: float
    ) -> None:
        self._folder = Path(folder)
        self._found = found
        self._rescan_s = rescan_s
        self._lock = threading.Lock()  # guards _known, and _found with it
        self._known: set[str] = set()  # uuids
        self._refused: dict[str, tuple[int, int]] = {}  # name -> (mtime in ns, size)
        self._stop = threading.Event()
        self._events = FolderEvents(self._folder, self)
        self._trouble = ""  # the last logged problem with watching or reading the folder
        self._rescanner = threading.Thread(target=self._keep_rescanning, daemon=True)

    def start(self) -> None:
        """Watch the folder from now on, and count the records that it holds."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.rescan()
        self._rescanner.start()

    def stop(self) -> None:
        """End both threads."""
        self._stop.set()
        self._events.end()
        self._rescanner.join()

    def present(self) -> set[str]:
        """Return the uuids of the records that are there, read or not."""
        try:
            with os.scandir(self._folder) as entries:
                return {e.name[RECORD_UUID] for e in entries if job_of_record(e.name)}
        except OSError:
            return set()

    def skip(self, job_uuids: Iterable[str]) -> None:
        """Take these records as counted."""
        with self._lock:
            self._known.update(job_uuids)

    def rescan(self) -> None:
        """Read the folder: when this returns, every record that was in it has been counted."""
        trouble = ""
        try:
            self._events.renew()
        except OSError as error:  # no inotify left; the rescans find everything, only later
            trouble = f"no file events for {self._folder}: {error.strerror or error}"
        try:
            with os.scandir(self._folder) as entries:
                names = [e.name for e in entries if e.name[RECORD_UUID] not in self._known]
            paths = sorted((self._folder / name for name in names), key=_modified_ns)
        except OSError as error:
            trouble, paths = f"cannot read {self._folder}: {error.strerror or error}", []
        self._tell(trouble)
        for path in paths:
            self._take(path)

    def _tell(self, trouble: str) -> None:
        """Log what is wrong with the folder once, not at every reading."""
        if trouble and trouble != self._trouble:
            log.error("%s", trouble)
        self._trouble = trouble

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Look at the file that an event names; for a rename, at its new name."""
        self._take(Path(str(event.dest_path or event.src_path)))

    def _keep_rescanning(self) -> None:
        took = 0.0
        while not self._stop.wait(max(self._rescan_s, _RESTS * took)):
            began = time.monotonic()
            self.rescan()
            took = time.monotonic() - began

    def _take(self, path: Path) -> None:
        """Count the record in `path` if it is one and new."""
        named = job_of_record(path.name)
        if named is None or named in self._known:
            return
        try:
            stat = path.stat()
        except OSError:  # gone again, or not readable
            return
        seen = (stat.st_mtime_ns, stat.st_size)
        if self._refused.get(path.name) == seen:
            return
        try:
            record = read_provenance(path)
            if record.job_uuid != canonical_uuid(named):
                raise ValueError(f"it is the record of {record.job_uuid}")
        except (IrerError, ValueError) as error:
            self._refused[path.name] = seen
            log.warning("%s is left out: %s", path.name, error)
            return
        with self._lock:
            if record.job_uuid not in self._known:
                self._found(record)
                self._known.add(record.job_uuid)


def _modified_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # a temporary file that was renamed meanwhile
        return 0
