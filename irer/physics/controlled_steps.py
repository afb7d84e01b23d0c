"""Steps that hold the local error of every field below a tolerance.

Steps come in blocks: four steps of dt 2^j, or six of two thirds of that. A block of length B starts
at a multiple of B from the start of the run, so its boundaries do not depend on when the run is
observed. At the end of a block its error is estimated from the nonlinear parts at its steps, which
are known: over every four steps h the equation is integrated once more with parabolas through
them, over intervals 2 h and over one of 4 h, and Richardson's extrapolation of the two estimates
the error of the steps (Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, II.1
and II.4). A block whose estimate is too large is rejected. Each estimate chooses the size of the
next block: any number of sizes down, and up by a factor of 4 at most, and not soon after a larger
block was rejected.

A state that is asked for inside a block is the state after one of the block's steps, or one
further step from there; nothing of that step aside goes back into the run.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from irer.physics.stepping import Named, Pace
from irer.spectral.etdrk import Judged, continued_step, judged, times

TOLERANCE = 1e-4  # relative local error of a field per unit time
ACCEPTED, WANTED = 0.95e-4, 0.75e-4  # the largest accepted; the next block's aim
FINEST = 9  # the smallest steps are two thirds of dt / 2^9
LARGEST = 2  # the largest steps are 2^2 dt
MOST_STEPS = 6  # of a block
PER_STEP = 2 ** (FINEST - LARGEST)  # the shortest block is dt / PER_STEP long
MASS_CHANGE = 0.1  # the relative change of the mean source at which the linear part is renewed
SMALL = 2.0**13  # times round-off: the error of a smaller u is relative to this
_FIRST_STEP = 0.0125  # simulation time units
_RISE = 4  # the most sizes up at once: a factor of 4
_LONGEST_WAIT = 16  # blocks; each rejection of a larger size doubles the wait for the next try
_FIRST_GLANCE = 32  # the first two steps' defect over the error that it stands for

# By size, from the largest: steps over dt, their number in a block, the block's length in units.
_HALVINGS = np.arange(2 * (FINEST + LARGEST + 1)) // 2
_THIRDS = np.arange(2 * (FINEST + LARGEST + 1)) % 2
_STEP = 2.0 ** (LARGEST - _HALVINGS) * np.where(_THIRDS, 2 / 3, 1)
_COUNT = np.where(_THIRDS, 6, 4).astype(np.int32)
_LENGTH = (2 ** (FINEST + LARGEST - _HALVINGS)).astype(np.int32)
_SMALLEST = len(_STEP) - 1


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
        steps = equations.dt * jnp.asarray(_STEP, mass.dtype)
        size = jnp.where(steps[-1] > _FIRST_STEP, _SMALLEST, jnp.argmax(steps <= _FIRST_STEP))
        size = size.astype(jnp.int32)
        return cls(
            fields, rest, slope, jax.tree.map(room, (fields, rest, slope)), zero, zero, size,
            size, 0 * mass, 0 * mass, zero, zero + 1, no, ~no, mass, 0 * mass - 1, mass, schemes,
        )  # fmt: skip


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
    level = _level(course.used).astype(taken.level.dtype)
    return Pace(level, jnp.zeros_like(taken.substeps), course.error)


def _place(course: Course, stop: Array) -> tuple[Array, Array]:
    """Return after which step of the block `stop` comes, and how many twelfths of a unit later."""
    step = 12 * course.length // jnp.asarray(_COUNT)[course.used]
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
    course = _pick(block, _mass_renewed(course, equations), course)
    size = _fitting(course.size, course.end, last)
    h = jnp.asarray(_STEP, equations.dt.dtype)[size] * equations.dt
    index, beyond = _place(course, stop)
    h = jnp.where(aside, beyond.astype(h.dtype) / (12 * PER_STEP) * equations.dt, h)
    course = _with_schemes(course, jnp.where(course.primed, h, 0), equations)
    begin = (course.fields, course.rest, course.slope)
    begin = _pick(aside, _at(course.states, index), begin)
    steps = jnp.where(block, jnp.asarray(_COUNT)[size], 1)
    bound = jnp.where(block & (size < _SMALLEST), ACCEPTED, jnp.inf)
    end, states, error, tried = _steps(course, begin, steps, block, bound, equations)
    good = block & ((error <= bound) | (size == _SMALLEST))
    taken = Pace(
        jnp.where(good, jnp.maximum(now.taken.level, _level(size)), now.taken.level),
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
    wanted, pace = _next_size(course, size, error, good)
    wait, patience = _next_wait(course, size, good)
    return course._replace(
        fields=fields,
        rest=rest,
        slope=slope,
        states=states,
        start=jnp.where(good, course.end, course.start),
        length=jnp.where(good, jnp.asarray(_LENGTH)[size], course.length),
        used=jnp.where(good, size, course.used),
        error=jnp.where(good, error, course.error),
        size=jnp.where(block, wanted, course.size),
        pace=jnp.where(good, pace, course.pace),
        wait=jnp.where(block, wait, course.wait),
        patience=jnp.where(block, patience, course.patience),
        primed=jnp.ones_like(course.primed),
        alive=course.alive & (finite | ~good),
    )


def _next_size(course: Course, size: Array, error: Array, good: Array) -> tuple[Array, Array]:
    """Return the size for the next block, and this block's error over h^4.

    The error per unit time is proportional to h^4 and taken to grow on as it grew between blocks.
    """
    step = jnp.asarray(_STEP, error.dtype)
    noise = float(np.finfo(error.dtype).eps) / (4 * course.h)
    pace = (error + noise) / step[size] ** 4
    growth = jnp.clip(pace / jnp.where(course.pace > 0, course.pace, jnp.inf), 1, 4)
    expected = pace * jnp.where(good, growth, 1) * step**4
    larger = jnp.argmax(expected <= WANTED).astype(jnp.int32)
    larger = jnp.where(expected[-1] > WANTED, _SMALLEST, larger)
    stays = good & (larger > size) & (expected[size] <= ACCEPTED)
    highest = jnp.where(good, size - jnp.where(course.wait > 0, 0, _RISE), size + 1)
    wanted = jnp.clip(jnp.where(stays, size, larger), highest, _SMALLEST)
    tried = ~good & (size < course.used)  # the size before held, so it is the next to try
    wanted = jnp.where(tried, jnp.maximum(jnp.minimum(wanted, course.used), highest), wanted)
    wanted = jnp.where(jnp.isfinite(error), wanted, jnp.minimum(size + _RISE, _SMALLEST))
    return jnp.maximum(wanted, 0), pace


def _next_wait(course: Course, size: Array, good: Array) -> tuple[Array, Array]:
    """Return how many blocks the next larger size waits for, and the wait after that.

    An error below round-off does not tell by how much a step may grow, so larger ones are tried
    blindly; each failure costs four steps.
    """
    larger = size < course.used
    longer = jnp.minimum(2 * course.patience, _LONGEST_WAIT)
    wait = jnp.where(good, jnp.maximum(course.wait - 1, 0), course.patience)
    patience = jnp.where(larger, jnp.where(good, 1, longer), course.patience)
    return wait, patience


def _fitting(size: Array, start: Array, last: Array) -> Array:
    """Return the largest size up to `size` whose block may start here and ends by `last`."""
    lengths, sizes = jnp.asarray(_LENGTH), jnp.arange(len(_LENGTH))
    fits = (start % lengths == 0) & (start + lengths <= last) & (sizes >= size)
    return jnp.argmax(fits).astype(jnp.int32)


def _mass_renewed(course: Course, equations: Splitting) -> Course:
    """Return the course with its fields' present mass if the mass has changed enough."""
    mass = equations.mass(course.fields)
    change = mass - course.mass
    change = jnp.where(jnp.abs(change) > MASS_CHANGE * course.mass, change, 0)
    more = equations.mass_rate(course.fields)
    slope = {n: v + change * more[n] if n in more else v for n, v in course.slope.items()}
    return course._replace(mass=course.mass + change, slope=slope)


