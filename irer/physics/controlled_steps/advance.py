"""The loop over blocks: take one, judge it, go on; and the step aside to a state asked for."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from irer.physics.controlled_steps.block import steps_of_block
from irer.physics.controlled_steps.choice import ACCEPTED, next_size, next_wait
from irer.physics.controlled_steps.course import (
    Course,
    Splitting,
    mass_renewed,
    with_schemes,
)
from irer.physics.controlled_steps.sizes import (
    COUNT,
    LENGTH,
    MOST_STEPS,
    PER_STEP,
    SMALLEST,
    STEP,
    fitting,
    level,
)
from irer.physics.stepping import Named, Pace


class _Loop(NamedTuple):
    """The state of the loop over segments: blocks, the step aside, the first slope."""

    course: Course
    taken: Pace
    branch: tuple[Named, Named]  # fields and rest at the stop, after a step aside
    branched: Array


def advance(
    course: Course, taken: Pace, equations: Splitting, stop: Array, last: Array, fresh: Array
) -> tuple[Named, Course, Pace]:
    """Return the state after `stop` of a run's `last` nominal steps, its course and its pace.

    With `fresh` a frame begins. A course whose numbers are no longer finite does not move.
    """
    stop, last = stop * PER_STEP, last * PER_STEP
    taken = _pick(fresh, _frame_begun(course, taken), taken)

    def unfinished(now: _Loop) -> Array:
        short = now.course.end < stop
        return now.course.alive & (short | (~now.branched & (_place(now.course, stop)[1] > 0)))

    start = _Loop(course, taken, (course.fields, course.rest), jnp.zeros((), bool))
    end: _Loop = lax.while_loop(
        unfinished, partial(_segment, equations=equations, stop=stop, last=last), start
    )
    course = end.course
    fields, rest, _ = _at(course.states, _place(course, stop)[0])
    fields, rest = _pick(end.branched, end.branch, (fields, rest))
    fields, rest = _pick(course.alive, (fields, rest), (course.fields, course.rest))
    return fields | rest, course, end.taken


def _frame_begun(course: Course, taken: Pace) -> Pace:
    """Return the pace at the start of a frame: its block's level and error, and no steps yet."""
    of_block = level(course.used).astype(taken.level.dtype)
    return Pace(of_block, jnp.zeros_like(taken.substeps), course.error)


def _place(course: Course, stop: Array) -> tuple[Array, Array]:
    """Return after which step of the block `stop` comes, and how many twelfths of a unit later."""
    step = 12 * course.length // jnp.asarray(COUNT)[course.used]
    behind = 12 * (stop - course.start)
    index = jnp.minimum(behind // jnp.maximum(step, 1), MOST_STEPS)
    return index, behind - index * step


def _segment(now: _Loop, *, equations: Splitting, stop: Array, last: Array) -> _Loop:
    """Take a block and judge it, or the step aside to `stop`, or find the first slope.

    One function does all three, so that the equations are compiled once. A step of length 0 gives
    the first slope.
    """
    course = now.course
    aside = course.primed & (course.end >= stop)
    block = course.primed & ~aside
    course = _pick(block, mass_renewed(course, equations), course)
    size = fitting(course.size, course.end, last)
    h = jnp.asarray(STEP, equations.dt.dtype)[size] * equations.dt
    index, beyond = _place(course, stop)
    h = jnp.where(aside, beyond.astype(h.dtype) / (12 * PER_STEP) * equations.dt, h)
    course = with_schemes(course, jnp.where(course.primed, h, 0), equations)
    begin = (course.fields, course.rest, course.slope)
    begin = _pick(aside, _at(course.states, index), begin)
    steps = jnp.where(block, jnp.asarray(COUNT)[size], 1)
    bound = jnp.where(block & (size < SMALLEST), ACCEPTED, jnp.inf)
    end, states, error, tried = steps_of_block(course, begin, steps, block, bound, equations)
    good = block & ((error <= bound) | (size == SMALLEST))
    taken = Pace(
        jnp.where(good, jnp.maximum(now.taken.level, level(size)), now.taken.level),
        now.taken.substeps + jnp.where(course.primed, tried, 0),
        jnp.where(good, jnp.maximum(now.taken.error, error), now.taken.error),
    )
    return _Loop(
        _judged(course, size, states, end, error, good, block),
        taken,
        _pick(aside, end[:2], now.branch),
        now.branched | aside,
    )


def _judged(
    course: Course, size: Array, states: Any, end: Any, error: Array, good: Array, block: Array
) -> Course:
    """Return the course after a segment: at the block's end if the block is accepted."""
    fields, rest, slope = _pick(good, end, (course.fields, course.rest, course.slope))
    slope = _pick(course.primed, slope, end[2])
    finite = jnp.isfinite(error)
    wanted, pace = next_size(course, size, error, good)
    wait, patience = next_wait(course, size, good)
    return course._replace(
        fields=fields,
        rest=rest,
        slope=slope,
        states=states,
        start=jnp.where(good, course.end, course.start),
        length=jnp.where(good, jnp.asarray(LENGTH)[size], course.length),
        used=jnp.where(good, size, course.used),
        error=jnp.where(good, error, course.error),
        size=jnp.where(block, wanted, course.size),
        pace=jnp.where(good, pace, course.pace),
        wait=jnp.where(block, wait, course.wait),
        patience=jnp.where(block, patience, course.patience),
        primed=jnp.ones_like(course.primed),
        alive=course.alive & (finite | ~good),
    )


def _at(states: Any, index: Array) -> Any:
    return jax.tree.map(lambda every: lax.dynamic_index_in_dim(every, index, 0, False), states)


def _pick(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(partial(jnp.where, condition), new, old)
