"""Reading the field that is to be judged, with what its file says of its run."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.errors import ConfigError
from irer.interchange.fields import Choice, Field, read_field
from irer.interchange.readers.opening import open_source
from irer.interchange.stored import OwnRun, Source, Stored, axis_names

DEALIAS = 0.5
_U = "u"  # the dataset of ln Omega in an artifact
_ARRAY = "rho"  # the name of an array that has none
_UNNAMED = "dim_"  # how xarray begins the names of axes that have none

_NO_RUN = OwnRun(0, DEALIAS, "", None)


@dataclass(frozen=True)
class Taken:
    """What was read: the field, ln Omega if any, and what the file says of its run."""

    file: str | None
    found: Field
    own: OwnRun
    u: ArrayLike | None

    @property
    def box_length(self) -> float:
        """The side of the box of a run of ours. Raises ConfigError for any other."""
        if self.own.box_length:
            return self.own.box_length
        sides = self.found.sides
        told = f"; the file's coordinates say {sides[0]:.6g}" if sides else ""
        text = f"required (--box-length), the side of the periodic box{told}"
        raise ConfigError.of_field("box_length", text)

    @property
    def precision(self) -> str:
        """The solver's arithmetic: what its run says, else the type of the stored numbers."""
        return self.own.precision or _precision_of(self.found.dtype)


def take(
    field: str | os.PathLike[str] | ArrayLike, choice: Choice, u: str | ArrayLike | None
) -> Taken:
    """Read a field, and u beside it where that is a name or lies in an artifact of ours."""
    if isinstance(field, str | os.PathLike):
        with open_source(Path(field)) as source:
            found = read_field(source, choice)
            if u is None and found.psi is not None and source.own and source.find(_U):
                u = _U
            read = _u_of_file(source, u, found, choice) if isinstance(u, str) else u
            return Taken(os.fspath(field), found, source.own or _NO_RUN, read)
    if isinstance(u, str):
        raise ConfigError.of_field("u", "must be an array where the field is one")
    return Taken(None, read_field(_source_of(field), choice), _NO_RUN, u)


def _source_of(given: Any) -> Source:
    """Return an array as if it lay in a file; one of xarray names its axes and has coordinates.

    Raises ConfigError for what is no array.
    """
    if hasattr(given, "data_vars"):
        names = ", ".join(str(name) for name in given.data_vars)
        raise ConfigError.of_field("field", f"give a dataset of it: it has {names}")
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise ConfigError.of_field("field", f"must be a path or an array ({error})") from error
    name = getattr(given, "name", None)
    name = name if isinstance(name, str) else _ARRAY
    dims = _dims_of(given, array.ndim)
    stored = Stored(name, array.shape, array.dtype, array.__getitem__)
    if dims is not None:
        axes = axis_names(dims)
        lines = {
            axis: np.asarray(given.coords[dim])
            for axis, dim in zip(axes, dims, strict=True)
            if dim in given.coords
        }
        stored = replace(stored, axes=axes, coordinates=lines)
    return Source("array", [name], {name: stored}.get)


def _dims_of(given: Any, n: int) -> tuple[str, ...] | None:
    """Return the names of the n axes of an array of xarray; None for axes without names."""
    dims = getattr(given, "dims", None)
    if not isinstance(dims, tuple) or len(dims) != n or not hasattr(given, "coords"):
        return None
    named = all(isinstance(dim, str) and not dim.startswith(_UNNAMED) for dim in dims)
    return dims if named else None


def _u_of_file(source: Source, name: str, found: Field, choice: Choice) -> ArrayLike:
    """Read u, the last of its snapshots."""
    stored = source.get(name)
    alike = len(stored.shape) == len(found.stored_shape)
    read = read_field(source, replace(choice, dataset=name) if alike else Choice(name))
    if read.psi is not None:
        raise ConfigError.of_field("u", f"must be real, {name} is complex")
    last: NDArray[np.float64] = read.density[-1]
    return last


def _precision_of(dtype: Any) -> str:
    """Return the type of a stored number's real part; integers are as good as float64."""
    if dtype.kind not in "fc":
        return "float64"
    real = np.zeros(0, dtype).real.dtype
    return str(real.newbyteorder("=").name) if real.itemsize <= 8 else "float64"
