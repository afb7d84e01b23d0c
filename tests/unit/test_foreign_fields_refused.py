"""What is no field, or too large a one: one line, nothing written, sizes before numbers."""

import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

import irer
from irer.base.errors import ConfigError
from irer.interchange import memory
from tests.foreign import LAYOUTS, dedalus, line, the_well
from tests.foreign_fields import GIB, PSI, RHO, L, made, read, refused


class Trap:
    """Unpickling this would be noticed."""

    def __reduce__(self) -> Any:
        return (pytest.fail, ("a pickle was loaded",))


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nothing.npy")
    assert "is a folder" in refused(tmp_path)
    assert "0 bytes" in refused(made(tmp_path / "a", b""))
    line_ = refused(made(tmp_path / "a", b"%PDF-1.7 and more"))
    assert "none of the layouts npy, npz, HDF5, NetCDF, Dedalus 3, The Well, PDEBench" in line_
    assert "no whole HDF5" in refused(made(tmp_path / "a", b"\x89HDF\r\n\x1a\n" + bytes(99)))
    assert "no whole NetCDF" in refused(made(tmp_path / "a", b"CDF\x01\x00\x00\x00\x07torn"))
    assert "no whole zip" in refused(made(tmp_path / "a", b"PK\x03\x04 and no more"))
    assert "no array that NumPy wrote" in refused(made(tmp_path / "a", b"\x93NUMPY\x01\x00"))


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    trap = np.array([Trap(), 1], dtype=object)
    assert "never loaded" in refused(made(tmp_path / "a.npy", trap))
    assert "never loaded" in refused(made(tmp_path / "a.npz", rho=trap))


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    for name in ("npy", "npz", "hdf5", "netcdf4", "netcdf3", "dedalus"):
        path = tmp_path / name
        LAYOUTS[name](path, RHO, 7.0)
        whole = path.read_bytes()
        for size in np.linspace(0, len(whole) * 0.95, 12).astype(int):
            path.write_bytes(whole[:size])
            assert refused(path), (name, size)


@pytest.mark.parametrize("name", ["npy", "npz", "netcdf3"])
def test_a_file_with_wrong_bytes_is_judged_or_refused(name: str, tmp_path: Path) -> None:
    path, dice = tmp_path / name, np.random.default_rng(5)
    LAYOUTS[name](path, RHO, 7.0)
    whole = np.fromfile(path, np.uint8)
    refusals = []
    for _ in range(60):
        torn = whole.copy()
        torn[dice.integers(min(len(whole), 400), size=3)] = dice.integers(256, size=3)
        torn.tofile(path)
        try:
            assert irer.score(path, box_length=L, n_null=0).n_snapshots
        except ConfigError as error:
            refusals.append(error.message)
    assert len(refusals) > 5
    assert "\n" not in "".join(refusals)


def test_shapes_that_are_no_square_box(tmp_path: Path) -> None:
    assert "64 x 32 points" in refused(made(tmp_path / "a.npy", np.ones((64, 32))))
    assert "64 x 32 points" in refused(made(tmp_path / "a.npy", np.ones((3, 64, 32))))
    assert "numbers over a plane" in refused(made(tmp_path / "a.npy", np.ones(64)))
    assert "numbers over a plane" in refused(made(tmp_path / "a.npy", np.array(1.0)))
    assert "is empty" in refused(made(tmp_path / "a.npy", np.ones((0, 16, 16))))
    assert "numbers over a plane" in refused(made(tmp_path / "a.npy", np.full((8, 8), "text")))
    assert "points" in refused(np.ones((4, 8)))


def test_the_field_of_one_name_is_taken_and_of_two_is_asked(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["first/rho"], file["first/other"] = RHO, RHO**2
    assert read(tmp_path / "a.h5").dataset == "first/rho"
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["second/rho"] = RHO
    assert refused(tmp_path / "a.h5").startswith("dataset: required: the file has first/")


def test_which_dataset_is_asked_where_there_are_many(tmp_path: Path) -> None:
    path = made(tmp_path / "a.npz", temperature=RHO, salinity=RHO)
    assert refused(path) == "dataset: required: the file has temperature, salinity"
    text = "no dataset 'temprature', did you mean temperature?; the file has temperature, salinity"
    assert refused(path, dataset="temprature") == f"dataset: {text}"
    assert "holds no field" in refused(made(tmp_path / "a.npz", t=np.ones(3), n=np.ones(2)))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"box_length": None}, "box_length: required (--box-length)"),
        ({"box_length": -3.0}, "box_length: must be finite and above 0"),
        ({"box_length": np.nan}, "box_length: must be finite and above 0"),
        ({"dealias": 1.5}, "dealias: must be above 0 and at most 1"),
        ({"box_length": "40"}, "box_length: must be finite and above 0, got '40'"),
        ({"n_null": -1}, "n_null: must be an integer from 0 to 100,000, got -1"),
        ({"n_null": 10**6}, "n_null: must be an integer from 0 to 100,000"),
        ({"n_null": 2.5}, "n_null: must be an integer"),
        ({"seed": -1}, "seed: must be an integer from 0 to 4,294,967,295"),
        ({"kappa": np.inf}, "kappa: must be a finite number"),
        ({"dimensions": 4}, "dimensions: must be one of 2, 3"),
        ({"dimensions": 3}, "field: rho has 3 x 24 x 24 points, must have as many along"),
        ({"dimensions": 3, "axes": ["t", "x", "y"]}, "dimensions: rho has 2 axes in space"),
        ({"axes": "time,x,y"}, "axes: must be a list of names of axes"),
        ({"snapshots": -1}, "snapshots: must be a slice of snapshots"),
        ({"snapshots": slice(None, None, 0)}, "snapshots: must be a slice of snapshots"),
        ({"dataset": 3}, "dataset: "),
        ({"sample": 2}, "sample: rho has no axis of samples"),
        ({"channel": 1}, "channel: rho has no axis of channels"),
        ({"snapshots": slice(5, 9)}, "snapshots: takes none of the 3 snapshots"),
        ({"kappa": 0.1}, "kappa, u: need a complex psi"),
        ({"u": "u"}, "u: must be an array"),
    ],
)
def test_options_out_of_their_range(options: dict[str, Any], named: str) -> None:
    assert refused(RHO, **options).startswith(named)


