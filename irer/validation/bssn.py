"""The same slice judged by classical, unscaled general relativity.

Constant mean curvature and pure-trace extrinsic curvature, as in `constraint`, but with the
energy and momentum density of the metric gamma_ij = Omega^2 delta_ij and without York's weight:
the constraint violations that a BSSN code would report for this slice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from irer.validation.constraint import checked_slice, l2_norm, square
from irer.validation.derivatives import Derivatives, spectral_derivatives


@dataclass(frozen=True)
class ClassicalNorms:
    """Norms of the classical constraints; L2 norms are weighted with the volume Omega^d."""

    hamiltonian: float
    hamiltonian_max: float  # of its absolute value
    momentum: float
    momentum_max: float


def classical_norms(
    psi: ArrayLike,
    psi_rate: ArrayLike,
    u: ArrayLike,
    box_length: float,
    kappa: float,
    derivatives: Derivatives = spectral_derivatives,
) -> ClassicalNorms:
    """Measure how far a slice is from the constraints of classical general relativity.

    `psi`, `u` and `derivatives` as for `constraint_norms`; `psi_rate` is d psi/dt, of psi's shape.
    With K^2 = 2 kappa d/(d-1) <rho_info>, < > and rho_info flat as the slice has them:

        H = R + (d-1)/d K^2 - 2 kappa rho,  rho = 1/2 Omega^-2 |grad psi|^2 + 1/4 |psi|^4
        M_i = 2 kappa Re(d_t psi* d_i psi),  |M|^2 = Omega^-2 sum_i M_i^2

    The divergence of a pure-trace K of constant mean vanishes, so the momentum constraint reduces
    to the momentum density. Raises ConfigError as `constraint_norms` does.
    """
    psi, u = checked_slice(psi, u, box_length, kappa)
    rate, _ = checked_slice(psi_rate, u, box_length, kappa)
    d, volume = psi.ndim, np.exp(psi.ndim * u)
    grad_psi, _ = derivatives(psi, box_length)
    grad_u, lap_u = derivatives(u, box_length)
    bending = 2 * (d - 1) * lap_u + (d - 1) * (d - 2) * square(grad_u)
    gradient, potential = 0.5 * square(grad_psi), 0.25 * square([psi]) ** 2
    shrink = np.exp(-2 * u)
    expansion = 2 * kappa * (gradient + potential).mean()
    hamiltonian = expansion - shrink * bending - 2 * kappa * (shrink * gradient + potential)
    flow = [(rate.conj() * slope).real for slope in grad_psi]
    momentum = 2 * kappa * np.exp(-u) * np.sqrt(square(flow))
    return ClassicalNorms(
        hamiltonian=l2_norm(hamiltonian, volume),
        hamiltonian_max=float(np.abs(hamiltonian).max()),
        momentum=l2_norm(momentum, volume),
        momentum_max=float(momentum.max()),
    )
