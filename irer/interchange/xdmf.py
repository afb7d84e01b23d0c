"""A run for ParaView, VisIt and their kin: an XDMF file and the numbers that it refers to.

These viewers know no complex numbers, and their x is the last axis of an array where ours is the
first; so the numbers are written once more, as real fields in their order, beside the XDMF file.
The format is that of https://www.xdmf.org/index.php/XDMF_Model_and_Format, version 2.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

import h5py
import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.base.files import write_atomic
from irer.base.records import Provenance
from irer.home import Home
from irer.home.artifacts import Artifact, read_recorded

_SUFFIX = ".xdmf"
_NUMBERS = ".h5"  # ending of the file beside NAME.xdmf


def export_run(
    home: Home, record: Provenance, path: str | os.PathLike[str] | None, field: str
) -> tuple[Path, Path]:
    """Write a committed run as `export_xdmf` does, by default here and named after the run.

    Raises ConfigError, naming the `field` that gave the path, unless it ends in .xdmf;
    ArtifactError when the artifact was removed, changed, or is broken; StorageError.
    """
    stored = home.artifact_file(record.job_uuid)
    target = Path(stored.name).with_suffix(_SUFFIX) if path is None else Path(path)
    if target.suffix != _SUFFIX:
        raise ConfigError.of_field(field, f"must end in {_SUFFIX}, got {target.name!r:.80}")
    return export_xdmf(read_recorded(stored, record), target)


def export_xdmf(artifact: Artifact, path: Path) -> tuple[Path, Path]:
    """Write `path` and `path`.h5 beside it, each whole; return both.

    `snapshots` holds the density over time, `final` the other fields at the run's last good time.
    Raises StorageError when a file cannot be written.
    """
    numbers = path.with_name(path.name + _NUMBERS)
    options = artifact.job.simulation
    grid = _Grid(numbers.name, options.N_grid, options.dimensions, options.box_length)
    buffer = io.BytesIO()
    root = Element("Xdmf", Version="2.0")
    domain = SubElement(root, "Domain")
    with h5py.File(buffer, "w") as file:
        if len(artifact.snapshot_t):  # VTK reads no collection of nothing
            snapshots = SubElement(
                domain, "Grid", Name="snapshots", GridType="Collection", CollectionType="Temporal"
            )
        for i, (t, rho) in enumerate(zip(artifact.snapshot_t, artifact.snapshot_rho, strict=True)):
            element = grid.add(snapshots, f"snapshot_{i}", float(t))
            grid.put(file, element, f"rho_{i}", "rho", rho)
        final = grid.add(domain, "final", artifact.last_good_time)
        for name, values in _final_fields(artifact):
            grid.put(file, final, name, name, values)
    indent(root)
    write_atomic(numbers, lambda target: _copy(buffer, target))
    write_atomic(path, lambda target: ElementTree(root).write(target, "utf-8", True))
    return path, numbers


class _Grid:
    """The uniform grid of a run, in VTK's order: the slowest axis first is z."""

    def __init__(self, numbers: str, n_grid: int, dimensions: int, box_length: float) -> None:
        flat = 3 - dimensions
        self._numbers = numbers
        self._shape = (1,) * flat + (n_grid,) * dimensions
        self._spacing = box_length / n_grid

    def add(self, parent: Element, name: str, t: float) -> Element:
        """Add the grid at one time below `parent`."""
        grid = SubElement(parent, "Grid", Name=name, GridType="Uniform")
        SubElement(grid, "Time", Value=repr(t))
        SubElement(grid, "Topology", TopologyType="3DCoRectMesh", Dimensions=_words(self._shape))
        geometry = SubElement(grid, "Geometry", GeometryType="ORIGIN_DXDYDZ")
        for values in ((0.0,) * 3, (self._spacing,) * 3):
            item = SubElement(geometry, "DataItem", Dimensions="3", Format="XML")
            item.text = _words(values)
        return grid

    def put(
        self, file: h5py.File, grid: Element, dataset: str, name: str, values: NDArray[Any]
    ) -> None:
        """Store a real field, first axis x, and refer to it as a field on the grid's points."""
        stored = np.ascontiguousarray(values.T).reshape(self._shape)
        file.create_dataset(dataset, data=stored)
        field = SubElement(grid, "Attribute", Name=name, AttributeType="Scalar", Center="Node")
        item = SubElement(
            field,
            "DataItem",
            Dimensions=_words(self._shape),
            NumberType="Float",
            Precision=str(stored.dtype.itemsize),
            Format="HDF",
        )
        item.text = f"{self._numbers}:/{dataset}"


def _final_fields(artifact: Artifact) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the real fields of a run's end, by name."""
    if artifact.momentum is not None:
        yield from (("field", artifact.psi.real), ("momentum", artifact.momentum))
        return
    yield from (("psi_real", artifact.psi.real), ("psi_imag", artifact.psi.imag))
    yield "u", artifact.u


def _words(values: tuple[float, ...]) -> str:
    return " ".join(repr(value) for value in values)


def _copy(buffer: io.BytesIO, target: Any) -> None:
    target.write(buffer.getbuffer())