def test_the_coordinates_offer_the_missing_box_length(tmp_path: Path) -> None:
    dedalus(tmp_path / "a.h5", RHO, 7.0)
    assert refused(tmp_path / "a.h5", box_length=None).endswith("the file's coordinates say 7")


def test_channels_and_samples_that_are_not_there(tmp_path: Path) -> None:
    LAYOUTS["reaction"](tmp_path / "a.h5", RHO, 7.0)
    assert refused(tmp_path / "a.h5") == "channel: required: data has 2, from 0 to 1"
    assert "from 0 to 1, got 2" in refused(tmp_path / "a.h5", channel=2)
    assert "from 0 to 1, got 2" in refused(tmp_path / "a.h5", channel=0, sample=2)
    second = irer.score(tmp_path / "a.h5", channel=1, sample=1, box_length=7.0, n_null=0)
    assert second.log_prime_sse == irer.score(RHO**2, box_length=7.0, n_null=0).log_prime_sse


def test_numbers_that_are_not_finite_are_named(tmp_path: Path) -> None:
    broken = RHO.copy()
    broken[1, 3, 4], broken[2, 0] = np.nan, np.inf
    text = "rho is not finite: 25 of its 1728 numbers (1 NaN, 24 infinite), first in snapshot 1"
    assert text in refused(made(tmp_path / "a.npz", rho=broken))
    assert "snapshot" not in refused(RHO[:1] * 1e200 * (1 + 0j))  # |psi|^2 leaves float64


@pytest.mark.parametrize("parts", [False, True])
def test_a_density_of_nan_beside_a_finite_psi_is_said_and_psi_offered(
    parts: bool, tmp_path: Path
) -> None:
    psi = {"psi_real": PSI.real, "psi_imag": PSI.imag} if parts else {"psi": PSI}
    path = made(tmp_path / "a.npz", rho=np.full((3, 24, 24), np.nan), **psi)
    text = refused(path)
    assert "all of its 1728 numbers (1728 NaN, 0 infinite)" in text
    assert text.endswith("psi beside it is finite: --dataset psi")
    assert irer.score(path, box_length=L, n_null=0, dataset="psi").kind == "psi"
    neither = made(tmp_path / "b.npz", rho=np.full((24, 24), np.nan), psi=PSI * np.nan)
    assert "beside" not in refused(neither)


def test_either_part_of_a_psi_may_be_the_one_that_cannot_be_judged(tmp_path: Path) -> None:
    for packed in ("psi_real", "psi_imag"):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["psi_real"], file["psi_imag"] = PSI.real, PSI.imag
            file[packed].attrs["scale_factor"] = 0.5
        assert "scale_factor" in refused(tmp_path / "a.h5", dataset="psi")


def test_missing_values_of_netcdf_are_not_numbers(tmp_path: Path) -> None:
    holed = xr.DataArray(RHO.copy(), dims=("time", "x", "y"))
    holed[0, 0, :3] = np.nan
    encoding = {"rho": {"_FillValue": -999.0}}
    holed.to_dataset(name="rho").to_netcdf(tmp_path / "a.nc", engine="h5netcdf", encoding=encoding)
    assert "3 of its 1728 numbers (3 NaN" in refused(tmp_path / "a.nc")
    packed = {"rho": {"dtype": "i2", "scale_factor": 0.01, "_FillValue": -1}}
    whole = xr.DataArray(RHO, dims=("time", "x", "y")).to_dataset(name="rho")
    whole.to_netcdf(tmp_path / "b.nc", engine="h5netcdf", encoding=packed)
    assert "is packed (scale_factor)" in refused(tmp_path / "b.nc")


