"""What a hunt would have seen, through the hub: the report, its figure, or how to find out."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntPlan
from irer.controls.fingerprint import sealed
from irer.controls.sensitivity_records import Ball, Curve, Sensitivity
from irer.home.ledger import LedgerRow, append_rows
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
    plan = sealed(make_plan(state="Completed"))
    save_plan(settings.home, plan)
    counts = make_metrics(measure_version=MEASURE_VERSION, settled=True)
    record = make_record(hunt_id=plan.hunt_id).model_copy(update={"metrics": counts})
    settings.home.data_dir.mkdir(parents=True, exist_ok=True)
    settings.home.artifact_file(record.job_uuid).write_bytes(b"fields")
    append_rows(settings.home.ledger_file, [LedgerRow.of_provenance(record)])
    commit(settings, record)
    wait_until(lambda: hub.index.get(record.job_uuid))
    return plan


def asked(client: FlaskClient, hunt_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/hunts/{hunt_id}/sensitivity")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json or {}
    return found


def said(client: FlaskClient, hunt_id: str) -> str:
    found = asked(client, hunt_id)
    assert found["estimate_s"] is None
    return str(found["problem"])


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
    hunt_id, home = plan.hunt_id, settings.home
    gone = f"the fields of all 1 runs of the hunt {hunt_id} that count are gone (keep_artifacts)"
    assert said(client, hunt_id) == f"{gone}; without them nothing can be rescored"
    save_plan(home, plan.model_copy(update={"state": "Stopped"}))
    stopped = f"sensitivity is that of a complete hunt; the hunt is Stopped in {home}"
    assert said(client, hunt_id) == stopped
    save_plan(home, plan.model_copy(update={"measure_version": 1}))
    earlier = f"hunt {hunt_id} was begun with version 1 of the measure, this program has version 2"
    assert said(client, hunt_id).startswith(f"{earlier}: its runs can be rescored")
    save_plan(home, plan.model_copy(update={"seed": plan.seed + 1}))
    changed = "its objective, bounds or thresholds are not those that were fixed"
    assert said(client, hunt_id).startswith(f"hunt {hunt_id}: {changed}")
    later = make_plan()
    save_plan(home, later)
    another = f"the hunt {hunt_id} is not the last hunt of the home; that is {later.hunt_id} by now"
    assert said(client, hunt_id) == another


def test_a_hunt_without_runs_that_count_says_so(client: FlaskClient, settings: Settings) -> None:
    plan = sealed(make_plan(state="Completed"))
    save_plan(settings.home, plan)
    none = f"the hunt {plan.hunt_id} has no complete run that counts"
    assert said(client, plan.hunt_id) == none


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


def test_every_route_has_the_same_hunts(
    client: FlaskClient, settings: Settings, hub: Hub, plan: HuntPlan
) -> None:
    def codes(hunt_id: str) -> set[int]:
        own = (f"/api/hunts/{hunt_id}{more}" for more in ("", "/sensitivity"))
        chosen = (f"/api/{name}?hunt={hunt_id}" for name in ("runs", "figures/pareto"))
        return {client.get(path).status_code for path in (*own, *chosen)}

    assert codes(plan.hunt_id) == {200}
    planned = make_plan()  # a hunt without a run so far
    save_plan(settings.home, planned)
    assert codes(planned.hunt_id) == {200}
    shown = make_plan()
    hub.board.restore(shown, "Interrupted", None)
    assert codes(shown.hunt_id) == {200}
    empty = make_plan().hunt_id
    settings.home.hunt_dir(empty).mkdir()
    assert codes(empty) == {404}
