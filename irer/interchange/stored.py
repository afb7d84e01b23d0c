"""What a file of any layout offers: datasets that are described and not read yet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.base.words import nearest

Array = NDArray[Any]
Place = tuple[int | slice, ...]  # one index for each stored axis

SAMPLE, TIME, CHANNEL = "sample", "time", "channel"
_AXES = {
    SAMPLE: {"sample", "trajectory", "batch", "member", "ensemble", "seed"},
    TIME: {"time", "t", "sim_time"},
    CHANNEL: {"channel", "component", "variable", "c"},
}
_PARTS = (("_real", "_imag"), ("_re", "_im"))
_SHOWN = 8  # names in an error


@dataclass(frozen=True)
class Stored:
    """One dataset. `axes` says what each of its axes is, None where the file does not say it."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[Place], Array]
    axes: tuple[str, ...] | None = None
    coordinates: Mapping[str, Array] = field(default_factory=dict)  # of some axes
    problem: str = ""  # why it cannot be judged
    notes: tuple[str, ...] = ()
    at_once: int = 0  # bytes that must be read together, as in a compressed file

    @property
    def is_field(self) -> bool:
        """True for numbers over a plane at least."""
        return self.dtype.kind in "fciu" and len(self.shape) >= 2


@dataclass(frozen=True)
class OwnRun:
    """What an artifact of this program says of itself."""

    box_length: float
    dealias: float
    precision: str
    kappa: float | None


@dataclass(frozen=True)
class Source:
    """An open file: what it holds, by name. `preferred` are taken where none is named."""

    layout: str  # in words
    names: Sequence[str]
    find: Callable[[str], Stored | None]
    preferred: tuple[str, ...] = ("rho", "density", "psi")
    own: OwnRun | None = None

    def get(self, name: str | None) -> Stored:
        """Return the dataset of that name, or the one to judge. Raises ConfigError."""
        if name is None:
            name = self._only_name()
        found = self.find(name) or self._of_parts(name)
        if found is None:
            near = nearest(name, self.names)
            text = f"no dataset {name!r}{f', did you mean {near}?' if near else ''}"
            raise ConfigError.of_field("dataset", f"{text}; the file has {self.listed()}")
        return found

    def _only_name(self) -> str:
        fields = [name for name in self.names if (one := self.find(name)) and one.is_field]
        for wanted in self.preferred:
            if (one := self.find(wanted)) and one.is_field:
                return wanted
            below = [name for name in fields if name.rpartition("/")[2] == wanted]
            if len(below) == 1:
                return below[0]
        if len(fields) == 1 or len(self.names) == 1:
            return [*fields, *self.names][0]
        if not fields:
            raise ConfigError.of_field("field", f"holds no field; it has {self.listed()}")
        raise ConfigError.of_field("dataset", f"required: the file has {self.listed()}")

    def _of_parts(self, name: str) -> Stored | None:
        """Return a complex field whose real and imaginary parts are datasets of their own."""
        for real, imaginary in _PARTS:
            first, second = self.find(name + real), self.find(name + imaginary)
            if first and second and (first.shape, first.axes) == (second.shape, second.axes):
                return _joined(name, first, second)
        return None

    def complex_names(self) -> list[str]:
        """Return the names of the complex fields."""
        stored = {name: self.find(name) for name in self.names}
        found = [name for name, one in stored.items() if one and one.dtype.kind == "c"]
        for real, imaginary in _PARTS:
            stems = [n.removesuffix(real) for n in self.names if n.endswith(real)]
            found += [stem for stem in stems if stem + imaginary in self.names]
        return found

    def listed(self) -> str:
        """Return the names for an error."""
        if not self.names:
            return "no dataset"
        more = ", ..." if len(self.names) > _SHOWN else ""
        return ", ".join(self.names[:_SHOWN]) + more


def _joined(name: str, real: Stored, imaginary: Stored) -> Stored:
    def read(place: Place) -> Array:
        return np.asarray(real.read(place) + 1j * imaginary.read(place))

    dtype = np.result_type(real.dtype, imaginary.dtype, np.complex64)
    return replace(
        real,
        name=name,
        dtype=dtype,
        read=read,
        problem=real.problem or imaginary.problem,
        at_once=real.at_once + imaginary.at_once,
    )


def axis_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return what axes of these names are: sample, time, channel, else a direction in space."""
    return tuple(
        next((kind for kind, words in _AXES.items() if name.lower() in words), name)
        for name in names
    )


def guessed_axes(shape: tuple[int, ...], dimensions: int | None = None) -> tuple[str, ...] | None:
    """Return the axes that a bare array has by its shape; None where it may be anything.

    `dimensions`, 2 or 3, says it of a cube, which is one field in 3-D otherwise.
    """
    if dimensions is None:
        alone = len(shape) == 2 or (len(shape) == 3 and len(set(shape)) == 1)
        dimensions = len(shape) if alone else len(shape) - 1
    space = ("x", "y", "z")[:dimensions]
    if dimensions not in (2, 3) or not 0 <= len(shape) - dimensions <= 1:
        return None
    return space if len(shape) == dimensions else (TIME, *space)
