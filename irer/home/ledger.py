"""`simulation_ledger.csv`: one row a committed job, in (generation, index) order.

Rows are appended; the row of a job that ends after jobs behind it in its generation is inserted,
and theirs are rewritten. `simulation_ledger.schema.json` beside it says what the columns mean. A
ledger of an earlier schema is read as it is, and upgraded in one step before the first row is
entered in it.
"""

import csv
import io
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from irer.base.errors import ContractError, StorageError
from irer.base.files import read_json, write_atomic, write_json, write_text
from irer.base.records import METRICS, Provenance, RunState
from irer.home.ledger_row import COLUMNS, LATER, LedgerRow

__all__ = ["COLUMNS", "LedgerRow"]

_log = logging.getLogger("irer.engine.ledger")

SCHEMA_VERSION = 3  # changes when the meaning of a column does, or one is added
_READABLE = (1, 2, 3)  # 1: without started_at and ended_at; 2: without candidate

_LONGEST_ROW = 64 * 1024  # bytes; real ones have some 500
_HEADER = ",".join(COLUMNS) + "\n"
_REPAIR = "`python aste_hunter.py repair` writes the ledger anew from the provenance records"
_MOST_LOOKS = 100


def read_rows(path: Path, *, shared: bool = False) -> Iterator[LedgerRow]:
    """Yield the rows of a ledger, none if there is no file.

    A last line without its line end is a torn write and is left out. With `shared` the rows are
    those of one moment, although another process may be entering some. Raises ContractError naming
    the row for a wrong header, an illegal value or a repeated uuid.
    """
    if not path.exists():
        return
    _check_schema(path)
    lines = _whole_lines(path, at_rest(path) if shared else None)
    columns = _known_columns(path, _split(next(lines, "")))
    first_seen: dict[bytes, int] = {}
    for number, line in enumerate(lines, start=2):
        try:
            row = LedgerRow.of_cells(_in_order(columns, _split(line)))
        except ValueError as error:
            raise ContractError(f"{path} row {number}: {error}") from error
        earlier = first_seen.setdefault(row.job_uuid.encode(), number)
        if earlier != number:
            raise ContractError(
                f"{path} row {number}: job_uuid {row.job_uuid} stands in row {earlier} already"
            )
        yield row


def unchecked_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the cells of each whole row by column, unchecked: for display.

    A wrong row may be left out. None if there is no file. Raises ContractError for a wrong header.
    """
    if path.exists():
        lines = _whole_lines(path)
        columns = _known_columns(path, _split(next(lines, "")))
        for cells in csv.reader(lines):
            known: list[str] = []
            if len(cells) == len(columns):
                with suppress(ValueError):  # a wrong row of an earlier schema: see its record
                    known = _in_order(columns, cells)
            if known:
                yield dict(zip(COLUMNS, known, strict=True))


def _whole_lines(path: Path, content: bytes | None = None) -> Iterator[str]:
    """Yield the whole lines of the file, or of `content` that was read from it."""
    opened = path.open("rb") if content is None else io.BytesIO(content)
    try:
        with opened, io.TextIOWrapper(opened, encoding="utf-8", newline="\n") as file:
            for line in file:
                if line.endswith("\n"):
                    yield line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ContractError(f"{path} is not a text file: {error}") from error
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error


def at_rest(path: Path) -> bytes:
    """Return the file as it was at one moment, between two writes of another process."""
    try:
        for _ in range(_MOST_LOOKS):
            before, content, after = path.stat(), path.read_bytes(), path.stat()
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                break
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}") from error
    return content


def _split(line: str) -> list[str]:
    if line and '"' not in line:
        return line.split(",")
    return next(csv.reader([line]), [])


def _in_order(columns: tuple[str, ...], cells: list[str]) -> list[str]:
    """Return a row's cells in the order of COLUMNS, as this schema has them."""
    if columns == COLUMNS:
        return cells
    if len(cells) != len(columns):
        raise ValueError(f"must have {len(columns)} cells, got {len(cells)}")
    found = dict(zip(columns, cells, strict=True))
    own = set(columns) - set(COLUMNS)  # metrics of one's own, each in a column before 11.1
    if own and found["state"] == RunState.COMPLETE:
        values = {name: float(found[name]) if found[name] else None for name in sorted(own)}
        found["extra_metrics"] = json.dumps(values)
    return LedgerRow.of_cells([found.get(name, "") for name in COLUMNS], earlier=True).cells()


