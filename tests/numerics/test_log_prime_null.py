"""The position null: small for planted primes, uniform enough for lines that mean nothing."""

import numpy as np
import pytest

from irer.validation import log_prime_fidelity
from irer.validation.nulls import p_value, shuffled_peaks
from tests.numerics.spectra import L, planted

WINDOW = (0.5, 3.2)


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


def test_shuffling_keeps_the_gaps_and_the_strengths_and_what_is_outside():
    rng = np.random.default_rng(0)
    positions = np.array([2.0, 0.7, 3.4, 1.1, 2.5])
    strengths = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    moved, mixed = shuffled_peaks(positions, strengths, WINDOW, 500, rng)
    inside = np.delete(positions, 2)
    assert moved.shape == mixed.shape == (500, 5)
    for where, weight in zip(moved, mixed, strict=True):
        assert where[-1] == 3.4
        assert weight[-1] == 3.0
        assert WINDOW[0] <= where[:-1].min()
        assert where[:-1].max() <= WINDOW[1]
        np.testing.assert_allclose(
            np.sort(np.diff(np.sort(where[:-1]))), np.sort(np.diff(np.sort(inside)))
        )
        assert sorted(weight[:-1]) == [1.0, 2.0, 4.0, 5.0]
    slide = moved[:, :-1].min(axis=1)
    assert slide.min() < WINDOW[0] + 0.05, "slides down to the lower end"
    assert slide.max() > WINDOW[1] - np.ptp(inside) - 0.05, "and up to the upper one"


@pytest.mark.parametrize("count", [0, 1])
def test_shuffling_few_peaks(count):
    positions, strengths = np.array([1.0])[:count], np.array([2.0])[:count]
    moved, mixed = shuffled_peaks(positions, strengths, WINDOW, 10, np.random.default_rng(0))
    assert moved.shape == mixed.shape == (10, count)
    assert len(np.unique(moved)) == 10 * count


def test_p_value_counts_ties_against_the_observation():
    assert p_value(1.0, np.array([0.5, 1.0, 2.0])) == 3 / 4
    assert p_value(0.1, np.array([0.5, 1.0, 2.0])) == 1 / 4
    assert p_value(9.0, np.array([0.5, 1.0, 2.0])) == 1


def test_a_field_without_peaks_to_move_has_p_one(monkeypatch):
    """With nothing inside the window, every draw equals the observation."""
    elsewhere = "irer.validation.log_prime.position_window"
    monkeypatch.setattr(elsewhere, lambda k, scaled=False: (90.0, 91.0))
    assert log_prime_fidelity(planted(0, 1, 3), L, n_null=30).p_position == 1
