"""A field out of a described dataset: its axes in our order, finite, square, and not too large.

What is asked of a dataset (`Choice`) is one sample, one channel, and the snapshots to take.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.interchange.memory import hold_memory
from irer.interchange.stored import (
    CHANNEL,
    SAMPLE,
    TIME,
    Place,
    Source,
    Stored,
    guessed_axes,
)

_UNEVEN = 0.01  # of the spacing: coordinates in single precision are rounded
# Peak memory of the score, measured: three times its densities, and six times one of them.
_OF_ALL, _OF_ONE = 3, 6
_DOUBLE = 8  # bytes


@dataclass(frozen=True)
class Choice:
    """What to take of a file; None stands for the only one there is, or for all snapshots."""

    dataset: str | None = None
    axes: tuple[str, ...] | None = None  # what the stored axes are, where the file does not say
    sample: int = 0
    channel: int | None = None
    snapshots: slice = field(default_factory=lambda: slice(None))
    dimensions: int | None = None  # 2 or 3, where a shape leaves it open


@dataclass(frozen=True)
class Field:
    """Snapshots of one field in a periodic box. `density` is float64, (S,) + (N,)*d."""

    layout: str
    dataset: str
    axes: tuple[str, ...]  # as stored
    stored_shape: tuple[int, ...]
    dtype: np.dtype[np.generic]  # as stored
    density: NDArray[np.float64]  # the field itself where it is real, |psi|^2 where not
    psi: NDArray[np.complex128] | None  # (N,)*d, the last snapshot of a complex field
    sides: tuple[float, ...]  # of the box by the file's coordinates, empty where it has none
    notes: tuple[str, ...] = ()

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return self.density.ndim - 1


def read_field(source: Source, choice: Choice) -> Field:
    """Read the chosen field of a file.

    Raises ConfigError for one that is not there, not square, not periodic, not finite, or larger
    than the memory that is free.
    """
    return _read(source.get(choice.dataset), source, choice)


def _read(stored: Stored, source: Source, choice: Choice) -> Field:
    if stored.problem:
        raise _refused(stored, stored.problem)
    if not stored.is_field:
        kind = f"shape {stored.shape} and type {stored.dtype}"
        raise _refused(stored, f"has {kind}, must be numbers over a plane or a box")
    axes, notes = _axes(stored, choice)
    space = _space(stored, axes)
    if choice.dimensions not in (None, len(space)):
        text = f"{stored.name} has {len(space)} axes in space ({', '.join(axes)})"
        raise ConfigError.of_field("dimensions", f"{text}, not {choice.dimensions}")
    sides = _sides(stored, axes, space)
    places = list(_places(stored, axes, choice))
    shape = (len(places), *(stored.shape[i] for i in space))
    _hold_memory(stored, shape)
    density, psi, broken = _densities(stored, places, shape, _order(axes, space))
    if broken:
        offer = _other_field(source, stored, choice)
        raise _refused(stored, _not_finite(broken, density.size) + offer)
    notes = [*stored.notes, *notes]
    return Field(
        source.layout, stored.name, axes, stored.shape, stored.dtype, density, psi, sides,
        tuple(notes),
    )  # fmt: skip


def _hold_memory(stored: Stored, shape: tuple[int, ...]) -> None:
    """Refuse what the score has no memory for. Raises ConfigError."""
    snapshots, *grid = shape
    one = prod(grid) * _DOUBLE
    needed = _OF_ALL * one * snapshots + _OF_ONE * one + stored.at_once
    what = f"{stored.name}, {snapshots} x {' x '.join(map(str, grid))} numbers,"
    cure = "take some of the snapshots (--snapshots START:STOP)" if snapshots > 1 else ""
    hold_memory(needed, what, cure)


def _densities(
    stored: Stored, places: list[Place], shape: tuple[int, ...], order: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.complex128] | None, list[tuple[int, int, int]]]:
    """Read the snapshots one by one; return their densities and the last psi.

    The third is a row for each snapshot that is not finite: its number, NaNs, infinities.
    """
    density = np.empty(shape)
    psi: NDArray[np.complex128] | None = None
    broken = []
    for number, place in enumerate(places):
        values = stored.read(place).transpose(order)
        finite = np.isfinite(values)
        if not finite.all():
            nans = int(np.isnan(values).sum())
            broken.append((number, nans, int((~finite).sum()) - nans))
        psi = values.astype(np.complex128) if values.dtype.kind == "c" else None
        density[number] = values if psi is None else psi.real**2 + psi.imag**2
    return density, psi, broken


def _refused(stored: Stored, why: str) -> ConfigError:
    return ConfigError.of_field("field", f"{stored.name} {why}")


def _axes(stored: Stored, choice: Choice) -> tuple[tuple[str, ...], list[str]]:
    """Return what the axes of a dataset are, and a note where its shape alone said so."""
    shape = " x ".join(str(n) for n in stored.shape)
    if choice.axes is not None:
        if len(choice.axes) != len(stored.shape):
            text = f"must name {len(stored.shape)} axes, those of {stored.name} ({shape})"
            raise ConfigError.of_field("axes", text)
        return choice.axes, []
    if stored.axes is not None:
        if len(stored.axes) != len(stored.shape):
            raise _refused(
                stored, f"has shape {shape}, its layout has axes {', '.join(stored.axes)}"
            )
        return stored.axes, []
    guessed = guessed_axes(stored.shape, choice.dimensions)
    if guessed is None:
        text = (
            f"has shape {shape} and no names of axes: say what they are (--axes time,y,x,channel)"
        )
        raise _refused(stored, text)
    if len(guessed) == 3 and TIME not in guessed and choice.dimensions is None:
        return guessed, [f"{shape} is taken for one field in 3-D, not for snapshots in 2-D"]
    return guessed, []


def _space(stored: Stored, axes: tuple[str, ...]) -> list[int]:
    """Return the places of the axes in space. Raises ConfigError unless they span a square box."""
    space = [i for i, axis in enumerate(axes) if axis not in (SAMPLE, TIME, CHANNEL)]
    sizes = [stored.shape[i] for i in space]
    if len(space) not in (2, 3):
        raise _refused(
            stored, f"has {len(space)} axes in space ({', '.join(axes)}), must have 2 or 3"
        )
    if len(set(sizes)) != 1:
        text = " x ".join(str(n) for n in sizes)
        hint = "" if stored.axes else "; if its axes are others, name them (--axes)"
        raise _refused(stored, f"has {text} points, must have as many along each axis{hint}")
    if 0 in stored.shape:
        raise _refused(stored, f"is empty: its shape is {stored.shape}")
    return space


def _order(axes: tuple[str, ...], space: list[int]) -> tuple[int, ...]:
    """Return the order of what is left of the axes that brings x, y, z into this order."""
    names = [axes[i] for i in space]
    if set(names) <= {"x", "y", "z"}:
        return tuple(names.index(name) for name in sorted(names))
    return tuple(range(len(names)))


def _sides(stored: Stored, axes: tuple[str, ...], space: list[int]) -> tuple[float, ...]:
    """Return the sides of the box by its coordinates, N times their spacing.

    Raises ConfigError where they are uneven or differ: such a grid is no periodic square box.
    """
    found = []
    for i in space:
        values = stored.coordinates.get(axes[i])
        if values is None or values.shape != (stored.shape[i],) or len(values) < 2:
            continue
        steps = np.diff(values.astype(np.float64))
        mean = float(steps.mean())
        if not np.isfinite(mean) or np.abs(steps - mean).max() > _UNEVEN * abs(mean):
            text = f"is not evenly spaced along {axes[i]}, as a periodic box is"
            raise _refused(stored, text)
        found.append(abs(mean) * len(values))
    if found and max(found) - min(found) > _UNEVEN * max(found):
        text = " x ".join(f"{side:.4g}" for side in found)
        raise _refused(stored, f"lies in a box of {text} by its coordinates, must have equal sides")
    return tuple(found)


def _places(stored: Stored, axes: tuple[str, ...], choice: Choice) -> Iterator[Place]:
    """Yield the index of each snapshot that was asked for. Raises ConfigError."""
    fixed: dict[str, int] = {}
    for axis, wanted in ((SAMPLE, choice.sample), (CHANNEL, choice.channel)):
        if axis not in axes:
            if wanted:
                raise ConfigError.of_field(axis, f"{stored.name} has no axis of {axis}s")
            continue
        size = stored.shape[axes.index(axis)]
        if wanted is None and size > 1:
            text = f"required: {stored.name} has {size}, from 0 to {size - 1}"
            raise ConfigError.of_field(axis, text)
        if not 0 <= (wanted or 0) < size:
            raise ConfigError.of_field(axis, f"must be from 0 to {size - 1}, got {wanted}")
        fixed[axis] = wanted or 0
    n_times = stored.shape[axes.index(TIME)] if TIME in axes else 1
    times = range(n_times)[choice.snapshots]
    if not times:
        text = f"takes none of the {n_times} snapshots of {stored.name}"
        raise ConfigError.of_field("snapshots", text)
    for time in times:
        at = fixed | {TIME: time}
        yield tuple(at.get(axis, slice(None)) for axis in axes)


def _not_finite(broken: list[tuple[int, int, int]], size: int) -> str:
    """Say how much of a field is not finite."""
    nans, infinities = (sum(each[i] for each in broken) for i in (1, 2))
    all_of_it = "all of its" if nans + infinities == size else f"{nans + infinities} of its"
    return (
        f"is not finite: {all_of_it} {size} numbers ({nans} NaN, {infinities} infinite), "
        f"first in snapshot {broken[0][0]}"
    )


def _other_field(source: Source, stored: Stored, choice: Choice) -> str:
    """Offer a complex field of the same file that is finite, where there is one."""
    for name in source.complex_names():
        if name == stored.name:
            continue
        try:
            one = source.get(name)
            axes, _ = _axes(one, Choice())
            places = list(_places(one, axes, Choice(sample=choice.sample)))
            if _space(one, axes) and np.isfinite(one.read(places[-1])).all():
                return f"; {name} beside it is finite: --dataset {name}"
        except ConfigError:
            continue
    return ""
