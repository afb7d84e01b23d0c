"""What holds the queue of hunts, what lets it go on, and that no end of a hunt loses another."""

import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from irer.base.errors import ContractError, StorageError
from irer.base.files import read_json
from irer.hub.hub import Hub
from settings import Settings
from tests.contract.hub.asking import ORDER, Wait, ids, queue, state, status, wait_in_queue
from tests.fake_engine import FakeEngine


@pytest.mark.parametrize("route", ["stop-hunt", "cancel-hunt"])
def test_who_ends_a_hunt_starts_no_other(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, running: str, route: str
) -> None:
    waiting = wait_in_queue(client)
    client.post(f"/api/{route}")
    held = "the hunt before is not complete (Stopped)"
    wait_until(lambda: queue(client)["held"] == held)
    assert status(client)["queue"]["held"] == held
    assert (state(client), ids(client), engine.started) == ("Stopped", [waiting], 1)
    also = wait_in_queue(client)  # does not begin either
    assert client.post("/api/queue/go-on").status_code == 202
    assert (status(client)["hunt_id"], ids(client)) == (waiting, [also])
    assert queue(client)["held"] is None


def test_a_resumed_hunt_releases_the_queue(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, running: str
) -> None:
    waiting = wait_in_queue(client)
    client.post("/api/stop-hunt")
    wait_until(lambda: state(client) == "Stopped")
    wait_until(lambda: queue(client)["held"])
    assert client.post("/api/resume-hunt").json["hunt_id"] == running
    assert queue(client)["held"] is None
    engine.release(6)
    wait_until(lambda: status(client)["hunt_id"] == waiting)


