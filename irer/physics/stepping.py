"""What fixed and controlled steps share, and the fixed ones.

The linear part of u holds the mass m^2 (irer.physics.sdg), which is frozen for a while. With fixed
steps that is a block, whose boundaries are counted from the start of the run and so do not depend
on when it is observed; with controlled steps, until m^2 changes enough
(irer.physics.controlled_steps).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import jax.numpy as jnp
from jax import Array, lax

from irer.spectral.etdrk import Etdrk4

Named = dict[str, Array]  # arrays by their names in a state (irer.physics.equations)
S = TypeVar("S")

BLOCK_STEPS = 10  # fixed steps for which the linear part is kept


def fixed_block(
    state: S,
    step: Callable[[S, dict[str, Etdrk4]], S],
    coefficients: dict[str, Etdrk4],
    steps: Array,
) -> S:
    """Return the state after `steps` steps of the size that `coefficients` are for."""

    def one(_: Array, current: S) -> S:
        return step(current, coefficients)

    after: S = lax.fori_loop(0, steps, one, state)
    return after


class Pace(NamedTuple):
    """The steps since the last frame, in numbers, for the diagnostics."""

    level: Array  # of the smallest step: it is dt / 2^level
    substeps: Array  # int32: steps taken, those of rejected blocks included
    error: Array  # the largest estimated error, relative and per unit time; 0 without an estimate

    @classmethod
    def start(cls, dtype: Any) -> "Pace":
        """Return the pace before the first step."""
        none = jnp.zeros((), dtype)
        return cls(none, jnp.zeros((), jnp.int32), none)
