"""What NetCDF's attributes say of the numbers of a dataset."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from irer.interchange.stored import Array

_PACKING = ("scale_factor", "add_offset")
_FILL = ("_FillValue", "missing_value")


def packing_problem(attributes: Mapping[str, Any]) -> str:
    """Say why numbers are not what is stored: packed into others. Empty where they are."""
    packed = [name for name in _PACKING if name in attributes]
    return f"is packed ({', '.join(packed)}): unpack it, as xarray does" if packed else ""


def without_fill(values: Array, attributes: Mapping[str, Any]) -> Array:
    """Return values with NaN where the attributes say that none is stored."""
    fills = [np.ravel(attributes[name]) for name in _FILL if name in attributes]
    missing = [np.isin(values, fill) for fill in fills if fill.dtype.kind in "fciu"]
    if not any(places.any() for places in missing):
        return values
    return np.where(np.logical_or.reduce(missing), np.nan, values)


def text_of(value: Any) -> str:
    """Return an attribute as text: HDF5 has bytes, strings, and arrays of one of them."""
    first = np.ravel(value)[0] if np.size(value) else ""
    return first.decode(errors="replace") if isinstance(first, bytes) else str(first or "")


def texts_of(value: Any) -> list[str]:
    """Return an attribute that lists names."""
    return [text_of(one) for one in np.ravel(value)]
