"""The line null, the one-scale and multi-ray variants, and why phases are no evidence."""

import numpy as np
import pytest

from irer.validation import TARGETS, decoy_combs, log_prime_fidelity
from irer.validation.log_prime import Fidelity
from irer.validation.matching import Peaks, match_peaks
from irer.validation.nulls import draw_line_null, scrambled_phases
from irer.validation.scaled_combs import SCALES, count_scaled, scaled_score
from irer.validation.spectrum import spectra
from tests.numerics.spectra import L, density, gaussian, lines_power, planted, wavenumbers

ALL = np.ones(8, bool)


@pytest.fixture(scope="module")
def noise() -> Fidelity:
    return log_prime_fidelity(planted(3, 6, 0), L, n_null=0)


def test_null_spectra_scatter_about_the_background_as_the_noise_says(noise):
    spectrum = noise.spectrum
    null = draw_line_null(spectrum, TARGETS, 4000, np.random.default_rng(0))
    offset = null.log_power - np.log(spectrum.background)
    assert np.abs(offset.mean(axis=0)).max() < 0.05
    # ln of Gamma noise scatters a little more than the noise where few modes are averaged.
    assert np.allclose(offset.std(axis=0)[4:], spectrum.noise[4:], rtol=0.1)
    assert np.allclose(np.exp(offset).std(axis=0)[20:], spectrum.noise[20:], rtol=0.1)


def test_null_scores_are_those_of_their_peaks(noise):
    null = draw_line_null(noise.spectrum, TARGETS, 50, np.random.default_rng(1))
    for sse, k, weight in zip(null.sse, null.peaks_k, null.peaks_confidence, strict=True):
        there = weight > 0
        peaks = Peaks(k[there], 3 * np.sqrt(-np.log1p(-weight[there])))
        assert match_peaks(peaks, TARGETS, ALL)[0] == pytest.approx(sse, abs=1e-12)
    assert 1.2 < np.median(null.sse) < 1.9


def test_draws_are_fixed_by_their_generator(noise):
    first, again, other = (
        draw_line_null(noise.spectrum, TARGETS, 5, np.random.default_rng(seed)).sse
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("height", [0, 3])
def test_phases_do_not_matter(height):
    """Not evidence: it holds for every density, with lines or without."""
    rho = planted(2, 1, height)
    scrambled = scrambled_phases(rho, np.random.default_rng(0))
    assert np.corrcoef(rho.ravel(), scrambled.ravel())[0, 1] < 0.5
    assert scrambled.mean() == pytest.approx(rho.mean())
    scores = [log_prime_fidelity(each, L, n_null=0).sse for each in (rho, scrambled)]
    assert scores[1] == pytest.approx(scores[0], rel=1e-6)


@pytest.mark.parametrize("scale", [SCALES[3], SCALES[4]])
def test_lines_at_scaled_primes_are_found_with_their_scale(scale):
    found = log_prime_fidelity(planted(0, 1, 10, lines=scale * TARGETS), L, 199)
    assert found.scale == pytest.approx(scale)
    assert found.sse_scaled < found.sse / 5
    assert found.p_scaled < 0.05


def test_the_free_scale_never_costs():
    for seed in range(10):
        found = log_prime_fidelity(planted(seed, 1, 0.5), L, n_null=0)
        assert found.sse_scaled <= found.sse + 1e-12


def test_counting_scaled_scores_is_scoring_each():
    found = log_prime_fidelity(planted(0, 1, 1), L, n_null=0)
    combs = decoy_combs(60, np.random.default_rng(0))
    scores = [scaled_score(found.peaks, comb, found.spectrum)[0] for comb in combs]
    for score in np.quantile(scores, [0.05, 0.5, 0.95]) + 1e-9:
        expected = np.count_nonzero(np.array(scores) <= score)
        assert count_scaled(score, found.peaks, combs, found.spectrum) == expected


def test_rays_see_a_ring_as_an_edge_with_a_spike():
    """A strong ring of the plane scores along rays as well; lines in space are edges alone."""
    assert log_prime_fidelity(planted(0, 6, 10), L, n_null=0).sse_multi_ray < 0.5
    assert log_prime_fidelity(planted(0, 6, 0), L, n_null=0).sse_multi_ray > 1.2


def test_ray_power_is_that_of_the_lines_of_the_grid():
    n, box_length = 48, 20.0
    power = np.exp(-wavenumbers(n, box_length, 3))
    rho = density(gaussian(power, np.random.default_rng(0)))
    delta = rho / rho.mean() - 1
    lines = [np.abs(np.fft.rfft(np.moveaxis(delta, a, -1))) ** 2 for a in range(3)]
    expected = np.mean([each.mean(axis=(0, 1)) for each in lines], axis=0)
    rays = spectra(delta[None], box_length, 0.8, eps=1e-16)[1]
    assert np.allclose(rays.power, expected[1 : len(rays.k) + 1], rtol=1e-6)


def test_three_dimensions_have_all_variants():
    rho = density(gaussian(np.exp(-wavenumbers(96, 15 * np.pi, 3)), np.random.default_rng(1)))
    found = log_prime_fidelity(rho, 15 * np.pi)
    assert 1 <= found.sse_scaled <= found.sse <= 2
    assert 1 <= found.sse_multi_ray <= 2
    assert (found.p_lines, found.p_scaled) == (None, None)


def test_lines_power_is_what_it_says():
    """The fields of these tests have the spectrum they are said to have."""
    power = lines_power(1, 3)
    mean = np.mean(
        [np.abs(np.fft.fft2(gaussian(power, np.random.default_rng(s)))) ** 2 for s in range(200)],
        axis=0,
    )
    ring = (wavenumbers() > 1.5) & (wavenumbers() < 1.7)
    assert mean[ring].mean() == pytest.approx(256**2 * power[ring].mean(), rel=0.02)
