"""The independent check: metrics from stored fields, in float64, without any solver code."""

from irer.validation.bssn import ClassicalNorms, classical_norms
from irer.validation.combs import PRIMES, TARGETS, decoy_combs, primes_of, targets_of
from irer.validation.constraint import ConstraintNorms, constraint_norms
from irer.validation.log_prime import Fidelity, fidelity_of, log_prime_fidelity
from irer.validation.motion import final_rate, psi_rate
from irer.validation.resolution import UNDER_RESOLVED, tail_ratio
from irer.validation.settling import settled

__all__ = [
    "PRIMES",
    "TARGETS",
    "UNDER_RESOLVED",
    "ClassicalNorms",
    "ConstraintNorms",
    "Fidelity",
    "classical_norms",
    "constraint_norms",
    "decoy_combs",
    "fidelity_of",
    "final_rate",
    "log_prime_fidelity",
    "primes_of",
    "psi_rate",
    "settled",
    "tail_ratio",
    "targets_of",
]