def _with_schemes(course: Course, h: Array, equations: Splitting) -> Course:
    """Return the course with coefficients for steps h, computed again only after a change."""
    same = (h == course.h) & (course.mass == course.mass_of_schemes)

    def made() -> dict[str, Judged]:
        return {name: judged(s, h) for name, s in equations.symbols(course.mass).items()}

    schemes = lax.cond(same, lambda: course.schemes, made)
    return course._replace(h=h, mass_of_schemes=course.mass, schemes=schemes)


class _Pairs(NamedTuple):
    """The state of the loop over pairs of steps."""

    pair: Array
    now: tuple[Named, Named, Named]
    states: tuple[Named, Named, Named]
    before: tuple[Named, Named, Named]  # of the last pair: fields and slope at its start, defect
    error: Array


def _steps(
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


def _at(states: Any, index: Array) -> Any:
    return jax.tree.map(lambda every: lax.dynamic_index_in_dim(every, index, 0, False), states)


def _pick(condition: Array, new: Any, old: Any) -> Any:
    return jax.tree.map(partial(jnp.where, condition), new, old)


def _level(size: Array) -> Array:
    """Return the level of a size, -LARGEST to FINEST; a half stands for two thirds of a step."""
    return size / 2 - LARGEST


def _norm(spectrum: Array) -> Array:
    return jnp.sqrt(jnp.sum(spectrum.real**2 + spectrum.imag**2))
