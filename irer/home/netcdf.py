"""What makes an artifact a NetCDF-4 file: axes with coordinates, units and names that read well.

NetCDF-4 is HDF5 whose axes are dimension scales, so h5py alone writes it. Complex numbers have the
named type that netCDF's libraries agree on, a pair of r and i. All quantities are dimensionless.
"""

from collections.abc import Iterable
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

AXES = ("x", "y", "z")
_COMPLEX = {"complex64": "_PFNC_FLOAT_COMPLEX_TYPE", "complex128": "_PFNC_DOUBLE_COMPLEX_TYPE"}
_DIMENSIONLESS = "1"
_LONG_NAMES = {
    "x": "position along the first axis",
    "y": "position along the second axis",
    "z": "position along the third axis",
    "time": "time of a snapshot of the density",
    "psi": "complex field at last_good_time",
    "u": "logarithm of the conformal factor, ln Omega, at last_good_time",
    "field": "real field at last_good_time",
    "momentum": "rate of change of the real field at last_good_time",
    "snapshots/t": "time of a snapshot of the density",
    "snapshots/rho": "late densities",
    "diagnostics/t": "time of a frame of the diagnostics",
}


def grid_line(n_grid: int, box_length: float) -> NDArray[Any]:
    """Return the coordinates, float64, of a grid's points along one side of the periodic box."""
    return np.arange(n_grid, dtype=np.float64) * (box_length / n_grid)


def put_grid(
    file: h5py.File, n_grid: int, dimensions: int, box_length: float
) -> dict[str, h5py.Dataset]:
    """Store the coordinates of a grid in the periodic box; return its axes by name."""
    line = grid_line(n_grid, box_length)
    return {name: put_axis(file, name, line) for name in AXES[:dimensions]}


def put_axis(file: h5py.File, name: str, coordinates: NDArray[np.floating[Any]]) -> h5py.Dataset:
    """Store the coordinates of one axis, which datasets can then lie over."""
    axis = put(file, name, coordinates)
    axis.make_scale(name.rpartition("/")[2])
    return axis


def put(
    file: h5py.File,
    name: str,
    values: NDArray[Any],
    axes: Iterable[h5py.Dataset] = (),
    *,
    by_first_axis: bool = False,
) -> h5py.Dataset:
    """Store a dataset over `axes`, with a checksum that every later read verifies.

    It is one chunk, or one a place on its first axis: no reader can hold a chunk of 4 GiB, and the
    snapshots of a large run together are larger.
    """
    shape: tuple[int, ...] | None = values.shape if values.size else None
    if shape and by_first_axis:
        shape = (1, *shape[1:])
    data = file.create_dataset(
        name,
        data=values,
        dtype=_stored_type(file, values.dtype),
        chunks=shape,
        fletcher32=bool(values.size),
    )
    data.attrs["units"] = _DIMENSIONLESS
    if long_name := _LONG_NAMES.get(name):
        data.attrs["long_name"] = long_name
    for dimension, axis in zip(data.dims, axes, strict=False):
        dimension.attach_scale(axis)
    return data


def _stored_type(file: h5py.File, dtype: np.dtype[Any]) -> Any:
    """Return the type to store values as; that of complex numbers is kept in the file by name."""
    name = _COMPLEX.get(dtype.name)
    if name is None:
        return dtype
    if name not in file:
        file[name] = dtype
    return file[name]
