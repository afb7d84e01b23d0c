"""The p-values are honest: uniform under their nulls, small for lines at the primes.

Fixed seeds, so that a run is like any other; the false alarms on 2,000 draws are under tests/soak.
"""

import numpy as np
import pytest
from scipy.stats import kstest

from irer.validation import log_prime_fidelity
from irer.validation.spectrum import contrast, spectra
from tests.numerics.calibration import with_random_lines, without_lines
from tests.numerics.spectra import L, density, gaussian, lines_power, planted

DRAWS = 500


def test_p_lines_is_uniform_where_there_are_no_lines():
    p = [without_lines((1, 6)[draw % 2], draw).p_lines for draw in range(DRAWS)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_p_position_is_uniform_for_lines_at_random_places():
    p = [with_random_lines((1, 6)[draw // 2 % 2], draw).p_position for draw in range(DRAWS)]
    assert kstest(p, "uniform").pvalue > 0.01


def test_planted_primes_are_found_by_every_control():
    found = [log_prime_fidelity(planted(seed, 1, 3), L, 199) for seed in range(100)]
    for name in ("p_position", "p_matched", "p_lines", "p_scaled"):
        assert sum(getattr(each, name) < 0.05 for each in found) >= 95, name


def test_a_comb_is_not_taken_for_the_primes():
    comb = np.linspace(0.1, 3.1, 40)
    rho = [planted(seed, 1, 3, lines=comb, width=0.01) for seed in range(100)]
    assert sum(log_prime_fidelity(each, L, 199).p_position > 0.05 for each in rho) >= 80


@pytest.mark.parametrize("shared", [0, 0.6, 0.9, 1])
@pytest.mark.parametrize("slope", [1, 6])
def test_the_noise_knows_how_far_snapshots_are_independent(slope, shared):
    """Four snapshots with this correlation: the excess of noise scatters by 1, also along rays."""
    power, excess = lines_power(slope, 0), []
    for draw in range(12):
        rng = np.random.default_rng([14, draw])
        common, fresh = gaussian(power, rng), [gaussian(power, rng) for _ in range(4)]
        rho = [density(shared * common + np.sqrt(1 - shared**2) * each) for each in fresh]
        excess.append([each.excess for each in spectra(contrast(np.array(rho)), L, 0.5, eps=1e-16)])
    shells, rays = np.std(excess, axis=(0, 2))
    assert 0.9 <= shells <= 1.1
    assert 0.85 <= rays <= 1.1
