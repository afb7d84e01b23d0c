"""The tail ratio of fields whose spectrum is known."""

import numpy as np
import pytest

from irer.validation import tail_ratio


def falling(n, d, slope, seed=0):
    """Return a complex field with the mode powers exp(-slope |n|), random phases."""
    line = np.fft.fftfreq(n, 1 / n)
    distance = np.sqrt(sum(axis**2 for axis in np.meshgrid(*[line] * d, indexing="ij")))
    phases = np.random.default_rng(seed).uniform(0, 2 * np.pi, distance.shape)
    return np.fft.ifftn(np.exp(-slope * distance / 2 + 1j * phases))


@pytest.mark.parametrize(("n", "d"), [(128, 2), (64, 3)])
@pytest.mark.parametrize("slope", [0.2, 0.5])
def test_a_falling_spectrum(n, d, slope):
    last = n // 4
    shells = np.arange(last - -(-last // 10) + 1, last + 1)
    assert tail_ratio(falling(n, d, slope), 0.5) == pytest.approx(
        np.exp(-slope * shells).mean(), rel=0.05
    )


def test_white_noise_is_not_resolved_at_all():
    psi = np.random.default_rng(0).standard_normal((64, 64))
    assert tail_ratio(psi, 0.5) == pytest.approx(0.5, abs=0.3)


@pytest.mark.parametrize("d", [2, 3])
def test_the_homogeneous_mode_counts_among_the_shells(d):
    psi = np.full((16,) * d, 3.0 - 1j)
    assert tail_ratio(psi, 0.5) < 1e-30
    assert tail_ratio(0 * psi, 0.5) == 0


def test_what_lies_beyond_the_band_does_not_count():
    psi = 1 + np.exp(2j * np.pi * 30 * np.arange(64) / 64) * np.ones((64, 64))
    assert tail_ratio(psi, 0.5) < 1e-25
    assert tail_ratio(psi, 1.0) > 1e-3
