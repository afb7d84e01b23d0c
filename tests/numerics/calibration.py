"""What the controls say of densities that have no lines, or lines at random places.

The comb that is taken for the truth is drawn from the decoys, anew each time: one fixed comb on
spectra that share a background need not rank uniformly among them.
"""

import numpy as np

from irer.validation import Fidelity, decoy_combs, log_prime_fidelity
from tests.numerics.spectra import L, density, gaussian, lines_power, planted

N_NULL = 99


def random_lines(rng, gap=0.1):
    """Return eight lines in the targets' range, at least `gap` apart."""
    while True:
        lines = np.sort(rng.uniform(0.47, 3.1, 8))
        if np.diff(lines).min() >= gap:
            return lines


def without_lines(slope, draw) -> Fidelity:
    rng = np.random.default_rng([11, draw])
    rho = density(gaussian(lines_power(slope, 0), rng))
    return log_prime_fidelity(rho, L, N_NULL, rng, comb=decoy_combs(1, rng)[0])


def with_random_lines(slope, draw, height=3) -> Fidelity:
    rng = np.random.default_rng([12, draw])
    lines = random_lines(rng, gap=(0.1, 0.2)[draw % 2])
    rho = planted([13, draw], slope, height, lines)
    return log_prime_fidelity(rho, L, N_NULL, rng, comb=decoy_combs(1, rng)[0])
