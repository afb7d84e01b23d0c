"""S-NCGL on the geometry with H = 0: psi is advanced, u is solved for wherever psi has moved."""

from dataclasses import dataclass

import jax.numpy as jnp

from irer.base.errors import FieldError
from irer.physics import constraint, sncgl
from irer.physics.equations.curved import OnGeometry
from irer.physics.sncgl_trees import Constrained, CurvedOperators
from irer.physics.stepping import Named
from irer.physics.trees import Points, Scalar, Spectrum
from irer.spectral.etdrk import Etdrk4
from irer.spectral.transforms import to_modes_real


@dataclass(frozen=True)
class Constraint(OnGeometry[Constrained]):
    """The equation of `irer.physics.sncgl` with the u of `irer.physics.constraint`.

    Every stage of a step lies on the geometry it determines, which keeps the fourth order: it is
    how explicit Runge-Kutta methods take a constraint of index 1 (Hairer, Lubich & Roche, The
    Numerical Solution of Differential-Algebraic Systems, 1989).
    """

    no_gradient = FieldError("geometry", "must be 'coevolve' for a gradient")

    def start(self, field: Spectrum, beside: Points, ops: CurvedOperators) -> Constrained:
        u = to_modes_real(beside, self.grid)
        none_yet = jnp.zeros((), beside.dtype)
        return self.settled(Constrained(psi=field, u=u, residual=none_yet), ops)

    def state(self, named: Named) -> Constrained:
        return Constrained(**named)

    def symbols(self, ops: CurvedOperators, mass: Scalar) -> Named:
        return {"psi": ops.psi_symbol}

    def coefficients(self, ops: CurvedOperators, mass: Scalar) -> dict[str, Etdrk4]:
        return {"psi": ops.psi_coefficients}

    def settled(self, state: Constrained, ops: CurvedOperators) -> Constrained:
        return constraint.settle(state, ops, self.grid)

    def rate(self, state: Constrained, ops: CurvedOperators, mass: Scalar) -> Named:
        return {"psi": sncgl.coupled_rate(state, ops, self.grid, mass)["psi"]}

    def observe(self, state: Constrained, ops: CurvedOperators) -> Named:
        return super().observe(state, ops) | {"constraint_residual": state.residual}
