"""A run's fields as an xarray Dataset: named axes, coordinates, units, the record as attributes."""

from collections.abc import Iterator, Mapping
from typing import Any

import xarray as xr

from irer.base.records import Provenance
from irer.home.artifacts import Artifact
from irer.home.netcdf import AXES, grid_line

_LENGTH = {"units": "1", "long_name": "position in simulation units"}
_TIME = {"units": "1", "long_name": "time in simulation units"}
_NAMES = {
    "psi": "complex field",
    "u": "ln Omega, the logarithm of the conformal factor",
    "field": "real field of the model fmia",
    "momentum": "rate of that field",
    "snapshots": "density |psi|^2, of fmia the field itself",
}


def dataset_of(artifact: Artifact, record: Provenance) -> xr.Dataset:
    """Return the fields of an artifact on named axes; (N,)*d is the grid, x its first axis."""
    options = record.simulation
    axes = AXES[: options.dimensions]
    points = grid_line(options.N_grid, options.box_length)
    fields = {"psi": artifact.psi, "u": artifact.u}
    if artifact.momentum is not None:
        fields = {"field": artifact.psi.real, "momentum": artifact.momentum}
    variables = {name: (axes, values, _about(name)) for name, values in fields.items()}
    density = (("time", *axes), artifact.snapshot_rho, _about("snapshots"))
    return xr.Dataset(
        variables | {"snapshots": density},
        coords={axis: (axis, points, dict(_LENGTH)) for axis in axes}
        | {"time": ("time", artifact.snapshot_t, dict(_TIME))},
        attrs={"t": artifact.last_good_time} | dict(flat(record.model_dump(mode="json"))),
    )


def _about(name: str) -> dict[str, str]:
    return {"units": "1", "long_name": _NAMES[name]}


_UNDER_OWN_NAMES = ("sncgl_params", "simulation", "metrics")


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the parts of a record as attributes that a NetCDF file can hold.

    Parameters, options and metrics have their own names, parts of other objects that of the object
    before it, `versions_jax`. None and empty lists are left out, a boolean is 0 or 1, a list of
    objects is left to the record.
    """
    for own, value in values.items():
        name = prefix + own
        if isinstance(value, Mapping):
            yield from flat(value, "" if name in _UNDER_OWN_NAMES else f"{name}_")
        elif isinstance(value, bool):
            yield name, int(value)
        elif isinstance(value, list):
            if value and not isinstance(value[0], Mapping):
                yield name, value
        elif value is not None:
            yield name, value
