"""HDF5 files: which layout one has, and those that are nobody's, NetCDF-4 among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from irer.base.errors import ConfigError
from irer.interchange.readers import dedalus, own, pdebench, the_well
from irer.interchange.readers.attributes import text_of
from irer.interchange.readers.datasets import labels_of, stored
from irer.interchange.stored import Source, Stored, axis_names

_UNREADABLE = (OSError, KeyError, ValueError, TypeError, RuntimeError)
_MOST_NAMES = 10_000  # datasets that are listed
_LAYOUTS = (own, the_well, dedalus, pdebench)  # each with holds(file) and source(file)


@contextmanager
def open_hdf5(path: Path) -> Iterator[Source]:
    """Open an HDF5 file of any layout. Raises ConfigError for a torn one."""
    try:
        file = h5py.File(path, "r")
    except _UNREADABLE as error:
        raise ConfigError.of_field("field", f"{path.name} is no whole HDF5: {error}") from error
    with file:
        try:
            layout = next((one for one in _LAYOUTS if one.holds(file)), None)
            source = layout.source(file) if layout else _plain(file)
        except _UNREADABLE as error:
            text = f"{path.name} is no whole HDF5: {error}"
            raise ConfigError.of_field("field", text) from error
        yield source


def _plain(file: h5py.File) -> Source:
    """Return the datasets of a file without a layout; NetCDF-4 names their axes."""
    names: list[str] = []
    lies_over_axes = False

    def visit(name: str, item: Any) -> bool | None:
        nonlocal lies_over_axes
        if isinstance(item, h5py.Dataset):
            if item.is_scale:
                lies_over_axes = True
            else:
                names.append(name)
        return len(names) >= _MOST_NAMES or None

    file.visititems(visit)

    def find(name: str) -> Stored | None:
        data = file.get(name)
        return _with_axes(name, data) if isinstance(data, h5py.Dataset) else None

    return Source("NetCDF-4" if lies_over_axes else "HDF5", names, find)


def _with_axes(name: str, data: h5py.Dataset) -> Stored:
    """Describe a dataset with the axes that its dimension scales or labels name."""
    found = [_axis(*each) for each in zip(data.dims, labels_of(data), strict=True)]
    if not all(label for label, _ in found):
        return stored(name, data)
    axes = axis_names([label for label, _ in found])
    coordinates = {
        axis: values for axis, (_, values) in zip(axes, found, strict=True) if values is not None
    }
    return stored(name, data, axes, coordinates)


def _axis(dimension: Any, label: str) -> tuple[str, Any]:
    """Return the name of one axis, empty for none, and its coordinates where there are any."""
    if not len(dimension):
        return label, None
    scale = dimension[0]
    label = label or text_of(scale.name).rpartition("/")[2]
    without_values = text_of(scale.attrs.get("NAME", "")).startswith("This is a netCDF dimension")
    if without_values or scale.dtype.kind not in "fiu":
        return label, None
    return label, np.asarray(scale[()])