def test_a_hunt_that_ends_by_its_own_limit_lets_the_next_begin(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    engine.stop_by_itself = True
    client.post("/api/start-hunt", json=ORDER)
    waiting = wait_in_queue(client)
    engine.release(1)
    wait_until(lambda: status(client)["hunt_id"] == waiting)


def test_a_hunt_that_fails_loses_nothing(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    engine.hold_start = threading.Event()
    engine.fail_with = StorageError("cannot write x: No space left on device")
    client.post("/api/start-hunt", json=ORDER)
    waiting = [wait_in_queue(client), wait_in_queue(client)]
    engine.hold_start.set()
    wait_until(lambda: queue(client)["held"])
    assert "No space left" in queue(client)["held"]
    assert ids(client) == waiting
    engine.fail_with = None
    client.post("/api/queue/go-on")
    engine.release(12)
    wait_until(lambda: (status(client)["hunt_id"], state(client)) == (waiting[1], "Completed"))


def test_a_hunt_that_ends_before_its_plan_is_stored_is_not_lost(
    client: FlaskClient, engine: FakeEngine, settings: Settings, wait_until: Wait, running: str
) -> None:
    def kept() -> list[str]:
        return [hunt["hunt_id"] for hunt in read_json(settings.home.queue_file)["hunts"]]

    first, second = wait_in_queue(client), wait_in_queue(client)
    client.post("/api/stop-hunt")
    wait_until(lambda: queue(client)["held"])
    engine.hold_before_plan = threading.Event()
    engine.fail_before_plan = ContractError("the ledger is broken")
    held = "the first hunt ended before its plan was stored (Error: the ledger is broken)"
    for _ in range(2):
        assert client.post("/api/queue/go-on").status_code == 202
        assert (status(client)["hunt_id"], ids(client)) == (first, [second])
        assert kept() == [first, second]  # what a kill would leave
        engine.hold_before_plan.set()
        wait_until(lambda: queue(client)["held"] == held)
        assert ids(client) == kept() == [first, second]
        assert not settings.home.plan_file(first).exists()
        engine.hold_before_plan.clear()
    engine.fail_before_plan = None
    engine.hold_before_plan.set()
    engine.release(12)
    assert client.post("/api/queue/go-on").status_code == 202
    wait_until(lambda: (status(client)["hunt_id"], state(client)) == (second, "Completed"))
    assert ids(client) == kept() == []
    assert settings.home.plan_file(first).exists()


def test_a_start_that_fails_lets_the_queue_go_on(
    flask_app: Flask,
    client: FlaskClient,
    engine: FakeEngine,
    hub: Hub,
    wait_until: Wait,
    running: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine.release(6)
    wait_until(lambda: state(client) == "Completed")
    waiting: list[str] = []

    def resume_fails(*_: Any) -> None:
        waiting.append(wait_in_queue(client))
        assert (ids(client), queue(client)["held"]) == (waiting, None)
        raise StorageError("cannot write hunt.json: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("irer.hub.hunts.HuntController._unfinished_plan", resume_fails)
        assert flask_app.test_client().post("/api/resume-hunt").status_code == 503
    assert (status(client)["hunt_id"], ids(client)) == (waiting[0], [])
    engine.release(6)
    wait_until(lambda: state(client) == "Completed")
    best = client.get("/api/best").json["job_uuid"]
    whole = threading.Thread.start

    def no_thread(thread: threading.Thread) -> None:
        if thread.name != "confirmation":
            return whole(thread)
        waiting.append(wait_in_queue(client))
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError, match="new thread"):
            hub.confirmations.start(best)
    assert (status(client)["hunt_id"], ids(client)) == (waiting[1], [])


def test_a_queue_that_nothing_holds_or_keeps_from_going_on_goes_on_when_told(
    client: FlaskClient, engine: FakeEngine, hub: Hub, wait_until: Wait, running: str
) -> None:
    waiting = wait_in_queue(client)
    client.post("/api/stop-hunt")
    wait_until(lambda: queue(client)["held"])
    hub.queue.hunt_began()  # and nothing runs
    assert (queue(client)["held"], ids(client)) == (None, [waiting])
    assert client.post("/api/queue/go-on").status_code == 202
    assert (status(client)["hunt_id"], ids(client)) == (waiting, [])


@pytest.mark.parametrize("route", ["start-hunt", "resume-hunt"])
def test_a_hunt_that_begins_as_another_ends_is_not_held_by_that_end(
    flask_app: Flask,
    client: FlaskClient,
    engine: FakeEngine,
    hub: Hub,
    wait_until: Wait,
    running: str,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
) -> None:
    waiting = wait_in_queue(client)
    whole, told = hub.queue.hunt_ended, threading.Event()

    def late(*given: Any, **named: Any) -> None:
        if not told.is_set():
            order = ORDER if route == "start-hunt" else {}
            assert flask_app.test_client().post(f"/api/{route}", json=order).status_code < 300
        whole(*given, **named)
        told.set()

    monkeypatch.setattr(hub.queue, "hunt_ended", late)
    client.post("/api/stop-hunt")
    assert told.wait(30)
    assert (queue(client)["held"], ids(client)) == (None, [waiting])
    engine.release(6)
    wait_until(lambda: status(client)["hunt_id"] == waiting)


def test_going_on_without_need_is_refused(client: FlaskClient, running: str) -> None:
    assert client.post("/api/queue/go-on").status_code == 409
    wait_in_queue(client)
    answer = client.post("/api/queue/go-on")
    assert answer.status_code == 409
    assert answer.json["message"] == "The queue goes on by itself when nothing else runs."


def test_a_confirmation_lets_the_next_hunt_begin(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    engine.release(6)
    client.post("/api/start-hunt", json=ORDER)
    wait_until(lambda: state(client) == "Completed")
    best = client.get("/api/best").json["job_uuid"]
    assert client.post(f"/api/runs/{best}/confirm").status_code == 202
    waiting = wait_in_queue(client)
    client.post(f"/api/runs/{best}/stop-confirmation")
    wait_until(lambda: status(client)["hunt_id"] == waiting)
