"""p_hunt where the targets mean nothing: uniform over whole small hunts and their decoy hunts."""

import numpy as np
import pytest
from scipy.stats import kstest

import validation_pipeline
from irer.controls.null_hunts import SilentSeries
from tests.hunts import home
from tests.integration.test_null_hunts import null_hunts_on, planted_hunt
from tests.soak.conftest import count

pytestmark = pytest.mark.soak

HUNTS = count("SOAK_DECOY_HUNTS", 40)
DECOYS = 19


@pytest.mark.timeout(7200)
def test_p_hunt_is_uniform_without_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(validation_pipeline, "N_NULLS", 0)  # of single runs; p_hunt needs none
    p = []
    for number in range(HUNTS):
        settings = home(tmp_path / str(number))
        planted_hunt(settings, 0.0, sampler="nsga2", seed=number)  # its proposals follow the scores
        report = null_hunts_on(settings).run(DECOYS, ["decoys"], SilentSeries())
        p.append(report.kinds["decoys"].p_hunt)
        print(number, p[-1], flush=True)
    # Ranks of n + 1 hunts; the middle of each step is uniform where the rank is.
    found = kstest(np.array(p) - 0.5 / (DECOYS + 1), "uniform")
    print(f"p_hunt of {HUNTS} hunts without lines: {sorted(p)}, KS p {found.pvalue:.3f}")
    assert found.pvalue > 0.05
