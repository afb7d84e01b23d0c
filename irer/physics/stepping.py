"""Advancing a state by nominal steps dt, fixed or controlled.

Controlled steps are dt / 2^level, the largest that keep the estimated local error of every field
below a tolerance. The estimate compares one step h with two of h/2 (step doubling; Hairer,
Norsett & Wanner, Solving Ordinary Differential Equations I, II.4). It serves for ten nominal
steps, or twenty when it is far below the tolerance; a step that is too large is halved before it
is taken, never after. An estimate above the tolerance is left only where dt / 2^MAX_LEVEL is too
large as well.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from irer.spectral.etdrk import Etdrk4, choose, etdrk4

State = dict[str, Array]
Symbols = dict[str, Array]
Step = Callable[[State, dict[str, Etdrk4]], State]  # a step of the size the coefficients are for

BLOCK_STEPS = 10  # nominal steps for which the linear part and the step size are kept
MAX_LEVEL = 6  # the smallest step is dt / 64
TOLERANCE = 1e-4  # relative local error of a field per unit time
SMALL_RMS = 1e-3  # a field below it is measured against it
_ORDER_FACTOR = 16.0  # a fourth-order step's error per unit time falls so when it is halved


class Control(NamedTuple):
    """The step size, and what it took since the last frame."""

    level: Array  # int32: steps are dt / 2^level
    covered: Array  # int32: nominal steps for which the last estimate still serves
    error: Array  # the last estimate, relative and per unit time
    substeps: Array  # int32: steps taken since the last frame
    largest_error: Array  # largest estimate since the last frame

    @classmethod
    def start(cls, dtype: Any) -> "Control":
        """Begin with the nominal step, unproven."""
        zero, none = jnp.zeros((), jnp.int32), jnp.zeros((), dtype)
        return cls(zero, zero, none, zero, none)

    def next_frame(self) -> "Control":
        """Forget the counts, keep the step size."""
        return self._replace(
            substeps=jnp.zeros_like(self.substeps), largest_error=jnp.zeros_like(self.error)
        )


def fixed_block(state: State, step: Step, coefficients: dict[str, Etdrk4], steps: Array) -> State:
    """Return the state after `steps` steps of the size that `coefficients` are for."""

    def one(_: Array, current: State) -> State:
        return step(current, coefficients)

    after: State = lax.fori_loop(0, steps, one, state)
    return after


def controlled_block(
    state: State,
    control: Control,
    step: Step,
    symbols: Symbols,
    dt: Array,
    steps: Array,
    n_points: float,
) -> tuple[State, Control]:
    """Return the state after `steps` nominal steps, in substeps of a size held to TOLERANCE.

    `n_points` = N^d scales a spectrum's norm to the field's RMS.
    """

    def renewed(known: Control) -> Control:
        return _estimate(state, known, step, symbols, dt, n_points)

    control = lax.cond(control.covered > 0, lambda known: known, renewed, control)
    substeps = steps * 2**control.level
    after = fixed_block(state, step, _coefficients(symbols, dt / 2**control.level), substeps)
    return after, control._replace(
        covered=control.covered - steps,
        substeps=control.substeps + substeps,
        largest_error=jnp.maximum(control.largest_error, control.error),
    )


def _estimate(
    state: State, known: Control, step: Step, symbols: Symbols, dt: Array, n_points: float
) -> Control:
    """Find the largest step, from twice the last one down, whose error is within TOLERANCE."""

    def attempt(level: Array) -> Array:
        """Take one step h and two of h/2, in one loop so that a step is compiled once."""
        h = dt / 2**level

        def one(i: Array, found: tuple[State, State]) -> tuple[State, State]:
            whole, halves = found
            start = choose(i < 2, state, halves)
            coefficients = _coefficients(symbols, h / 2 ** jnp.minimum(i, 1))
            after = step(start, coefficients)
            return choose(i == 0, after, whole), choose(i > 0, after, halves)

        whole, halves = lax.fori_loop(0, 3, one, (state, state))
        integrated = {name: halves[name] for name in symbols}
        return _difference(whole, integrated, n_points) * _ORDER_FACTOR / (_ORDER_FACTOR - 1) / h

    def too_large(found: tuple[Array, Array]) -> Array:
        level, error = found
        return (error > TOLERANCE) & (level < MAX_LEVEL)

    def halve(found: tuple[Array, Array]) -> tuple[Array, Array]:
        return found[0] + 1, attempt(found[0] + 1)

    roomy = (known.error * _ORDER_FACTOR < TOLERANCE / 2) & (known.level > 0)
    first = known.level - roomy.astype(jnp.int32)
    level, error = lax.while_loop(
        too_large, halve, (first - 1, jnp.full_like(known.error, jnp.inf))
    )
    covered = BLOCK_STEPS * (1 + (error < TOLERANCE / 4).astype(jnp.int32))
    return known._replace(level=level, error=error, covered=covered)


def _coefficients(symbols: Symbols, h: Array) -> dict[str, Etdrk4]:
    return {name: etdrk4(symbol, h, jnp) for name, symbol in symbols.items()}


def _difference(a: State, b: State, n_points: float) -> Array:
    """Return the largest relative L2 difference of a field of b, less what round-off makes."""
    worst = jnp.zeros((), a["psi"].real.dtype)
    for name, values in b.items():
        size = _norm(values) + SMALL_RMS * n_points
        noise = 8 * float(np.finfo(worst.dtype).eps)
        worst = jnp.maximum(worst, _norm(a[name] - values) / size - noise)
    return jnp.maximum(worst, 0)


def _norm(spectrum: Array) -> Array:
    return jnp.sqrt(jnp.sum(spectrum.real**2 + spectrum.imag**2))
