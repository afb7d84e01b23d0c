"""Typed trees of arrays: the states and operators that an equation's functions take.

A tree is a frozen dataclass of arrays which JAX looks into. Its annotations name the axes of each
array, and where one is made under pytest they are checked (the option --jaxtyping-packages):
`*modes` are the axes of a complex field's spectrum, `*half` those of a real field's, `*points`
those of the grid (`irer.spectral.grid`). A batch of runs has the axis of its jobs in front of all
of them; it is made by JAX, leaf by leaf, and not checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

import jax
from jax import Array
from jax.tree_util import GetAttrKey
from jaxtyping import Complex, Float

Scalar = Float[Array, ""]
Spectrum = Complex[Array, "*modes"]  # of a complex field
HalfSpectrum = Complex[Array, "*half"]  # of a real field
OnModes = Float[Array, "*modes"]  # a real number for every mode of a Spectrum
OnHalf = Float[Array, "*half"]  # the same of a HalfSpectrum
Broadcast = Float[Array, "..."]  # over one of them
Points = Float[Array, "*points"]  # a real field
ComplexPoints = Complex[Array, "*points"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def tree(cls: type[T]) -> type[T]:
    """Make a class of annotated arrays a tree; JAX takes its leaves in the order of their names."""
    made = dataclass(frozen=True, kw_only=True, eq=False)(cls)
    names = sorted(field.name for field in fields(made))  # type: ignore[arg-type]

    def flatten(each: T) -> tuple[list[Any], None]:
        return [getattr(each, name) for name in names], None

    def flatten_with_keys(each: T) -> tuple[list[tuple[Any, Any]], None]:
        return [(GetAttrKey(name), getattr(each, name)) for name in names], None

    def unflatten(_: None, leaves: Iterable[Any]) -> T:
        each = object.__new__(made)  # unchecked: what JAX puts in may be no arrays at all
        each.__dict__.update(zip(names, leaves, strict=True))
        return each

    jax.tree_util.register_pytree_with_keys(made, flatten_with_keys, unflatten, flatten)
    return made


@tree
class Operators:
    """What every equation takes: the step, the wavenumbers, the parameters by their names."""

    dt: Scalar  # the nominal step, simulation time units
    k: list[Broadcast]  # along each direction, for a Spectrum; radians per unit length
    k2: OnModes  # |k|^2
    k2_real: OnHalf
    k_real: list[Broadcast]  # as `k`, for a HalfSpectrum
    params: dict[str, Scalar]
