"""Shares of trials: exact intervals, and where a curve passes a level."""

import numpy as np
import pytest

from irer.controls.efficiency import clopper_pearson, crossing, monotone

HEIGHTS = (0.0, 0.1, 1.0, 10.0)


def test_intervals_are_those_of_the_tables():
    low, high = clopper_pearson([0, 5, 10], 10)
    assert low == pytest.approx([0, 0.18709, 0.69150], abs=1e-5)
    assert high == pytest.approx([0.30850, 0.81291, 1], abs=1e-5)


@pytest.mark.parametrize("p", [0.05, 0.5, 0.95])
def test_intervals_hold_the_true_share_in_at_least_95_percent(p):
    found = np.random.default_rng(1).binomial(40, p, 4000)
    low, high = clopper_pearson(found, 40)
    assert np.mean((low <= p) & (p <= high)) >= 0.95


def test_a_curve_with_a_dip_is_levelled():
    assert monotone([0.0, 0.6, 0.4, 1.0]) == pytest.approx([0, 0.5, 0.5, 1])


def test_a_level_is_passed_between_two_heights():
    assert crossing(HEIGHTS, [0, 0, 1, 1], 0.5) == pytest.approx(0.1 * 10**0.5)
    assert crossing(HEIGHTS, [0, 0.8, 1, 1], 0.4) == pytest.approx(0.05)  # below the first height
    assert crossing(HEIGHTS, [0, 0.2, 0.5, 0.9], 0.9) == pytest.approx(10)


def test_a_level_may_never_be_passed_or_from_the_start():
    assert crossing(HEIGHTS, [0, 0.2, 0.5, 0.9], 0.95) is None
    assert crossing(HEIGHTS, [0.96, 1, 1, 1], 0.95) == 0
