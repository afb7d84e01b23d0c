"""The state of a run with controlled steps, and the equations as the control takes them."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from irer.physics.controlled_steps.sizes import MOST_STEPS, SMALLEST, STEP
from irer.physics.stepping import Named
from irer.spectral.etdrk import Judged, judged

MASS_CHANGE = 0.1  # the relative change of the mean source at which the linear part is renewed
_FIRST_STEP = 0.0125  # simulation time units


class Splitting(NamedTuple):
    """The equations, split into linear and nonlinear parts, as the control needs them."""

    nonlinear: Callable[[Named, Named, Array], tuple[Named, Named]]  # takes fields, rest, mass
    symbols: Callable[[Array], Named]  # takes the mass
    mass: Callable[[Named], Array]  # takes the state
    mass_rate: Callable[[Named], Named]  # the nonlinear part's derivative with respect to the mass
    balanced: frozenset[str]  # fields whose rate is a difference of terms as large as the source
    dt: Array
    n_points: float  # N^d scales a spectrum's norm to the field's RMS


class Course(NamedTuple):
    """The state of a controlled run at the end of its last accepted block."""

    fields: Named
    rest: Named  # arrays that the fields determine; not integrated
    slope: Named  # the nonlinear part of `fields`
    states: tuple[Named, Named, Named]  # fields, rest and slope before and after the block's steps
    start: Array  # int32, units: where the block began
    length: Array  # int32, units
    used: Array  # int32: the block's size
    size: Array  # int32: the size for the next block
    error: Array  # the block's, relative and per unit time
    pace: Array  # `error` over (h / dt)^4
    wait: Array  # int32: accepted blocks until a larger size is tried again
    patience: Array  # int32: the wait after the next rejection of a larger size
    primed: Array  # bool: `slope` is known
    alive: Array  # bool: all numbers are finite
    mass: Array  # in the linear part
    h: Array  # the step that `schemes` are for
    mass_of_schemes: Array  # the mass that `schemes` are for
    schemes: dict[str, Judged]

    @property
    def end(self) -> Array:
        """Return where the next block begins, units."""
        return self.start + self.length

    @classmethod
    def begin(cls, state: Named, equations: Splitting) -> "Course":
        """Return the course before its first block."""
        mass = equations.mass(state)
        symbols = equations.symbols(mass)
        fields = {name: state[name] for name in symbols}
        rest = {name: values for name, values in state.items() if name not in symbols}
        slope = jax.tree.map(jnp.zeros_like, fields)

        def room(values: Array) -> Array:
            more = jnp.zeros((MOST_STEPS + 1, *values.shape), values.dtype)
            return jnp.concatenate([values[None], more])

        shapes = jax.eval_shape(lambda: {n: judged(s, mass) for n, s in symbols.items()})
        schemes = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)
        zero, no = jnp.zeros((), jnp.int32), jnp.zeros((), bool)
        steps = equations.dt * jnp.asarray(STEP, mass.dtype)
        size = jnp.where(steps[-1] > _FIRST_STEP, SMALLEST, jnp.argmax(steps <= _FIRST_STEP))
        size = size.astype(jnp.int32)
        return cls(
            fields, rest, slope, jax.tree.map(room, (fields, rest, slope)), zero, zero, size,
            size, 0 * mass, 0 * mass, zero, zero + 1, no, ~no, mass, 0 * mass - 1, mass, schemes,
        )  # fmt: skip


def mass_renewed(course: Course, equations: Splitting) -> Course:
    """Return the course with its fields' present mass if the mass has changed enough."""
    mass = equations.mass(course.fields)
    change = mass - course.mass
    change = jnp.where(jnp.abs(change) > MASS_CHANGE * course.mass, change, 0)
    more = equations.mass_rate(course.fields)
    slope = {n: v + change * more[n] if n in more else v for n, v in course.slope.items()}
    return course._replace(mass=course.mass + change, slope=slope)


def with_schemes(course: Course, h: Array, equations: Splitting) -> Course:
    """Return the course with coefficients for steps h, computed again only after a change."""
    same = (h == course.h) & (course.mass == course.mass_of_schemes)

    def made() -> dict[str, Judged]:
        return {name: judged(s, h) for name, s in equations.symbols(course.mass).items()}

    schemes = lax.cond(same, lambda: course.schemes, made)
    return course._replace(h=h, mass_of_schemes=course.mass, schemes=schemes)
