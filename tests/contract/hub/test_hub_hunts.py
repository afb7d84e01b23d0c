"""The life of a hunt as the routes show it."""

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import RunningHub, create_app
from irer.base.errors import StorageError
from irer.base.files import parse_json, write_json
from irer.hub.hub import Hub
from irer.hub.hunts import hunt_status_of
from settings import Settings
from tests.contract.hub.asking import ORDER, Wait, state, status
from tests.fake_engine import FakeEngine, commit, make_plan, make_record


def test_start_to_finish(
    client: FlaskClient, engine: FakeEngine, settings: Settings, wait_until: Wait
) -> None:
    assert client.post("/api/start-hunt", json=ORDER).status_code == 202
    assert state(client) == "Running"
    engine.release(2)
    wait_until(lambda: status(client)["found_count"] == 2)
    assert status(client)["progress"]["failed"] == 1
    assert status(client)["final_result"] == {}  # as earlier dashboards have it
    engine.release(4)
    wait_until(lambda: state(client) == "Completed")
    final = status(client)
    assert final["found_count"] == final["progress"]["done"] == final["progress"]["total"] == 6
    assert final["progress"]["generation"] == 2
    assert final["final_result"] == client.get("/api/best").json
    assert final["final_result"]["log_prime_sse"] == pytest.approx(1 / 6)
    assert parse_json(settings.home.status_file.read_bytes()) == final


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


class NeverBegun(threading.Thread):
    def start(self) -> None:
        """Be the thread of a process that is killed before it gets a turn."""

    def join(self, timeout: float | None = None) -> None:
        """Be over."""