def test_what_a_file_itself_calls_not_periodic(tmp_path: Path) -> None:
    the_well(tmp_path / "a.h5", RHO, 7.0)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["boundary_conditions/y_periodic"].attrs["bc_type"] = "WALL"
    assert "not periodic: WALL along y" in refused(tmp_path / "a.h5")
    the_well(tmp_path / "a.h5", RHO, 7.0)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file.attrs["grid_type"] = "spherical"
    assert "spherical" in refused(tmp_path / "a.h5")


def test_coordinates_that_are_no_periodic_square_box(tmp_path: Path) -> None:
    for name, values, text in (
        ("x", np.cos(np.linspace(0, np.pi, 24)), "not evenly spaced along x"),
        ("x", line(24, 14.0), "must have equal sides"),
    ):
        dedalus(tmp_path / "a.h5", RHO, 7.0)
        with h5py.File(tmp_path / "a.h5", "a") as file:
            file[f"scales/{name}_hash_0"][...] = values
        assert text in refused(tmp_path / "a.h5")


def test_a_task_of_dedalus_that_is_no_field_on_a_grid(tmp_path: Path) -> None:
    dedalus(tmp_path / "a.h5", RHO, 7.0)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["tasks/density"].attrs["grid_space"] = [True, False]
    assert "coefficient space" in refused(tmp_path / "a.h5")
    dedalus(tmp_path / "a.h5", RHO, 7.0)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["tasks/density"].attrs["global_shape"] = [48, 24]
        del file["scales"]  # the file of a process has none
    assert "one process's part of a grid of 48 x 24" in refused(tmp_path / "a.h5")


def test_a_vector_of_dedalus_has_channels(tmp_path: Path) -> None:
    dedalus(tmp_path / "a.h5", RHO, 7.0)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        vector = file.create_dataset("tasks/v", data=np.stack([RHO**2, RHO], axis=1))
        vector.attrs["grid_space"] = [True, True]
    found = read(tmp_path / "a.h5", dataset="v", channel=1)
    np.testing.assert_array_equal(found.density, RHO)


def test_a_virtual_file_whose_parts_are_gone_is_not_read_as_zeros(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "part.h5", "w") as file:
        file["rho"] = RHO
    layout = h5py.VirtualLayout(RHO.shape, RHO.dtype)
    layout[...] = h5py.VirtualSource("part.h5", "rho", RHO.shape)
    with h5py.File(tmp_path / "whole.h5", "w") as file:
        file.create_virtual_dataset("rho", layout)
    np.testing.assert_array_equal(read(tmp_path / "whole.h5").density, RHO)
    (tmp_path / "part.h5").unlink()
    assert "part.h5 is missing" in refused(tmp_path / "whole.h5")


# Sizes are checked before numbers are read.


def test_a_zip_bomb_is_refused_by_its_declared_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("rho.npy", "w", force_zip64=True) as member,
    ):
        header = {"shape": (8, 1024, 1024), "fortran_order": False, "descr": "<f8"}
        np.lib.format.write_array_header_1_0(member, header)
        for _ in range(8):
            member.write(bytes(8 * 2**20))
    assert path.stat().st_size < 2**17
    monkeypatch.setattr(memory, "available", lambda: GIB // 5)
    assert "needs 0.3 GiB of memory, 0.2 GiB are free" in refused(path)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lies.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("rho.npy", "w") as member:
        header = {"shape": (10**6, 10**6), "fortran_order": False, "descr": "<f8"}
        np.lib.format.write_array_header_1_0(member, header)
        member.write(bytes(800))
    assert "declares 8,000,000,000,000 bytes of numbers and has 800" in refused(path)


@pytest.mark.parametrize("layout", ["npy", "hdf5"])
def test_a_field_of_8_gib_is_read_by_snapshot_or_refused_with_what_it_needs(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, shape = tmp_path / "large", (16384, 256, 256)
    last = np.random.default_rng(0).random((256, 256))
    if layout == "npy":  # a file with a hole
        whole = np.lib.format.open_memmap(path, "w+", np.float64, shape)
        whole[-1] = last
        del whole
    else:  # chunks that were never written
        with h5py.File(path, "w") as file:
            data = file.create_dataset("rho", shape, "f8", chunks=(1, 256, 256))
            data[-1] = last
    monkeypatch.setattr(memory, "available", lambda: 2 * GIB)
    text = refused(path)
    assert "16384 x 256 x 256 numbers, needs 24.0 GiB of memory, 2.0 GiB are free" in text
    assert "--snapshots" in text
    found = irer.score(path, box_length=L, n_null=0, snapshots=slice(-1, None))
    assert found.n_snapshots == 1
    assert found.log_prime_sse == irer.score(last, box_length=L, n_null=0).log_prime_sse


def test_a_grid_that_is_too_large_by_itself_has_no_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("rho", (1024, 1024, 1024), "f8", chunks=(64, 64, 64))
    monkeypatch.setattr(memory, "available", lambda: 16 * GIB)
    text = refused(tmp_path / "a.h5")
    assert text.endswith("needs 72.0 GiB of memory, 16.0 GiB are free")
