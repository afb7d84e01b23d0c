"""What the solver asks of an equation, and what it leaves to be the same for most of them.

The integrators (`irer.spectral.etdrk`, `irer.physics.controlled_steps`) know arrays by their names
alone: those that have a linear symbol they advance, each exactly in its linear part and coupled to
the others through `rate`; all else in a state hangs on these, and `settled` brings it up to date.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from irer.base.errors import FieldError
from irer.base.records import SimulationConfig
from irer.physics import diagnostics, initial
from irer.physics.stepping import Named
from irer.physics.trees import (
    ComplexPoints,
    HalfSpectrum,
    Operators,
    Points,
    Scalar,
    Spectrum,
    tree,
)
from irer.spectral.etdrk import Etdrk4, etdrk4_step
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid

S = TypeVar("S")
Ops = TypeVar("Ops", bound=Operators)


@tree
class Fields:
    """What a state is on the grid, under the names of the artifact."""

    psi: ComplexPoints  # a real field has the imaginary part 0
    u: Points  # ln Omega; 0 on flat space
    rho: Points  # what the spectrum is taken of
    momentum: Points | None = None  # of a real field alone: its rate of change


@dataclass(frozen=True)
class Equation(ABC, Generic[S, Ops]):
    """One equation on one grid. All numbers of a run are in its operators, none is in here.

    JAX compiles its functions once for each equation, grid and precision; those that take a
    state are traced. Spectra are those of `irer.spectral.grid`.
    """

    grid: Grid

    real: ClassVar[bool] = False  # whether the field is: it starts from one and leaves one
    takes_beside: ClassVar[bool] = True  # whether it starts from more: u, or a momentum
    balanced: ClassVar[frozenset[str]] = frozenset()  # names whose rate is a small difference
    no_gradient: ClassVar[FieldError | None] = FieldError(
        "model", "must be sncgl_sdg or sncgl_flat for a gradient"
    )

    @abstractmethod
    def operators(self, config: SimulationConfig, dtype: np.dtype[Any], *, non_local: bool) -> Ops:
        """Return the numbers of a run, computed in float64, as arrays for fields of `dtype`.

        Without `non_local` no job of a batch has a kernel, and its transforms may be left out.
        """

    @abstractmethod
    def start(self, field: Spectrum, beside: Points, ops: Ops) -> S:
        """Return the state of a field's spectrum, and of u or of a momentum on the grid."""

    @abstractmethod
    def state(self, named: Named) -> S:
        """Return the state of arrays that are known by its names."""

    @abstractmethod
    def symbols(self, ops: Ops, mass: Scalar) -> Named:
        """Return the linear symbol of everything that is advanced."""

    @abstractmethod
    def coefficients(self, ops: Ops, mass: Scalar) -> dict[str, Etdrk4]:
        """Return what the symbols make of the nominal step."""

    @abstractmethod
    def rate(self, state: S, ops: Ops, mass: Scalar) -> Named:
        """Return the nonlinear part of everything that is advanced."""

    @abstractmethod
    def field(self, state: S, ops: Ops) -> Spectrum:
        """Return the field's spectrum."""

    def noise(self, config: SimulationConfig) -> NDArray[np.complex128]:
        """Return the spectrum of the seeded initial field."""
        noise = initial.initial_noise(self.grid, config.initial_amplitude, config.global_seed)
        # sqrt(2) times the real part has the same RMS
        return (noise + np.conj(np.flip(noise))) / np.sqrt(2) if self.real else noise

    def mass(self, fields: Named, ops: Ops) -> Scalar:
        """Return the number in the linear part that is kept for some steps (of u alone: m^2)."""
        return jnp.zeros_like(ops.dt)

    def mass_rate(self, fields: Named, ops: Ops) -> Named:
        """Return what the mass adds to the nonlinear part, per mass, where it adds anything."""
        return {}

    def settled(self, state: S, ops: Ops) -> S:
        """Return the state with what hangs on the fields brought up to date."""
        return state

    def step(self, state: S, coefficients: dict[str, Etdrk4], ops: Ops, mass: Scalar) -> S:
        """Return the state after one step of the size that the coefficients are for."""
        every = named(state)
        advanced = {name: every[name] for name in coefficients}

        def nonlinear(fields: Named) -> Named:
            return self.rate(self.settled(self.state(every | fields), ops), ops, mass)

        after = etdrk4_step(advanced, coefficients, nonlinear)
        return self.settled(self.state(every | after), ops)

    def geometry(self, state: S, ops: Ops) -> HalfSpectrum:
        """Return the spectrum of u = ln Omega."""
        return jnp.zeros(ops.k2_real.shape, jnp.result_type(ops.dt, 1j))

    def observe(self, state: S, ops: Ops) -> Named:
        """Return the diagnostics of a state, by name; each is one number."""
        return diagnostics.observe(
            self.field(state, ops), self.geometry(state, ops), ops, self.grid
        )

    def fields(self, state: S, ops: Ops) -> Fields:
        """Return the state on the grid."""
        psi = to_grid(self.field(state, ops), self.grid)
        return Fields(psi=psi, u=jnp.zeros_like(psi.real), rho=psi.real**2 + psi.imag**2)

    def density(self, fields: Fields) -> NDArray[np.float64]:
        """Return what a snapshot holds, as NumPy: |psi|^2 in float64, as float32 has a floor."""
        psi = np.asarray(fields.psi).astype(np.complex128)
        return np.asarray(psi.real**2 + psi.imag**2)


def named(state: Any) -> Named:
    """Return the arrays of a state by their names."""
    return dict(vars(state))


def common(config: SimulationConfig, grid: Grid, real: Any) -> dict[str, Any]:
    """Return what is the same in the operators of all equations, as arrays of `real`."""
    exact = {
        "k2": grid.k_squared(),
        "k2_real": grid.k_squared(real=True),
        "k": grid.wavenumbers(),
        "k_real": grid.wavenumbers(real=True),
        "params": config.sncgl_params.model_dump(),
        "dt": config.dt,
    }
    arrays: dict[str, Any] = jax.tree.map(lambda value: jnp.asarray(value, real), exact)
    return arrays
