"""Fields of other programs: the same numbers from every layout, and one line for what is none."""

import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import xarray as xr

import irer
from irer.base.errors import ConfigError
from irer.home.artifacts import write_artifact
from irer.interchange import memory
from irer.interchange.fields import Choice, read_field
from irer.interchange.readers.opening import open_source
from irer.validation import constraint_norms, log_prime_fidelity, tail_ratio
from tests.foreign import LAYOUTS, Writer, dedalus, line, the_well
from tests.unit.test_netcdf import artifact_of, write_as_before

L = 36 * np.pi
GIB = 2**30
rng = np.random.default_rng(11)
RHO = rng.gamma(2.0, size=(3, 24, 24))
PSI = rng.normal(size=(24, 24)) + 1j * rng.normal(size=(24, 24))
U = 0.1 * rng.normal(size=(24, 24))


def read(path: Path, **choice: Any) -> Any:
    with open_source(path) as source:
        return read_field(source, Choice(**choice))


def refused(field: Any, **options: Any) -> str:
    """Return the one line that refuses a field, with nothing written beside it."""
    folder = field.parent if isinstance(field, Path) else None
    before = sorted(folder.iterdir()) if folder and folder.exists() else []
    with pytest.raises(ConfigError) as error:
        irer.score(field, **{"box_length": L, "n_null": 0, **options})
    assert "\n" not in error.value.message
    assert (sorted(folder.iterdir()) if folder and folder.exists() else []) == before
    return error.value.message


