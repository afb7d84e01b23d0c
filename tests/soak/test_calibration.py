"""False alarms on 2,000 trials of synthetic families; prints what docs/metrics.md quotes.

The comb that is taken for the truth is drawn from the decoys, anew in each trial.
"""

import numpy as np
import pytest

from benchmarks.false_alarms import STATISTICS, false_alarms
from irer.validation import log_prime_fidelity
from irer.validation.spectrum import Spectrum
from tests.numerics.calibration import without_lines
from tests.numerics.spectra import L, density, gaussian, wavenumbers

pytestmark = pytest.mark.soak
TRIALS = 2000
SPECTRA = 60
K = wavenumbers()


def ring(place: float, width: float, height: float) -> np.ndarray:
    return height * np.exp(-((K - place) ** 2) / (2 * width**2))


FAMILIES = {
    "slope 1": np.exp(-K),
    "slope 6": np.exp(-6 * K),
    "slope 8": np.exp(-8 * K),
    "kink": np.exp(-((K / 0.6) ** 2)) + 1e-3,
    "ring and harmonic": np.exp(-2 * K) * (1 + ring(1.1, 0.2, 30) + ring(2.2, 0.2, 10)),
    "narrow rings": np.exp(-K) * (1 + ring(0.9, 0.05, 10) + ring(1.8, 0.05, 10)),
    "band": np.exp(-K) * (1 + 20.0 * ((K > 1.5) & (K < 2.2))),
    "floor": np.exp(-8 * K) + 1e-9,
}


def spectra_of(power: np.ndarray) -> list[Spectrum]:
    rho = (density(gaussian(power, np.random.default_rng([15, n]))) for n in range(SPECTRA))
    found = [log_prime_fidelity(each, L, 0).spectrum for each in rho]
    return [spectrum for spectrum in found if spectrum is not None]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("family", FAMILIES)
def test_false_alarms(family, statistic):
    measure, size = STATISTICS[statistic]
    p = false_alarms(measure, size, spectra_of(FAMILIES[family]), TRIALS)
    alarms, of_primes = np.mean(p <= 0.05, axis=0)
    print(f"{family}, {statistic}: {alarms:.4f}, ln p itself {of_primes:.4f}")
    assert 0.03 <= alarms <= 0.07


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("slope", [1, 6])
def test_p_lines_where_there_are_no_lines(slope):
    p = np.array([without_lines(slope, draw).p_lines for draw in range(TRIALS)])
    print(f"p_lines, slope {slope}: {np.mean(p <= 0.05):.4f}")
    assert 0.03 <= np.mean(p <= 0.05) <= 0.07
