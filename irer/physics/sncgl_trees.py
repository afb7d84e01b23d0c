"""The states and operators of S-NCGL, flat and curved."""

from jax import Array
from jaxtyping import Float

from irer.physics.trees import HalfSpectrum, Operators, Scalar, Spectrum, tree
from irer.spectral.etdrk import Etdrk4


@tree
class Psi:
    """The state on flat space."""

    psi: Spectrum


@tree
class Curved(Psi):
    """The state with a geometry."""

    u: HalfSpectrum  # ln Omega


@tree
class Constrained(Curved):
    """The state with the geometry that psi determines."""

    residual: Scalar  # the largest so far, relative (irer.physics.constraint)


@tree
class SncglOperators(Operators):
    """The operators of the flat equation."""

    convolution: Float[Array, "..."] | None  # see `sncgl.convolution`; None: local
    psi_coefficients: Etdrk4
    psi_symbol: Spectrum
    source: Spectrum


@tree
class CurvedOperators(SncglOperators):
    """The operators of the equation with a geometry."""

    convolution: Float[Array, "..."]
    k_min: Scalar  # the spacing of the modes
