"""The figures: what they show, that every Pareto point is in them, and how large they get."""

import json
import math
import random
from dataclasses import replace
from typing import Any

import pytest

from irer.base.records import SncglParams
from irer.controls.unscored import words_on_unscored
from irer.hub.hunted import Hunted, covered_space
from irer.hub.run import PARAMS, Run
from irer.web.figures import FIGURES, Figure
from irer.web.figures.common import FEWEST_OTHERS
from tests.fake_engine import make_record

SPACE = {"c1": (-2.0, 3.0), "kappa": (0.1, 1.0)}
MEGABYTE = 1_000_000


def run(sse: float = 1.5, h_norm: float = 0.02, *, params: Any = None, **more: Any) -> Run:
    record = make_record(sse=sse, h_norm=h_norm, **more)
    return Run.of(record.model_copy(update={"sncgl_params": SncglParams(**(params or {}))}))


def figure(name: str, runs: list[Run], **more: Any) -> Figure:
    return FIGURES[name](Hunted(runs, SPACE, **more))


def uuids(shown: Figure, trace: Figure) -> list[str]:
    return [shown["layout"]["meta"]["runs"][n] for n in trace["customdata"] if n is not None]


@pytest.mark.parametrize("name", FIGURES)
def test_no_runs_and_failed_runs_alone_give_no_points(name: str) -> None:
    for runs in ([], [run(failed="NONFINITE")]):
        shown = figure(name, runs)
        assert json.dumps(shown, allow_nan=False)
        measured = [y for trace in shown["data"] for y in trace["y"] if y]
        assert measured == []


def test_front_and_rest_are_told_apart() -> None:
    runs = [run(1.0, 0.1), run(0.5, 0.2), run(1.0, 0.3), run(0.2, 0.4)]
    shown = figure("pareto", runs)
    rest, front = shown["data"]
    assert list(zip(front["x"], front["y"], strict=True)) == [
        (0.2, 400.0),
        (0.5, 200.0),
        (1.0, 100.0),
    ]
    assert (rest["x"], rest["y"]) == ([1.0], [300.0])
    assert uuids(shown, rest) == [runs[2].job_uuid]
    assert uuids(shown, front) == [runs[n].job_uuid for n in (3, 1, 0)]


def test_a_perfect_zero_is_drawn() -> None:
    front = figure("pareto", [run(0.0, 0.0)])["data"][1]
    assert front["x"][0] > 0
    assert front["y"][0] > 0


def test_axes_show_every_point_and_the_success_corner() -> None:
    layout = figure("pareto", [run(1e-5, 2e-4), run(1.9, 30.0)])["layout"]
    for axis, values in (("xaxis", (1e-5, 0.01, 1.9)), ("yaxis", (0.2, 1.0, 30_000.0))):
        low, high = layout[axis]["range"]
        assert layout[axis]["type"] == "log"
        assert all(low < math.log10(value) < high for value in values)
    corner = layout["shapes"][0]
    assert (corner["x1"], corner["y1"]) == (0.01, 1.0)


def test_the_best_so_far_only_falls_and_names_the_run_that_lowered_it() -> None:
    runs = [run(1.0, 0.3), run(failed="NONFINITE"), run(1.2, 0.2), run(0.4, 0.5), run(0.9, 0.9)]
    shown = figure("history", runs)
    points, best, _, best_violation = shown["data"]
    assert points["x"] == [1, 3, 4, 5]  # the failed run counts as a run
    assert (best["x"], best["y"]) == ([1, 4, 5], [1.0, 0.4, 0.4])
    assert uuids(shown, best)[1] == runs[3].job_uuid
    assert best_violation["y"] == [300.0, 200.0, 200.0]


def test_the_hypervolume_never_shrinks() -> None:
    draw = random.Random(1)
    runs = [run(draw.uniform(0.1, 2), 10 ** draw.uniform(-3, 0)) for _ in range(60)]
    volumes = figure("hypervolume", runs)["data"][0]["y"]
    assert volumes == sorted(volumes)
    assert volumes[-1] > volumes[0] > 0


def test_a_line_of_the_parallel_coordinates_stands_for_its_run() -> None:
    runs = [run(1.0, 0.01, params={"c1": -2.0, "kappa": 1.0}),
            run(2.0, 0.1, params={"c1": 3.0, "kappa": 0.1})]  # fmt: skip
    shown = figure("parallel", runs)
    front = shown["data"][2]
    assert front["y"] == [0.0, 1.0, 0.0, 0.0, None]  # c1 and kappa, then SSE and violation
    assert uuids(shown, front) == [runs[0].job_uuid] * 4
    assert shown["layout"]["xaxis"]["ticktext"] == ["c1", "kappa", "SSE", "violation"]
    ends = [note["text"] for note in shown["layout"]["annotations"][:2]]
    assert ends == ["-2", "3"]


def test_importance_finds_the_parameter_that_matters() -> None:
    draw = random.Random(2)
    runs = []
    for _ in range(120):
        c1, kappa = draw.uniform(-2, 3), draw.uniform(0.1, 1)
        runs.append(run(min(2.0, 0.1 + abs(c1) / 2), 0.1, params={"c1": c1, "kappa": kappa}))
    sse, h_norm = figure("importance", runs)["data"]
    shares = dict(zip(sse["y"], sse["x"], strict=True))
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    assert shares["c1"] > 0.9
    assert h_norm["x"] == []  # nothing to tell: all are equal


