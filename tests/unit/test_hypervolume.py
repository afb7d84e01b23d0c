from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna._hypervolume import compute_hypervolume

from irer.base.fitness import is_pareto
from irer.search.hypervolume import REFERENCE as WHOLE
from irer.search.hypervolume import Front, hypervolumes, in_decades

REFERENCE = (1.0, 2.0)
coordinate = st.floats(0, 3) | st.sampled_from([0.0, 0.5, 1.0, 2.0])
clouds = st.lists(st.tuples(coordinate, coordinate), max_size=40)


def filled(points, reference=REFERENCE):
    front = Front(reference)
    for number, point in enumerate(points):
        front.add(point, number)
    return front


@given(clouds)
def test_items_are_those_that_no_other_dominates(points):
    expected = [i for i, on_front in enumerate(is_pareto(points)) if on_front]
    front = filled(points)
    assert sorted(front.items) == expected
    assert len(front) == len(expected)
    assert front.points == sorted({points[i] for i in expected})


@given(clouds)
def test_hypervolume_is_that_of_another_author(points):
    inside = [p for p in points if p[0] < REFERENCE[0] and p[1] < REFERENCE[1]]
    expected = compute_hypervolume(np.array(inside), np.array(REFERENCE)) if inside else 0.0
    assert filled(points).hypervolume == pytest.approx(expected, abs=1e-12)


@given(clouds)
def test_hypervolume_never_falls(points):
    volumes = hypervolumes(points, REFERENCE)
    assert all(later >= earlier for earlier, later in pairwise(volumes))


def test_addition_says_whether_the_item_is_on_the_front():
    front = Front((1.0, 1.0))
    assert front.add((0.5, 0.5), "a")
    assert front.add((0.5, 0.5), "its equal")
    assert not front.add((0.5, 0.6), "worse")
    assert front.hypervolume == 0.25
    assert front.add((0.25, 0.75), "beside")
    assert front.hypervolume == 0.25 + 0.25 * 0.25
    assert front.items == ["beside", "a", "its equal"]
    assert front.add((0.25, 0.25), "better")
    assert front.items == ["better"]
    assert front.hypervolume == 0.75**2


def test_failed_runs_and_points_beyond_the_reference_add_nothing():
    assert hypervolumes([None, (3.0, 0.1), (0.1, 3.0), (0.5, 1.0), None], (1.0, 2.0)) == [
        0.0,
        0.0,
        0.0,
        0.5,
        0.5,
    ]


def test_runs_are_measured_in_decades_down_to_a_tenth_of_the_goal():
    no_lines, goal, perfect = in_decades(2.0, 1e3), in_decades(0.01, 1.0), in_decades(0.0, 0.0)
    assert hypervolumes([no_lines, goal, perfect]) == pytest.approx(
        [0.0, np.log10(200) * 3, np.log10(2000) * 4]
    )
    assert no_lines == WHOLE
    assert perfect == pytest.approx(in_decades(0.001, 0.1))
