"""Upper limits cover what was injected as often as they say, over 2,000 trials by rescoring."""

import numpy as np
import pytest

from benchmarks.sensitivity import Calibration, gaussian_hunt
from irer.base.records import SimulationOptions

OPTIONS = SimulationOptions(precision="float64")
TRIALS = 2000

pytestmark = pytest.mark.soak


@pytest.mark.timeout(3600)
def test_upper_limits_cover_the_truth_in_93_to_97_percent():
    hunt = gaussian_hunt(30, OPTIONS, np.random.default_rng(1))
    calibration = Calibration(hunt, OPTIONS, 1)
    trials = [calibration.trial(number) for number in range(TRIALS)]
    for column, spectra in ((1, "without the truth"), (2, "with it")):
        covered = np.mean([trial[column] for trial in trials])
        assert 0.93 <= covered <= 0.97, spectra
