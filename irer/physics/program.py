"""What is compiled once and then serves every job of a shape: step, observe, convert.

Every physical parameter and the number of steps are arguments of the compiled functions, so a
process compiles once per (model, d, N, dealias, precision) and runs any number of jobs through it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.errors import ConfigError
from irer.physics import initial, sdg, sncgl
from irer.physics.stepping import BLOCK_STEPS, Control, Rate, Symbols, controlled_block, fixed_block
from irer.records import SimulationConfig
from irer.spectral.etdrk import cast, etdrk4
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_carried, to_grid, to_grid_real, to_modes, to_modes_real

State = dict[str, Array]
Operators = dict[str, Any]


@dataclass(frozen=True)
class Program:
    """The compiled functions of one model on one grid; JAX compiles anew for each precision."""

    advance: Callable[[State, Operators, Any], State]  # fixed steps; (.., .., their number)
    advance_controlled: Callable[[State, Control, Operators, Any], tuple[State, Control]]
    observe: Callable[[State, Operators], dict[str, Array]]
    fields: Callable[[State], tuple[Array, Array]]  # psi and u on the grid
    spectra: Callable[[Any, Any], State]  # their compact spectra


@dataclass(frozen=True)
class Prepared:
    """A run that is ready to advance."""

    program: Program
    operators: Operators
    state: State


def prepare(
    config: SimulationConfig, psi0: NDArray[Any] | None = None, u0: NDArray[Any] | None = None
) -> Prepared:
    """Return the program, the operators and the initial state of `config`; see `simulate`."""
    grid = Grid(config.N_grid, config.box_length, config.dimensions, config.dealias)
    dtype = _complex_dtype(config.precision)
    program = compiled_program(config.model, replace(grid, L=1.0))
    operators = make_operators(config, grid, dtype)
    return Prepared(program, operators, _initial_state(config, grid, program, dtype, psi0, u0))


def _complex_dtype(precision: str) -> np.dtype[Any]:
    if precision == "float64" and jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        raise ConfigError.of_field(
            "precision", "float64 needs JAX's 64-bit mode; set JAX_ENABLE_X64=1 before the start"
        )
    return np.dtype(np.complex64 if precision == "float32" else np.complex128)


@lru_cache(maxsize=8)
def compiled_program(model: str, grid: Grid) -> Program:
    """Return the jitted functions for `model` on `grid`, whose L they never use.

    JAX compiles them at their first call, once for each precision.
    """
    curved = model == "sncgl_sdg"

    def advance(state: State, ops: Operators, steps: Array) -> State:
        def block(i: Array, state: State) -> State:
            rate, symbols = split(state, ops, grid, curved=curved)
            coefficients = {"psi": ops["psi_coefficients"]}
            if curved:
                coefficients["u"] = etdrk4(symbols["u"], ops["dt"], jnp)
            return fixed_block(state, rate, coefficients, _block_size(i, steps))

        end: State = lax.fori_loop(0, _blocks(steps), block, state)
        return end

    def advance_controlled(
        state: State, control: Control, ops: Operators, steps: Array
    ) -> tuple[State, Control]:
        def block(i: Array, now: tuple[State, Control]) -> tuple[State, Control]:
            rate, symbols = split(now[0], ops, grid, curved=curved)
            size = _block_size(i, steps)
            return controlled_block(*now, rate, symbols, ops["dt"], size, float(grid.N) ** grid.d)

        end: tuple[State, Control] = lax.fori_loop(0, _blocks(steps), block, (state, control))
        return end

    def observe(state: State, ops: Operators) -> dict[str, Array]:
        return _observe(state, ops, grid)

    def fields(state: State) -> tuple[Array, Array]:
        psi = to_grid(state["psi"], grid)
        return psi, (to_grid_real(state["u"], grid) if curved else jnp.zeros_like(psi.real))

    def spectra(psi: Array, u: Array) -> State:
        state = {"psi": to_modes(psi, grid)}
        return state | {"u": to_modes_real(u, grid)} if curved else state

    return Program(
        advance=jax.jit(advance),
        advance_controlled=jax.jit(advance_controlled),
        observe=jax.jit(observe),
        fields=jax.jit(fields),
        spectra=jax.jit(spectra),
    )


def _blocks(steps: Array) -> Array:
    return -(-steps // BLOCK_STEPS)


def _block_size(i: Array, steps: Array) -> Array:
    return jnp.minimum(BLOCK_STEPS, steps - i * BLOCK_STEPS)


def split(state: State, ops: Operators, grid: Grid, *, curved: bool) -> tuple[Rate, Symbols]:
    """Return the nonlinear rate and the linear symbols around the current mean source."""
    params = ops["params"]
    symbols = {"psi": ops["psi_symbol"]}
    if not curved:
        return lambda y: sncgl.flat_rate(y, ops, grid), symbols
    mean_rho = sdg.estimated_mean_energy(state["psi"], ops["k2"], grid)
    m2 = sdg.relaxation_mass(mean_rho, params["kappa"], grid.d)
    symbols["u"] = -params["lambda_sdg"] * (ops["k2_real"] + m2)
    return lambda y: sncgl.coupled_rate(y, ops, grid, m2), symbols


def make_operators(config: SimulationConfig, grid: Grid, dtype: np.dtype[Any]) -> Operators:
    """Return every array and number that the compiled program takes, computed in float64."""
    params = config.sncgl_params
    real = np.finfo(dtype).dtype
    source = np.zeros((grid.n_modes,) * grid.d, complex)
    if params.source_amplitude:
        source = params.source_amplitude * initial.source(grid, params, config.global_seed)
    exact = {
        "k2": grid.k_squared(),
        "k2_real": grid.k_squared(real=True),
        "k2_full": grid.k_squared_full(),
        "k": grid.wavenumbers(),
        "k_real": grid.wavenumbers(real=True),
        "params": params.model_dump(),
        "dt": config.dt,
    }
    operators: Operators = jax.tree.map(lambda value: jnp.asarray(value, real), exact)
    curved = config.model == "sncgl_sdg"
    if curved or params.g_nonlocal:
        convolution = sncgl.convolution(grid, params, curved=curved)
        operators["convolution"] = jnp.asarray(
            convolution, dtype if np.iscomplexobj(convolution) else real
        )
    operators["source"] = jnp.asarray(source, dtype)
    symbol = sncgl.linear_symbol(grid, params)
    operators["psi_symbol"] = jnp.asarray(symbol, dtype)
    operators["psi_coefficients"] = cast(etdrk4(symbol, config.dt), dtype)
    return operators


def _initial_state(
    config: SimulationConfig,
    grid: Grid,
    program: Program,
    dtype: np.dtype[Any],
    psi0: NDArray[Any] | None,
    u0: NDArray[Any] | None,
) -> State:
    shape = (grid.N,) * grid.d
    u = np.zeros(shape) if u0 is None else _checked("u0", u0, shape, "f")
    psi = np.zeros(shape, complex) if psi0 is None else _checked("psi0", psi0, shape, "c")
    state = program.spectra(jnp.asarray(psi, dtype), jnp.asarray(u, np.finfo(dtype).dtype))
    if psi0 is None:
        noise = initial.initial_noise(grid, config.initial_amplitude, config.global_seed)
        state["psi"] = jnp.asarray(noise, dtype)
    return state


def _checked(name: str, values: NDArray[Any], shape: tuple[int, ...], kind: str) -> NDArray[Any]:
    values = np.asarray(values)
    if values.shape != shape or values.dtype.kind != kind:
        wanted = "complex" if kind == "c" else "real floating-point"
        raise ConfigError.of_field(
            name, f"must be {wanted} with shape {shape}, got {values.dtype} {values.shape}"
        )
    if not np.isfinite(values).all():
        raise ConfigError.of_field(name, "must be finite everywhere")
    return values


def _observe(state: State, ops: Operators, grid: Grid) -> dict[str, Array]:
    """Return the diagnostics of one state; H is pointwise, without any dealiasing of it."""
    psi = to_carried(state["psi"], grid)  # of the same modulus as the field itself
    rho = sdg.energy_density(state["psi"], grid, ops["k"])
    u_hat = state.get("u", jnp.zeros(ops["k2_real"].shape, psi.dtype))
    H, u = sdg.hamiltonian_constraint(u_hat, rho, ops["params"]["kappa"], grid, ops["k_real"])
    volume = jnp.exp(grid.d * u)
    return {
        "psi_max": jnp.max(jnp.abs(psi)),
        "density_mean": jnp.mean(jnp.abs(psi) ** 2),
        "rho_info_mean": jnp.mean(rho),
        "u_min": jnp.min(u),
        "u_max": jnp.max(u),
        "sdg_h_norm_l2": jnp.sqrt(jnp.sum(volume * H**2) / jnp.sum(volume)),
    }
