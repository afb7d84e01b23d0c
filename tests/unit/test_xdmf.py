"""What is exported for ParaView, opened by the reader that ParaView has: VTK's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXdmf2 import vtkXdmfReader

from irer.home.artifacts import Artifact
from irer.interchange.xdmf import export_xdmf
from tests.unit.test_netcdf import artifact_of


def opened(path: Path, t: float | None = None) -> dict[str, Any]:
    """Return the grids of an XDMF file at a time by name, and its times."""
    reader = vtkXdmfReader()
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    information = reader.GetOutputInformation(0)
    if t is not None:
        reader.UpdateTimeStep(t)
    else:
        reader.Update()
    blocks = reader.GetOutputDataObject(0)
    if not hasattr(blocks, "GetNumberOfBlocks"):
        return {"alone": blocks}
    found = {
        blocks.GetMetaData(i).Get(blocks.NAME()): blocks.GetBlock(i)
        for i in range(blocks.GetNumberOfBlocks())
    }
    steps = information.Get(vtkXdmfReader.GetExecutive(reader).TIME_STEPS())
    return {**found, "times": steps}


def field_of(grid: Any, name: str, d: int) -> np.ndarray:
    """Return a field with the axes x, y[, z]: VTK stores x fastest."""
    values = vtk_to_numpy(grid.GetPointData().GetArray(name))
    return values.reshape(grid.GetDimensions()[:d], order="F")


@pytest.mark.parametrize("given", [artifact_of(2), artifact_of(3, precision="float64")])
def test_vtk_reads_every_field_where_it_lies(given: Artifact, tmp_path: Path) -> None:
    path, numbers = export_xdmf(given, tmp_path / "run.xdmf")
    assert {path.name, numbers.name} == {file.name for file in tmp_path.iterdir()}
    d = given.job.simulation.dimensions
    found = opened(path)
    assert set(found["times"]) >= set(given.snapshot_t)
    final = found["final"]
    assert final.GetDimensions() == (16, 16, 16 if d == 3 else 1)
    assert final.GetSpacing()[:d] == pytest.approx((0.75,) * d, rel=1e-6)
    for name, values in (
        ("psi_real", given.psi.real),
        ("psi_imag", given.psi.imag),
        ("u", given.u),
    ):
        np.testing.assert_array_equal(field_of(final, name, d), values)
    for t, rho in zip(given.snapshot_t, given.snapshot_rho, strict=True):
        grid = opened(path, t)["snapshots"]
        np.testing.assert_array_equal(field_of(grid, "rho", d), rho)


def test_a_run_that_failed_early_has_its_last_fields_alone(tmp_path: Path) -> None:
    given = artifact_of(snapshots=0)
    found = opened(export_xdmf(given, tmp_path / "run.xdmf")[0])
    np.testing.assert_array_equal(field_of(found["alone"], "u", 2), given.u)


def test_a_real_field_is_exported_with_its_momentum(tmp_path: Path) -> None:
    given = artifact_of(model="fmia")
    final = opened(export_xdmf(given, tmp_path / "run.xdmf")[0])["final"]
    np.testing.assert_array_equal(field_of(final, "field", 2), given.psi.real)
    np.testing.assert_array_equal(field_of(final, "momentum", 2), given.momentum)
