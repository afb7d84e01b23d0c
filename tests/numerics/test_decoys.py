"""Decoy combs as the null of position, and the matched filter."""

import numpy as np
import pytest
import scipy.stats

from irer.base.errors import ConfigError
from irer.validation import TARGETS, decoy_combs, log_prime_fidelity
from irer.validation.combs import WINDOW, resolved_targets
from irer.validation.matched_filter import matched_filter, pooled_matched_filter
from irer.validation.nulls import p_value
from irer.validation.spectrum import count_shells, shell_width
from tests.numerics.spectra import L, planted


def test_planted_primes_have_a_small_p_that_its_seed_determines():
    rho = planted(0, 1, 3)
    first, again, other = (
        log_prime_fidelity(rho, L, n_null=400, rng=np.random.default_rng(seed)).p_position
        for seed in (7, 7, 8)
    )
    assert first == again
    assert 1 / 401 <= first < 0.02
    assert 1 / 401 <= other < 0.02


def test_different_seeds_draw_different_nulls():
    rho = planted(0, 1, 0)
    p = {
        log_prime_fidelity(rho, L, n_null=400, rng=np.random.default_rng(seed)).p_position
        for seed in range(6)
    }
    assert len(p) > 1


def test_equal_fields_get_equal_p_values_without_a_generator():
    rho = planted(4, 1, 0.5)
    assert log_prime_fidelity(rho, L).p_position == log_prime_fidelity(rho, L).p_position


def test_p_is_above_zero_and_at_most_one():
    p = [log_prime_fidelity(planted(seed, 1, 0), L, n_null=50).p_position for seed in range(20)]
    assert all(0 < value <= 1 for value in p)
    assert max(p) > 0.5


def test_too_few_resolved_targets_have_no_p():
    fidelity = log_prime_fidelity(planted(0, 1, 3, n=64, box_length=50.0), 50.0)
    assert fidelity.n_targets_resolved == 4
    assert (fidelity.p_position, fidelity.p_lines, fidelity.p_scaled) == (None, None, None)
    assert fidelity.sse >= 4 * 0.25, "each unresolved target costs 0.25"


def test_no_draws_no_p():
    fidelity = log_prime_fidelity(planted(0, 1, 3), L, n_null=0)
    assert (fidelity.p_position, fidelity.p_lines, fidelity.p_scaled) == (None, None, None)


def test_decoys_have_the_gaps_of_the_primes_and_stay_inside_the_window():
    combs = decoy_combs(500, np.random.default_rng(0))
    assert combs.shape == (500, 8)
    gaps = np.sort(np.diff(combs, axis=1), axis=1)
    np.testing.assert_allclose(gaps, np.broadcast_to(np.sort(np.diff(TARGETS)), gaps.shape))
    assert combs.min() >= WINDOW[0]
    assert combs.max() <= WINDOW[1]
    assert np.ptp(combs[:, 0]) > 0.35, "slides over the whole range"
    assert len(np.unique(np.diff(combs, axis=1).round(9), axis=0)) > 450, "in many orders"


def test_the_default_grid_resolves_every_decoy():
    combs = decoy_combs(2000, np.random.default_rng(1))
    usable = np.ones(count_shells(256, L, 0.5), dtype=bool)
    assert resolved_targets(combs, shell_width(L), usable).all()


def test_a_decoy_is_found_where_it_is_planted_and_ln_p_is_not():
    scores = []
    for seed, comb in enumerate(decoy_combs(10, np.random.default_rng(2))):
        rho = planted(seed, 1, 10, lines=comb)
        found = log_prime_fidelity(rho, L, 199, comb=comb)
        scores.append(found.sse)
        assert found.sse < 0.02
        assert found.p_position < 0.02
        assert found.p_matched < 0.02
        assert [match.prime for match in found.matches] == [None] * 8
        assert log_prime_fidelity(rho, L, 0).sse > 10 * found.sse
    assert np.median(scores) < 0.001


def test_the_matched_filter_sees_lines_that_are_weak_one_by_one():
    weak = [log_prime_fidelity(planted(seed, 1, 0.4), L, 199) for seed in range(60)]
    noise = [log_prime_fidelity(planted(seed, 1, 0), L, 199) for seed in range(60)]
    assert sum(found.p_matched < 0.05 for found in weak) >= 50
    assert sum(found.p_matched < 0.05 for found in noise) <= 9  # binomial(60, 0.05), 1 in 1,000
    assert np.mean([found.matched_filter for found in noise]) == pytest.approx(0, abs=0.4)


def test_the_pooled_filter_is_a_t_statistic_over_the_replicates():
    spectra = [log_prime_fidelity(planted(seed, 1, 0.4), L, 0).spectrum for seed in range(8)]
    each = np.array([matched_filter(spectrum, TARGETS) for spectrum in spectra])
    expected = scipy.stats.ttest_1samp(each, 0).statistic
    assert pooled_matched_filter(spectra, TARGETS) == pytest.approx(expected)
    assert expected > 3


@pytest.mark.parametrize(
    "comb", [[0.7] * 8, TARGETS[::-1], TARGETS[:7], [*TARGETS[:7], np.nan], -TARGETS[::-1]]
)
def test_what_is_no_comb_is_named(comb):
    with pytest.raises(ConfigError, match="comb: must be"):
        log_prime_fidelity(planted(0, 1, 0), L, 0, comb=comb)


def test_p_value_counts_ties_against_the_observation():
    assert p_value(1.0, np.array([0.5, 1.0, 2.0])) == 3 / 4
    assert p_value(0.1, np.array([0.5, 1.0, 2.0])) == 1 / 4
    assert p_value(9.0, np.array([0.5, 1.0, 2.0])) == 1
