"""The final state as a differentiable function of the parameters and of the initial field.

`jax.grad` works through `final_state`, because it takes a given number of fixed steps and computes
everything that depends on a parameter (coefficients, kernel, source) from the traced value.
Reverse mode keeps one state per block of BLOCK_STEPS steps and, inside the block that it goes back
through, one state per step; it computes all else again (jax.checkpoint).
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from irer.base.errors import ConfigError
from irer.base.records import SimulationConfig
from irer.base.words import unknown_name
from irer.physics import initial, sncgl
from irer.physics.equations import equation_of, named
from irer.physics.program import prepare
from irer.physics.sncgl_trees import CurvedOperators, Psi, SncglOperators
from irer.physics.stepping import BLOCK_STEPS
from irer.spectral.etdrk import etdrk4
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_modes

Params = dict[str, Any]


def final_state(params: Params, psi0: Any, config: SimulationConfig) -> tuple[Array, Array]:
    """Return the compact spectra of psi and u after `config.T_steps` fixed steps from psi0, u = 0.

    `params` holds numbers or tracers for some or all of `sncgl_params`; the config gives the rest
    and determines which modes the source has. psi0 is complex, (N,)*d. The result equals that of
    `simulate` if the config asks for one frame and one snapshot. Raises ConfigError for an unknown
    parameter and for what cannot be differentiated: controlled steps, the geometry `constraint`,
    the model `fmia`.
    """
    _check(params, psi0, config)
    ready = prepare(config)
    equation = ready.equation
    traced = traced_operators(params, ready.operators, config, equation.grid)
    start: Psi = replace(
        jax.tree.map(jnp.zeros_like, ready.state),
        psi=to_modes(jnp.asarray(psi0, ready.dtype), equation.grid),
    )
    of_psi = etdrk4(traced.psi_symbol, traced.dt, jnp)
    operators = replace(traced, psi_coefficients=of_psi)

    def block(state: Psi, size: int) -> Psi:
        mass = equation.mass(named(state), operators)
        coefficients = equation.coefficients(operators, mass)

        @jax.checkpoint
        def one(current: Psi, _: None) -> tuple[Psi, None]:
            return equation.step(current, coefficients, operators, mass), None

        after: Psi = lax.scan(one, state, length=size)[0]
        return after

    @jax.checkpoint
    def full_block(state: Psi, _: None) -> tuple[Psi, None]:
        return block(state, BLOCK_STEPS), None

    blocks, rest = divmod(config.T_steps, BLOCK_STEPS)
    end: Psi = lax.scan(full_block, start, length=blocks)[0]
    if rest:
        end = block(end, rest)
    return end.psi, equation.geometry(end, operators)


def traced_operators(
    params: Params, operators: SncglOperators, config: SimulationConfig, grid: Grid
) -> SncglOperators:
    """Return `operators` with everything that depends on a parameter computed from `params`."""
    real, dtype = operators.k2.dtype, operators.source.dtype
    values = config.sncgl_params.model_dump() | params
    p = {name: jnp.asarray(value, real) for name, value in values.items()}
    curved = isinstance(operators, CurvedOperators)
    convolution = sncgl.convolution(grid, SimpleNamespace(**p), curved=curved, xp=jnp)
    return replace(
        operators,
        params=p,
        psi_symbol=(p["epsilon"] - (1 + 1j * p["c1"]) * operators.k2).astype(dtype),
        convolution=convolution.astype(real),
        source=p["source_amplitude"] * _source(p, operators.k2, config, grid).astype(dtype),
    )


def _source(p: Params, k2: Array, config: SimulationConfig, grid: Grid) -> Array:
    """Return what `initial.source` gives, with the width and the wavenumber of `p`."""
    nominal = config.sncgl_params
    wanted = nominal.model_copy(update={"source_amplitude": 1.0})
    if config.source_problem(wanted):  # the grid cannot hold it; the amplitude is 0
        return jnp.zeros(k2.shape)
    rings = config.source_rings
    spectrum = initial.source(grid, nominal, config.global_seed, rings)
    size = np.abs(spectrum)
    phases = np.divide(spectrum, size, out=np.zeros_like(spectrum), where=size > 0)
    power = jnp.where(size > 0, _power(p, jnp.sqrt(k2), config, grid, size > 0), 1)
    amplitude = float(grid.N) ** grid.d * jnp.where(size > 0, jnp.sqrt(power), 0)
    return amplitude * jnp.asarray(phases)


def _power(p: Params, k: Array, config: SimulationConfig, grid: Grid, held: Any) -> Array:
    """Return the share of the source's power that each mode has; `held` says which have any."""
    if not config.source_rings:
        return _ring(k, p["source_k"], p["source_width"], held)
    exact, reach = (
        np.sqrt(grid.k_squared()),
        initial.SOURCE_WIDTHS * config.sncgl_params.source_width,
    )
    power = jnp.zeros_like(k)
    for ring in config.source_rings:
        near = abs(exact - ring) <= reach if ring else exact == 0
        power += _ring(k, ring, p["source_width"], near)
    return power / len(config.source_rings)


def _ring(k: Array, ring: Any, width: Any, held: Any) -> Array:
    """Return the share of its power that each mode of a ring has; `held` says which has any."""
    power = jnp.where(held, jnp.exp(-(((k - ring) / width) ** 2) / 2), 0)
    return power / jnp.sum(power)


def _check(params: Params, psi0: Any, config: SimulationConfig) -> None:
    known = config.sncgl_params.model_dump()
    unknown = sorted(params.keys() - known.keys())
    if unknown:
        raise ConfigError.of_field(unknown[0], unknown_name("parameter", unknown[0], known))
    if config.step_control != "fixed":
        raise ConfigError.of_field("step_control", "must be 'fixed' for a gradient")
    if refused := equation_of(config).no_gradient:
        raise ConfigError.of_field(refused.field, refused.message)
    if jnp.shape(psi0) != (shape := (config.N_grid,) * config.dimensions):
        raise ConfigError.of_field("psi0", f"must have shape {shape}, got {jnp.shape(psi0)}")
