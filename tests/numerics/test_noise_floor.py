"""The noise floor is measured, and nothing is found in it; the score does not know the grid."""

import numpy as np
import pytest
import scipy.stats

from irer.validation import log_prime_fidelity
from tests.numerics.spectra import L, N, density, gaussian, planted, wavenumbers

F32 = float(np.finfo(np.float32).eps)


def steep(slope: float, seed: int, n: int = N, box_length: float = L) -> np.ndarray:
    """A density with P = exp(-slope k)."""
    power = np.exp(-slope * wavenumbers(n, box_length))
    return density(gaussian(power, np.random.default_rng(seed)))


def positive(rho: np.ndarray) -> np.ndarray:
    """The same with half the contrast, so that it is nowhere below 0."""
    return 1 + (rho - 1) / 2


def stored_as_float32(rho: np.ndarray) -> np.ndarray:
    """The density of a psi that was rounded to complex64."""
    return np.sqrt(rho).astype(np.float32).astype(np.float64) ** 2


def test_no_candidate_and_no_match_lies_in_the_floor():
    for seed in range(5):
        found = log_prime_fidelity(stored_as_float32(steep(13, seed)), L, 0, eps=F32)
        spectrum = found.spectrum
        assert found.n_floor_limited > 0
        assert found.floor_k == spectrum.k[spectrum.floor_limited][0]
        assert found.n_targets_resolved < 8
        lost = found.floor_k - spectrum.width
        assert found.peaks.k.max() < lost
        assert all(match.target < lost for match in found.matches)
        assert np.isnan(spectrum.excess[spectrum.k >= found.floor_k]).all()


def test_the_floor_follows_the_precision():
    """4 eps^2 <rho^2>/<rho>^2 at the least: 6e-14 in single precision."""
    found = log_prime_fidelity(stored_as_float32(steep(13, 0)), L, 0, eps=F32)
    assert found.spectrum.floor / N**2 == pytest.approx(4 * F32**2 * 1.09, rel=0.05)
    exact = log_prime_fidelity(steep(13, 0), L, 0)
    assert exact.n_floor_limited == 0
    assert exact.spectrum.floor / N**2 < 1e-27


def test_power_of_the_field_is_not_taken_for_a_floor():
    """A spectrum that is flat to its end is far above what arithmetic can leave."""
    white = positive(density(gaussian(np.ones((N, N)), np.random.default_rng(0))))
    for rho, eps in ((white, None), (stored_as_float32(white), F32)):
        assert log_prime_fidelity(rho, L, 0, eps=eps).n_floor_limited == 0


@pytest.mark.parametrize("height", [0, 3])
def test_both_storages_score_alike_above_the_floor(height):
    for seed in range(5):
        rho = positive(planted(seed, 6, height))
        exact = log_prime_fidelity(rho, L, 0).sse
        stored = log_prime_fidelity(stored_as_float32(rho), L, 0, eps=F32)
        assert stored.n_floor_limited == 0
        assert stored.sse == pytest.approx(exact, abs=0.01)


def test_noise_scores_alike_whatever_grid_and_box():
    """Version 1 gave 1.66, 1.72 and 1.58; forty draws each tell 0.06 from nothing."""
    scores = {}
    for n, box_length in ((256, L), (512, L), (384, 1.5 * L)):
        rho = (steep(4, seed, n, box_length) for seed in range(40))
        scores[n] = [log_prime_fidelity(each, box_length, 0).sse for each in rho]
        assert np.mean(scores[n]) == pytest.approx(1.657, abs=0.06)
    assert scipy.stats.ttest_ind(scores[256], scores[512], equal_var=False).pvalue > 0.001
    assert scipy.stats.ttest_ind(scores[256], scores[384], equal_var=False).pvalue > 0.001


def test_a_finer_grid_measures_the_same_shells():
    """The same modes on a grid twice as fine: the same spectrum, the same score."""
    coarse = density(gaussian(np.exp(-4 * wavenumbers()), np.random.default_rng(3)))
    modes = np.fft.fftshift(np.fft.fft2(coarse))
    fine = np.fft.ifft2(np.fft.ifftshift(np.pad(modes, N // 2))).real * 4
    found, again = (log_prime_fidelity(rho, L, 0) for rho in (coarse, fine))
    assert np.allclose(found.spectrum.excess, again.spectrum.excess, atol=1e-6)
    assert again.sse == pytest.approx(found.sse, abs=1e-6)


def test_a_larger_box_has_shells_of_the_same_width():
    for box_length in (L, 1.5 * L, 2.2 * L):
        k = log_prime_fidelity(steep(4, 0, 256, box_length), box_length, 0).spectrum.k
        assert np.allclose(np.diff(k), 0.05)
        assert k[-1] <= 3.2 + 1e-9
