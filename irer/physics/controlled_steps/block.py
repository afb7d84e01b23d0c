"""The steps of one block, and the estimate of their error."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from irer.physics.controlled_steps.course import Course, Splitting
from irer.physics.controlled_steps.sizes import MOST_STEPS
from irer.physics.stepping import Named
from irer.spectral.etdrk import continued_step, times

SMALL = 2.0**13  # times round-off: the error of a smaller u is relative to this
_FIRST_GLANCE = 32  # the first two steps' defect over the error that it stands for


class _Pairs(NamedTuple):
    """The state of the loop over pairs of steps."""

    pair: Array
    now: tuple[Named, Named, Named]
    states: tuple[Named, Named, Named]
    before: tuple[Named, Named, Named]  # of the last pair: fields and slope at its start, defect
    error: Array


def steps_of_block(
    course: Course, begin: Any, steps: Array, keep: Array, bound: Array, equations: Splitting
) -> tuple[Any, Any, Array, Array]:
    """Take one step, or pairs of steps; return the end, the states, the error and the count.

    `keep` says whether the states are kept. Steps end early when the error exceeds `bound`.
    """
    schemes = course.schemes
    spare = MOST_STEPS + 1  # states that are not kept are written there
    of_pair = jnp.minimum(steps, 2)

    def nonlinear(fields: Named, rest: Named) -> tuple[Named, Named]:
        return equations.nonlinear(fields, rest, course.mass)

    def pair(now: _Pairs) -> _Pairs:
        y, _, n0 = now.now

        def step(i: Array, at: tuple[Any, Named, Any]) -> tuple[Any, Named, Any]:
            (fields, rest, slope), _, states = at
            after = continued_step(
                fields, rest, slope, {k: s.step for k, s in schemes.items()}, nonlinear
            )
            place = jnp.where(keep, 2 * now.pair + i + 1, spare)
            return after, slope, _kept(states, after, place)

        start = (now.now, n0, now.states)
        after, n1, states = lax.fori_loop(0, of_pair, step, start)
        ends = {k: s.two.end(y[k], n0[k], n1[k], after[2][k]) for k, s in schemes.items()}
        defect = {k: after[0][k] - ends[k] for k in y}
        error = _error(now, after, n0, defect, course, equations)
        return _Pairs(now.pair + 1, after, states, (y, n0, defect), error)

    def unfinished(now: _Pairs) -> Array:
        return (2 * now.pair < steps) & (now.error <= bound)

    empty = jax.tree.map(jnp.zeros_like, begin[0])
    states = _kept(course.states, begin, jnp.where(keep, 0, spare))
    first = _Pairs(
        jnp.zeros((), jnp.int32), begin, states, (empty, empty, empty), jnp.zeros_like(course.h)
    )
    end = lax.while_loop(unfinished, pair, first)
    return end.now, end.states, end.error, of_pair * end.pair


def _error(
    now: _Pairs, after: Any, n2: Named, defect: Named, course: Course, equations: Splitting
) -> Array:
    """Return the largest error of a field so far, relative and per unit time.

    After the first pair it is a rough estimate only, from the defect of that pair.
    """
    worst = jnp.zeros_like(now.error)
    glance = now.pair == 0
    y0, n0, first = now.before
    eps = float(np.finfo(worst.dtype).eps)
    for name, scheme in course.schemes.items():
        y, n4 = after[0][name], after[2][name]
        both = defect[name] + times(scheme.two.e, first[name])
        whole = y - scheme.four.end(y0[name], n0[name], n2[name], n4)
        found = jnp.where(glance, defect[name] / (_FIRST_GLANCE / 2), (16 * both - whole) / 15)
        size, unseen = _norm(y) + 1e-12 * equations.n_points, jnp.zeros_like(worst)
        if name in equations.balanced:
            size = _norm(y) + SMALL * eps * equations.n_points
            unseen = eps * (1 + 8 * course.mass) * equations.n_points
        relative = (_norm(found) - unseen) / size - 8 * eps
        worst = jnp.maximum(worst, relative)  # NaN stays NaN
    error = worst / (4 * jnp.where(course.h > 0, course.h, 1))
    return jnp.where(now.pair > 1, jnp.maximum(now.error, error), error)


def _kept(states: Any, now: Any, place: Array) -> Any:
    return jax.tree.map(
        lambda every, one: lax.dynamic_update_index_in_dim(every, one, place, 0), states, now
    )


def _norm(spectrum: Array) -> Array:
    return jnp.sqrt(jnp.sum(spectrum.real**2 + spectrum.imag**2))
