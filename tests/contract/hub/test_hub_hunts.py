"""The life of a hunt as the routes show it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import RunningHub, create_app
from irer.errors import StorageError
from irer.files import parse_json, write_json
from irer.web.hub import Hub
from settings import Settings
from tests.fake_engine import FakeEngine, commit, make_plan, make_record

Wait = Callable[[Callable[[], Any]], None]
ORDER = {"num_generations": 2, "population_size": 3}


def status(client: FlaskClient) -> Any:
    return client.get("/api/get-status").json


def state(client: FlaskClient) -> str:
    return str(status(client)["hunt_status"])


def test_start_to_finish(
    client: FlaskClient, engine: FakeEngine, settings: Settings, wait_until: Wait
) -> None:
    assert client.post("/api/start-hunt", json=ORDER).status_code == 202
    assert state(client) == "Running"
    engine.release(2)
    wait_until(lambda: status(client)["found_count"] == 2)
    assert status(client)["progress"]["failed"] == 1
    assert status(client)["final_result"] is None
    engine.release(4)
    wait_until(lambda: state(client) == "Completed")
    final = status(client)
    assert final["found_count"] == final["progress"]["done"] == final["progress"]["total"] == 6
    assert final["progress"]["generation"] == 2
    assert final["final_result"] == client.get("/api/best").json
    assert final["final_result"]["log_prime_sse"] == pytest.approx(1 / 6)
    assert parse_json(settings.status_file.read_bytes()) == final


def test_the_final_state_waits_for_every_committed_file(
    settings: Settings, wait_until: Wait
) -> None:
    """Without file events and between two rescans, the counts come from the last look alone."""
    engine = FakeEngine()
    running = RunningHub(settings.model_copy(update={"rescan_s": 3600.0}), engine.as_engine())
    running.watcher.on_any_event = lambda event: None  # type: ignore[method-assign]
    with running as hub:
        client = create_app(hub, "T" * 43).test_client()
        client.post("/api/start-hunt", json={"num_generations": 5, "population_size": 4})
        wait_until(lambda: state(client) == "Completed")
        assert status(client)["found_count"] == 20


def test_one_of_a_hundred_simultaneous_starts(flask_app: Flask, engine: FakeEngine) -> None:
    codes: list[int] = []
    barrier = threading.Barrier(100)

    def start() -> None:
        client = flask_app.test_client()
        barrier.wait()
        codes.append(client.post("/api/start-hunt", json=ORDER).status_code)

    threads = [threading.Thread(target=start) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [202] + [409] * 99
    assert engine.started == 1


def test_the_conflict_says_so(client: FlaskClient) -> None:
    client.post("/api/start-hunt")
    answer = client.post("/api/start-hunt")
    assert answer.status_code == 409
    assert answer.json == {"message": "A hunt is already in progress.", "errors": []}


@pytest.mark.parametrize("route", ["stop-hunt", "cancel-hunt"])
def test_stop_and_resume(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, route: str
) -> None:
    hunt_id = client.post("/api/start-hunt", json=ORDER).json["hunt_id"]
    engine.release(2)
    wait_until(lambda: status(client)["found_count"] == 2)
    assert client.post(f"/api/{route}").status_code == 202
    wait_until(lambda: state(client) == "Stopped")
    assert status(client)["resumable"]
    assert client.post(f"/api/{route}").status_code == 409
    answer = client.post("/api/resume-hunt")
    assert (answer.status_code, answer.json["hunt_id"]) == (202, hunt_id)
    engine.release(4)
    wait_until(lambda: state(client) == "Completed")
    assert status(client)["found_count"] == 6
    assert client.post("/api/resume-hunt").status_code == 409


def test_a_second_hunt_starts_its_counts_again(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    for hunt in (1, 2):
        engine.release(6)
        assert client.post("/api/start-hunt", json=ORDER).status_code == 202
        wait_until(lambda: state(client) == "Completed")
        assert status(client)["found_count"] == 6
        assert client.get("/api/runs?hunt=current").json["total"] == 6
        assert client.get("/api/runs").json["total"] == 6 * hunt


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (StorageError("cannot write x: No space left on device"), "cannot write x: No space"),
        (RuntimeError("bang"), "RuntimeError: bang"),
    ],
)
def test_an_error_is_shown_and_the_hub_goes_on(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, error: Exception, shown: str
) -> None:
    engine.fail_with = error
    client.post("/api/start-hunt", json=ORDER)
    wait_until(lambda: state(client).startswith(f"Error: {shown}"))
    engine.fail_with = None
    engine.release(6)
    assert client.post("/api/resume-hunt").status_code == 202
    wait_until(lambda: state(client) == "Completed")


@pytest.mark.parametrize(
    ("left_as", "shown", "resumable"),
    [
        ("Running", "Interrupted", True),
        ("Stopped", "Stopped", True),
        ("Completed", "Completed", False),
        ("Error", "Error: disk full", True),
    ],
)
def test_a_restart_shows_where_the_hunt_was_left(
    settings: Settings, left_as: str, shown: str, resumable: bool
) -> None:
    plan = make_plan(state=left_as, message="disk full" if left_as == "Error" else None)
    write_json(settings.hunt_file, plan.model_dump(mode="json"))
    record = make_record(hunt_id=plan.hunt_id)
    commit(settings, record)
    commit(settings, make_record())  # of a past hunt
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        now = status(create_app(hub, "T" * 43).test_client())
    assert (now["hunt_status"], now["resumable"]) == (shown, resumable)
    assert now["found_count"] == 1
    final = None if left_as == "Running" else record.job_uuid
    assert (now["final_result"] or {}).get("job_uuid") == final


def test_a_broken_hunt_file_is_said(settings: Settings) -> None:
    settings.home.mkdir()
    settings.hunt_file.write_text('{"hunt_id": 3')
    with RunningHub(settings) as hub:
        now = status(create_app(hub, "T" * 43).test_client())
    assert now["hunt_status"].startswith("Error: ")
    assert "hunt.json" in now["hunt_status"]


def test_closing_the_hub_ends_its_hunt(settings: Settings, hub: Hub, client: FlaskClient) -> None:
    client.post("/api/start-hunt", json=ORDER)
    hub.hunts.shutdown()
    assert state(client) == "Stopped"