def schema_file(path: Path) -> Path:
    """Return the file that says which schema the ledger at `path` has."""
    return path.with_suffix(".schema.json")


def _check_schema(path: Path) -> int:
    """Return the schema of a ledger; one without the file is known by its header alone."""
    beside = schema_file(path)
    found = read_json(beside) if beside.exists() else {"schema_version": SCHEMA_VERSION}
    version = found.get("schema_version") if isinstance(found, dict) else found
    if version not in _READABLE or isinstance(version, bool):
        raise ContractError(
            f"{beside}: schema_version: must be {SCHEMA_VERSION}, got {version!r:.60}; {_REPAIR}"
        )
    return int(version)


def _known_columns(path: Path, cells: list[str]) -> tuple[str, ...]:
    """Return the columns of a header: COLUMNS, some later ones perhaps missing."""
    missing = [name for name in COLUMNS if name not in cells]
    own = _own_metrics(cells)
    kept = [name for name in cells if name not in own]
    if kept == [name for name in COLUMNS if name not in missing] and LATER.issuperset(missing):
        return tuple(cells)
    unknown = ", ".join(f"{name!r:.40}" for name in cells if name not in COLUMNS)
    needed = ", ".join(name for name in missing if name not in LATER)
    hint = "; ".join(
        part
        for part in (unknown and f"unknown: {unknown}", needed and f"missing: {needed}")
        if part
    )
    raise ContractError(
        f"{path} row 1: the header is not this program's "
        f"({hint or 'another order, or a column twice'}); {_REPAIR}"
    )


def _own_metrics(cells: list[str]) -> set[str]:
    """Return the columns of metrics of one's own, which followed the program's before 11.1."""
    last = max((n for n, name in enumerate(cells) if name in METRICS.built_in), default=len(cells))
    behind = takewhile(lambda name: name not in COLUMNS, cells[last + 1 :])
    return {name for name in behind if name.isidentifier()}


def append_rows(path: Path, rows: Iterable[LedgerRow]) -> None:
    """Enter `rows` at their places in one write, the header before the first ever.

    Rows behind the first of them are rewritten; a row that is there already is not doubled. A
    ledger of an earlier schema is upgraded first. Raises StorageError when the file system refuses;
    the ledger is then as it was before, or lacks rows of the generation under way, which are in
    their records.
    """
    new = sorted(rows, key=lambda row: row.place)
    if not path.exists():
        _write_schema(path)
        write_text(path, _HEADER)
    else:
        upgrade(path)
    if not new:
        return
    try:
        with path.open("r+b", buffering=0) as file:
            start, behind = _rows_from(file, new[0].place)
            if behind:
                lines = [_text([row]).encode() for row in new]
                by_job = {line.partition(b",")[0]: line for line in (*behind, *lines)}
                lines = sorted(by_job.values(), key=_place)
                data = b"".join(lines)
                file.truncate(start)
            else:
                data = _text(new).encode()
            file.seek(start)
            try:
                _write_whole(file, data)
            except OSError:
                _put_back(file, start, b"".join(behind))
                raise
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error


def with_rows(content: bytes, rows: list[LedgerRow]) -> bytes:
    """Return the text of a ledger, given as `content`, with `rows` at their places."""
    whole = content[: content.rfind(b"\n") + 1]
    if not rows:
        return whole
    with tempfile.TemporaryDirectory(prefix="irer-ledger-") as folder:
        path = Path(folder) / "ledger.csv"
        if whole:
            path.write_bytes(whole)
        append_rows(path, rows)
        return path.read_bytes()


