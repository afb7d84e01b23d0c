"""NetCDF before HDF5: the classic format and its 64-bit offsets, by SciPy."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import netcdf_file

from irer.base.errors import ConfigError
from irer.interchange.memory import hold_memory
from irer.interchange.readers.attributes import packing_problem, without_fill
from irer.interchange.stored import Array, Place, Source, Stored, axis_names

_BROKEN = (OSError, ValueError, TypeError, IndexError, KeyError, AssertionError, struct.error,
           OverflowError, MemoryError, EOFError)  # fmt: skip


@contextmanager
def open_netcdf3(path: Path) -> Iterator[Source]:
    """Open a classic NetCDF file. SciPy reads all of it. Raises ConfigError."""
    hold_memory(path.stat().st_size, path.name)
    try:
        file = netcdf_file(path, "r", mmap=False)
    except _BROKEN as error:
        raise ConfigError.of_field("field", f"{path.name} is no whole NetCDF: {error}") from error
    with file:
        names = [name for name in file.variables if name not in file.dimensions]

        def find(name: str) -> Stored | None:
            return _stored(file, name) if name in file.variables else None

        yield Source("NetCDF (classic)", names, find)


def _stored(file: Any, name: str) -> Stored:
    variable = file.variables[name]
    axes = axis_names(variable.dimensions)
    coordinates = {
        axis: np.array(file.variables[dimension][:])
        for axis, dimension in zip(axes, variable.dimensions, strict=True)
        if dimension in file.variables
    }

    attributes = vars(variable)["_attributes"]  # SciPy has no other way to all of them

    def read(place: Place) -> Array:
        return without_fill(np.array(variable[place]), attributes)

    dtype = variable.data.dtype.newbyteorder("=")
    packed = packing_problem(attributes)
    return Stored(name, variable.shape, dtype, read, axes, coordinates, problem=packed)
