"""The independent witness: metrics from stored fields, in float64, without any solver code."""

from irer.validation.constraint import ConstraintNorms, constraint_norms
from irer.validation.log_prime import Fidelity, log_prime_fidelity

__all__ = ["ConstraintNorms", "Fidelity", "constraint_norms", "log_prime_fidelity"]
