"""What is compiled once and then serves every job of a shape: step, observe, convert.

Every physical parameter and the number of steps are arguments of the compiled functions, so a
process compiles once per (model, geometry, d, N, dealias, precision) and runs any number of jobs
through it. A batched program does the same for many jobs side by side (`jax.vmap`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.base.records import SimulationConfig
from irer.physics import constraint, control, diagnostics, fmia, initial, sdg, sncgl
from irer.physics.control import Course, Splitting
from irer.physics.stepping import BLOCK_STEPS, Pace, Step, Symbols, fixed_block
from irer.spectral.etdrk import cast, etdrk4, etdrk4_step
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid, to_grid_real, to_modes, to_modes_real

State = dict[str, Array]
Operators = dict[str, Any]
Form = Literal["flat", "coevolve", "constraint", "fmia"]  # which equations, model and geometry


@dataclass(frozen=True)
class Program:
    """The compiled functions of one model on one grid; JAX compiles anew for each precision."""

    fixed: Callable[..., tuple[State, Array]]  # see `_fixed`
    begin: Callable[[State, Operators], Course]  # the course of controlled steps before the first
    controlled: Callable[..., tuple[State, Course, Pace]]  # see `control.advance`
    observe: Callable[[State, Operators], dict[str, Array]]
    fields: Callable[[State, Operators], dict[str, Array]]  # psi, u, rho, momentum on the grid
    modes: Callable[[Any], Array]  # psi on the grid -> its compact spectrum
    start: Callable[[Any, Any, Operators], State]  # from psi's spectrum and u; see `_start`

    def advance(self, state: State, operators: Operators, steps: Any) -> State:
        """Return the state after the first `steps` fixed steps of a run."""
        none = jnp.zeros((), jnp.int32)
        after, _ = self.fixed(
            state, jnp.zeros_like(operators["dt"]), operators, none, jnp.asarray(steps, jnp.int32)
        )
        return after


@dataclass(frozen=True)
class Prepared:
    """A run, or a batch of runs, that is ready to advance."""

    program: Program
    operators: Operators
    state: State
    dtype: np.dtype[Any]  # of the fields
    jobs: int  # of a batch; 0 for a run alone


def prepare(
    config: SimulationConfig, psi0: NDArray[Any] | None = None, u0: NDArray[Any] | None = None
) -> Prepared:
    """Return the program, the operators and the initial state of `config`; see `simulate`."""
    form, grid, dtype = form_of(config), grid_of(config), _complex_dtype(config.precision)
    u = _initial_u(config, grid, dtype, psi0, u0)
    program = compiled_program(form, replace(grid, L=1.0))
    operators = make_operators(config, grid, dtype, non_local=bool(config.sncgl_params.g_nonlocal))
    psi = _noise(config, grid) if psi0 is None else program.modes(np.asarray(psi0, dtype))
    state = program.start(jnp.asarray(psi, dtype), u, operators)
    return Prepared(program, operators, state, dtype, 0)


def prepare_batch(configs: Sequence[SimulationConfig]) -> Prepared:
    """Return a run of all `configs`, of one shape, side by side; every array leads with the job."""
    first = configs[0]
    form, grid, dtype = form_of(first), grid_of(first), _complex_dtype(first.precision)
    program = compiled_program(form, replace(grid, L=1.0), batched=True)
    non_local = any(config.sncgl_params.g_nonlocal for config in configs)
    every = [make_operators(c, grid_of(c), dtype, non_local=non_local) for c in configs]
    operators = _stacked(every)
    psi = jnp.asarray(np.stack([_noise(config, grid_of(config)) for config in configs]), dtype)
    u = _stacked([_initial_u(config, grid, dtype, None, None) for config in configs])
    state = program.start(psi, u, operators)
    return Prepared(program, operators, state, dtype, len(configs))


def _stacked(trees: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def form_of(config: SimulationConfig) -> Form:
    """Return which equations `config` asks for."""
    if config.model == "sncgl_sdg":
        return config.geometry
    return "flat" if config.model == "sncgl_flat" else "fmia"


def grid_of(config: SimulationConfig) -> Grid:
    """Return the grid of `config`."""
    return Grid(config.N_grid, config.box_length, config.dimensions, config.dealias)


def _complex_dtype(precision: str) -> np.dtype[Any]:
    if precision == "float64" and jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        raise ConfigError.of_field(
            "precision", "float64 needs JAX's 64-bit mode; set JAX_ENABLE_X64=1 before the start"
        )
    return np.dtype(np.complex64 if precision == "float32" else np.complex128)


@lru_cache(maxsize=16)
def compiled_program(form: Form, grid: Grid, *, batched: bool = False) -> Program:
    """Return the jitted functions for `form` on `grid`, whose L they never use.

    JAX compiles them at their first call, once for each precision. With `batched` every argument
    but the number of steps leads with the axis of the jobs.
    """

    def compiled(function: Callable[..., Any], over: Any = 0) -> Callable[..., Any]:
        return jax.jit(jax.vmap(function, in_axes=over) if batched else function)

    return Program(
        fixed=compiled(partial(_fixed, grid=grid, form=form), (0, 0, 0, None, None)),
        begin=compiled(partial(_begin, grid=grid, form=form)),
        controlled=compiled(
            partial(_controlled, grid=grid, form=form), (0, 0, 0, None, None, None)
        ),
        observe=compiled(partial(_observe, grid=grid, form=form)),
        fields=compiled(partial(_fields, grid=grid, form=form)),
        modes=compiled(partial(to_modes, grid=grid)),
        start=compiled(partial(_start, grid=grid, form=form)),
    )


def _fixed(
    state: State, mass: Array, ops: Operators, done: Array, stop: Array, *, grid: Grid, form: Form
) -> tuple[State, Array]:
    """Advance by fixed steps from the count `done` to `stop`; `mass` is the last block's."""

    def unfinished(now: tuple[State, Array, Array]) -> Array:
        return now[2] < stop

    def block(now: tuple[State, Array, Array]) -> tuple[State, Array, Array]:
        state, mass, done = now
        mass = jnp.where(done % BLOCK_STEPS == 0, mass_of(state, ops, grid, form), mass)
        step, symbols = _split(mass, ops, grid, form)
        coefficients = {"psi": ops["psi_coefficients"]}
        if "u" in symbols:
            coefficients["u"] = etdrk4(symbols["u"], ops["dt"], jnp)
        steps = jnp.minimum(BLOCK_STEPS - done % BLOCK_STEPS, stop - done)
        return fixed_block(state, step, coefficients, steps), mass, done + steps

    state, mass, _ = lax.while_loop(unfinished, block, (state, mass, done))
    return state, mass


