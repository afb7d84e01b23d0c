"""One dataset of an HDF5 file, described; it is read a place at a time."""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from irer.base.errors import ConfigError
from irer.interchange.readers.attributes import packing_problem, texts_of, without_fill
from irer.interchange.stored import Array, Place, Stored


def stored(
    name: str,
    data: h5py.Dataset,
    axes: tuple[str, ...] | None = None,
    coordinates: Mapping[str, Array] | None = None,
    problem: str = "",
    notes: Sequence[str] = (),
) -> Stored:
    """Describe a dataset. `axes` and what follows is what its layout says of it."""
    attributes = {key: data.attrs[key] for key in data.attrs if not key.startswith("DIMENSION")}

    def read(place: Place) -> Array:
        try:
            return without_fill(np.asarray(data[place]), attributes)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise ConfigError.of_field("field", f"cannot read {name}: {error}") from error

    return Stored(
        name=name,
        shape=data.shape or (),
        dtype=data.dtype,
        read=read,
        axes=axes,
        coordinates=coordinates or {},
        problem=problem or packing_problem(attributes) or _missing_parts(data),
        notes=tuple(notes),
        at_once=_largest_read(data),
    )


def _largest_read(data: h5py.Dataset) -> int:
    """Return the bytes of a chunk: HDF5 reads one whole, however little of it is wanted."""
    return prod(data.chunks or (0,)) * int(data.dtype.itemsize)


def _missing_parts(data: h5py.Dataset) -> str:
    """Name a file that a virtual dataset shows and that is not there: HDF5 reads zeros for it."""
    if not data.is_virtual:
        return ""
    folder = Path(data.file.filename).parent
    names = {source.file_name for source in data.virtual_sources()} - {"."}
    lost = sorted(name for name in names if not (folder / name).is_file())
    return f"shows parts of other files, and {lost[0]} is missing" if lost else ""


def labels_of(data: h5py.Dataset) -> list[str]:
    """Return the labels of a dataset's axes, empty for none.

    They are read from the attribute that holds them: HDF5's own call for a label ends the whole
    process where a torn file has a bad one.
    """
    found = texts_of(data.attrs.get("DIMENSION_LABELS", []))
    return found if len(found) == data.ndim else [""] * data.ndim


def coordinates_of(group: h5py.Group, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the one-dimensional datasets of a group, by the axis that each belongs to."""
    found = {axis: group.get(name) for axis, name in names.items()}
    return {
        axis: np.asarray(data[()])
        for axis, data in found.items()
        if isinstance(data, h5py.Dataset) and data.ndim == 1 and data.dtype.kind in "fiu"
    }
