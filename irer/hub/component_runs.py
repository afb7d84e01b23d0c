"""Runs of components that a person started: each in its own process, known by its files.

`component_runs/{run_uuid}/` in the home holds `run.json` (what was asked and how it ended) and
`output.log`; the outputs lie where the component's manifest says.
"""

import logging
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from irer import components
from irer.base.checking import Record
from irer.base.errors import ConflictError, IrerError, NotFoundError, StorageError
from irer.base.files import write_json
from irer.base.record_files import read_record
from irer.components.manifest import Value
from irer.home.logs import tail
from irer.hub.activity import Activity, Places, end_all
from irer.hub.needs import refuse_in_vain
from irer.runners.processes import Ended, how_it_ended
from settings import Settings

log = logging.getLogger("irer.hub.components")

MOST_AT_ONCE = 4
SHOWN_RUNS = 50
LOG_TAIL_BYTES = 64 * 1024
_LONGEST_LOG = 4 * 1024 * 1024
_CUT = b"\n[the log ends here: it is 4 MiB long]\n"

State = Literal["running", "done", "failed", "cancelled", "interrupted"]


class OutputFile(Record):
    """A file that the run leaves, by its path below the home."""

    name: str
    type: str
    path: str


class ComponentRun(Record):
    """`run.json`: one run of a component."""

    run_uuid: str
    component: str
    version: str
    state: State
    values: dict[str, Value]
    command: str
    started_at: float = Field(description="seconds since 1970")
    ended_at: float | None = None
    message: str | None = None
    outputs: list[OutputFile]


class _Running(Activity):
    """A run in progress."""

    def __init__(self, run: ComponentRun) -> None:
        self.run = run
        self.cancelled = threading.Event()
        in_progress = f"the run {run.run_uuid} is in progress"
        super().__init__(run.run_uuid, in_progress, self.cancelled.set)


