"""Dedalus 3: `tasks/NAME` over (write, component..., x, y[, z]), coordinates in `scales/`.

https://github.com/DedalusProject/dedalus, H5FileHandler in dedalus/core/evaluator.py of version 3.
The last axes are those of the grid, as many as `grid_space` has entries.
"""

import h5py
import numpy as np

from irer.interchange.readers.datasets import coordinates_of, labels_of, stored
from irer.interchange.stored import CHANNEL, TIME, Array, Source, Stored


def holds(file: h5py.File) -> bool:
    """Say whether the file is what a file handler of Dedalus writes; parts have no scales."""
    tasks = file.get("tasks")
    if not isinstance(tasks, h5py.Group):
        return False
    of_a_process = any("global_shape" in task.attrs for task in tasks.values())
    return of_a_process or isinstance(file.get("scales"), h5py.Group)


def source(file: h5py.File) -> Source:
    """Return the tasks of a file, by their own names."""
    tasks = file["tasks"]

    def find(name: str) -> Stored | None:
        short = name.removeprefix("tasks/")
        data = tasks.get(short)
        return _task(file, short, data) if isinstance(data, h5py.Dataset) else None

    return Source("Dedalus 3", list(tasks), find)


def _task(file: h5py.File, name: str, data: h5py.Dataset) -> Stored:
    in_space = np.atleast_1d(data.attrs.get("grid_space", [True] * (data.ndim - 1)))
    dimensions = len(in_space)
    components = data.ndim - 1 - dimensions
    if components not in (0, 1):
        problem = "is a tensor: write one of its components as a task of its own"
        return stored(name, data, problem=problem)
    along = list(data.dims)[-dimensions:]
    space = _axis_names(labels_of(data)[-dimensions:])
    coordinates: dict[str, Array] = coordinates_of(file, {TIME: "scales/sim_time"})
    for axis, dimension in zip(space, along, strict=True):
        if len(dimension):
            coordinates[axis] = np.asarray(dimension[0][()])
    axes = (TIME, *[CHANNEL] * components, *space)
    return stored(name, data, axes, coordinates, _problem(data, in_space))


def _axis_names(labels: list[str]) -> tuple[str, ...]:
    """Return the names of the grid's axes; two that are constant have the same, as has none."""
    told = all(labels) and len(set(labels)) == len(labels)
    return tuple(labels) if told else ("x", "y", "z", "w")[: len(labels)]


def _problem(data: h5py.Dataset, in_space: Array) -> str:
    if not in_space.all():
        return "is in coefficient space: write the task with layout='g'"
    whole = data.attrs.get("global_shape")
    if whole is not None and tuple(np.ravel(whole)) != data.shape[1:]:
        text = " x ".join(str(n) for n in np.ravel(whole))
        return f"is one process's part of a grid of {text}: take the file that joins the parts"
    return ""
