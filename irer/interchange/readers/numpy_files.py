"""NumPy's own files: one array, or a zip of several. Python objects in them are never loaded."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from irer.base.errors import ConfigError
from irer.interchange.stored import Array, Place, Source, Stored

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_LONGEST_HEADER = 10_000  # bytes, NumPy's own bound
_SUFFIX = ".npy"
_ENCRYPTED = 1  # bit of a member's flags
_BROKEN = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError)


@contextmanager
def open_npy(path: Path) -> Iterator[Source]:
    """Open one array; it is mapped, so that only what is asked for is read."""
    with path.open("rb") as file:
        shape, order, dtype = _header(file, path.name)
        offset = file.tell()
    _hold_size(path.name, shape, dtype, path.stat().st_size - offset)

    def read(place: Place) -> Array:
        array = np.memmap(path, dtype, "r", offset, shape, order) if 0 not in shape else None
        return np.array(np.empty(shape, dtype)[place] if array is None else array[place])

    stored = Stored(path.stem, shape, dtype, read)
    yield Source("NumPy array", [path.stem], {path.stem: stored}.get)


@contextmanager
def open_npz(path: Path) -> Iterator[Source]:
    """Open a zip of arrays; of those that nobody asks for only the headers are read."""
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise ConfigError.of_field("field", f"{path.name} is no whole zip: {error}") from error
    with archive:
        members = {
            info.filename.removesuffix(_SUFFIX): info
            for info in archive.infolist()
            if info.filename.endswith(_SUFFIX)
        }

        def find(name: str) -> Stored | None:
            info = members.get(name)
            return None if info is None else _member(archive, info, name)

        yield Source("NumPy archive", list(members), find)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Stored:
    """Describe one array of a zip. Raises ConfigError."""
    if info.flag_bits & _ENCRYPTED:
        raise ConfigError.of_field("field", f"{name} is encrypted")
    try:
        with archive.open(info) as file:
            shape, order, dtype = _header(file, name)
            _hold_size(name, shape, dtype, info.file_size - file.tell())
    except _BROKEN as error:
        raise ConfigError.of_field("field", f"cannot read {name}: {error}") from error
    kept: list[Array] = []

    def read(place: Place) -> Array:
        if not kept:
            kept.append(_whole(archive, info, name, shape, order, dtype))
        return np.array(kept[0][place])

    size = prod(shape) * dtype.itemsize
    return Stored(name, shape, dtype, read, at_once=size)


def _whole(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    name: str,
    shape: tuple[int, ...],
    order: Any,
    dtype: np.dtype[Any],
) -> Array:
    """Read as many bytes as the header declares, and no more. Raises ConfigError."""
    count = prod(shape) * dtype.itemsize
    data = bytearray(count)
    try:
        with archive.open(info) as file:
            _header(file, name)
            view, filled = memoryview(data), 0
            while filled < count and (part := file.read(min(2**20, count - filled))):
                view[filled : filled + len(part)] = part
                filled += len(part)
    except _BROKEN as error:
        raise ConfigError.of_field("field", f"cannot read {name}: {error}") from error
    if filled < count:
        raise ConfigError.of_field("field", f"{name} ends after {filled} of {count} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order=order)


def _header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], Any, np.dtype[Any]]:
    """Return shape, order and type of an array, and leave the file at its numbers."""
    try:
        read = _HEADERS[np.lib.format.read_magic(file)]
        shape, fortran, dtype = read(file, max_header_size=_LONGEST_HEADER)
    except KeyError as error:
        text = f"{name} has a version of NumPy's format that is not read: {error}"
        raise ConfigError.of_field("field", text) from error
    except ValueError as error:
        text = f"{name} is no array that NumPy wrote: {str(error).splitlines()[0]}"
        raise ConfigError.of_field("field", text) from error
    if dtype.hasobject:
        text = f"{name} holds Python objects (a pickle), which are never loaded"
        raise ConfigError.of_field("field", text)
    return shape, "F" if fortran else "C", dtype


def _hold_size(name: str, shape: tuple[int, ...], dtype: np.dtype[Any], size: int) -> None:
    """Hold the bytes that an array's header declares against those that are there."""
    declared = prod(shape) * dtype.itemsize
    if declared != size:
        text = f"{name} declares {declared:,} bytes of numbers and has {size:,}"
        raise ConfigError.of_field("field", text)