class ComponentRuns:
    """Starts runs, at most four at once, and tells the state of these and earlier ones.

    `ended` is called after each: some are controls, and change a verdict.
    """

    def __init__(
        self, settings: Settings, new_id: Callable[[], str], ended: Callable[[], object]
    ) -> None:
        self._settings = settings
        self._new_id = new_id
        self._ended = ended
        self._home = settings.home
        full = f"{MOST_AT_ONCE} components run already; wait, or cancel one"
        self._places = Places(MOST_AT_ONCE, full)

    def start(self, name: str, given: Any) -> ComponentRun:
        """Start a run and return it.

        A run's uuid is the new id that its component takes, if it takes one; started again under
        that uuid, a run that did not end well goes on. Raises NotFoundError, ConflictError,
        ConfigError naming every wrong field, StorageError.
        """
        component = components.find(self._settings).get(name)
        call = components.make_call(component, given, self._settings, self._new_id)
        refuse_in_vain(call, self._home)
        active = _Running(self._described(call))
        run_uuid = active.run.run_uuid
        with self._places.taken(active):
            self._refuse_done(run_uuid)
            write_json(self._home.component_run_file(run_uuid), active.run.model_dump(mode="json"))
            self._places.start(active, lambda: self._work(active, call))
        log.info("component %s runs as %s", name, run_uuid)
        return active.run

    def get(self, run_uuid: str) -> ComponentRun:
        """Return a run in its present state. Raises NotFoundError or ContractError."""
        active = self._active(run_uuid)
        if active is not None:
            return active.run
        try:
            run = self._read(run_uuid)
        except NotFoundError as error:
            raise NotFoundError(f"there is no run {run_uuid} of a component") from error
        # Nobody works on it: the hub that did has ended.
        return run.model_copy(update={"state": "interrupted"}) if run.state == "running" else run

    def newest(self) -> list[ComponentRun]:
        """Return the newest 50 runs, the newest first; unreadable ones are left out."""
        found = []
        for file in sorted(self._home.component_run_files(), key=_modified, reverse=True):
            with suppress(IrerError):
                found.append(self.get(file.parent.name))
            if len(found) == SHOWN_RUNS:
                break
        return sorted(found, key=lambda run: run.started_at, reverse=True)

    def log_of(self, run_uuid: str) -> str:
        """Return the end of what a run has printed. Raises NotFoundError."""
        self.get(run_uuid)
        return tail(self._home.component_log(run_uuid), LOG_TAIL_BYTES)

    def output_of(self, run_uuid: str, name: str) -> Path:
        """Return a file that a run left. Raises NotFoundError."""
        for output in self.get(run_uuid).outputs:
            path = self._home.path(output.path)
            if output.name == name and self.is_there(output):
                return path
        raise NotFoundError(f"the run {run_uuid} has left no output {name!r:.60}")

    def is_there(self, output: OutputFile) -> bool:
        """Say whether an output lies in the home as a file."""
        return self._home.holds(self._home.path(output.path))

    def cancel(self, run_uuid: str) -> ComponentRun:
        """End a run at once. Raises NotFoundError, ConflictError for one that has ended."""
        active = self._active(run_uuid)
        if active is None:
            raise ConflictError(f"the run {run_uuid} is {self.get(run_uuid).state} already")
        active.cancel()
        return active.run

    def shutdown(self, timeout_s: float = 10.0) -> None:
        """End every run and wait for its record."""
        end_all(self._places.at_work(_Running), timeout_s)

    def _active(self, run_uuid: str) -> _Running | None:
        """Return a run while it is in progress."""
        return next((a for a in self._places.at_work(_Running) if a.name == run_uuid), None)

    def _described(self, call: components.Call) -> ComponentRun:
        manifest, home = call.component.manifest, self._home
        new = [each.name for each in manifest.inputs if each.source == "new"]
        files = call.component.output_files(home, call.uuids)
        return ComponentRun(
            run_uuid=call.uuids[new[0]] if new else self._new_id(),
            component=manifest.name,
            version=manifest.version,
            state="running",
            values=call.values,
            command=shlex.join(["python", manifest.script_to_run, *call.arguments]),
            started_at=round(time.time(), 3),
            outputs=[
                OutputFile(
                    name=output.name,
                    type=output.type,
                    path=files[output.name].relative_to(home.folder).as_posix(),
                )
                for output in manifest.outputs
            ],
        )

    def _refuse_done(self, run_uuid: str) -> None:
        known = self._home.component_run_file(run_uuid).exists()
        if known and self._read(run_uuid).state == "done":
            raise ConflictError(f"the run {run_uuid} is done already")

    def _read(self, run_uuid: str) -> ComponentRun:
        return read_record(ComponentRun, self._home.component_run_file(run_uuid), "the run")

    def _work(self, active: _Running, call: components.Call) -> None:
        run_uuid = active.run.run_uuid
        output = _Log(self._home.component_log(run_uuid))
        try:
            ended = components.run(
                call, self._settings, cancelled=active.cancelled, on_output=output.write
            )
            state, message = outcome(ended)
        except OSError as error:
            state, message = "failed", f"cannot start a process: {error}"
        changes = {"state": state, "message": message, "ended_at": round(time.time(), 3)}
        run = active.run.model_copy(update=changes)
        try:
            write_json(self._home.component_run_file(run_uuid), run.model_dump(mode="json"))
        except StorageError as error:
            log.error("%s", error.message)
        log.info("component run %s: %s %s", run_uuid, state, message or "")
        self._places.leave(active)
        try:
            self._ended()
        except IrerError as error:
            log.error("%s", error.message)


def outcome(ended: Ended) -> tuple[State, str | None]:
    """Return the final state of a component's process, and why it did not end well."""
    if ended.cancelled:
        return "cancelled", None
    if ended.timed_out:
        return "failed", f"ended at its time limit, after {ended.seconds:.0f} s"
    if ended.returncode == 0:
        return "done", None
    said = f": {ended.last_error_line:.500}" if ended.last_error_line else ""
    return "failed", how_it_ended(ended.returncode) + said


class _Log:
    """A bounded log file of what a process prints on both of its streams."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = _LONGEST_LOG
        self._lock = threading.Lock()

    def write(self, data: bytes) -> None:
        """Append what was printed; what the disk refuses is lost, and the run goes on."""
        with self._lock, suppress(OSError):
            if self._left > 0:
                kept = data[: self._left]
                self._left -= len(data)
                with self._path.open("ab") as file:
                    file.write(kept if self._left > 0 else kept + _CUT)


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
