"""The functions that are compiled once for all jobs of a shape: step, observe, convert.

Every physical parameter and the number of steps are arguments of the compiled functions, so a
process compiles once per (model, geometry, d, N, dealias, precision) and runs any number of jobs
through it. A batched program does the same for many jobs side by side (`jax.vmap`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.base.records import SimulationConfig
from irer.physics import controlled_steps
from irer.physics.controlled_steps import Course, Splitting
from irer.physics.equations import AnyEquation, Fields, equation_of, named
from irer.physics.stepping import BLOCK_STEPS, Named, Pace, fixed_block
from irer.physics.trees import Operators
from irer.spectral.transforms import to_modes


@dataclass(frozen=True)
class Program:
    """The compiled functions of one equation on one grid; JAX compiles anew for each precision.

    States and operators are the equation's own.
    """

    fixed: Callable[..., tuple[Any, Array]]  # see `_fixed`
    begin: Callable[[Any, Any], Course]  # the course of controlled steps before the first
    controlled: Callable[..., tuple[Any, Course, Pace]]  # see `controlled_steps.advance`
    observe: Callable[[Any, Any], Named]
    fields: Callable[[Any, Any], Fields]  # on the grid
    modes: Callable[[Any], Array]  # a field on the grid -> its compact spectrum
    start: Callable[[Any, Any, Any], Any]  # see `Equation.start`

    def advance(self, state: Any, operators: Operators, steps: Any) -> Any:
        """Return the state after the first `steps` fixed steps of a run."""
        none = jnp.zeros((), jnp.int32)
        after, _ = self.fixed(
            state, jnp.zeros_like(operators.dt), operators, none, jnp.asarray(steps, jnp.int32)
        )
        return after


@dataclass(frozen=True)
class Prepared:
    """A run, or a batch of runs, before its first step."""

    equation: AnyEquation
    program: Program
    operators: Any
    state: Any
    dtype: np.dtype[Any]  # of the fields
    jobs: int  # jobs in a batch; 0 for a single run


def prepare(
    config: SimulationConfig, psi0: NDArray[Any] | None = None, u0: NDArray[Any] | None = None
) -> Prepared:
    """Return the program, the operators and the initial state of `config`; see `simulate`."""
    equation, dtype = equation_of(config), _complex_dtype(config.precision)
    beside = _beside(config, equation, dtype, psi0, u0)
    program = compiled_program(without_length(equation))
    operators = equation.operators(config, dtype, non_local=bool(config.sncgl_params.g_nonlocal))
    field = equation.noise(config) if psi0 is None else program.modes(np.asarray(psi0, dtype))
    state = program.start(jnp.asarray(field, dtype), beside, operators)
    return Prepared(equation, program, operators, state, dtype, 0)


def prepare_batch(configs: Sequence[SimulationConfig]) -> Prepared:
    """Return a batch of `configs`, all of one shape; the first axis of every array is the job."""
    equations = [equation_of(config) for config in configs]
    first, dtype = equations[0], _complex_dtype(configs[0].precision)
    program = compiled_program(without_length(first), batched=True)
    non_local = any(config.sncgl_params.g_nonlocal for config in configs)
    each = list(zip(configs, equations, strict=True))
    operators = _stacked([e.operators(c, dtype, non_local=non_local) for c, e in each])
    field = jnp.asarray(np.stack([e.noise(c) for c, e in each]), dtype)
    beside = _stacked([_beside(c, e, dtype, None, None) for c, e in each])
    state = program.start(field, beside, operators)
    return Prepared(first, program, operators, state, dtype, len(configs))


def _stacked(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def without_length(equation: AnyEquation) -> AnyEquation:
    """Return the equation on a grid of side 1, so that one compiled program serves every length."""
    return replace(equation, grid=replace(equation.grid, L=1.0))


def _complex_dtype(precision: str) -> np.dtype[Any]:
    if precision == "float64" and jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        raise ConfigError.of_field(
            "precision", "float64 needs JAX's 64-bit mode; set JAX_ENABLE_X64=1 before the start"
        )
    return np.dtype(np.complex64 if precision == "float32" else np.complex128)


@lru_cache(maxsize=16)
def compiled_program(equation: AnyEquation, *, batched: bool = False) -> Program:
    """Return the jitted functions of `equation`; they never use the length of its grid.

    JAX compiles them at their first call, once for each precision. With `batched` the first axis
    of every argument but the number of steps is the job.
    """

    def compiled(function: Callable[..., Any], over: Any = 0) -> Callable[..., Any]:
        return jax.jit(jax.vmap(function, in_axes=over) if batched else function)

    return Program(
        fixed=compiled(partial(_fixed, equation=equation), (0, 0, 0, None, None)),
        begin=compiled(partial(_begin, equation=equation)),
        controlled=compiled(partial(_controlled, equation=equation), (0, 0, 0, None, None, None)),
        observe=compiled(equation.observe),
        fields=compiled(equation.fields),
        modes=compiled(partial(to_modes, grid=equation.grid)),
        start=compiled(equation.start),
    )


def _fixed(
    state: Any, mass: Array, ops: Operators, done: Array, stop: Array, *, equation: AnyEquation
) -> tuple[Any, Array]:
    """Advance by fixed steps from the count `done` to `stop`; `mass` is the last block's."""

    def unfinished(now: tuple[Any, Array, Array]) -> Array:
        return now[2] < stop

    def block(now: tuple[Any, Array, Array]) -> tuple[Any, Array, Array]:
        state, mass, done = now
        mass = jnp.where(done % BLOCK_STEPS == 0, equation.mass(named(state), ops), mass)
        coefficients = equation.coefficients(ops, mass)
        steps = jnp.minimum(BLOCK_STEPS - done % BLOCK_STEPS, stop - done)
        step = partial(equation.step, ops=ops, mass=mass)
        return fixed_block(state, step, coefficients, steps), mass, done + steps

    state, mass, _ = lax.while_loop(unfinished, block, (state, mass, done))
    return state, mass


