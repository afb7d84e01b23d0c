"""Bounds of an assignment hold, and what they decide is what the exact answer says."""

import numpy as np
import pytest

from irer.validation.assignment import (
    dual_bound,
    greedily_saved,
    most_saved,
    saves_at_least,
    upper_bound,
)
from irer.validation.combs import TARGETS, decoy_combs
from irer.validation.matching import NO_PEAKS, NOTHING, Peaks
from irer.validation.scaled_combs import count_scaled, scaled_score
from irer.validation.spectrum import Spectrum

ROUNDING = 1e-12


def tables(n: int, peaks: int = 8) -> np.ndarray:
    """Gains of lines at random, strongest first, for decoy combs, (P, 8, n); many are 0."""
    rng = np.random.default_rng(0)
    positions = rng.uniform(0.4, 3.2, (n, peaks, 1))
    weights = -np.sort(-rng.uniform(size=(n, peaks, 1)), axis=1)
    gains = np.maximum(0.25 - (positions - decoy_combs(n, rng)[:, None]) ** 2, 0)
    return np.ascontiguousarray(np.moveaxis(gains * weights, 0, 2))


@pytest.mark.parametrize("peaks", [1, 3, 8])
def test_the_bounds_hold(peaks: int) -> None:
    given = tables(500, peaks)
    exact = most_saved(given.transpose(2, 0, 1))
    assert (greedily_saved(given) <= exact + ROUNDING).all()
    assert (exact <= upper_bound(given) + ROUNDING).all()
    assert (exact <= dual_bound(given) + ROUNDING).all()


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_answer_is_the_exact_one(share: float) -> None:
    given = tables(1500)
    exact = most_saved(given.transpose(2, 0, 1))
    need = float(np.quantile(exact, share))
    decided = (greedily_saved(given) >= need) | (dual_bound(given) < need)
    assert decided.mean() > 0.75  # or the bounds would be for nothing
    assert np.array_equal(saves_at_least(given, need - ROUNDING), exact >= need - ROUNDING)


def test_the_scaled_score_of_decoys_is_counted_as_it_is_computed() -> None:
    rng = np.random.default_rng(1)
    shells = np.arange(1, 65) * 0.05
    ones = np.ones(64)
    spectrum = Spectrum(shells, ones, ones, ones, excess=ones, floor=0.0, modes=ones)
    decoys = decoy_combs(200, rng)
    for _ in range(5):
        peaks = Peaks(rng.uniform(0.5, 3.1, 7), rng.exponential(3, 7))
        scores = [scaled_score(peaks, comb, spectrum)[0] for comb in decoys]
        for score in np.quantile(scores, [0.02, 0.3, 0.8], method="nearest"):
            counted = count_scaled(score, peaks, decoys, spectrum)
            assert counted == np.count_nonzero(scores <= score + ROUNDING)
    assert count_scaled(NOTHING, NO_PEAKS, decoys, spectrum) == 200
    assert count_scaled(1.9, NO_PEAKS, decoys, spectrum) == 0
    assert scaled_score(Peaks(TARGETS * 1.02, np.full(8, 9.0)), TARGETS, spectrum)[0] < 1e-3
