"""The HDF5 artifact of one simulation: written whole by the worker, read with suspicion.

Layout: datasets `psi`, `u` (of the model fmia: `field`, `momentum`), `snapshots/{t,rho}`,
`diagnostics/{t,...}`; attributes
`schema_version`, `job_uuid`, `config` (the job's JSON), `outcome`, `last_good_time`, `versions`
(JSON), `device`, `wall_time_s`, `reproducible` (where it is known), and since 11.1 `started_at`,
`ended_at`. The file is NetCDF-4, too: axes `x`, `y`, `z`, `time` with coordinates, and `rho`, a
second name of `snapshots/rho` beside them. `read_artifact` needs none of these: earlier files have
none.
"""

import io
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from irer.base.checking import check
from irer.base.clock import Instant
from irer.base.errors import ArtifactError, ConfigError
from irer.base.files import dump_json, parse_json, write_atomic
from irer.base.models import facts_of
from irer.base.records import SCHEMA_VERSION, JobConfig, Outcome, Provenance
from irer.home import netcdf
from irer.home.digests import hold_digest

# What h5py raises on a file that is torn or not what it should be.
_UNREADABLE = (OSError, KeyError, ValueError, TypeError, AttributeError, RuntimeError)


@dataclass(frozen=True)
class Artifact:
    """One simulation as it lies on disk; (N,)*d is the grid, S snapshots, F frames."""

    job: JobConfig
    outcome: Outcome
    last_good_time: float  # simulation units, as all t below
    psi: NDArray[np.complexfloating[Any, Any]]  # (N,)*d, at last_good_time; of fmia its real field
    u: NDArray[np.floating[Any]]  # (N,)*d, ln Omega at last_good_time; 0 for a flat model
    snapshot_t: NDArray[np.float64]  # (S,)
    snapshot_rho: NDArray[np.floating[Any]]  # (S,) + (N,)*d, |psi|^2; of fmia the field
    diagnostics: dict[str, NDArray[np.float64]]  # name -> (F,)
    momentum: NDArray[np.floating[Any]] | None = None  # (N,)*d, of fmia alone: the field's rate
    versions: dict[str, str] = field(default_factory=dict)
    reproducible: bool | None = None  # in every bit, on such a processor; None: not known
    device: str = ""
    wall_time_s: float = 0.0
    started_at: str | None = None  # of its simulation; None in artifacts before 11.1
    ended_at: str | None = None


