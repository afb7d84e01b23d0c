import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from irer.base.fitness import fitness, is_pareto, scientific_verdict
from irer.base.records import Metrics
from tests.canned import make_metrics


def metrics(sse: float, h_norm: float, relative: float = 0.0) -> Metrics:
    return make_metrics(sse, h_norm, sdg_h_norm_relative=relative)


def test_fitness_is_one_half_on_the_success_corner():
    assert fitness(metrics(0.01, 0.001)) == pytest.approx(0.5)
    assert fitness(metrics(1.0, 0.1)) == pytest.approx(1 / 200)


@pytest.mark.parametrize(("sse", "h_norm"), [(0.0, 0.0), (2.0, 1e308), (0.0, 5e-324)])
def test_fitness_is_finite_for_every_record(sse, h_norm):
    assert 0 <= fitness(metrics(sse, h_norm)) < np.inf


@pytest.mark.parametrize(
    ("sse", "h_norm", "relative", "verdict"),
    [
        (0.009, 0.0009, 0.009, "reached"),
        (0.01, 0.0009, 0.009, "not reached"),
        (0.009, 0.001, 0.009, "not reached"),
        (0.009, 0.0009, 0.01, "not reached"),
    ],
)
def test_verdict_needs_all_three_goals(sse, h_norm, relative, verdict):
    assert scientific_verdict(metrics(sse, h_norm, relative)) == verdict


coarse = st.integers(0, 5).map(float)  # few values, so that ties are common


@given(arrays(float, st.tuples(st.integers(0, 30), st.just(2)), elements=coarse))
def test_pareto_mask_is_the_definition(points):
    def dominated(point):
        return any((q <= point).all() and (q < point).any() for q in points)

    assert is_pareto(points).tolist() == [not dominated(point) for point in points]
