"""Whole files or none: atomic writes, strict JSON, digests."""

import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from irer.base.errors import ContractError, IrerError, NotFoundError, StorageError

TEMPORARY_PREFIX = ".tmp-"


def write_atomic(
    path: Path, write: Callable[[BinaryIO], None], *, mode: int = 0o644, durable: bool = True
) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`.

    A reader sees the old file or the new one, never part of either, and a write that fails leaves
    the old one. Without `durable` it need not outlive a loss of power, and nothing waits for the
    disk. Raises StorageError when the file system refuses.
    """
    _replace_whole(path, write, mode, durable=durable)
    if durable:
        _sync_folder(path.parent)


def _replace_whole(
    path: Path, write: Callable[[BinaryIO], None], mode: int, *, durable: bool = True
) -> None:
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "w+b") as file:
            write(file)
            file.flush()
            os.fchmod(file.fileno(), mode)
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):  # what refused the write may refuse this too
                temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the platform lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageError(f"cannot write {folder}: {error.strerror or error}") from error


def move_file(path: Path, to: Path) -> None:
    """Rename a file within its folder. Raises StorageError."""
    try:
        path.replace(to)
    except OSError as error:
        raise StorageError(f"cannot write {to}: {error.strerror or error}") from error
    _sync_folder(to.parent)


def remove_file(path: Path) -> None:
    """Remove a file if there is one. Raises StorageError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"cannot remove {path}: {error.strerror or error}") from error


def remove_temporaries(folder: Path) -> None:
    """Remove the temporary files that killed writers left in `folder`.

    Nobody may be writing there. A file that cannot be removed stays and does no harm.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(TEMPORARY_PREFIX):
                with suppress(OSError):
                    Path(entry.path).unlink()


def write_bytes(path: Path, data: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Write `data`, atomically."""
    write_atomic(path, partial(_write_all, data=data), mode=mode, durable=durable)


def write_text(path: Path, text: str, *, mode: int = 0o644, durable: bool = True) -> None:
    """Write `text` as UTF-8, atomically."""
    write_bytes(path, text.encode(), mode=mode, durable=durable)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as strict JSON, atomically. Raises ContractError on NaN or Infinity."""
    text = dump_json(value) + "\n"
    write_text(path, text)


def write_json_all(values: Mapping[Path, Any]) -> None:
    """Write many strict JSON files, each whole; their folders are synced once, at the end.

    Raises ContractError on NaN or Infinity before anything is written, StorageError when a
    write is refused; the files before it are then in place.
    """
    texts = {path: dump_json(value) + "\n" for path, value in values.items()}
    for path, text in texts.items():
        _replace_whole(path, partial(_write_all, data=text.encode()), 0o644)
    for folder in {path.parent for path in texts}:
        _sync_folder(folder)


def _write_all(file: BinaryIO, data: bytes) -> None:
    file.write(data)


def dump_json(value: Any) -> str:
    """Return strict JSON text. Raises ContractError on NaN or Infinity."""
    try:
        return json.dumps(value, allow_nan=False, indent=1, ensure_ascii=False)
    except ValueError as error:
        raise ContractError(f"not representable in JSON: {error}") from error


def finite_or_null(value: Any) -> Any:
    """Return `value` with every NaN and Infinity inside it replaced by None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite_or_null(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite_or_null(item) for item in value]
    return value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits} is out of range")
    return value


# Made once: a decoder of its own for each text costs a quarter of reading a record.
_STRICT = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def parse_json(text: str | bytes) -> Any:
    """Parse strict JSON. Raises ValueError on NaN, Infinity, an overflowing or broken number."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    try:
        return _STRICT.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def json_in(text: str | bytes, what: str, refuse_as: type[IrerError] = ContractError) -> Any:
    """Parse strict JSON. Raises `refuse_as`, saying in one line what is not valid and why."""
    try:
        return parse_json(text)
    except ValueError as error:
        raise refuse_as(f"{what} is not valid JSON: {error}") from error


def json_or_text(given: Any) -> Any:
    """Parse what was typed as JSON; return what is not JSON, or not text, as it is."""
    try:
        return parse_json(given) if isinstance(given, str) else given
    except ValueError:
        return given


def read_json(path: Path) -> Any:
    """Read a strict JSON file. Raises NotFoundError or ContractError, naming the file."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise NotFoundError(f"cannot read {path}: {error.strerror or error}") from error
    return json_in(data, str(path))


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_json(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces) of `value`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