def _begin(state: Any, ops: Operators, *, equation: AnyEquation) -> Course:
    return Course.begin(named(state), _splitting(ops, equation))


def _controlled(
    course: Course,
    taken: Pace,
    ops: Operators,
    stop: Array,
    last: Array,
    fresh: Array,
    *,
    equation: AnyEquation,
) -> tuple[Any, Course, Pace]:
    splitting = _splitting(ops, equation)
    state, course, taken = controlled_steps.advance(course, taken, splitting, stop, last, fresh)
    return equation.state(state), course, taken


def _splitting(ops: Operators, equation: AnyEquation) -> Splitting:
    """Return the equation in the form that the control of the step size takes."""

    def nonlinear(fields: Named, rest: Named, mass: Array) -> tuple[Named, Named]:
        state = equation.settled(equation.state(fields | rest), ops)
        return equation.rate(state, ops, mass), {name: named(state)[name] for name in rest}

    return Splitting(
        nonlinear=nonlinear,
        symbols=lambda mass: equation.symbols(ops, mass),
        mass=lambda fields: equation.mass(fields, ops),
        mass_rate=lambda fields: equation.mass_rate(fields, ops),
        balanced=equation.balanced,
        dt=ops.dt,
        n_points=float(equation.grid.N) ** equation.grid.d,
    )


def _beside(
    config: SimulationConfig,
    equation: AnyEquation,
    dtype: np.dtype[Any],
    psi0: NDArray[Any] | None,
    u0: NDArray[Any] | None,
) -> Array:
    """Check both arrays; return the one that is not the field, u0 or momentum, or 0 if none."""
    shape = (config.N_grid,) * config.dimensions
    if psi0 is not None:
        _check_array("psi0", psi0, shape, "f" if equation.real else "c")
    if u0 is not None:
        _check_array("u0", u0, shape, "f")
        if not equation.takes_beside and np.any(u0):
            raise ConfigError.of_field("u0", f"must be 0 everywhere for the model {config.model}")
    return jnp.asarray(np.zeros(shape) if u0 is None else u0, np.finfo(dtype).dtype)


def _check_array(name: str, values: NDArray[Any], shape: tuple[int, ...], kind: str) -> None:
    values = np.asarray(values)
    if values.shape != shape or values.dtype.kind != kind:
        wanted = "complex" if kind == "c" else "real floating-point"
        raise ConfigError.of_field(
            name, f"must be {wanted} with shape {shape}, got {values.dtype} {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ConfigError.of_field(name, "must be finite everywhere")
