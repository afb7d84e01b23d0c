"""`simulation_ledger.csv`: one row a committed job, appended, never rewritten.

Beside it lies `simulation_ledger.schema.json`, which says what its columns mean.
"""

import csv
import io
import logging
import math
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import Field, ValidationError, field_validator

from irer.checking import Record, config_error
from irer.errors import ContractError, StorageError
from irer.files import read_json, write_atomic, write_json, write_text
from irer.goals import NoScore, constraint_violation, why_no_score
from irer.records import (
    FailureReason,
    Metrics,
    Model,
    Provenance,
    RunState,
    Seed,
    SncglParams,
    canonical_uuid,
)
from irer.search.fitness import fitness, objectives

_log = logging.getLogger("irer.engine.ledger")

SCHEMA_VERSION = 1  # changes when the meaning of a column does

_PLACE = ("job_uuid", "hunt_id", "generation", "index", "origin", "state", "reason")
_JOB = ("global_seed", "model", "simulation_sha256")
_FIRST = (*_PLACE, *_JOB)
_PARAMS = tuple(SncglParams.model_fields)
_METRICS = tuple(Metrics.model_fields)
_LONGEST_ROW = 64 * 1024  # bytes; real ones have some 500
_LAST = ("constraint_violation", "no_score", "fitness", "seconds")
COLUMNS = (*_FIRST, *_PARAMS, *_METRICS, *_LAST)
_HEADER = ",".join(COLUMNS) + "\n"
_REPAIR = "`python aste_hunter.py repair` writes the ledger anew from the provenance records"


class LedgerRow(Record):
    """One committed job; a FAILED one has no `metrics`, one without a score no `fitness`."""

    job_uuid: str
    hunt_id: str
    generation: int = Field(ge=1)
    index: int = Field(ge=0)
    origin: str
    state: RunState
    reason: FailureReason | None
    global_seed: Seed
    model: Model
    simulation_sha256: str = Field(pattern="^[0-9a-f]{64}$")  # of its simulation options
    params: SncglParams
    metrics: Metrics | None
    constraint_violation: float | None  # of the metrics: below 1 both constraint goals are met
    no_score: NoScore | None  # why a complete run has no fitness
    fitness: float | None
    seconds: float = Field(ge=0)  # wall time of worker and validator together

    _uuid = field_validator("job_uuid", "hunt_id")(canonical_uuid)

    @classmethod
    def of_provenance(cls, record: Provenance) -> "LedgerRow":
        """Return the row of a committed job."""
        return cls(
            **{name: getattr(record, name) for name in (*_PLACE[:-1], *_JOB[:-1])},
            simulation_sha256=record.simulation.fingerprint(),
            reason=record.error.reason if record.error else None,
            params=record.sncgl_params,
            metrics=record.metrics,
            **_judged(record.metrics),
            seconds=record.seconds.total,
        )

    @property
    def place(self) -> tuple[int, int]:
        """Where the job stands in the home: (generation, index)."""
        return self.generation, self.index

    @property
    def objectives(self) -> tuple[float, float] | None:
        """The two errors that the search minimises; None for a run that has no score."""
        return objectives(self.metrics)

    def cells(self) -> list[str]:
        """Return the row's cells in the order of COLUMNS; floats in full, None as nothing."""
        flat = self.model_dump(mode="json", exclude={"params", "metrics"})
        flat |= self.params.model_dump()
        flat |= self.metrics.model_dump() if self.metrics else dict.fromkeys(_METRICS)
        return ["" if flat[name] is None else str(flat[name]) for name in COLUMNS]

    @classmethod
    def of_cells(cls, cells: list[str]) -> "LedgerRow":
        """Parse what `cells` wrote. Raises ValueError naming each wrong column."""
        if len(cells) != len(COLUMNS):
            raise ValueError(f"must have {len(COLUMNS)} cells, got {len(cells)}")
        given = iter([cell or None for cell in cells])  # handed out in the order of COLUMNS
        flat: dict[str, Any] = dict(zip(_FIRST, given, strict=False))
        flat["params"] = dict(zip(_PARAMS, given, strict=False))
        metrics = dict(zip(_METRICS, given, strict=False))
        flat["metrics"] = metrics if any(metrics.values()) else None
        flat |= dict(zip(_LAST, given, strict=True))
        try:
            row = cls.model_validate(flat, strict=False)
        except ValidationError as error:
            raise ValueError(config_error(cls, error).message) from error
        row._check_consistent()
        return row

    def _check_consistent(self) -> None:
        if (self.state is RunState.COMPLETE) != (self.metrics is not None):
            raise ValueError("state: COMPLETE rows have metrics, FAILED rows none")
        if (self.state is RunState.FAILED) != (self.reason is not None):
            raise ValueError("reason: FAILED rows have a reason, COMPLETE rows none")
        for name, expected in _judged(self.metrics).items():
            found = getattr(self, name)
            if found != expected and not _close(found, expected):
                raise ValueError(f"{name}: must be {expected} for its metrics, got {found}")


def _judged(metrics: Metrics | None) -> dict[str, Any]:
    """Return the columns that follow from a run's metrics."""
    return {
        "constraint_violation": constraint_violation(metrics) if metrics else None,
        "no_score": why_no_score(metrics) if metrics else None,
        "fitness": fitness(metrics),
    }


def _close(found: Any, expected: Any) -> bool:
    numbers = isinstance(found, float) and isinstance(expected, float)
    return numbers and math.isclose(found, expected, rel_tol=1e-9)


