"""PDEBench's 2-D files. Its generators do not agree on the order of the axes.

https://github.com/pdebench/PDEBench, pdebench/data_gen of version 0.1.0:
- diffusion-reaction (src/sim_diff_react.py): a group a sample, `data` over (t, y, x, channel), two
  channels; its docstring says t, x, y, but the samples are shaped Ny x Nx;
- shallow water (src/sim_radial_dam_break.py): a group a sample, `data` over (t, x, y, channel), one
  channel;
- compressible flow and Darcy flow (data_gen_NLE/Data_Merge.py): `density` and the like over
  (sample, t, x, y), `nu` over (sample, x, y), coordinates in `x-coordinate` and so on;
- incompressible flow (src/data_io.py): `particles` and the like over (sample, t, x, y, channel).
"""

import h5py
import numpy as np

from irer.base.errors import ConfigError
from irer.interchange.readers.datasets import coordinates_of, stored
from irer.interchange.stored import CHANNEL, SAMPLE, TIME, Array, Place, Source, Stored

_WALLS = (
    "no file of PDEBench says whether it is periodic: its diffusion-reaction, shallow-water and "
    "Darcy runs are not"
)
_COORDINATES = {axis: f"{axis}-coordinate" for axis in ("x", "y", "z")} | {TIME: "t-coordinate"}
_BY_RANK = {  # of compressible and Darcy flow
    3: (SAMPLE, "x", "y"),
    4: (SAMPLE, TIME, "x", "y"),
    5: (SAMPLE, TIME, "x", "y", "z"),
}
_INCOMPRESSIBLE = {
    "velocity": (SAMPLE, TIME, "x", "y", CHANNEL),
    "particles": (SAMPLE, TIME, "x", "y", CHANNEL),
    "force": (SAMPLE, "x", "y", CHANNEL),
}


def holds(file: h5py.File) -> bool:
    """Say whether the file has one of PDEBench's layouts in 2-D."""
    return (
        bool(_samples(file))
        or {"x-coordinate", "y-coordinate"} <= file.keys()
        or {"velocity", "particles", "t"} <= file.keys()
    )


def source(file: h5py.File) -> Source:
    """Return the fields of a file."""
    if samples := _samples(file):
        return _grouped(file, samples)
    incompressible = "particles" in file
    if incompressible:
        names = [name for name in _INCOMPRESSIBLE if name in file]
    else:
        names = [name for name, item in file.items() if _is_field(item)]

    def find(name: str) -> Stored | None:
        if name not in names:
            return None
        data = file[name]
        axes = _INCOMPRESSIBLE[name] if incompressible else _BY_RANK.get(data.ndim)
        return stored(name, data, axes, coordinates_of(file, _COORDINATES), notes=[_WALLS])

    return Source("PDEBench 2-D", names, find)


def _is_field(item: object) -> bool:
    return isinstance(item, h5py.Dataset) and item.ndim >= 3


def _samples(file: h5py.File) -> list[str]:
    """Return the groups of samples, 0000 and on, of the files that have a group a sample."""
    numbered = sorted(name for name in file if name.isdigit())
    return numbered if numbered and {"data", "grid"} <= _keys(file[numbered[0]]) else []


def _keys(item: object) -> set[str]:
    return set(item.keys()) if isinstance(item, h5py.Group) else set()


def _grouped(file: h5py.File, samples: list[str]) -> Source:
    """Return the one field of a file with a group a sample, with the samples as its first axis."""
    first = file[samples[0]]
    one = first["data"]
    swapped = one.ndim == 4 and one.shape[-1] == 2  # diffusion-reaction
    axes = (TIME, "y", "x", CHANNEL) if swapped else (TIME, "x", "y", CHANNEL)
    coordinates = coordinates_of(first["grid"], {"x": "x", "y": "y", TIME: "t"})
    described = stored("data", one, axes, coordinates, notes=[_WALLS])

    def read(place: Place) -> Array:
        sample, rest = place[0], place[1:]
        if not isinstance(sample, int):
            raise ConfigError.of_field("sample", "must be one sample")
        data = file[samples[sample]]["data"]
        if data.shape != one.shape:
            text = f"sample {sample} has shape {data.shape}, the first {one.shape}"
            raise ConfigError.of_field("sample", text)
        return np.asarray(data[rest])

    field = Stored(
        "data",
        (len(samples), *one.shape),
        one.dtype,
        read,
        (SAMPLE, *axes),
        described.coordinates,
        described.problem,
        described.notes,
        described.at_once,
    )
    return Source("PDEBench 2-D", ["data"], {"data": field}.get, ("data",))
