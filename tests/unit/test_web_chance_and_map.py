"""What lies behind the points: the chance band; and the map of an objective over two parameters."""

import math
import random
from typing import Any

import numpy as np
import pytest

from irer.hub.hunted import Chance, Hunted
from irer.hub.run import Run
from irer.search.posterior_map import MOST_LEARNED, TILES, posterior_map
from irer.web.figures import FIGURES, Figure
from irer.web.figures.parameter_map import FEWEST
from tests.unit.test_web_figures import SPACE, figure, run, varied

CHANCE = Chance(39, 1.31, 1.62)
NAME = "best of 39 decoy hunts (5 to 95%)"
SCORED = ("pareto", "history", "parallel", "slice", "paradox")


def runs_of(n: int, seed: int = 1) -> list[Run]:
    draw, first = random.Random(seed), run()
    return [varied(first, k, (draw.uniform(1.2, 2), draw.uniform(1, 30)), draw) for k in range(n)]


def bands(shown: Figure) -> list[Figure]:
    return [s for s in shown["layout"].get("shapes", ()) if s.get("legendgroup") == "chance"]


# Chance


@pytest.mark.parametrize("name", SCORED)
def test_chance_lies_behind_the_points_and_is_named_once(name: str) -> None:
    shown = figure(name, runs_of(30), chance=CHANCE)
    found = bands(shown)
    assert len(found) == {"slice": 2, "paradox": 2}.get(name, 1)
    assert {band["name"] for band in found} == {NAME}
    assert [band["showlegend"] for band in found] == [True] + [False] * (len(found) - 1)
    assert {band["layer"] for band in found} == {"below"}
    assert "chance" not in shown["layout"]["meta"]


@pytest.mark.parametrize(("name", "ends", "low", "high"), [
    ("pareto", ("x0", "x1"), 1.31, 1.62),
    ("history", ("y0", "y1"), 1.31, 1.62),
    ("slice", ("y0", "y1"), 1.31, 1.62),
    ("paradox", ("y0", "y1"), -1.62, -1.31),
])  # fmt: skip
def test_the_band_is_that_of_the_decoy_hunts(
    name: str, ends: tuple[str, str], low: float, high: float
) -> None:
    for band in bands(figure(name, runs_of(30), chance=CHANCE)):
        assert [band[end] for end in ends] == [low, high]


def test_an_axis_shows_a_band_that_lies_beyond_its_runs() -> None:
    runs = [run(sse) for sse in (0.5, 0.6)]
    shown = figure("pareto", runs, chance=CHANCE)
    assert shown["layout"]["xaxis"]["range"][1] > math.log10(CHANCE.high)
    axis = figure("parallel", runs, chance=CHANCE)
    (band,) = bands(axis)
    assert 0 < band["y0"] < band["y1"] == 1  # of an axis from 0.5 to 1.62
    assert (band["x0"], band["x1"]) == (1.9, 2.1)  # around the axis of the SSE


@pytest.mark.parametrize("name", FIGURES)
def test_where_chance_is_not_known_a_figure_with_scores_says_so(name: str) -> None:
    shown = figure(name, runs_of(30), chance="this hunt has no decoy hunts yet")
    assert bands(shown) == []
    said = shown["layout"]["meta"].get("chance")
    expected = "No chance band: this hunt has no decoy hunts yet." if name in SCORED else None
    assert said == expected
    violation = figure("slice", runs_of(30), chance=CHANCE, objective="constraint_violation")
    assert bands(violation) == []


# The map


def surface(points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(1.5 + 0.4 * (points[:, 0] - 0.3) ** 2 - 0.2 * points[:, 1])


def test_the_map_is_the_mean_that_runs_follow_and_knows_where_it_does_not_know() -> None:
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 0.6, size=(60, 3))
    y = surface(x) + 0.01 * rng.normal(size=60)
    found = posterior_map(x, y, (0, 1))
    centres = (np.arange(TILES) + 0.5) / TILES
    places = np.stack(np.meshgrid(centres, centres, indexing="ij"), axis=-1).reshape(-1, 2)
    truth = surface(places).reshape(TILES, TILES)
    inside = centres < 0.6
    near = np.ix_(inside, inside)
    assert np.abs(found.mean - truth)[near].max() < 0.03
    assert found.deviation[~inside].mean() > 2 * found.deviation[near].mean()
    assert not found.in_decades
    with pytest.raises(ValueError, match="at most 200 runs"):
        posterior_map(np.zeros((MOST_LEARNED + 1, 2)), np.zeros(MOST_LEARNED + 1), (0, 1))