def _begin(state: State, ops: Operators, *, grid: Grid, form: Form) -> Course:
    return Course.begin(state, _splitting(ops, grid, form))


def _controlled(
    course: Course,
    taken: Pace,
    ops: Operators,
    stop: Array,
    last: Array,
    fresh: Array,
    *,
    grid: Grid,
    form: Form,
) -> tuple[State, Course, Pace]:
    return control.advance(course, taken, _splitting(ops, grid, form), stop, last, fresh)


def split(state: State, ops: Operators, grid: Grid, form: Form) -> tuple[Step, Symbols]:
    """Return one step of the system, and the linear symbols around the current mean source."""
    return _split(mass_of(state, ops, grid, form), ops, grid, form)


def mass_of(state: State, ops: Operators, grid: Grid, form: Form) -> Array:
    """Return m^2 for the linear part of u: 0 where u does not relax."""
    if form != "coevolve":
        return jnp.zeros_like(ops["dt"])
    mean_rho = sdg.estimated_mean_energy(state["psi"], ops["k2"], grid)
    return sdg.relaxation_mass(mean_rho, ops["params"]["kappa"], grid.d)


def _split(mass: Array, ops: Operators, grid: Grid, form: Form) -> tuple[Step, Symbols]:
    rate = partial(_rate, ops=ops, grid=grid, form=form, mass=mass)
    symbols = _symbols(mass, ops, form)
    if form == "constraint":
        return partial(constraint.constrained_step, rate=rate, ops=ops, grid=grid), symbols
    return partial(etdrk4_step, nonlinear=rate), symbols


def _rate(state: State, *, ops: Operators, grid: Grid, form: Form, mass: Array) -> State:
    """Return the nonlinear part."""
    if form == "flat":
        return sncgl.flat_rate(state, ops, grid)
    if form == "fmia":
        return fmia.rate(state, ops, grid)
    return sncgl.coupled_rate(state, ops, grid, mass)


def _symbols(mass: Array, ops: Operators, form: Form) -> Symbols:
    symbols = {"psi": ops["psi_symbol"]}
    if form == "coevolve":
        symbols["u"] = -ops["params"]["lambda_sdg"] * (ops["k2_real"] + mass)
    return symbols


def _splitting(ops: Operators, grid: Grid, form: Form) -> Splitting:
    """Return the equations as the control of the step size takes them."""

    def nonlinear(fields: State, rest: State, mass: Array) -> tuple[State, State]:
        if form == "constraint":
            rest = constraint.settle(fields | rest, ops, grid)
            fields = {"psi": rest.pop("psi")}
        rates = _rate(fields | rest, ops=ops, grid=grid, form=form, mass=mass)
        return {name: rates[name] for name in fields}, rest

    def mass_rate(fields: State) -> State:
        return {n: ops["params"]["lambda_sdg"] * v for n, v in fields.items() if n == "u"}

    return Splitting(
        nonlinear=nonlinear,
        symbols=lambda mass: _symbols(mass, ops, form),
        mass=lambda fields: mass_of(fields, ops, grid, form),
        mass_rate=mass_rate,
        dt=ops["dt"],
        n_points=float(grid.N) ** grid.d,
    )


