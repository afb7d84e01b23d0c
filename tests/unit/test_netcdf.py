"""An artifact is a NetCDF-4 file: xarray finds axes, coordinates, units and our own numbers."""

import uuid
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

from irer.base.files import dump_json
from irer.base.records import JobConfig, Outcome, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, read_artifact, write_artifact

ENGINES: list[tuple[str, dict[str, Any]]] = [
    ("h5netcdf", {}),
    ("netcdf4", {"auto_complex": True}),
]
GIB = 2**30


def artifact_of(
    dimensions: int = 2, model: str = "sncgl_sdg", snapshots: int = 3, precision: str = "float32"
) -> Artifact:
    rng, shape = np.random.default_rng(1), (16,) * dimensions
    options = SimulationOptions(
        N_grid=16, dimensions=dimensions, box_length=12.0, precision=precision
    )
    job = JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=1, model=model, simulation=options, sncgl_params=SncglParams(),
    )  # fmt: skip
    psi = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    momentum = None
    if model == "fmia":
        psi, momentum = psi.real + 0j, psi.imag.astype(precision)
    return Artifact(
        job=job, outcome=Outcome.OK if snapshots else Outcome.NONFINITE, last_good_time=20.0,
        psi=psi.astype(np.result_type(precision, np.complex64)),
        u=np.zeros(shape, precision) if momentum is not None else psi.imag.astype(precision),
        momentum=momentum, snapshot_t=10.0 + np.arange(snapshots),
        snapshot_rho=rng.random((snapshots, *shape)),
        diagnostics={"t": np.array([10.0, 20.0]), "u_max": np.array([0.1, 0.2])},
        versions={"jax": "1"}, device="cpu", wall_time_s=1.5, reproducible=True,
        started_at="2026-11-27T04:16:11.123+00:00", ended_at="2026-11-27T04:16:12.123+00:00",
    )  # fmt: skip


@pytest.mark.parametrize(("engine", "options"), ENGINES)
@pytest.mark.parametrize(
    "given",
    [
        artifact_of(2),
        artifact_of(3, precision="float64"),
        artifact_of(model="fmia"),
        artifact_of(snapshots=0),
    ],
    ids=["2-D", "3-D", "fmia", "no snapshots"],
)
def test_xarray_finds_named_axes_with_coordinates_and_our_numbers(
    given: Artifact, engine: str, options: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.h5"
    write_artifact(path, given)
    own, d = read_artifact(path, given.job.job_uuid), given.job.simulation.dimensions
    axes = ("x", "y", "z")[:d]
    with xr.open_dataset(path, engine=engine, **options) as data:
        data.load()
        names = ("field", "momentum") if given.momentum is not None else ("psi", "u")
        for name in names:
            assert data[name].dims == axes
            expected = own.psi.real if name == "field" else getattr(own, name)
            assert data[name].dtype == expected.dtype
            np.testing.assert_array_equal(data[name], expected)
        assert data.rho.dims == ("time", *axes)
        np.testing.assert_array_equal(data.rho, own.snapshot_rho)
        np.testing.assert_array_equal(data.time, own.snapshot_t)
        for axis in axes:
            np.testing.assert_allclose(data[axis], np.arange(16) * 0.75, rtol=0, atol=1e-15)
        for variable in data.variables.values():
            assert variable.attrs["units"] == "1"
            assert variable.attrs["long_name"]
        assert data.attrs["outcome"] == given.outcome.name
        assert data.attrs["reproducible"] == 1
    with xr.open_dataset(path, engine=engine, group="diagnostics", **options) as data:
        assert data.u_max.dims == ("t",)
        np.testing.assert_array_equal(data.t, own.diagnostics["t"])
    with xr.open_dataset(path, engine=engine, group="snapshots", **options) as data:
        assert data.rho.dims == ("time", *axes)
        assert set(data.coords) == {"time", *axes}


def test_the_whole_file_opens_as_a_tree(tmp_path: Path) -> None:
    write_artifact(tmp_path / "a.h5", artifact_of())
    with xr.open_datatree(tmp_path / "a.h5", engine="h5netcdf") as tree:
        assert set(tree.groups) == {"/", "/snapshots", "/diagnostics"}


def test_without_complex_numbers_in_the_engine_psi_is_its_two_parts(tmp_path: Path) -> None:
    given = artifact_of()
    write_artifact(tmp_path / "a.h5", given)
    with xr.open_dataset(tmp_path / "a.h5", engine="netcdf4") as data:
        psi = data.psi.values
    np.testing.assert_array_equal(psi["r"] + 1j * psi["i"], given.psi)


def test_a_second_name_takes_no_room_and_a_chunk_is_one_snapshot(tmp_path: Path) -> None:
    given = artifact_of()
    write_artifact(tmp_path / "a.h5", given)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["rho"] == file["snapshots/rho"]  # one object under two names
        assert file["snapshots/x"] == file["x"]
        assert file["snapshots/rho"].chunks == (1, 16, 16)
        assert file["snapshots/rho"].id.get_num_chunks() == 3
        for name in ("psi", "u", "snapshots/rho", "snapshots/t", "diagnostics/t", "x", "time"):
            assert file[name].fletcher32, name
        assert "rho" not in file["diagnostics"]


@pytest.mark.parametrize(("dimensions", "n_grid"), [(2, 1024), (3, 256)])
def test_one_field_of_the_largest_grid_is_far_below_4_gib(dimensions: int, n_grid: int) -> None:
    with pytest.raises(ValueError, match="N_grid"):
        SimulationOptions(N_grid=n_grid + 2, dimensions=dimensions)
    largest = SimulationOptions(N_grid=n_grid, dimensions=dimensions, precision="float64")
    one_field = largest.N_grid**largest.dimensions * np.dtype(np.complex128).itemsize
    assert one_field <= GIB / 2


def write_as_before(path: Path, artifact: Artifact) -> None:
    """Write the artifact as 11.1 did: no axes, one chunk a dataset, a boolean attribute."""
    with h5py.File(path, "w") as file:
        file.attrs["schema_version"] = 1
        file.attrs["job_uuid"] = artifact.job.job_uuid
        file.attrs["config"] = dump_json(artifact.job.model_dump(mode="json"))
        file.attrs["outcome"] = artifact.outcome.name
        file.attrs["last_good_time"] = artifact.last_good_time
        file.attrs["versions"] = dump_json(artifact.versions)
        file.attrs["reproducible"] = True
        file.attrs["device"] = artifact.device
        file.attrs["wall_time_s"] = artifact.wall_time_s
        for name, values in {
            "psi": artifact.psi, "u": artifact.u, "snapshots/t": artifact.snapshot_t,
            "snapshots/rho": artifact.snapshot_rho,
            **{f"diagnostics/{name}": values for name, values in artifact.diagnostics.items()},
        }.items():  # fmt: skip
            file.create_dataset(name, data=values, chunks=values.shape, fletcher32=True)


def test_an_artifact_of_before_reads_the_same(tmp_path: Path) -> None:
    given = artifact_of()
    write_as_before(tmp_path / "old.h5", given)
    write_artifact(tmp_path / "new.h5", given)
    old, new = (read_artifact(tmp_path / name, given.job.job_uuid) for name in ("old.h5", "new.h5"))
    assert (old.job, old.outcome, old.reproducible) == (new.job, new.outcome, new.reproducible)
    assert old.diagnostics.keys() == new.diagnostics.keys()
    for name in ("psi", "u", "snapshot_t", "snapshot_rho"):
        first, second = getattr(old, name), getattr(new, name)
        assert first.dtype == second.dtype
        assert first.tobytes() == second.tobytes()
