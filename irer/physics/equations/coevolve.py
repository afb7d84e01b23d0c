"""S-NCGL on the geometry that relaxes towards H = 0: psi and u, advanced together."""

from dataclasses import dataclass

import jax.numpy as jnp

from irer.physics import sdg, sncgl
from irer.physics.equations.curved import OnGeometry
from irer.physics.sncgl_trees import Curved, CurvedOperators
from irer.physics.stepping import Named
from irer.physics.trees import Points, Scalar, Spectrum
from irer.spectral.etdrk import Etdrk4, etdrk4
from irer.spectral.transforms import to_modes_real


@dataclass(frozen=True)
class Coevolve(OnGeometry[Curved]):
    """The equations of `irer.physics.sncgl` and `irer.physics.sdg`.

    The linear part of u holds the mass m^2 of its mean source.
    """

    balanced = frozenset({"u"})
    no_gradient = None

    def start(self, field: Spectrum, beside: Points, ops: CurvedOperators) -> Curved:
        return Curved(psi=field, u=to_modes_real(beside, self.grid))

    def state(self, named: Named) -> Curved:
        return Curved(**named)

    def mass(self, fields: Named, ops: CurvedOperators) -> Scalar:
        mean_rho = sdg.estimated_mean_energy(fields["psi"], ops.k2, self.grid)
        return sdg.relaxation_mass(mean_rho, ops.params["kappa"], self.grid.d)

    def mass_rate(self, fields: Named, ops: CurvedOperators) -> Named:
        return {"u": ops.params["lambda_sdg"] * fields["u"]}

    def symbols(self, ops: CurvedOperators, mass: Scalar) -> Named:
        return {"psi": ops.psi_symbol, "u": -ops.params["lambda_sdg"] * (ops.k2_real + mass)}

    def coefficients(self, ops: CurvedOperators, mass: Scalar) -> dict[str, Etdrk4]:
        of_u = etdrk4(self.symbols(ops, mass)["u"], ops.dt, jnp)
        return {"psi": ops.psi_coefficients, "u": of_u}

    def rate(self, state: Curved, ops: CurvedOperators, mass: Scalar) -> Named:
        return sncgl.coupled_rate(state, ops, self.grid, mass)
