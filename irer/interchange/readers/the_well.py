"""The Well: `t0_fields/NAME` over (trajectory, time, x, y[, z]), as its data format page has it.

https://github.com/PolymathicAI/the_well, docs/data_format.md, version 1.2.0.
"""

from collections.abc import Iterable, Iterator

import h5py

from irer.interchange.readers.attributes import text_of, texts_of
from irer.interchange.readers.datasets import coordinates_of, stored
from irer.interchange.stored import CHANNEL, SAMPLE, TIME, Source, Stored

_GROUPS = ("t0_fields", "t1_fields", "t2_fields")


def holds(file: h5py.File) -> bool:
    """Say whether the file has The Well's layout."""
    return isinstance(file.get("dimensions"), h5py.Group) and any(g in file for g in _GROUPS)


def source(file: h5py.File) -> Source:
    """Return the fields of a file of The Well, short names first."""
    full = {
        f"{group}/{name}": rank
        for rank, group in enumerate(_GROUPS)
        for name in file.get(group, ())
    }
    short = {name.partition("/")[2]: name for name in reversed(full)}

    def find(name: str) -> Stored | None:
        name = short.get(name, name)
        return _field(file, name, full[name]) if name in full else None

    return Source("The Well", list(full), find)


def _field(file: h5py.File, name: str, rank: int) -> Stored:
    data = file[name]
    space = tuple(texts_of(file["dimensions"].attrs["spatial_dims"]))
    varying = data.attrs.get("dim_varying", [True] * len(space))
    axes = (
        *((SAMPLE,) if data.attrs.get("sample_varying", True) else ()),
        *((TIME,) if data.attrs.get("time_varying", True) else ()),
        *(axis for axis, varies in zip(space, varying, strict=True) if varies),
        *((CHANNEL,) if rank else ()),
    )
    if rank == 2:
        axes = (*axes, "second component")
    problem = next(_problems(file, varying, rank), "")
    names = {axis: axis for axis in space} | {TIME: "time"}
    return stored(name, data, axes, coordinates_of(file["dimensions"], names), problem)


def _problems(file: h5py.File, varying: Iterable[bool], rank: int) -> Iterator[str]:
    """Yield what keeps a field from being judged."""
    if rank == 2:
        yield "is a tensor: give one of its components as a file of its own"
    if not all(varying):
        yield "is constant along a direction"
    grid = text_of(file.attrs.get("grid_type", "cartesian"))
    if grid.lower() != "cartesian":
        yield f"lies on a {grid} grid, not on a square one"
    for boundary in file.get("boundary_conditions", {}).values():
        kind = text_of(boundary.attrs.get("bc_type", ""))
        if kind.upper() != "PERIODIC":
            of = ", ".join(texts_of(boundary.attrs.get("associated_dims", []))) or boundary.name
            yield f"is not periodic: {kind or 'an unknown boundary'} along {of}"
