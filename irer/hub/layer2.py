"""Layer 2: components that the hub runs by itself on the record of every run, one at a time.

They get idle processor time and a bounded queue, so they never delay a job: when they cannot keep
up, the oldest waiting analyses are dropped and counted. All are off until a person switches them
on; the switches are kept in `layer2.json` in the home.
"""

import logging
import threading
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

from irer import components
from irer.base.checking import Record
from irer.base.errors import ConfigError, ConflictError, IrerError
from irer.base.files import write_json
from irer.base.record_files import read_record
from irer.base.records import Provenance
from irer.hub.component_runs import outcome
from settings import Settings

log = logging.getLogger("irer.hub.layer2")

TRIGGER = "on provenance"
MOST_WAITING = 1000
KEPT_FAILURES = 20


class Switches(Record):
    """`layer2.json`: the names of the components that are switched on."""

    on: list[str]


@dataclass(frozen=True)
class Failure:
    """One analysis that did not end well."""

    component: str
    job_uuid: str
    message: str
    at: float  # seconds since 1970


class Layer2:
    """Runs the components that are switched on; `notice` tells it of a new record."""

    def __init__(self, settings: Settings, most_waiting: int = MOST_WAITING) -> None:
        self._settings = settings
        self._most_waiting = most_waiting
        self._file = settings.home.layer2_file
        self._changed = threading.Condition()
        self._waiting: deque[tuple[str, str]] = deque()  # (component, job_uuid)
        self._on: frozenset[str] = frozenset()
        self._done: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._skipped = 0
        self._failures: deque[Failure] = deque(maxlen=KEPT_FAILURES)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="layer-2", daemon=True)

    def start(self) -> None:
        """Read the switches and start the thread; earlier records are not analysed."""
        if self._file.exists():
            try:
                self._on = frozenset(read_record(Switches, self._file, "the switches").on)
            except IrerError as error:
                log.error("%s; every component of Layer 2 is off", error.message)
        self._thread.start()

    def stop(self) -> None:
        """End the running analysis and drop the waiting ones."""
        self._ending.set()
        with self._changed:
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def switch(self, name: str, on: bool) -> None:
        """Switch a component on or off. Raises ConfigError for one without a trigger."""
        component = components.find(self._settings).get(name)
        if TRIGGER not in component.manifest.triggers:
            raise ConfigError.of_field("on", f"{name} has no trigger in its manifest")
        with self._changed:
            chosen = self._on | {name} if on else self._on - {name}
            write_json(self._file, {"on": sorted(chosen)})
            self._on = chosen
            if not on:
                self._waiting = deque(each for each in self._waiting if each[0] != name)

    def is_on(self, name: str) -> bool:
        """Say whether a component is switched on."""
        return name in self._on

    def notice(self, record: Provenance) -> None:
        """Queue the analyses of a new record; returns at once."""
        if record.metrics is None or not self._on or not self._thread.is_alive():
            return
        with self._changed:
            for name in sorted(self._on):
                self._waiting.append((name, record.job_uuid))
            while len(self._waiting) > self._most_waiting:
                self._waiting.popleft()
                self._skipped += 1
            self._changed.notify()

    def counts(self, name: str) -> dict[str, int]:
        """Return how many analyses of a component succeeded and failed since the start."""
        return {"done": self._done[name], "failed": self._failed[name]}

    def status(self) -> dict[str, Any]:
        """Return the waiting and dropped analyses, and the newest failures."""
        with self._changed:
            return {
                "waiting": len(self._waiting),
                "skipped": self._skipped,
                "failures": [asdict(each) for each in reversed(self._failures)],
            }

    def _follow(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ending.is_set())
                if self._ending.is_set():
                    return
                name, job_uuid = self._waiting.popleft()
            message = self._analyse(name, job_uuid)
            with self._changed:
                (self._failed if message else self._done)[name] += 1
                if message:
                    self._failures.append(Failure(name, job_uuid, message, round(time.time(), 3)))
                    log.warning("%s on %s: %s", name, job_uuid, message)

    def _analyse(self, name: str, job_uuid: str) -> str | None:
        """Run one analysis; return why it failed, or None."""
        try:
            component = components.find(self._settings).get(name)
            (given,) = component.manifest.inputs
            call = components.make_call(component, {given.name: job_uuid}, self._settings, _no_id)
            ended = components.run(call, self._settings, cancelled=self._ending, idle=True)
        except IrerError as error:
            return error.message
        except Exception as error:  # a failure here must not end the thread
            return repr(error)
        if ended.returncode == 0:
            return None
        for line in ended.last_lines:
            log.warning("%s on %s | %s", name, job_uuid, line)
        return outcome(ended)[1] or "cancelled"


def _no_id() -> str:
    raise ConflictError("a triggered component takes no new id")
