"""What the equations with a geometry share, whatever u follows."""

from dataclasses import dataclass
from typing import Any, TypeVar

import jax.numpy as jnp
import numpy as np

from irer.base.records import SimulationConfig
from irer.physics import sncgl
from irer.physics.equations.base import Equation, Fields
from irer.physics.equations.flat import psi_arrays
from irer.physics.sncgl_trees import Curved, CurvedOperators
from irer.physics.trees import HalfSpectrum, Spectrum
from irer.spectral.transforms import to_grid, to_grid_real

C = TypeVar("C", bound=Curved)


@dataclass(frozen=True)
class OnGeometry(Equation[C, CurvedOperators]):
    """An equation of psi on the metric exp(2u) delta_ij."""

    def operators(
        self, config: SimulationConfig, dtype: np.dtype[Any], *, non_local: bool
    ) -> CurvedOperators:
        grid, real = self.grid, np.finfo(dtype).dtype
        kernel = sncgl.convolution(grid, config.sncgl_params, curved=True)
        return CurvedOperators(
            **psi_arrays(grid, config, dtype, kernel),
            k_min=jnp.asarray(grid.k_min, real),
        )

    def field(self, state: C, ops: CurvedOperators) -> Spectrum:
        return state.psi

    def geometry(self, state: C, ops: CurvedOperators) -> HalfSpectrum:
        return state.u

    def fields(self, state: C, ops: CurvedOperators) -> Fields:
        psi, u = to_grid(state.psi, self.grid), to_grid_real(state.u, self.grid)
        return Fields(psi=psi, u=u, rho=psi.real**2 + psi.imag**2)
