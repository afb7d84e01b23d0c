"""Confirmations through the hub: one at a time, none beside a hunt, seen while they run."""

import math
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.base.errors import StorageError
from irer.base.goals import GROUPS
from irer.base.hunt_records import HuntOrder
from irer.base.records import Provenance, SimulationOptions
from irer.controls.groups import TOTAL
from irer.controls.verdict import AN_EARLIER_ONE
from irer.hub.hub import Hub
from settings import Settings
from tests.fake_engine import FakeEngine, commit, leave_former, leave_report, make_record

COSTS = 1 + 4 * math.log(64) / math.log(32) + 2 + 2.25 * math.log(48) / math.log(32) + 2
Wait = Callable[[Callable[[], Any]], None]


@pytest.fixture
def run(settings: Settings, hub: Hub, wait_until: Wait) -> Provenance:
    """A committed run that the hub knows."""
    record = make_record()
    commit(settings, record)
    wait_until(lambda: hub.index.get(record.job_uuid))
    return record


def state(client: FlaskClient, run: Provenance) -> dict[str, Any]:
    answer = client.get(f"/api/runs/{run.job_uuid}/confirmation")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json or {}
    return found


def test_a_run_whose_fields_were_removed_is_not_confirmed(
    client: FlaskClient, settings: Settings, run: Provenance
) -> None:
    row = f"{run.job_uuid},1,not among the best,7"
    settings.home.removed_file.write_text(f"job_uuid,generation,reason,bytes\n{row}\n")
    answer = client.post(f"/api/runs/{run.job_uuid}/confirm")
    assert answer.status_code == 409
    assert "were removed by policy (not among the best)" in answer.json["message"]
    assert state(client, run)["state"] == "none"


def test_start_watch_and_read(
    client: FlaskClient, engine: FakeEngine, settings: Settings, run: Provenance, wait_until: Wait
) -> None:
    before = state(client, run)
    assert (before["state"], before["done"], before["total"]) == ("none", 0, TOTAL)
    # The run's own 1.5 s, for 8 runs a group: at twice the grid, and so on.
    assert before["seconds_left"] == pytest.approx(8 * 1.5 * COSTS / settings.workers)
    page = f"/api/runs/{run.job_uuid}/confirmation.html"
    assert client.get(page).status_code == 404
    started = client.post(f"/api/runs/{run.job_uuid}/confirm")
    assert (started.status_code, started.json) == (
        202,
        {"status": "Confirmation Started", "job_uuid": run.job_uuid},
    )
    engine.release(7)
    wait_until(lambda: state(client, run)["done"] == 7)
    found = state(client, run)
    assert (found["state"], found["total"], found["seconds_left"]) == ("running", TOTAL, None)
    engine.release(TOTAL)
    wait_until(lambda: state(client, run)["state"] == "complete")
    report = state(client, run)["report"]
    assert report["outcome"] == "not passed"
    assert len(report["groups"]) == len(GROUPS)
    shown = client.get(page)
    assert (shown.status_code, shown.mimetype) == (200, "text/html")
    again = client.post(f"/api/runs/{run.job_uuid}/confirm")
    assert again.status_code == 409
    assert again.json == {"message": "The confirmation of this run is complete.", "errors": []}
    verdict = (client.get(f"/api/runs/{run.job_uuid}").json or {})["verdict"]
    assert (verdict["scientific"], verdict["confirmation"]) == ("not reached", "not passed")


def test_a_hunt_and_a_confirmation_never_run_at_once(
    client: FlaskClient, engine: FakeEngine, run: Provenance, wait_until: Wait
) -> None:
    confirm = f"/api/runs/{run.job_uuid}/confirm"
    assert client.post(confirm).status_code == 202
    for route in (confirm, "/api/start-hunt"):
        refused = client.post(route)
        assert refused.status_code == 409
        assert (refused.json or {})["message"] == "A confirmation is in progress."
    assert client.get("/api/get-status").status_code == 200  # the hub answers meanwhile
    engine.release(TOTAL)
    wait_until(lambda: state(client, run)["state"] == "complete")
    other = make_record()
    commit(client.application.extensions["irer_hub"].settings, other)
    wait_until(lambda: client.get(f"/api/runs/{other.job_uuid}").status_code == 200)
    assert client.post("/api/start-hunt").status_code == 202
    refused = client.post(f"/api/runs/{other.job_uuid}/confirm")
    assert refused.status_code == 409
    assert (refused.json or {})["message"] == "A hunt is already in progress."
    assert client.post("/api/cancel-hunt").status_code == 202