def _start(psi: Array, u: Array, ops: Operators, *, grid: Grid, form: Form) -> State:
    """Return the state for psi's spectrum and u on the grid; of fmia, rho's and the momentum."""
    if form == "fmia":
        momentum = to_modes(u.astype(psi.dtype), grid)
        return {"psi": fmia.combined(psi, momentum, ops)}
    if form == "flat":
        return {"psi": psi}
    state = {"psi": psi, "u": to_modes_real(u, grid)}
    if form == "constraint":
        return constraint.settle(state | {"residual": jnp.zeros((), u.dtype)}, ops, grid)
    return state


def _fields(state: State, ops: Operators, *, grid: Grid, form: Form) -> dict[str, Array]:
    if form == "fmia":
        psi = to_grid(fmia.field_modes(state["psi"], ops), grid)
        momentum = to_grid(fmia.momentum_modes(state["psi"]), grid).real
        rho = psi.real
        return {"psi": rho + 0j, "u": jnp.zeros_like(rho), "rho": rho, "momentum": momentum}
    psi = to_grid(state["psi"], grid)
    u = to_grid_real(state["u"], grid) if "u" in state else jnp.zeros_like(psi.real)
    return {"psi": psi, "u": u, "rho": psi.real**2 + psi.imag**2}


def _observe(state: State, ops: Operators, *, grid: Grid, form: Form) -> dict[str, Array]:
    psi = fmia.field_modes(state["psi"], ops) if form == "fmia" else state["psi"]
    u = state.get("u", jnp.zeros(ops["k2_real"].shape, psi.dtype))
    found = diagnostics.observe(psi, u, ops, grid)
    if form == "fmia":
        found["energy"] = fmia.mean_energy(state["psi"], ops, grid)
    if form == "constraint":
        found["constraint_residual"] = state["residual"]
    return found


def make_operators(
    config: SimulationConfig, grid: Grid, dtype: np.dtype[Any], *, non_local: bool
) -> Operators:
    """Return every array and number that the compiled program takes, computed in float64.

    Without `non_local` the flat equation leaves the kernel's transforms out.
    """
    params, form = config.sncgl_params, form_of(config)
    real = np.finfo(dtype).dtype
    source = np.zeros((grid.n_modes,) * grid.d, complex)
    if params.source_amplitude and form != "fmia":
        source = params.source_amplitude * initial.source(
            grid, params, config.global_seed, config.source_rings
        )
    exact: Operators = {
        "k2": grid.k_squared(),
        "k2_real": grid.k_squared(real=True),
        "k": grid.wavenumbers(),
        "k_real": grid.wavenumbers(real=True),
        "params": params.model_dump(),
        "k_min": grid.k_min,
        "dt": config.dt,
    }
    symbol = sncgl.linear_symbol(grid, params)
    if form == "fmia":
        exact |= {
            "omega": fmia.frequency(grid, params),
            "mass_squared": fmia.mass_squared(grid, params),
        }
        symbol = -1j * exact["omega"] - params.eta / 2
    operators: Operators = jax.tree.map(lambda value: jnp.asarray(value, real), exact)
    curved = form in ("coevolve", "constraint")
    if curved or (non_local and form == "flat"):
        convolution = sncgl.convolution(grid, params, curved=curved)
        operators["convolution"] = jnp.asarray(convolution, real)
    operators["source"] = jnp.asarray(source, dtype)
    operators["psi_symbol"] = jnp.asarray(symbol, dtype)
    operators["psi_coefficients"] = cast(etdrk4(symbol, config.dt), dtype)
    return operators


def _initial_u(
    config: SimulationConfig,
    grid: Grid,
    dtype: np.dtype[Any],
    psi0: NDArray[Any] | None,
    u0: NDArray[Any] | None,
) -> Array:
    """Check the arrays that are given; return u (of fmia, the momentum) on the grid, 0 if not."""
    shape = (grid.N,) * grid.d
    if psi0 is not None:
        _check_array("psi0", psi0, shape, "f" if config.model == "fmia" else "c")
    if u0 is not None:
        _check_array("u0", u0, shape, "f")
        if config.model == "sncgl_flat" and np.any(u0):
            raise ConfigError.of_field("u0", "must be 0 everywhere for the model sncgl_flat")
    return jnp.asarray(np.zeros(shape) if u0 is None else u0, np.finfo(dtype).dtype)


def _noise(config: SimulationConfig, grid: Grid) -> NDArray[np.complex128]:
    """Return the compact spectrum of the seeded initial field."""
    noise = initial.initial_noise(grid, config.initial_amplitude, config.global_seed)
    # fmia: sqrt(2) times the real part, which has the same RMS
    return noise if config.model != "fmia" else (noise + np.conj(np.flip(noise))) / np.sqrt(2)


def _check_array(name: str, values: NDArray[Any], shape: tuple[int, ...], kind: str) -> None:
    values = np.asarray(values)
    if values.shape != shape or values.dtype.kind != kind:
        wanted = "complex" if kind == "c" else "real floating-point"
        raise ConfigError.of_field(
            name, f"must be {wanted} with shape {shape}, got {values.dtype} {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ConfigError.of_field(name, "must be finite everywhere")
