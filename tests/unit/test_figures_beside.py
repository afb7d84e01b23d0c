"""The curves of two hunts beside each other, with what chance gave."""

import math

import pytest

from irer.hub.compared import ComparedHunt
from irer.search.hypervolume import hypervolumes, in_decades
from irer.web.figures.beside import best_beside, hypervolume_beside, last_hypervolume

RUNS = [None, (1.5, 2.0), (1.7, 0.5), (0.9, 3.0), None, (1.0, 4.0)]
OTHER = [(1.2, 1.0), (1.2, 1.0)]


def hunt(name: str = "a", **given: object) -> ComparedHunt:
    return ComparedHunt(**({"name": name, "runs": RUNS, "random": [], "decoys": []} | given))


def traces(figure: dict) -> dict[str, dict]:
    return {trace["name"]: trace for trace in figure["data"]}


def test_the_best_score_falls_in_steps_from_the_first_score_to_the_last_run() -> None:
    found = traces(best_beside([hunt(), hunt("b", runs=OTHER)]))
    assert found["a"]["x"] == [2, 4, 6]
    assert found["a"]["y"] == [1.5, 0.9, 0.9]
    assert (found["b"]["x"], found["b"]["y"]) == ([1, 2], [1.2, 1.2])
    assert [found[name]["meta"]["series"] for name in "ab"] == [0, 1]


def test_the_hypervolume_is_that_of_the_front_so_far() -> None:
    found = traces(hypervolume_beside([hunt()]))["a"]
    volumes = hypervolumes(errors and in_decades(*errors) for errors in RUNS)
    assert found["y"] == pytest.approx([volumes[n - 1] for n in found["x"]])
    assert found["x"][-1] == len(RUNS)
    assert last_hypervolume(RUNS) == pytest.approx(volumes[-1])
    assert last_hypervolume([None, None]) is None


def test_random_draws_are_dashed_in_the_colour_of_their_hunt() -> None:
    figure = best_beside([hunt(), hunt("b", random=OTHER)])
    found = traces(figure)["b, random draws"]
    assert (found["line"]["dash"], found["meta"]["series"], found["y"]) == ("dash", 1, [1.2, 1.2])
    assert "a, random draws" not in traces(figure)


def test_decoy_hunts_are_the_band_of_their_middle() -> None:
    decoys = [[(1.0 + n / 100, 1.0), (0.5 + n / 100, 1.0)] for n in range(101)]
    found = traces(best_beside([hunt(decoys=decoys)]))
    low, high = found["a, decoy hunts, 5%"], found["a, decoy hunts, 5 to 95%"]
    assert low["y"] == pytest.approx([1.05, 0.55])
    assert high["y"] == pytest.approx([1.95, 1.45])
    assert (low["x"], high["fill"]) == ([1, 2], "tonexty")


def test_decoy_hunts_without_a_score_are_left_out_of_the_band() -> None:
    decoys = [[None, (1.0, 1.0)], [None, None], [None, (2.0, 1.0)]]
    found = traces(best_beside([hunt(decoys=decoys)]))["a, decoy hunts, 5%"]
    assert (found["x"], found["y"]) == ([2], pytest.approx([1.05]))


@pytest.mark.parametrize("runs", [[], [None, None]])
def test_hunts_without_a_score_have_words_instead_of_curves(runs: list) -> None:
    for draw in (best_beside, hypervolume_beside):
        figure = draw([hunt(runs=runs), hunt("b", runs=runs)])
        assert figure["layout"]["meta"]["empty"] == "No run of these hunts has a score."
        for trace in figure["data"]:
            assert all(math.isfinite(value) for value in trace["y"])
