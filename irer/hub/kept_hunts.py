"""The plans and results kept of a home's hunts, read again only when their files change."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from irer.base.errors import IrerError
from irer.base.hunt_records import HuntPlan
from irer.base.results import FinalResult
from irer.controls.files import read_null_report, read_result
from irer.controls.records import NullReport
from irer.home import Home
from irer.home.finding import hunts_of
from irer.home.registry import load_kept_plan
from irer.hub.labels import Label, read_label

log = logging.getLogger("irer.hub.hunts")

T = TypeVar("T")


class KeptHunts:
    """Reads `hunts/{hunt_id}/` of a home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._read: dict[Path, tuple[tuple[int, int, int], Any]] = {}

    def ids(self) -> list[str]:
        """Return the ids of the hunts that have a folder."""
        return hunts_of(self._home)

    def plan(self, hunt_id: str) -> HuntPlan | None:
        """Return the plan of a hunt; None without one, or for a broken one."""
        file = self._home.plan_file(hunt_id)
        return self._unchanged(file, lambda: load_kept_plan(self._home, hunt_id))

    def result(self, hunt_id: str) -> FinalResult | None:
        """Return the final result of a hunt; None without one, or for a broken one."""
        file = self._home.verdict_file(hunt_id)
        return self._unchanged(file, lambda: read_result(self._home, hunt_id))

    def null_report(self, hunt_id: str) -> NullReport | None:
        """Return the report on a hunt's null hunts; None without one, or for a broken one."""
        file = self._home.null_report_file(hunt_id)
        return self._unchanged(file, lambda: read_null_report(self._home, hunt_id))

    def label(self, hunt_id: str) -> Label:
        """Return what people call a hunt; an empty label without one, or for a broken one."""
        file = self._home.label_file(hunt_id)
        return self._unchanged(file, lambda: read_label(self._home, hunt_id)) or Label()

    def _unchanged(self, file: Path, read: Callable[[], T]) -> T | None:
        """Return what `read` returns, from memory while `file` is unchanged."""
        try:
            stat = file.stat()
        except FileNotFoundError:
            return None
        seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        with self._lock:
            known = self._read.get(file)
        if known is not None and known[0] == seen:
            found: T | None = known[1]
            return found
        try:
            found = read()
        except IrerError as error:  # a broken one must not hide others
            log.error("%s is left out: %s", file, error)
            found = None
        with self._lock:
            self._read[file] = (seen, found)
        return found
