"""Fields of other programs: the same numbers from every layout."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

import irer
from irer.home.artifacts import write_artifact
from irer.validation import constraint_norms, log_prime_fidelity, tail_ratio
from tests.foreign import LAYOUTS, Writer, dedalus, line, the_well
from tests.foreign_fields import PSI, RHO, L, U, read, refused, rng
from tests.unit.test_netcdf import artifact_of, write_as_before


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


def test_a_constant_of_a_fields_name_hides_no_field(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["rho"] = 1.5
        file["b/density"] = 2.5
        file["phi"] = RHO[0]
    np.testing.assert_array_equal(read(tmp_path / "a.h5").density[0], RHO[0])


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
