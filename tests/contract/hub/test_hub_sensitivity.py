"""What a hunt would have seen, through the hub: the report, its figure, or how to find out."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntPlan
from irer.controls.sensitivity_records import Ball, Curve, Sensitivity
from irer.home.registry import save_plan
from irer.hub.hub import Hub
from irer.web.figures.sensitivity import sensitivity as drawn
from settings import Settings
from tests.canned import make_metrics
from tests.fake_engine import commit, make_plan, make_record

Wait = Callable[[Callable[[], Any]], None]
HEIGHTS = [0.0, 0.1, 1.0, 10.0]


def curve(*share: float) -> Curve:
    return Curve(
        found=[round(100 * value) for value in share],
        share=list(share),
        low=[max(value - 0.05, 0) for value in share],
        high=[min(value + 0.05, 1) for value in share],
        a50=0.5,
        a95=None,
        a50_interval=(0.4, 0.6),
        a95_interval=(3.0, None),
    )


def made(hunt_id: str) -> Sensitivity:
    curves = {
        "position": curve(0.05, 0.2, 0.8, 1),
        "reached": curve(0, 0, 0.4, 0.9),
        "as_good": curve(0.5, 0.6, 0.9, 1),
    }
    balls = [
        Ball(volume_share=share, mean_runs=3.0, empty=0.0, curves=curves) for share in (0.1, 0.3)
    ]
    return Sensitivity(
        hunt_id=hunt_id,
        measure_version=MEASURE_VERSION,
        seed=1,
        statistic="smallest log_prime_sse of the runs that count",
        n_runs=9,
        n_without_artifact=0,
        observed_best=1.2,
        p_position=0.4,
        n_decoys=999,
        line_width=0.03,
        n_trials=100,
        n_rank_decoys=199,
        heights=HEIGHTS,
        balls=balls,
    )


@pytest.fixture
def plan(settings: Settings, hub: Hub, wait_until: Wait) -> HuntPlan:
    """A complete hunt of one run that counts, with its fields."""
    plan = make_plan().model_copy(update={"state": "Completed"})
    save_plan(settings.home, plan)
    counts = make_metrics(measure_version=MEASURE_VERSION, settled=True)
    record = make_record(hunt_id=plan.hunt_id).model_copy(update={"metrics": counts})
    settings.home.data_dir.mkdir(parents=True, exist_ok=True)
    settings.home.artifact_file(record.job_uuid).write_bytes(b"fields")
    commit(settings, record)
    wait_until(lambda: hub.index.get(record.job_uuid))
    return plan


def asked(client: FlaskClient, hunt_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/hunts/{hunt_id}/sensitivity")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json or {}
    return found


def test_before_it_is_asked_for_there_is_an_estimate(client: FlaskClient, plan: HuntPlan) -> None:
    found = asked(client, plan.hunt_id)
    assert (found["report"], found["figure"], found["problem"]) == (None, None, None)
    assert found["estimate_s"] > 0


def test_the_report_comes_with_its_figure(
    client: FlaskClient, settings: Settings, plan: HuntPlan
) -> None:
    report = made(plan.hunt_id)
    write_json(settings.home.sensitivity_file(plan.hunt_id), report.model_dump(mode="json"))
    found = asked(client, plan.hunt_id)
    assert found["report"] == report.model_dump(mode="json")
    position, reached, good = found["figure"]["data"]
    assert position["x"] == reached["x"] == good["x"] == HEIGHTS[1:]  # 0 has no logarithm
    assert position["y"] == [0.2, 0.8, 1]
    assert position["error_y"]["array"] == pytest.approx([0.05, 0.05, 0])
    assert position["error_y"]["arrayminus"] == pytest.approx([0.05, 0.05, 0.05])
    assert found["figure"] == drawn(report)


def test_a_hunt_that_cannot_be_rescored_says_why(
    client: FlaskClient, settings: Settings, plan: HuntPlan
) -> None:
    for file in settings.home.data_dir.iterdir():
        file.unlink()
    assert "fields of the runs that count are gone" in asked(client, plan.hunt_id)["problem"]
    save_plan(settings.home, plan.model_copy(update={"state": "Stopped"}))
    assert "this one is Stopped" in asked(client, plan.hunt_id)["problem"]
    save_plan(settings.home, make_plan())
    found = asked(client, plan.hunt_id)
    assert "only the last hunt of a home" in found["problem"]
    assert found["estimate_s"] is None


def test_a_hunt_without_runs_that_count_says_so(client: FlaskClient, settings: Settings) -> None:
    plan = make_plan().model_copy(update={"state": "Completed"})
    save_plan(settings.home, plan)
    assert asked(client, plan.hunt_id)["problem"] == "the hunt has no complete run that counts"


def test_a_hunt_that_is_not_there(client: FlaskClient, plan: HuntPlan) -> None:
    other = make_plan().hunt_id
    assert other != plan.hunt_id
    answer = client.get(f"/api/hunts/{other}/sensitivity")
    assert (answer.status_code, answer.json) == (
        404,
        {"message": f"there is no hunt {other}", "errors": []},
    )
    wrong = client.get("/api/hunts/mine/sensitivity")
    assert wrong.status_code == 400
    assert wrong.json["errors"][0]["field"] == "hunt_id"
