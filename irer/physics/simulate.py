"""simulate(): a config in, fields and diagnostics out. No disk, no processes.

The loop over frames is Python, one frame is one call of a compiled program that takes every
physical parameter and the number of steps as arguments: a process compiles once per (model,
grid, precision) and runs any number of jobs through it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from numpy.typing import NDArray

from irer.errors import ConfigError, SimulationFailed
from irer.physics import initial, sdg, sncgl
from irer.records import Outcome, SimulationConfig
from irer.spectral.etdrk import Etdrk4, cast, etdrk4, etdrk4_step
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid, to_grid_real, to_modes, to_modes_real

State = dict[str, Array]
Operators = dict[str, Any]

MASS_REFRESH_STEPS = 10  # steps for which the geometry's linear part keeps its m^2
PSI_CAP = 1e6
U_CAP = 40.0  # exp(2 u) still fits float32


@dataclass(frozen=True)
class SimulationResult:
    """What one simulation leaves, as NumPy arrays; the last good state if it failed."""

    outcome: Outcome
    t: float  # time of psi and u, simulation units
    psi: NDArray[Any]  # complex, (N,)*d
    u: NDArray[Any]  # real, (N,)*d, ln Omega; zeros for a flat model
    diagnostics: dict[str, NDArray[np.float64]]  # name -> (frames,)
    snapshots: dict[str, NDArray[Any]] = field(repr=False)  # "t" (S,), "rho" (S,) + (N,)*d

    def raise_if_failed(self) -> None:
        """Raise SimulationFailed, with the last good time, unless the outcome is OK."""
        if self.outcome is not Outcome.OK:
            text = f"{self.outcome.name} after t = {self.t:.6g}, the last good time"
            raise SimulationFailed(self.outcome, self.t, text)


@dataclass(frozen=True)
class Program:
    """The compiled functions of one model on one grid; JAX compiles anew for each precision."""

    advance: Callable[[State, Operators, Any], State]  # (state, operators, number of steps)
    observe: Callable[[State, Operators], dict[str, Array]]
    fields: Callable[[State], tuple[Array, Array]]  # psi and u on the grid
    spectra: Callable[[Any, Any], State]  # their compact spectra


def simulate(
    config: SimulationConfig, psi0: NDArray[Any] | None = None, u0: NDArray[Any] | None = None
) -> SimulationResult:
    """Integrate `config` and return the final fields, snapshots and diagnostics.

    psi0 (complex) and u0 (real), both (N,)*d, replace the seeded initial state. Raises
    ConfigError for float64 without JAX's 64-bit mode, or an array of the wrong shape or kind.
    """
    grid = Grid(config.N_grid, config.box_length, config.dimensions, config.dealias)
    dtype = _complex_dtype(config.precision)
    program = compiled_program(config.model, grid)
    operators = make_operators(config, grid, dtype)
    state = _initial_state(config, grid, program, dtype, psi0, u0)
    return _run(config, program, operators, state)


def _complex_dtype(precision: str) -> np.dtype[Any]:
    if precision == "float64" and jax.dtypes.canonicalize_dtype(np.float64) != np.float64:
        raise ConfigError.of_field(
            "precision", "float64 needs JAX's 64-bit mode; set JAX_ENABLE_X64=1 before the start"
        )
    return np.dtype(np.complex64 if precision == "float32" else np.complex128)


@lru_cache(maxsize=8)
def compiled_program(model: str, grid: Grid) -> Program:
    """Return the jitted functions for `model` on `grid`; compiled at their first call."""
    curved = model == "sncgl_sdg"

    def advance(state: State, ops: Operators, steps: Array) -> State:
        def block(i: Array, state: State) -> State:
            rate, coefficients = _frozen_linear_part(state, ops, grid, curved=curved)
            size = jnp.minimum(MASS_REFRESH_STEPS, steps - i * MASS_REFRESH_STEPS)
            one = lambda _, y: etdrk4_step(y, coefficients, rate)  # noqa: E731
            after: State = lax.fori_loop(0, size, one, state)
            return after

        end: State = lax.fori_loop(0, -(-steps // MASS_REFRESH_STEPS), block, state)
        return end

    def observe(state: State, ops: Operators) -> dict[str, Array]:
        return _observe(state, ops, grid)

    def fields(state: State) -> tuple[Array, Array]:
        psi = to_grid(state["psi"], grid)
        return psi, (to_grid_real(state["u"], grid) if curved else jnp.zeros_like(psi.real))

    def spectra(psi: Array, u: Array) -> State:
        state = {"psi": to_modes(psi, grid)}
        return state | {"u": to_modes_real(u, grid)} if curved else state

    return Program(jax.jit(advance), jax.jit(observe), jax.jit(fields), jax.jit(spectra))


def _frozen_linear_part(
    state: State, ops: Operators, grid: Grid, *, curved: bool
) -> tuple[Callable[[State], State], dict[str, Etdrk4]]:
    """Return the nonlinear rate and the ETDRK4 coefficients around the current mean source."""
    coefficients = {"psi": ops["psi_coefficients"]}
    if not curved:
        return lambda y: sncgl.flat_rate(y, ops, grid), coefficients
    params = ops["params"]
    psi = to_grid(state["psi"], grid)
    rho = sdg.energy_density(psi, state["psi"], grid, ops["k"])
    m2 = sdg.relaxation_mass(jnp.mean(rho), params["kappa"], grid.d)
    symbol = -params["lambda_sdg"] * (ops["k2_real"] + m2)
    coefficients["u"] = etdrk4(symbol, ops["dt"], jnp)
    return lambda y: sncgl.coupled_rate(y, ops, grid, m2), coefficients


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
        "kernel": sncgl.kernel(grid, params),
        "params": params.model_dump(),
        "dt": config.dt,
    }
    operators: Operators = jax.tree.map(lambda value: jnp.asarray(value, real), exact)
    operators["source"] = jnp.asarray(source, dtype)
    coefficients = etdrk4(sncgl.linear_symbol(grid, params), config.dt)
    operators["psi_coefficients"] = cast(coefficients, dtype)
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


def _run(
    config: SimulationConfig, program: Program, operators: Operators, state: State
) -> SimulationResult:
    """Advance from stop to stop (frame ends and snapshots), checking the state at each."""
    frame_ends = {*range(config.steps_per_frame, config.T_steps, config.steps_per_frame)}
    frame_ends.add(config.T_steps)
    snapshot_steps = set(config.snapshot_steps)
    frames: list[dict[str, float]] = []
    snapshots: list[tuple[float, NDArray[Any]]] = []
    outcome, good, step = Outcome.OK, state, 0
    for stop in sorted({0} | frame_ends | snapshot_steps):
        state = program.advance(good, operators, jnp.asarray(stop - step, jnp.int32))
        values = {k: float(v) for k, v in program.observe(state, operators).items()}
        outcome = _judge(values)
        if outcome is not Outcome.OK:
            break
        good, step = state, stop
        if stop in frame_ends:
            frames.append({"t": step * config.dt, **values})
        if stop in snapshot_steps:
            snapshots.append((step * config.dt, np.abs(np.asarray(program.fields(good)[0])) ** 2))
    psi, u = (np.asarray(values) for values in program.fields(good))
    shape = (0, *psi.shape)
    return SimulationResult(
        outcome=outcome,
        t=step * config.dt,
        psi=psi,
        u=u,
        diagnostics={name: np.array([f[name] for f in frames]) for name in ("t", *values)},
        snapshots={
            "t": np.array([t for t, _ in snapshots], float),
            "rho": np.array([rho for _, rho in snapshots], u.dtype).reshape(-1, *shape[1:]),
        },
    )


def _observe(state: State, ops: Operators, grid: Grid) -> dict[str, Array]:
    """Return the diagnostics of one state; H is pointwise, without any dealiasing of it."""
    psi = to_grid(state["psi"], grid)
    rho = sdg.energy_density(psi, state["psi"], grid, ops["k"])
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


def _judge(values: dict[str, float]) -> Outcome:
    """Return the outcome code of a state from its diagnostics."""
    if not np.isfinite(list(values.values())).all():
        return Outcome.NONFINITE
    too_large = values["psi_max"] > PSI_CAP or max(values["u_max"], -values["u_min"]) > U_CAP
    return Outcome.AMPLITUDE_CAP if too_large else Outcome.OK