def read_rows(path: Path) -> Iterator[LedgerRow]:
    """Yield the rows of a ledger, none if there is no file.

    A last line without its line end is a torn write and is left out. Raises ContractError
    naming the row for a wrong header, a value that cannot be, or a uuid met before.
    """
    if not path.exists():
        return
    _check_schema(path)
    lines = _whole_lines(path)
    _check_header(path, _split(next(lines, "")))
    first_seen: dict[bytes, int] = {}
    for number, line in enumerate(lines, start=2):
        try:
            row = LedgerRow.of_cells(_split(line))
        except ValueError as error:
            raise ContractError(f"{path} row {number}: {error}") from error
        earlier = first_seen.setdefault(row.job_uuid.encode(), number)
        if earlier != number:
            raise ContractError(
                f"{path} row {number}: job_uuid {row.job_uuid} stands in row {earlier} already"
            )
        yield row


def unchecked_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the cells of each whole row by column: for who shows them and can do without.

    None if there is no file. Raises ContractError for a wrong header.
    """
    if path.exists():
        lines = _whole_lines(path)
        _check_header(path, _split(next(lines, "")))
        yield from (
            dict(zip(COLUMNS, cells, strict=True))
            for cells in csv.reader(lines)
            if len(cells) == len(COLUMNS)
        )


def _whole_lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                if line.endswith("\n"):
                    yield line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ContractError(f"{path} is not a text file: {error}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def _split(line: str) -> list[str]:
    if line and '"' not in line:
        return line.split(",")
    return next(csv.reader([line]), [])


def schema_file(path: Path) -> Path:
    """Return the file that says which schema the ledger at `path` has."""
    return path.with_suffix(".schema.json")


def _check_schema(path: Path) -> None:
    """Refuse a ledger of another schema; one without the file is known by its header alone."""
    beside = schema_file(path)
    found = read_json(beside) if beside.exists() else {"schema_version": SCHEMA_VERSION}
    version = found.get("schema_version") if isinstance(found, dict) else found
    if version != SCHEMA_VERSION:
        raise ContractError(
            f"{beside}: schema_version: must be {SCHEMA_VERSION}, got {version!r:.60}; {_REPAIR}"
        )


def _check_header(path: Path, cells: list[str]) -> None:
    if tuple(cells) != COLUMNS:
        unknown = ", ".join(f"{name!r:.40}" for name in cells if name not in COLUMNS)
        missing = ", ".join(name for name in COLUMNS if name not in cells)
        hint = "; ".join(
            part
            for part in (unknown and f"unknown: {unknown}", missing and f"missing: {missing}")
            if part
        )
        raise ContractError(
            f"{path} row 1: the header is not this program's "
            f"({hint or 'another order, or a column twice'}); {_REPAIR}"
        )


def append_rows(path: Path, rows: Iterable[LedgerRow]) -> None:
    """Append `rows` in one write, the header before the first ever.

    Raises StorageError when the file system refuses; the ledger is then as it was before.
    """
    if not path.exists():
        write_json(schema_file(path), {"schema_version": SCHEMA_VERSION, "columns": COLUMNS})
        write_text(path, _HEADER)
    text = _text(rows)
    try:
        with path.open("ab", buffering=0) as file:
            start = file.seek(0, os.SEEK_END)
            try:
                _write_whole(file, text.encode())
            except OSError:
                file.truncate(start)
                raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def _text(rows: Iterable[LedgerRow]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row.cells() for row in rows)
    return text.getvalue()


def rewrite(path: Path, records: Iterable[Provenance]) -> int:
    """Write the ledger anew from records; return how many rows it has.

    What was there is kept beside it as `.bak`. Raises StorageError; the ledger is then as it was.
    """
    rows = sorted(map(LedgerRow.of_provenance, records), key=lambda row: row.place)
    if path.exists():
        write_atomic(path.with_suffix(".csv.bak"), lambda file: _copy_into(path, file))
    write_json(schema_file(path), {"schema_version": SCHEMA_VERSION, "columns": COLUMNS})
    write_text(path, _HEADER + _text(rows))
    return len(rows)


def _copy_into(path: Path, file: BinaryIO) -> None:
    with path.open("rb") as source:
        shutil.copyfileobj(source, file)


def _write_whole(file: io.FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    os.fsync(file.fileno())


def mend(path: Path, find: Callable[[str], Provenance | None]) -> None:
    """Cut off a torn last row and write it anew from the record that `find` has for its uuid.

    A row that was torn before its uuid was whole is lost here; it comes back with its
    generation, which is recorded again when the hunt is resumed or followed by another.
    """
    torn = _torn_end(path)
    if not torn:
        return
    try:
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - len(torn))
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    job_uuid = torn.decode(errors="replace").split(",")[0]
    record = find(job_uuid)
    if record is not None:
        append_rows(path, [LedgerRow.of_provenance(record)])
    outcome = "written anew from its record" if record else "left out"
    _log.warning("%s: the torn last row (%.36s) was %s", path.name, job_uuid, outcome)


def _torn_end(path: Path) -> bytes:
    """Return what follows the last line end; nothing when there is no whole line at all."""
    if not path.exists():
        return b""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LONGEST_ROW))
        _, line_end, rest = file.read().rpartition(b"\n")
    return rest if line_end else b""


def last_generation(path: Path) -> int:
    """Return the highest generation in the ledger, 0 without one. Raises as `read_rows`."""
    return max((row.generation for row in read_rows(path)), default=0)
