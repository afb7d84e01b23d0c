"""One rounding rule for the grid, the shells and what is counted of them."""

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from irer.base.band import half_band
from irer.spectral.grid import Grid


def count_shells(n: int, dealias: float) -> int:
    """Count the whole modes of the band, as the validator does for psi's tail."""
    return int(half_band(n, dealias))


EVERY_N = range(16, 1025, 2)
TWO_DIGITS = [Fraction(percent, 100) for percent in range(10, 101)]


def test_every_grid_and_every_dealias_of_two_digits_is_rounded_as_by_hand() -> None:
    for dealias in TWO_DIGITS:
        for n in EVERY_N:
            end = dealias * n / 2
            assert Grid(n, 1.0, 2, float(dealias)).n_half == math.ceil(end), (n, dealias)
            assert count_shells(n, float(dealias)) == math.floor(end), (n, dealias)


def test_a_whole_end_is_one_whatever_its_last_bit() -> None:
    assert 0.28 * 50 / 2 > 7
    assert Grid(50, 1.0, 2, 0.28).n_half == count_shells(50, 0.28) == 7
    for thirds in (1, 2):  # 2/3, the usual rule of quadratic products
        for n in range(18, 1025, 6):
            assert Grid(n, 1.0, 2, thirds / 3).n_half == thirds * n // 6
            assert count_shells(n, thirds / 3) == thirds * n // 6


@given(n=st.sampled_from(EVERY_N), dealias=st.floats(0.1, 1))
def test_grid_and_shells_differ_by_the_last_shell_alone(n: int, dealias: float) -> None:
    """The grid retains |n| below the end, shells count up to it."""
    end, half = half_band(n, dealias), Grid(n, 1.0, 2, dealias).n_half
    assert half - 1 < end <= half
    assert count_shells(n, dealias) == half - (end < half)
    assert abs(end - dealias * n / 2) < 1e-9
