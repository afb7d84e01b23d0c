"""Descent from given parameters, through the solver, on a smooth surrogate of both errors.

    python -m irer.runners.launch irer/physics/polish.py REQUEST.json

REQUEST.json holds `starts` (a list of simulation configs), `space` (name -> [low, high]) and
`steps`. The last line of standard output is a JSON list: for each start the best parameters on its
way, by name, or null where the descent gained nothing. The surrogate only proposes candidates; the
ordinary worker and validator measure them.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from irer.base.files import read_json
from irer.base.records import SimulationConfig
from irer.physics import initial
from irer.physics.equations import grid_of
from irer.physics.gradient import final_state
from irer.physics.sdg import energy_density, hamiltonian_constraint
from irer.spectral.transforms import to_grid

TARGETS = np.log([2, 3, 5, 7, 11, 13, 17, 19])  # k of the lines, radians per unit length
AROUND = 0.4  # width in k of the background that a line is compared with
RATE, DECAY = 0.02, (0.8, 0.99)  # Adam's step, in sides of the box, and its two means
SMALLEST = 1e-4  # a smaller H-norm gains nothing

Params = dict[str, Array]


def surrogate(psi_hat: Array, u_hat: Array, kappa: Array, config: SimulationConfig) -> Array:
    """Return log10 of (a smooth surrogate of log_prime_sse, sdg_h_norm_l2), (2,), of a state.

    The first is 2 without lines and falls to 0 as the power of |psi|^2 at every target rises
    over its surroundings; the second is the norm itself.
    """
    grid = grid_of(config)
    density = jnp.abs(to_grid(psi_hat, grid)) ** 2
    spectrum = jnp.abs(jnp.fft.fftn(density / jnp.mean(density))) ** 2
    k = np.sqrt(grid.k_squared_full())
    band = config.dealias * math.pi * config.N_grid / config.box_length
    excess = []
    for target in TARGETS[band > TARGETS]:
        line = np.exp(-(((k - target) / grid.k_min) ** 2) / 2) * (k > 0)
        wide = np.exp(-(((k - target) / AROUND) ** 2) / 2) * (k > 0) * (1 - line)
        power = jnp.sum(spectrum * line) / line.sum()
        background = jnp.sum(spectrum * wide) / wide.sum()
        excess.append(jnp.log(power / background))
    missing = 2 - jnp.sum(jax.nn.sigmoid(2 * (jnp.stack(excess) - 1))) / 4
    carried = [jnp.asarray(k_i, psi_hat.real.dtype) for k_i in grid.wavenumbers()]
    rho = energy_density(psi_hat, grid, carried)
    real = [jnp.asarray(k_i, psi_hat.real.dtype) for k_i in grid.wavenumbers(real=True)]
    h, u = hamiltonian_constraint(u_hat, rho, kappa, grid, real)
    volume = jnp.exp(grid.d * u)
    norm = jnp.sqrt(jnp.sum(volume * h**2) / jnp.sum(volume) + SMALLEST**2)
    return jnp.log10(jnp.stack([missing, norm]))


def descend(
    config: SimulationConfig, space: dict[str, tuple[float, float]], weight: float, steps: int
) -> dict[str, float] | None:
    """Return the best parameters of a descent from the config's, None if nothing was gained.

    `weight`, 0 to 1, is that of the first error. Steps are fixed; the descent ends early when
    its numbers are no longer finite.
    """
    fixed = config.model_copy(update={"step_control": "fixed", "n_frames": 1, "n_snapshots": 1})
    names = list(space)
    low, high = np.array([space[name] for name in names]).T
    grid = grid_of(config)
    start = initial.initial_noise(grid, config.initial_amplitude, config.global_seed)
    psi0 = to_grid(jnp.asarray(start), grid)

    def loss(place: Array) -> Array:
        values = low + place * (high - low)
        params = {name: values[i] for i, name in enumerate(names)}
        kappa = params.get("kappa", jnp.asarray(config.sncgl_params.kappa))
        errors = surrogate(*final_state(params, psi0, fixed), kappa, config)
        return weight * errors[0] + (1 - weight) * errors[1]

    slope = jax.jit(jax.value_and_grad(loss))
    given = config.sncgl_params.model_dump()
    place = (np.array([given[name] for name in names]) - low) / (high - low)
    first, best, found = None, math.inf, place
    mean, square = np.zeros(len(names)), np.zeros(len(names))
    for step in range(1, steps + 1):
        value, gradient = (np.asarray(part, dtype=float) for part in slope(jnp.asarray(place)))
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            break
        first = float(value) if first is None else first
        if value < best:
            best, found = float(value), place
        mean = DECAY[0] * mean + (1 - DECAY[0]) * gradient
        square = DECAY[1] * square + (1 - DECAY[1]) * gradient**2
        scale = np.sqrt(square / (1 - DECAY[1] ** step)) + 1e-12
        place = np.clip(place - RATE * mean / (1 - DECAY[0] ** step) / scale, 0, 1)
    if first is None or not best < first:
        return None
    values = np.clip(low + found * (high - low), low, high)
    return dict(zip(names, values.tolist(), strict=True))


def main(request: Path) -> None:
    """Descend from every start of a request, with weights that fall from near 1 to near 0."""
    asked: dict[str, Any] = read_json(request)
    space = {name: (float(low), float(high)) for name, (low, high) in asked["space"].items()}
    starts = [SimulationConfig.model_validate(start) for start in asked["starts"]]
    weights = np.linspace(1, 0, len(starts) + 2)[1:-1]
    found = []
    for start, weight in zip(starts, weights, strict=True):
        with jax.enable_x64(start.precision == "float64"):
            found.append(descend(start, space, float(weight), asked["steps"]))
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