def test_a_map_has_two_panels_of_tiles_and_the_runs_on_both() -> None:
    runs = runs_of(40)
    shown = figure("map", runs, axes=("kappa", "c1"))
    mean, spots, doubt, more = shown["data"]
    assert [len(trace["x"]) for trace in (mean, doubt)] == [TILES**2] * 2
    assert (mean["xaxis"], doubt["xaxis"]) == ("x", "x2")
    kappa = [r.param("kappa") for r in shown_runs(shown, spots, runs)]
    assert spots["x"] == more["x"] == pytest.approx(kappa)
    low, high = SPACE["kappa"]
    assert mean["x"][0] - mean["width"] / 2 == pytest.approx(low)
    assert mean["x"][-1] + mean["width"] / 2 == pytest.approx(high)
    assert mean["base"][-1] + mean["y"][-1] == pytest.approx(SPACE["c1"][1])
    assert 1.2 < min(mean["meta"]["z"]) < max(mean["meta"]["z"]) < 2
    assert min(doubt["meta"]["z"]) > 0
    assert shown["layout"]["meta"]["chosen"] == ["kappa", "c1"]
    assert shown["layout"]["meta"]["parameters"] == ["c1", "kappa"]


@pytest.mark.parametrize("axes", [("kappa", ""), ("", "c1")])
def test_one_axis_alone_is_kept_and_the_other_is_what_is_left(axes: tuple[str, str]) -> None:
    assert figure("map", runs_of(40), axes=axes)["layout"]["meta"]["chosen"] == ["kappa", "c1"]


def shown_runs(shown: Figure, trace: Figure, runs: list[Run]) -> list[Run]:
    by_id = {run.job_uuid: run for run in runs}
    return [by_id[shown["layout"]["meta"]["runs"][n]] for n in trace["customdata"]]


def test_a_map_in_decades_tells_values_and_factors() -> None:
    draw, first = random.Random(1), run()
    runs = [varied(first, n, (1.5, 10 ** draw.uniform(-2, 3)), draw) for n in range(40)]
    mean, _, doubt, _ = figure("map", runs, objective="constraint_violation")["data"]
    assert min(mean["meta"]["z"]) > 0
    assert doubt["name"] == "its standard deviation (a factor)"
    assert min(doubt["meta"]["z"]) > 1


def test_a_map_learns_from_a_bounded_number_of_runs() -> None:
    meta = figure("map", runs_of(700))["layout"]["meta"]
    assert meta["drawn"] <= MOST_LEARNED
    assert meta["thinned"].startswith(
        f"{meta['drawn']} of 700 runs drawn, the front and the newest"
    )


@pytest.mark.parametrize(("n", "axes", "space", "said"), [
    (FEWEST - 1, ("", ""), SPACE, "9 runs have a score; a map takes 10."),
    (1, ("", ""), SPACE, "1 run has a score; a map takes 10."),
    (20, ("c1", "c1"), SPACE, "A map takes two different parameters."),
    (20, ("c1", "k0"), SPACE, "k0 is not searched in this hunt: c1, kappa are."),
    (20, ("", "k0"), SPACE, "k0 is not searched in this hunt: c1, kappa are."),
    (20, ("c1", ""), {"c1": (-2.0, 3.0)}, "A map takes two parameters that are searched."),
    (20, ("", ""), {"c1": (-2.0, 3.0)}, "A map takes two parameters that are searched."),
])  # fmt: skip
def test_a_map_that_cannot_be_says_why(n: int, axes: Any, space: Any, said: str) -> None:
    shown = FIGURES["map"](Hunted(runs_of(n), space, axes=axes))
    assert shown["data"] == []
    assert shown["layout"]["meta"]["empty"] == said