def test_slices_show_the_asked_objective_over_each_parameter() -> None:
    runs = [run(1.0, 0.3, params={"c1": 0.5, "kappa": 0.2})]
    c1, kappa = figure("slice", runs, objective="constraint_violation")["data"]
    assert (c1["name"], c1["x"], c1["y"]) == ("c1", [0.5], [300.0])
    assert (kappa["name"], kappa["x"], kappa["xaxis"]) == ("kappa", [0.2], "x2")


def test_the_paradox_says_what_is_measured() -> None:
    """SSE and norm rise together, so fidelity and norm go against each other."""
    runs = [run(0.1 * n, 0.01 * n) for n in range(1, 13)]
    shown = figure("paradox", runs)
    sdg, bssn = shown["data"]
    assert sdg["y"][0] == -0.1
    assert sdg["x"][0] == 0.01
    assert bssn["x"] == [r.bssn_h_norm_l2 for r in runs]
    words = shown["layout"]["annotations"][0]["text"]
    assert "Spearman -1.00 [-1.00, -1.00]" in words
    assert "12 runs" in words
    few = figure("paradox", runs[:3])["layout"]["annotations"][0]["text"]
    assert "no correlation of 3 runs" in few


def test_the_space_of_a_past_hunt_is_what_its_runs_cover() -> None:
    runs = [run(params={"c1": c1}) for c1 in (0.5, -1.0, 2.0)]
    assert covered_space(runs) == {"c1": (-1.0, 2.0)}
    assert covered_space([]) == {}


def varied(run: Run, n: int, point: tuple[float, float], draw: random.Random) -> Run:
    params = run.params[:]
    params[PARAMS.index("c1")] = draw.uniform(-2, 3)
    params[PARAMS.index("kappa")] = draw.uniform(0.1, 1)
    return replace(
        run, job_uuid=f"{n:08x}{run.job_uuid[8:]}", generation=1 + n // 100, index=n % 100,
        log_prime_sse=point[0], constraint_violation=point[1], fitness=1 / sum(point),
        params=params,
    )  # fmt: skip


def test_a_hundred_thousand_runs_stay_small_and_the_front_whole() -> None:
    draw = random.Random(3)
    record = make_record()
    front_size = 2000
    points = [(0.0005 * n, 1.0 / n) for n in range(1, front_size + 1)]
    points += [(draw.uniform(1.2, 2), draw.uniform(2, 9)) for _ in range(100_000 - front_size)]
    draw.shuffle(points)
    runs = [varied(Run.of(record), n, point, draw) for n, point in enumerate(points)]
    hunt = Hunted(runs, SPACE)
    for name, draw_figure in FIGURES.items():
        assert len(json.dumps(draw_figure(hunt))) <= MEGABYTE, name
    shown = figure("pareto", runs)
    rest, front = shown["data"]
    assert len(front["x"]) == front_size
    assert 0 < len(rest["x"]) <= FEWEST_OTHERS


def meta(name: str, runs: list[Run], space: Any = SPACE) -> dict[str, Any]:
    return dict(FIGURES[name](Hunted(runs, space))["layout"]["meta"])


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_figure_says_why(name: str) -> None:
    assert meta(name, [])["empty"] == "The first measured run appears here."
    failed = meta(name, [run(failed="NONFINITE")])
    assert failed["empty"].startswith("No run has a score")
    assert failed["without_score"] == (
        "The only run has no score: 1 failed (1 NONFINITE: "
        "narrower ranges, or a smaller simulation.dt)."
    )


def test_importance_says_what_it_lacks() -> None:
    alike = [run(params={"c1": n / 10}) for n in range(20)]
    assert meta("importance", alike[:1])["empty"].startswith("1 run has a score; from 20 on")
    assert meta("importance", alike[:19])["empty"].startswith("19 runs have a score; from 20 on")
    assert meta("importance", alike)["empty"].startswith("The best tenth is as good as all")
    for name in ("importance", "slice"):
        assert meta(name, alike, {})["empty"].startswith("No parameter differs")


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"hypervolume"}))
def test_a_figure_says_how_many_of_the_runs_it_draws(name: str) -> None:
    runs = [run(1 + n / 5000, 0.02 + n / 5000, params={"c1": n % 4}) for n in range(2500)]
    said = meta(name, [*runs, run(failed="NONFINITE")])
    shown = figure(name, runs)
    points = {n for trace in shown["data"] for n in trace.get("customdata", ()) if n is not None}
    if name != "importance":
        assert said["drawn"] == len(points)
    assert said["thinned"].startswith(f"{said['drawn']:,} of 2,500 runs drawn")
    assert said["without_score"].startswith("1 of 2,501 runs has no score and is in no chart: ")
    assert "thinned" not in meta(name, runs[:60])


@pytest.mark.parametrize(
    ("unscored", "failed", "words"),
    [
        ({}, {}, None),
        ({"transient": 1}, {}, "1 of 18 runs has no score and is in no chart: 1 not settled "
         "(longer runs: simulation.T_steps)."),
        ({"other_measure": 8, "under_resolved": 10}, {}, "None of 18 runs has a score: "
         "10 under-resolved (a finer grid: simulation.N_grid), 8 of another version of the measure "
         "(validation_pipeline.py --rescore)."),
        ({}, {"WORKER_CRASHED": 18}, "None of 18 runs has a score: 18 failed "
         "(18 WORKER_CRASHED: the log says why)."),
    ],
)  # fmt: skip
def test_why_runs_have_no_score(
    unscored: dict[Any, int], failed: dict[str, int], words: str | None
) -> None:
    assert words_on_unscored(18, unscored, failed) == words
