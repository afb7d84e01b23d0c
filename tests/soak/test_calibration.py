"""False alarms of the controls on 2,000 draws; prints the figures that docs/metrics.md quotes."""

import numpy as np
import pytest
from scipy.stats import kstest

from tests.numerics.calibration import with_random_lines, without_lines

pytestmark = pytest.mark.soak
DRAWS = 2000


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("slope", [1, 6])
@pytest.mark.parametrize(
    ("draw_one", "honest"), [(without_lines, "p_lines"), (with_random_lines, "p_position")]
)
def test_false_alarms(draw_one, honest, slope):
    drawn = [draw_one(slope, draw) for draw in range(DRAWS)]
    for name in ("p_lines", "p_position", "p_scaled"):
        p = np.array([getattr(each, name) for each in drawn])
        uniform = kstest(p, "uniform").pvalue
        print(
            f"{draw_one.__name__} slope {slope} {name}: {np.mean(p <= 0.05):.4f} KS {uniform:.2g}"
        )
    p = np.array([getattr(each, honest) for each in drawn])
    assert 0.03 <= np.mean(p <= 0.05) <= 0.07
