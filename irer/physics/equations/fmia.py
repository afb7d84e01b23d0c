"""FMIA, the stable control model: a real field rho and its momentum on flat space.

    d2 rho/dt2 = D lap rho + epsilon rho - lambda rho^3 - eta d rho/dt

In first-order form with one complex field z = omega rho + i p, p = d rho/dt, where omega^2 =
D k^2 + m^2 acts on each mode and m^2 > 0 is free:

    dz/dt = (-i omega - eta/2) z + i [(epsilon + m^2) rho - lambda rho^3] + eta/2 z*

The linear part is diagonal, so ETDRK4 takes waves of any frequency; the rest has no stiff term.
"""

from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from irer.base.records import SimulationConfig, SncglParams
from irer.physics.equations.base import Equation, Fields, common
from irer.physics.stepping import Named
from irer.physics.trees import OnModes, Operators, Points, Scalar, Spectrum, tree
from irer.spectral.etdrk import Etdrk4, cast, etdrk4
from irer.spectral.grid import Grid
from irer.spectral.transforms import from_carried, to_carried, to_grid, to_modes


@tree
class Wave:
    """The state."""

    z: Spectrum


@tree
class WaveOperators(Operators):
    """What the equation takes."""

    mass_squared: Scalar
    omega: OnModes  # radians per unit time
    z_coefficients: Etdrk4
    z_symbol: Spectrum


@dataclass(frozen=True)
class Fmia(Equation[Wave, WaveOperators]):
    """The equation of the field z."""

    real = True

    def operators(
        self, config: SimulationConfig, dtype: np.dtype[Any], *, non_local: bool
    ) -> WaveOperators:
        grid, params, real = self.grid, config.sncgl_params, np.finfo(dtype).dtype
        omega = frequency(grid, params)
        symbol = -1j * omega - params.eta / 2
        return WaveOperators(
            **common(config, grid, real),
            omega=jnp.asarray(omega, real),
            mass_squared=jnp.asarray(mass_squared(grid, params), real),
            z_symbol=jnp.asarray(symbol, dtype),
            z_coefficients=cast(etdrk4(symbol, config.dt), dtype),
        )

    def start(self, field: Spectrum, beside: Points, ops: WaveOperators) -> Wave:
        momentum = to_modes(beside.astype(field.dtype), self.grid)
        return Wave(z=ops.omega * field + 1j * momentum)

    def state(self, named: Named) -> Wave:
        return Wave(**named)

    def symbols(self, ops: WaveOperators, mass: Scalar) -> Named:
        return {"z": ops.z_symbol}

    def coefficients(self, ops: WaveOperators, mass: Scalar) -> dict[str, Etdrk4]:
        return {"z": ops.z_coefficients}

    def rate(self, state: Wave, ops: WaveOperators, mass: Scalar) -> Named:
        """Return the nonlinear part of dz/dt; two complex transforms."""
        rho = self.field(state, ops)
        carried = to_carried(rho, self.grid)
        cubic = from_carried((carried.real**2 + carried.imag**2) * carried, self.grid)
        force = (ops.params["epsilon"] + ops.mass_squared) * rho
        force = force - ops.params["lambda_cubic"] * cubic
        return {"z": 1j * force + 0.5 * ops.params["eta"] * mirrored(state.z)}

    def field(self, state: Wave, ops: WaveOperators) -> Spectrum:
        """Return the spectrum of rho."""
        rho: Spectrum = 0.5 * (state.z + mirrored(state.z)) / ops.omega
        return rho

    def momentum(self, state: Wave) -> Spectrum:
        """Return the spectrum of p."""
        return -0.5j * (state.z - mirrored(state.z))

    def fields(self, state: Wave, ops: WaveOperators) -> Fields:
        psi = to_grid(self.field(state, ops), self.grid)
        momentum = to_grid(self.momentum(state), self.grid).real
        rho = psi.real
        return Fields(psi=rho + 0j, u=jnp.zeros_like(rho), rho=rho, momentum=momentum)

    def observe(self, state: Wave, ops: WaveOperators) -> Named:
        return super().observe(state, ops) | {"energy": self.mean_energy(state, ops)}

    def mean_energy(self, state: Wave, ops: WaveOperators) -> Scalar:
        """Return <p^2/2 + D |grad rho|^2/2 - epsilon rho^2/2 + lambda rho^4/4>.

        It is conserved at eta = 0 and falls at the rate -eta <p^2> else.
        """
        params, grid, rho_hat = ops.params, self.grid, self.field(state, ops)
        rho, p = to_grid(rho_hat, grid).real, to_grid(self.momentum(state), grid).real
        power = (rho_hat.real**2 + rho_hat.imag**2) / float(grid.N) ** (2 * grid.d)
        bending = params["diffusion"] * jnp.sum(ops.k2 * power)
        well = params["lambda_cubic"] * rho**4 / 2 - params["epsilon"] * rho**2
        energy: Scalar = 0.5 * (bending + jnp.mean(p**2 + well))
        return energy

    def density(self, fields: Fields) -> NDArray[np.float64]:
        """Return the field itself."""
        return np.asarray(fields.rho).astype(np.float64)


def mass_squared(grid: Grid, params: SncglParams) -> float:
    """Return m^2: 2 |epsilon|, that of small waves around the minimum, kept above 0."""
    return 2 * abs(params.epsilon) + params.diffusion * grid.k_min**2


def frequency(grid: Grid, params: SncglParams) -> NDArray[np.float64]:
    """Return omega on the complex spectrum, radians per unit time."""
    return np.sqrt(params.diffusion * grid.k_squared() + mass_squared(grid, params))


def mirrored(spectrum: Spectrum) -> Spectrum:
    """Return the complex spectrum of a field's conjugate."""
    return jnp.conj(jnp.flip(spectrum))
