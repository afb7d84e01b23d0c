"""The artifact of one of our own runs, of any version."""

import h5py

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.files import parse_json
from irer.base.records import JobConfig
from irer.home.netcdf import AXES
from irer.interchange.readers.datasets import coordinates_of, stored
from irer.interchange.stored import TIME, OwnRun, Source, Stored

_FIELDS = ("psi", "u", "field", "momentum")
_DENSITIES = ("snapshots/rho", "rho")


def holds(file: h5py.File) -> bool:
    """Say whether the file is an artifact."""
    return {"schema_version", "job_uuid", "config"} <= file.attrs.keys() and "snapshots" in file


def source(file: h5py.File) -> Source:
    """Return the fields of an artifact, with what its configuration says."""
    try:
        job = check(JobConfig, parse_json(file.attrs["config"]), what="its config")
    except ConfigError as error:
        text = f"is an artifact with a config that is none: {error.message}"
        raise ConfigError.of_field("field", text) from error
    options = job.simulation
    space = AXES[: options.dimensions]

    def find(name: str) -> Stored | None:
        data = file.get(name)
        if not isinstance(data, h5py.Dataset):
            return None
        if name in _DENSITIES:
            times = coordinates_of(file, {TIME: "snapshots/t"})
            return stored(name, data, (TIME, *space), times)
        return stored(name, data, space if name in _FIELDS else None)

    names = [name for name in (_DENSITIES[0], *_FIELDS) if name in file]
    facts = OwnRun(options.box_length, options.dealias, options.precision, job.sncgl_params.kappa)
    return Source("artifact of this program", names, find, (_DENSITIES[0],), facts)