@pytest.mark.parametrize("writer", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_same_numbers_in_the_same_order(
    writer: Writer, tmp_path: Path
) -> None:
    told = writer(tmp_path / "file", RHO, 7.0)
    found = read(tmp_path / "file", **told)
    assert found.density.dtype == np.float64
    np.testing.assert_array_equal(found.density, RHO)
    if found.sides:
        assert found.sides == pytest.approx((7.0,) * len(found.sides), rel=1e-9)


@pytest.mark.parametrize("writer", LAYOUTS.values(), ids=LAYOUTS)
def test_some_of_the_snapshots(writer: Writer, tmp_path: Path) -> None:
    told = writer(tmp_path / "file", RHO, 7.0)
    found = read(tmp_path / "file", **told, snapshots=slice(-2, None))
    np.testing.assert_array_equal(found.density, RHO[-2:])


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    with (tmp_path / "really.h5").open("wb") as file:
        np.save(file, RHO)
    assert read(tmp_path / "really.h5").layout == "NumPy array"


def test_equal_numbers_score_equally_from_file_and_array(tmp_path: Path) -> None:
    rho = np.random.default_rng(3).gamma(2.0, size=(2, 232, 232))
    expected = irer.score(rho, box_length=L, n_null=200)
    assert expected.n_targets_resolved == 8
    assert expected.log_prime_sse == log_prime_fidelity(rho, L, 0).sse
    same = {"p_position", "p_lines", "p_matched", "p_scaled", "log_prime_sse", "matched_filter"}
    for name, writer in LAYOUTS.items():
        told = writer(tmp_path / name, rho, L)
        found = irer.score(tmp_path / name, box_length=L, n_null=200, **told)
        for metric in same:
            difference = getattr(found, metric) - getattr(expected, metric)
            assert abs(difference) <= 1e-12, (name, metric)
        assert [target.resolved for target in found.targets] == [True] * 8


@pytest.mark.parametrize("fortran", [False, True])
@pytest.mark.parametrize("kind", ["<f4", ">f8", "<f2", "u1", "<c8", ">c16"])
def test_numbers_of_any_kind_and_order(kind: str, fortran: bool, tmp_path: Path) -> None:
    values = (100 * RHO).astype(kind)
    with (tmp_path / "a.npy").open("wb") as file:
        np.save(file, np.asfortranarray(values) if fortran else values)
    np.savez(tmp_path / "a.npz", some=values)
    for name in ("a.npy", "a.npz"):
        found = read(tmp_path / name)
        expected = np.abs(values.astype(np.complex128)) ** 2 if kind[1] == "c" else values
        np.testing.assert_allclose(found.density, expected, rtol=1e-15)


def test_a_psi_is_judged_by_its_density_and_its_constraint(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    np.savez(path, psi=PSI, u=U)
    found = irer.score(path, box_length=9.0, n_null=0, dataset="psi", kappa=0.3, u="u")
    norms = constraint_norms(PSI, U, 9.0, 0.3)
    assert (found.kind, found.precision) == ("psi", "float64")
    assert found.constraint is not None
    assert found.constraint.sdg_h_norm_l2 == norms.l2
    assert found.constraint.sdg_h_norm_relative == norms.relative
    assert not found.constraint.flat
    assert found.tail_ratio == tail_ratio(PSI, 0.5)
    flat = irer.score(PSI, box_length=9.0, n_null=0, kappa=0.3).constraint
    assert flat is not None
    assert flat.flat
    assert flat.sdg_h_norm_l2 == constraint_norms(PSI, 0 * U, 9.0, 0.3).l2
    assert "complex psi" in refused(tmp_path / "run.npz", dataset="u", kappa=0.3)


def test_a_psi_in_two_real_parts(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["psi_real"], file["psi_imag"] = PSI.real, PSI.imag
    found = read(tmp_path / "a.h5", dataset="psi")
    np.testing.assert_array_equal(found.psi, PSI)


def test_a_complex_variable_of_netcdf(tmp_path: Path) -> None:
    data = xr.Dataset({"psi": (("x", "y"), PSI)})
    data.to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    data.to_netcdf(tmp_path / "b.nc", engine="netcdf4", auto_complex=True)
    for name in ("a.nc", "b.nc"):
        np.testing.assert_array_equal(read(tmp_path / name).psi, PSI)


def test_a_field_in_3d_and_the_cube_that_could_be_either(tmp_path: Path) -> None:
    cube = rng.gamma(2.0, size=(16, 16, 16))
    np.save(tmp_path / "cube.npy", cube)
    found = read(tmp_path / "cube.npy")
    assert found.dimensions == 3
    assert "3-D" in found.notes[0]
    as_snapshots = read(tmp_path / "cube.npy", axes=("time", "x", "y"))
    assert (as_snapshots.dimensions, as_snapshots.notes) == (2, ())
    dedalus(tmp_path / "cube.h5", cube[None], 3.0)
    np.testing.assert_array_equal(read(tmp_path / "cube.h5").density, cube[None])


def test_axes_that_a_file_does_not_name_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", RHO.transpose(2, 0, 1)[:, None, ..., None])
    axes = ["y", "sample", "t", "x", "channel"]
    found = irer.score(tmp_path / "a.npy", box_length=L, n_null=0, axes=axes)
    assert found.log_prime_sse == irer.score(RHO, box_length=L, n_null=0).log_prime_sse
    assert "--axes" in refused(tmp_path / "a.npy")
    assert "must name 5 axes" in refused(tmp_path / "a.npy", axes=["x", "y"])
    assert "must be different" in refused(tmp_path / "a.npy", axes=["t", "time", "x", "y", "c"])


def test_precision_of_the_solver_is_told_where_the_file_keeps_more(tmp_path: Path) -> None:
    smooth = 2 + np.cos(np.arange(64) * 2 * np.pi / 64)[:, None] * np.ones(64)
    as_stored = irer.score(smooth, box_length=60.0, n_null=0)
    as_single = irer.score(smooth, box_length=60.0, n_null=0, precision="float32")
    assert (as_stored.precision, as_single.precision) == ("float64", "float32")
    assert irer.score(smooth.astype(np.float32), box_length=60.0, n_null=0).precision == "float32"
    assert "float32 or float64" in refused(smooth, precision="half")


def test_dimensions_say_of_a_cube_what_it_is() -> None:
    cube = np.random.default_rng(1).gamma(2.0, size=(24, 24, 24))
    one, snapshots = (irer.score(cube, box_length=L, n_null=0, dimensions=d) for d in (3, 2))
    assert (one.dimensions, one.n_snapshots, one.axes) == (3, 1, ("x", "y", "z"))
    assert (snapshots.dimensions, snapshots.n_snapshots) == (2, 24)
    assert one.notes == snapshots.notes == ()
    assert one.log_prime_sse == log_prime_fidelity(cube, L, 0).sse
    assert snapshots.log_prime_sse == log_prime_fidelity(cube, L, 0, dimensions=2).sse
    assert irer.score(RHO[0], box_length=L, n_null=0, dimensions=2).n_snapshots == 1


def test_an_array_of_xarray_says_what_its_axes_are() -> None:
    x = line(24, 7.0)
    cube = np.random.default_rng(1).gamma(2.0, size=(24, 24, 24))
    named = xr.DataArray(cube, dims=("y", "time", "x"), coords={"x": x, "y": x}, name="n")
    found = irer.score(named, box_length=7.0, n_null=0)
    assert (found.dataset, found.axes) == ("n", ("y", "time", "x"))
    expected = log_prime_fidelity(cube.transpose(1, 2, 0), 7.0, 0, dimensions=2)
    assert found.log_prime_sse == expected.sse
    assert found.notes == ()
    (note,) = irer.score(named, box_length=70.0, n_null=0).notes
    assert note == "the file says that the box is 7 long, not 70"
    assert "not evenly spaced along x" in refused(named.assign_coords(x=x**2))
    assert irer.score(xr.DataArray(RHO), box_length=L, n_null=0).axes == ("time", "x", "y")
    told = irer.score(xr.DataArray(cube), box_length=L, n_null=0, dimensions=2)
    assert told.n_snapshots == 24


def test_the_draws_follow_the_seed() -> None:
    rho = np.random.default_rng(3).gamma(2.0, size=(2, 232, 232))
    first, same, other = (
        irer.score(rho, box_length=L, n_null=50, seed=seed) for seed in (4, np.int64(4), 5)
    )
    assert first == same
    assert (first.seed, other.seed) == (4, 5)
    assert first.log_prime_sse == other.log_prime_sse
    p_values = [
        (one.p_position, one.p_lines, one.p_matched, one.p_scaled) for one in (first, other)
    ]
    assert p_values[0] != p_values[1]
    known = log_prime_fidelity(rho, L, 50, np.random.default_rng(4))
    assert p_values[0] == (known.p_position, known.p_lines, known.p_matched, known.p_scaled)


def test_a_score_shows_itself_in_a_notebook_with_its_text_escaped(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a<b>.h5", "w") as file:
        file["<i>rho"] = RHO - 1
    found = irer.score(tmp_path / "a<b>.h5", box_length=L, n_null=5)
    shown = found._repr_html_()
    assert "a&lt;b&gt;.h5: &lt;i&gt;rho (density)" in shown
    assert "<i>" not in shown
    assert f"<td>log_prime_sse</td><td>{found.log_prime_sse:.6g}</td>" in shown
    assert shown.count("<tr><td>ln ") == 8
    assert f"the grid resolves {found.n_targets_resolved} of 8 targets" in shown
    assert shown.count("<p>note: ") == len(found.notes) == 2


def test_what_is_no_array_is_refused() -> None:
    for wrong in ([[1.0, 2.0], [1.0]], object(), b"abc", None, {"rho": RHO}):
        assert refused(wrong).startswith("field: "), wrong
    assert "dataset of it" in refused(xr.Dataset({"rho": (("t", "x", "y"), RHO)}))


def test_notes_on_what_may_be_wrong(tmp_path: Path) -> None:
    the_well(tmp_path / "a.h5", RHO, 7.0)
    (note,) = irer.score(tmp_path / "a.h5", box_length=70.0, n_null=0).notes
    assert note == "the file says that the box is 7 long, not 70"
    assert irer.score(tmp_path / "a.h5", box_length=7.0, n_null=0).notes == ()
    (note,) = irer.score(RHO - 1, box_length=7.0, n_null=0).notes
    assert "negative" in note
    (note,) = irer.score(RHO, box_length=7.0, n_null=5).notes
    assert "no p-values" in note


def test_an_artifact_brings_what_it_knows_and_one_of_before_as_well(tmp_path: Path) -> None:
    artifact = artifact_of()  # of single precision, its densities in double
    write_artifact(tmp_path / "now.h5", artifact)
    write_as_before(tmp_path / "before.h5", artifact)
    now, before = (
        irer.score(tmp_path / name, n_null=0, dataset="psi") for name in ("now.h5", "before.h5")
    )
    assert (now.box_length, now.dealias, now.precision) == (12.0, 0.5, "float32")
    assert now.constraint == before.constraint
    params = artifact.job.sncgl_params
    norms = constraint_norms(artifact.psi, artifact.u, 12.0, params.kappa)
    assert now.constraint is not None
    assert (now.constraint.kappa, now.constraint.sdg_h_norm_l2) == (params.kappa, norms.l2)
    for name in ("now.h5", "before.h5"):
        np.testing.assert_array_equal(read(tmp_path / name).density, artifact.snapshot_rho)
    write_artifact(tmp_path / "fmia.h5", artifact_of(model="fmia"))
    real = irer.score(tmp_path / "fmia.h5", n_null=0, dataset="momentum")
    assert (real.kind, real.constraint) == ("density", None)


# Bad input: one line, nothing written.


def made(path: Path, content: Any = None, **arrays: Any) -> Path:
    if arrays:
        np.savez(path, **arrays)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with path.open("wb") as file:
            np.save(file, content, allow_pickle=True)
    return path


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
