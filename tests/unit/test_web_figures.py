import math

from irer.web.figures import MOST_POINTS, pareto
from irer.web.runs import Run
from tests.fake_engine import make_record


def run(sse: float, h_norm: float) -> Run:
    return Run.of(make_record(sse=sse, h_norm=h_norm))


def test_front_and_rest_are_told_apart() -> None:
    runs = [run(1.0, 0.1), run(0.5, 0.2), run(1.0, 0.3), run(0.2, 0.4)]
    rest, front = pareto(runs)["data"]
    assert list(zip(front["x"], front["y"], strict=True)) == [(0.2, 0.4), (0.5, 0.2), (1.0, 0.1)]
    assert (rest["x"], rest["y"]) == ([1.0], [0.3])
    assert rest["customdata"] == [runs[2].job_uuid]


def test_failed_runs_are_left_out_and_no_runs_give_no_points() -> None:
    failed = Run.of(make_record(failed="NONFINITE"))
    for runs in ([], [failed]):
        assert all(trace["x"] == [] for trace in pareto(runs)["data"])


def test_a_perfect_zero_is_drawn() -> None:
    figure = pareto([run(0.0, 0.0)])
    front = figure["data"][1]
    assert front["x"][0] > 0
    assert front["y"][0] > 0


def test_axes_show_every_point_and_the_success_corner() -> None:
    layout = pareto([run(1e-5, 2e-4), run(1.9, 30.0)])["layout"]
    for axis, values in (("xaxis", (1e-5, 0.01, 1.9)), ("yaxis", (2e-4, 0.001, 30.0))):
        low, high = layout[axis]["range"]
        assert layout[axis]["type"] == "log"
        assert all(low < math.log10(value) < high for value in values)
    corner = layout["shapes"][0]
    assert (corner["x1"], corner["y1"]) == (0.01, 0.001)


def test_a_large_hunt_is_thinned_but_its_front_is_whole() -> None:
    front = [run(0.001 * n, 1.0 / n) for n in range(1, 101)]
    cloud = [run(1.5, 2.0 + n) for n in range(2 * MOST_POINTS)]
    rest, shown_front = pareto(front + cloud)["data"]
    assert set(shown_front["customdata"]) == {r.job_uuid for r in front}
    assert 0 < len(rest["x"]) <= MOST_POINTS - len(front)
