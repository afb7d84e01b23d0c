"""S-NCGL on flat space: the complex field psi alone."""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from irer.base.records import SimulationConfig
from irer.physics import initial, sncgl
from irer.physics.equations.base import Equation, common
from irer.physics.sncgl_trees import Psi, SncglOperators
from irer.physics.stepping import Named
from irer.physics.trees import Points, Scalar, Spectrum
from irer.spectral.etdrk import Etdrk4, cast, etdrk4
from irer.spectral.grid import Grid


@dataclass(frozen=True)
class Flat(Equation[Psi, SncglOperators]):
    """The equation of `irer.physics.sncgl` with u = 0."""

    takes_beside = False
    no_gradient = None

    def operators(
        self, config: SimulationConfig, dtype: np.dtype[Any], *, non_local: bool
    ) -> SncglOperators:
        kernel = None
        if non_local:
            kernel = sncgl.convolution(self.grid, config.sncgl_params, curved=False)
        return SncglOperators(**psi_arrays(self.grid, config, dtype, kernel))

    def start(self, field: Spectrum, beside: Points, ops: SncglOperators) -> Psi:
        return Psi(psi=field)

    def state(self, named: Named) -> Psi:
        return Psi(**named)

    def symbols(self, ops: SncglOperators, mass: Scalar) -> Named:
        return {"psi": ops.psi_symbol}

    def coefficients(self, ops: SncglOperators, mass: Scalar) -> dict[str, Etdrk4]:
        return {"psi": ops.psi_coefficients}

    def rate(self, state: Psi, ops: SncglOperators, mass: Scalar) -> Named:
        return sncgl.flat_rate(state, ops, self.grid)

    def field(self, state: Psi, ops: SncglOperators) -> Spectrum:
        return state.psi


def psi_arrays(
    grid: Grid, config: SimulationConfig, dtype: np.dtype[Any], kernel: NDArray[Any] | None
) -> dict[str, Any]:
    """Return the arrays of `SncglOperators` by name; `kernel` is that of `sncgl.convolution`."""
    params, real = config.sncgl_params, np.finfo(dtype).dtype
    source = np.zeros((grid.n_modes,) * grid.d, complex)
    if params.source_amplitude:
        source = params.source_amplitude * initial.source(
            grid, params, config.global_seed, config.source_rings
        )
    symbol = sncgl.linear_symbol(grid, params)
    return common(config, grid, real) | {
        "convolution": None if kernel is None else jnp.asarray(kernel, real),
        "source": jnp.asarray(source, dtype),
        "psi_symbol": jnp.asarray(symbol, dtype),
        "psi_coefficients": cast(etdrk4(symbol, config.dt), dtype),
    }