def write_artifact(path: Path, artifact: Artifact) -> None:
    """Write `artifact` to `path`, whole or not at all. Raises StorageError."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["schema_version"] = SCHEMA_VERSION
        file.attrs["job_uuid"] = artifact.job.job_uuid
        file.attrs["config"] = dump_json(artifact.job.model_dump(mode="json"))
        file.attrs["outcome"] = artifact.outcome.name
        file.attrs["last_good_time"] = artifact.last_good_time
        file.attrs["versions"] = dump_json(artifact.versions)
        if artifact.reproducible is not None:
            file.attrs["reproducible"] = np.int8(artifact.reproducible)  # NetCDF has no booleans
        file.attrs["device"] = artifact.device
        file.attrs["wall_time_s"] = artifact.wall_time_s
        for name in ("started_at", "ended_at"):
            if (moment := getattr(artifact, name)) is not None:
                file.attrs[name] = moment
        _put_arrays(file, artifact)
    write_atomic(path, lambda target: _copy(buffer, target))


def _put_arrays(file: h5py.File, artifact: Artifact) -> None:
    """Store all datasets; the fields lie over x, y, z, the snapshots over time besides.

    Axes and the density have second names, where other tools look for them: a link takes no room.
    """
    options = artifact.job.simulation
    space = netcdf.put_grid(file, options.N_grid, options.dimensions, options.box_length)
    for name, values in _stored_fields(artifact).items():
        netcdf.put(file, name, values, space.values())
    over = {"time": netcdf.put_axis(file, "time", artifact.snapshot_t), **space}
    netcdf.put(file, "snapshots/t", artifact.snapshot_t, [over["time"]])
    file["rho"] = netcdf.put(
        file, "snapshots/rho", artifact.snapshot_rho, over.values(), by_first_axis=True
    )
    for name, axis in over.items():
        file[f"snapshots/{name}"] = axis
    frames = netcdf.put_axis(file, "diagnostics/t", artifact.diagnostics["t"])
    for name, values in artifact.diagnostics.items():
        if name != "t":
            netcdf.put(file, f"diagnostics/{name}", values, [frames])


def _stored_fields(artifact: Artifact) -> dict[str, NDArray[Any]]:
    """Return the datasets of the fields by name."""
    if artifact.momentum is not None:
        return {"field": artifact.psi.real, "momentum": artifact.momentum}
    return {"psi": artifact.psi, "u": artifact.u}


def _read_fields(file: h5py.File, job: JobConfig) -> dict[str, NDArray[Any]]:
    """Return psi and u, and of a real field the momentum."""
    real = facts_of(job.model).real
    if not ("field" in file if real is None else real):
        return {"psi": file["psi"][()], "u": file["u"][()]}
    field = file["field"][()]
    if field.dtype.kind != "f":
        raise ValueError(f"field has dtype {field.dtype}, expected a real one")
    return {"psi": field + 0j, "u": np.zeros_like(field), "momentum": file["momentum"][()]}


def _copy(buffer: io.BytesIO, target: Any) -> None:
    target.write(buffer.getbuffer())


def read_artifact(path: Path, job_uuid: str) -> Artifact:
    """Read and check the artifact of `job_uuid`.

    Raises ArtifactError, naming what is wrong, if the file is missing, torn, of another schema
    or job, lacks a dataset, has a wrong shape or dtype, or holds a number that is not finite.
    """
    if not path.exists():
        raise ArtifactError(f"no artifact {path.name}")
    try:
        with h5py.File(path, "r") as file:
            artifact = _read(file)
    except (*_UNREADABLE, ConfigError) as error:
        raise ArtifactError(f"{path.name} is not a whole artifact: {error}") from error
    if artifact.job.job_uuid != job_uuid:
        raise ArtifactError(f"{path.name} holds the job {artifact.job.job_uuid}")
    _check_arrays(path.name, artifact)
    return artifact


def read_recorded(path: Path, record: Provenance) -> Artifact:
    """Read the artifact that `record` was made from; all readers but the validator use this.

    Raises ArtifactError as `read_artifact`, and for a file that was changed since.
    """
    hold_digest(path, record.artifact_sha256)
    return read_artifact(path, record.job_uuid)


def _read(file: h5py.File) -> Artifact:
    attributes = file.attrs
    version = int(attributes["schema_version"])
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema version {version}, this program reads {SCHEMA_VERSION}")
    job = check(JobConfig, parse_json(attributes["config"]), what="its config")
    if attributes["job_uuid"] != job.job_uuid:
        raise ValueError("its job_uuid differs from the one in its config")
    return Artifact(
        job=job,
        outcome=Outcome[attributes["outcome"]],
        last_good_time=_finite(attributes["last_good_time"]),
        **_read_fields(file, job),
        snapshot_t=file["snapshots/t"][()],
        snapshot_rho=file["snapshots/rho"][()],
        diagnostics={"t": file["diagnostics/t"][()]}
        | {name: data[()] for name, data in file["diagnostics"].items()},
        versions=_versions(attributes["versions"]),
        reproducible=_known(attributes.get("reproducible")),
        device=str(attributes["device"]),
        wall_time_s=_finite(attributes["wall_time_s"]),
        started_at=_moment(attributes.get("started_at")),
        ended_at=_moment(attributes.get("ended_at")),
    )


def _finite(value: Any) -> float:
    if not math.isfinite(value):
        raise ValueError(f"an attribute is {value}")
    return float(value)


def _moment(found: Any) -> str | None:
    return None if found is None else TypeAdapter(Instant).validate_python(str(found))


def _known(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _versions(text: Any) -> dict[str, str]:
    found = parse_json(text)
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise ValueError("its versions are not an object of strings")
    return found


def _check_arrays(name: str, artifact: Artifact) -> None:
    """Check every array's shape and kind, and that it is finite. Raises ArtifactError."""
    grid = (artifact.job.simulation.N_grid,) * artifact.job.simulation.dimensions
    snapshots, frames = artifact.snapshot_t.shape[:1], artifact.diagnostics["t"].shape
    expected: dict[str, tuple[NDArray[Any], tuple[int, ...], str]] = {
        "psi": (artifact.psi, grid, "c"),
        "u": (artifact.u, grid, "f"),
        "snapshots/t": (artifact.snapshot_t, snapshots, "f"),
        "snapshots/rho": (artifact.snapshot_rho, snapshots + grid, "f"),
    }
    if artifact.momentum is not None:
        expected["momentum"] = (artifact.momentum, grid, "f")
    for key, values in artifact.diagnostics.items():
        expected[f"diagnostics/{key}"] = (values, frames, "f")
    for key, (values, shape, kind) in expected.items():
        if values.shape != shape or values.dtype.kind != kind:
            raise ArtifactError(
                f"{name}: {key} has shape {values.shape} and dtype {values.dtype}, expected {shape}"
            )
        if not np.isfinite(values).all():
            raise ArtifactError(f"{name}: {key} holds a number that is not finite")
    if artifact.outcome is Outcome.OK and not artifact.snapshot_t.size:
        raise ArtifactError(f"{name}: snapshots are missing")
