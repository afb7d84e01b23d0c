"""The route of the live view."""

from collections.abc import Callable
from typing import Any

import numpy as np
from flask.testing import FlaskClient

from irer.base.records import JobConfig
from irer.controls.groups import TOTAL
from irer.home.live import picture_of
from irer.hub.hub import Hub
from irer.web.live_api import MOST_LINES
from settings import Settings
from tests.fake_engine import FakeEngine, commit, make_plan, make_record


def leave_field(settings: Settings, index: int) -> JobConfig:
    record = make_record(index=index)
    job = JobConfig(**{name: getattr(record, name) for name in JobConfig.model_fields})
    file = settings.home.live_field_file(job.job_uuid)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(picture_of(job, 10, np.eye(4)).model_dump_json())
    return job


def test_at_rest_nobody_is_asked(client: FlaskClient, settings: Settings) -> None:
    leave_field(settings, 0)
    shown = client.get("/api/live").json
    assert shown == {"active": False, "running": 0, "fields": [], "lines": []}
    assert not settings.home.live_request.exists()


def test_running_jobs_are_asked_and_shown_in_order(
    client: FlaskClient, settings: Settings, hub: Hub
) -> None:
    plan = make_plan()
    hub.board.begin(plan)
    hub.board.jobs(plan, {"running": 2, "queued": 1})
    second, first = leave_field(settings, 1), leave_field(settings, 0)
    ended = make_record(index=2)
    commit(settings, ended)  # its worker was killed after the record
    left = settings.home.live_field_file(ended.job_uuid)
    left.write_text(settings.home.live_field_file(first.job_uuid).read_text().replace(
        first.job_uuid, ended.job_uuid))  # fmt: skip
    shown = client.get("/api/live").json
    assert shown is not None
    assert (shown["active"], shown["running"]) == (True, 2)
    assert [field["job_uuid"] for field in shown["fields"]] == [first.job_uuid, second.job_uuid]
    assert settings.home.live_request.exists()
    hub.board.jobs(plan, {"running": 0, "queued": 1})
    assert client.get("/api/live").json["fields"] == []  # type: ignore[index]


def test_the_jobs_of_a_confirmation_are_shown_from_its_home(
    client: FlaskClient, settings: Settings, hub: Hub, engine: FakeEngine,
    wait_until: Callable[[Callable[[], Any]], None],
) -> None:  # fmt: skip
    run = make_record(index=1)
    commit(settings, run)
    wait_until(lambda: hub.index.get(run.job_uuid))
    leave_field(settings, 0)
    client.post(f"/api/runs/{run.job_uuid}/confirm")
    own = settings.model_copy(update={"home": settings.home.confirmation(run.job_uuid)})
    own.home.folder.mkdir(parents=True, exist_ok=True)
    replicate = leave_field(own, 2)
    shown = client.get("/api/live").json
    assert shown is not None
    assert (shown["active"], shown["running"]) == (True, None)
    assert [field["job_uuid"] for field in shown["fields"]] == [replicate.job_uuid]
    assert own.home.live_request.exists()
    assert not settings.home.live_request.exists()
    engine.release(TOTAL)
    wait_until(lambda: hub.confirmations.home_at_work() is None)
    assert client.get("/api/live").json["active"] is False  # type: ignore[index]


def test_the_last_lines_of_either_log(client: FlaskClient, settings: Settings) -> None:
    settings.home.hunt_log.write_text("".join(f"line {n} <b>\n" for n in range(1000)))
    settings.home.hub_log.write_text("of the hub\n")
    lines = client.get("/api/live").json["lines"]  # type: ignore[index]
    assert (len(lines), lines[-1]) == (MOST_LINES, "line 999 <b>")
    assert client.get("/api/live?log=hub").json["lines"] == ["of the hub"]  # type: ignore[index]
    refused = client.get("/api/live?log=other")
    assert refused.status_code == 400
    assert refused.json["errors"][0]["field"] == "log"  # type: ignore[index]