def test_an_accepted_hunt_is_written_down_before_the_answer(
    client: FlaskClient, engine: FakeEngine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed the next instant, the hub would show it as Interrupted."""
    with monkeypatch.context() as patch:
        patch.setattr(threading, "Thread", NeverBegun)
        hunt_id = client.post("/api/start-hunt", json=ORDER).json["hunt_id"]
    left = engine.load_plan(settings.home)
    assert left is not None
    assert (left.hunt_id, hunt_status_of(left)) == (hunt_id, "Interrupted")


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


def paused(client: FlaskClient, engine: FakeEngine, wait_until: Wait) -> str:
    """Start a hunt of 6 and pause it after 2; return its id."""
    hunt_id = client.post("/api/start-hunt", json=ORDER).json["hunt_id"]
    engine.release(2)
    wait_until(lambda: status(client)["found_count"] == 2)
    answer = client.post("/api/pause-hunt")
    assert (answer.status_code, answer.json["hunt_id"]) == (202, hunt_id)
    wait_until(lambda: state(client) == "Paused")
    return str(hunt_id)


def test_pause_and_resume(
    client: FlaskClient, engine: FakeEngine, settings: Settings, wait_until: Wait
) -> None:
    hunt_id = paused(client, engine, wait_until)
    now = status(client)
    assert now["reason"] == "paused on request"
    assert now["progress"]["eta_s"] is None
    assert parse_json(settings.home.status_file.read_bytes()) == now
    for route in ("start-hunt", "pause-hunt"):
        assert client.post(f"/api/{route}").status_code == 409
    engine.release(4)
    assert (state(client), status(client)["found_count"]) == ("Paused", 2)
    answer = client.post("/api/resume-hunt")
    assert (answer.status_code, answer.json["hunt_id"]) == (202, hunt_id)
    assert (state(client), status(client)["reason"]) != ("Paused", "paused on request")
    wait_until(lambda: state(client) == "Completed")
    assert status(client)["found_count"] == 6
    assert client.post("/api/pause-hunt").status_code == 409


@pytest.mark.parametrize("route", ["stop-hunt", "cancel-hunt"])
def test_a_paused_hunt_can_be_ended(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, route: str
) -> None:
    paused(client, engine, wait_until)
    assert client.post(f"/api/{route}").status_code == 202
    wait_until(lambda: state(client) == "Stopped")
    assert (status(client)["reason"], status(client)["resumable"]) == (None, True)
    engine.release(4)
    assert client.post("/api/resume-hunt").status_code == 202
    wait_until(lambda: state(client) == "Completed")


def test_a_running_hunt_cannot_be_resumed(client: FlaskClient, engine: FakeEngine) -> None:
    client.post("/api/start-hunt", json=ORDER)
    answer = client.post("/api/resume-hunt")
    assert (answer.status_code, answer.json["message"]) == (
        409,
        "The hunt is not paused (Running).",
    )


def test_a_pause_by_the_engine_says_why(
    client: FlaskClient, engine: FakeEngine, hub: Hub, wait_until: Wait
) -> None:
    engine.pause_with = "5 jobs in a row crashed: no such file"
    client.post("/api/start-hunt", json=ORDER)
    wait_until(lambda: state(client) == "Paused")
    assert status(client)["reason"] == engine.pause_with
    engine.release(6)
    assert client.post("/api/resume-hunt").status_code == 202
    wait_until(lambda: state(client) == "Completed")


def test_towards_a_pause_the_hunt_runs_on_and_can_be_resumed(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    engine.hold = threading.Event()
    client.post("/api/start-hunt", json=ORDER)
    engine.release(2)
    wait_until(lambda: status(client)["found_count"] == 1)
    client.post("/api/pause-hunt")  # while the second job runs
    assert (state(client), status(client)["reason"]) == ("Running", "paused on request")
    assert client.post("/api/pause-hunt").status_code == 409
    assert client.post("/api/resume-hunt").status_code == 202
    assert (state(client), status(client)["reason"]) == ("Running", None)
    engine.hold.set()
    engine.release(4)
    wait_until(lambda: state(client) == "Completed")


def test_job_states_are_shown(client: FlaskClient, engine: FakeEngine, wait_until: Wait) -> None:
    assert set(status(client)["progress"]["states"].values()) == {0}
    client.post("/api/start-hunt", json=ORDER)
    engine.release(2)
    wait_until(lambda: status(client)["progress"]["states"]["committed"] == 2)
    assert status(client)["progress"]["states"] == {
        "queued": 4, "running": 0, "simulated": 0, "committed": 2, "failed": 0, "retried": 0,
        "abandoned": 0,
    }  # fmt: skip


def test_pauses_and_resumes_from_all_sides_end_in_what_was_asked_last(
    flask_app: Flask, client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    client.post("/api/start-hunt", json=ORDER)
    codes: list[int] = []

    def hammer(route: str) -> None:
        mine = flask_app.test_client()
        codes.extend(mine.post(f"/api/{route}").status_code for _ in range(30))

    sides = ("pause-hunt", "resume-hunt") * 3
    threads = [threading.Thread(target=hammer, args=(route,)) for route in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {202, 409}
    client.post("/api/pause-hunt")
    wait_until(lambda: state(client) == "Paused")
    client.post("/api/resume-hunt")
    wait_until(lambda: state(client) == "Running")
    engine.release(6)
    wait_until(lambda: state(client) == "Completed")


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


@pytest.mark.parametrize("route", ["/api/start-hunt", "/api/queue"])
def test_a_runner_without_its_cluster_is_refused_and_changes_nothing(
    client: FlaskClient, engine: FakeEngine, route: str
) -> None:
    before = status(client)
    refused = client.post(route, json=ORDER | {"runner": "dask"})
    assert refused.status_code == 400
    assert "IRER_DASK_SCHEDULER: must be the scheduler's address" in refused.json["message"]
    assert status(client) == before


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
        ("Paused", "Interrupted", True),
        ("Stopped", "Stopped", True),
        ("Completed", "Completed", False),
        ("Error", "Error: disk full", True),
    ],
)
def test_a_restart_shows_where_the_hunt_was_left(
    settings: Settings, left_as: str, shown: str, resumable: bool
) -> None:
    plan = make_plan(state=left_as, message="disk full" if left_as == "Error" else None)
    write_json(settings.home.hunt_file, plan.model_dump(mode="json"))
    record = make_record(hunt_id=plan.hunt_id)
    commit(settings, record)
    commit(settings, make_record())  # of a past hunt
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        now = status(create_app(hub, "T" * 43).test_client())
    assert (now["hunt_status"], now["resumable"]) == (shown, resumable)
    assert now["found_count"] == 1
    final = None if shown == "Interrupted" else record.job_uuid
    assert (now["final_result"] or {}).get("job_uuid") == final


def test_a_broken_hunt_file_is_said(settings: Settings) -> None:
    settings.home.folder.mkdir()
    settings.home.hunt_file.write_text('{"hunt_id": 3')
    with RunningHub(settings) as hub:
        now = status(create_app(hub, "T" * 43).test_client())
    assert now["hunt_status"].startswith("Error: ")
    assert "hunt.json" in now["hunt_status"]


def test_closing_the_hub_ends_its_hunt(settings: Settings, hub: Hub, client: FlaskClient) -> None:
    client.post("/api/start-hunt", json=ORDER)
    hub.hunts.shutdown()
    assert state(client) == "Stopped"
