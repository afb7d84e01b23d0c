"""The Hamiltonian constraint of a slice, recomputed from its fields alone.

float64 NumPy in 2-D and 3-D; the geometry is gamma_ij = Omega^2 delta_ij with Omega = exp(u), on
a periodic box. This code shares nothing with the solver, which it checks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from irer.base.errors import ConfigError
from irer.validation.combs import Array
from irer.validation.derivatives import (
    Complex,
    Derivatives,
    finite_differences,
    spectral_derivatives,
)


@dataclass(frozen=True)
class ConstraintNorms:
    """Norms of the Hamiltonian constraint H; L2 norms are weighted with the volume Omega^d."""

    l2: float  # of H
    relative: float  # l2 over the sum of the norms of the three terms of H; 0 to 1
    max: float  # of |H|
    l2_finite_difference: float  # l2 with derivatives of 6th order: checks the spectral ones


def constraint_norms(
    psi: ArrayLike,
    u: ArrayLike,
    box_length: float,
    kappa: float,
    derivatives: Derivatives = spectral_derivatives,
) -> ConstraintNorms:
    """Measure how far a slice is from the Hamiltonian constraint.

    `psi` is complex of shape (N,)*d, d = 2 or 3, N >= 8; `u` = ln Omega is real of the same
    shape; L = `box_length` is the side of the periodic box, and `kappa` >= 0 couples geometry
    to informational energy. `derivatives` are the spectral ones, or those `remembered`. Raises
    ConfigError for a wrong shape, a number that is not finite, or an argument out of its range.
    """
    psi, u = checked_slice(psi, u, box_length, kappa)
    terms = hamiltonian_terms(psi, u, box_length, kappa, derivatives)
    rough = hamiltonian_terms(psi, u, box_length, kappa, finite_differences)
    h, volume = _total(terms), np.exp(psi.ndim * u)
    l2, scale = l2_norm(h, volume), sum(l2_norm(term, volume) for term in terms)
    return ConstraintNorms(
        l2=l2,
        relative=l2 / scale if scale else 0.0,
        max=float(np.abs(h).max()),
        l2_finite_difference=l2_norm(_total(rough), volume),
    )


def hamiltonian_terms(
    psi: Complex, u: Array, box_length: float, kappa: float, derivatives: Derivatives
) -> tuple[Array, Array, Array]:
    """Return the terms whose sum is H = R + (d-1)/d K^2 - 2 kappa Omega^-4 rho_info.

    R = -Omega^-2 [2 (d-1) lap u + (d-1)(d-2) |grad u|^2], K^2 = 2 kappa d/(d-1) <rho_info>,
    rho_info = 1/2 |grad psi|^2 + 1/4 |psi|^4; gradients are flat and < > is the box mean.
    """
    d = psi.ndim
    grad_psi, _ = derivatives(psi, box_length)
    grad_u, lap_u = derivatives(u, box_length)
    rho_info = 0.5 * square(grad_psi) + 0.25 * square([psi]) ** 2
    bending = 2 * (d - 1) * lap_u
    if d > 2:
        bending = bending + (d - 1) * (d - 2) * square(grad_u)
    curvature = -np.exp(-2 * u) * bending
    expansion = np.full_like(u, 2 * kappa * rho_info.mean())
    source = -2 * kappa * np.exp(-4 * u) * rho_info
    return curvature, expansion, source


def square(vector: list[Any]) -> Array:
    """Return the squared length |v|^2 of a vector field."""
    return np.asarray(sum(v.real**2 + v.imag**2 if np.iscomplexobj(v) else v**2 for v in vector))


def _total(terms: tuple[Array, Array, Array]) -> Array:
    return terms[0] + terms[1] + terms[2]


def l2_norm(field: Array, volume: Array) -> float:
    """Return sqrt(sum volume field^2 / sum volume)."""
    return float(np.sqrt((volume * field**2).sum() / volume.sum()))


def checked_slice(
    psi: ArrayLike, u: ArrayLike, box_length: float, kappa: float
) -> tuple[Complex, Array]:
    """Return psi and u in double precision. Raises ConfigError naming what is wrong."""
    psi = np.asarray(psi, dtype=np.complex128)
    u = np.asarray(u, dtype=np.float64)
    if psi.ndim not in (2, 3) or len(set(psi.shape)) != 1 or psi.shape[0] < 8:
        raise ConfigError.of_field(
            "psi", f"must have shape (N,)*d, d = 2 or 3, N at least 8, got {psi.shape}"
        )
    if u.shape != psi.shape:
        raise ConfigError.of_field("u", f"must have the shape of psi, {psi.shape}, got {u.shape}")
    if not (np.isfinite(psi).all() and np.isfinite(u).all()):
        raise ConfigError.of_field("psi, u", "must be finite everywhere")
    if not (np.isfinite(box_length) and box_length > 0):
        raise ConfigError.of_field("box_length", f"must be finite and above 0, got {box_length}")
    if not (np.isfinite(kappa) and kappa >= 0):
        raise ConfigError.of_field("kappa", f"must be finite and at least 0, got {kappa}")
    return psi, u