def _rows_from(file: io.FileIO, place: tuple[int, int]) -> tuple[int, list[bytes]]:
    """Return the offset of the first row at or behind `place`, and the rows from there."""
    end, size = file.seek(0, os.SEEK_END), _LONGEST_ROW
    while True:
        start = max(0, end - size)
        file.seek(start)
        data = file.read(end - start)
        lines = data.splitlines(keepends=True)[1:]  # without the header, or the piece of a row
        first = len(lines)
        while first and _place(lines[first - 1]) >= place:
            first -= 1
        if first or not start:
            return end - sum(map(len, lines[first:])), lines[first:]
        size *= 4


def _place(line: bytes) -> tuple[int, int]:
    """Return (generation, index) of a row's text."""
    cells = line.split(b",", 4)
    try:
        return int(cells[2]), int(cells[3])
    except (ValueError, IndexError) as error:
        raise ContractError(f"the row {line[:80]!r} has no place; {_REPAIR}") from error


def _put_back(file: io.FileIO, start: int, behind: bytes) -> None:
    """Restore what stood behind `start`, as far as the file system allows."""
    file.truncate(start)
    if behind:
        with suppress(OSError):
            file.seek(start)
            _write_whole(file, behind)


def _text(rows: Iterable[LedgerRow]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(row.values() for row in rows)
    return text.getvalue()


def upgrade(path: Path) -> bool:
    """Rewrite a ledger of an earlier schema in this one; say whether it was one.

    Columns that came later are computed from the others or left empty. Raises ContractError for a
    foreign header or row, StorageError; the ledger is then as it was.
    """
    if not path.exists():
        return False
    named = _check_schema(path)
    with path.open("rb") as file:
        columns = _known_columns(path, _split(file.readline().decode(errors="replace").rstrip()))
    if columns == COLUMNS:
        if named != SCHEMA_VERSION:  # killed between the two files
            _write_schema(path)
        return False
    write_atomic(path, lambda file: _copy_upgraded(path, columns, file))
    _write_schema(path)
    added = ", ".join(name for name in COLUMNS if name not in columns)
    _log.info("%s: upgraded to schema %d, which has %s too", path.name, SCHEMA_VERSION, added)
    return True


def _copy_upgraded(path: Path, columns: tuple[str, ...], file: BinaryIO) -> None:
    file.write(_HEADER.encode())
    with path.open("rb") as source:
        for number, line in enumerate(source.readlines()[1:], start=2):
            if line.endswith(b"\n"):
                try:
                    cells = _in_order(columns, _split(line.decode().rstrip("\r\n")))
                except ValueError as error:
                    raise ContractError(f"{path} row {number}: {error}; {_REPAIR}") from error
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerow(cells)
                file.write(text.getvalue().encode())
            else:
                file.write(line)  # a torn row: `mend` knows it by the uuid at its beginning


def _write_schema(path: Path) -> None:
    write_json(schema_file(path), {"schema_version": SCHEMA_VERSION, "columns": COLUMNS})


def rewrite(path: Path, records: Iterable[Provenance]) -> int:
    """Rewrite the ledger from records; return how many rows it has.

    The old file is kept beside it as `.bak`. Raises StorageError; the ledger is then as it was.
    """
    rows = sorted(map(LedgerRow.of_provenance, records), key=lambda row: row.place)
    if path.exists():
        write_atomic(path.with_suffix(".csv.bak"), lambda file: _copy_into(path, file))
    _write_schema(path)
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
    """Cut off a torn last row and rewrite it from the record that `find` returns for its uuid.

    A row torn before its uuid was whole is lost here; it comes back with its generation, whose
    records are entered again when the home is opened.
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