def test_stopping_frees_the_place(
    client: FlaskClient, engine: FakeEngine, run: Provenance, wait_until: Wait
) -> None:
    stop = f"/api/runs/{run.job_uuid}/stop-confirmation"
    assert client.post(stop).status_code == 409
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202
    engine.release(3)
    assert client.post(stop).status_code == 202
    wait_until(lambda: state(client, run)["state"] != "running")
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202


@pytest.fixture
def no_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Let threads of a name not start, as where there are too many; "" lets all start again."""
    start, refused = threading.Thread.start, {""}

    def start_or_refuse(thread: threading.Thread) -> None:
        if thread.name in refused:
            raise RuntimeError("can't start new thread")
        start(thread)

    def refuse(name: str) -> None:
        refused.clear()
        refused.add(name)

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start_or_refuse)
        yield refuse


def test_a_thread_that_cannot_start_frees_the_place(
    client: FlaskClient, hub: Hub, run: Provenance, no_thread: Callable[[str], None]
) -> None:
    no_thread("confirmation")
    with pytest.raises(RuntimeError):
        hub.confirmations.start(run.job_uuid)
    assert state(client, run)["state"] == "none"
    no_thread("hunt")
    with pytest.raises(RuntimeError):
        hub.hunts.start(HuntOrder())
    found = client.get("/api/get-status").json or {}
    assert (found["hunt_status"], found["resumable"]) == ("Interrupted", True)
    no_thread("")
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202
    assert client.post(f"/api/runs/{run.job_uuid}/stop-confirmation").status_code == 202


def test_a_confirmation_of_version_1_is_shown_and_can_be_made_anew(
    client: FlaskClient, engine: FakeEngine, settings: Settings, run: Provenance, wait_until: Wait
) -> None:
    leave_former(settings, run, complete=True)
    found = state(client, run)
    assert (found["state"], found["done"], found["report"]["schema_version"]) == ("former", 0, 1)
    assert found["report"]["passed"] is True
    verdict = (client.get(f"/api/runs/{run.job_uuid}").json or {})["verdict"]
    assert (verdict["confirmation"], verdict["missing"][0]) == (None, AN_EARLIER_ONE)
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202
    engine.release(TOTAL)
    wait_until(lambda: state(client, run)["state"] == "complete")
    assert state(client, run)["report"]["schema_version"] == 2


def test_an_error_is_shown_and_a_new_start_forgets_it(
    client: FlaskClient, engine: FakeEngine, run: Provenance, wait_until: Wait
) -> None:
    engine.fail_with = StorageError("cannot write /home/x: no space left")
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202
    wait_until(lambda: state(client, run)["state"] == "error")
    assert state(client, run)["message"] == "cannot write /home/x: no space left"
    engine.fail_with = None
    assert client.post(f"/api/runs/{run.job_uuid}/confirm").status_code == 202
    assert state(client, run)["state"] == "running"


def test_what_cannot_be_confirmed(
    client: FlaskClient, settings: Settings, hub: Hub, wait_until: Wait
) -> None:
    failed = make_record(failed="NONFINITE")
    large = make_record().model_copy(update={"simulation": SimulationOptions(N_grid=1024)})
    for record in (failed, large):
        commit(settings, record)
        wait_until(lambda record=record: hub.index.get(record.job_uuid))
    for record, code, told in (
        (failed, 409, "only a complete run can be confirmed"),
        (large, 400, "finer_grid passes a limit, N_grid: must be an even integer from 16 to 1,024"),
        (make_record(), 404, "there is no run"),
    ):
        answer = client.post(f"/api/runs/{record.job_uuid}/confirm")
        assert answer.status_code == code
        assert told in (answer.json or {})["message"]
    assert client.post("/api/runs/nonsense/confirm").status_code == 400


def test_final_result_learns_of_its_confirmation(
    client: FlaskClient, engine: FakeEngine, hub: Hub, settings: Settings, wait_until: Wait
) -> None:
    assert client.post("/api/start-hunt").status_code == 202
    engine.release(200)

    def final() -> dict[str, Any] | None:
        return (client.get("/api/get-status").json or {})["final_result"]

    wait_until(lambda: (client.get("/api/get-status").json or {})["hunt_status"] == "Completed")
    best = final() or {}
    assert client.post(f"/api/runs/{best['job_uuid']}/confirm").status_code == 202
    wait_until(lambda: ((final() or {})["verdict"]).get("confirmation") == "not passed")
    assert leave_report(settings, best["job_uuid"]).job_uuid == best["job_uuid"]
    assert hub.best(best["hunt_id"]).verdict.engineering_passed is True
