"""The queue of hunts: its order, its limits, what is set aside, what a restart leaves."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import RunningHub, create_app
from irer.base.errors import ConfigError, StorageError
from irer.base.files import read_json, write_json
from irer.hub import hunt_queue
from irer.hub.hunt_queue import MOST_WAITING
from settings import Settings
from tests.contract.hub.asking import ORDER, Wait, ids, queue, state, status, wait_in_queue
from tests.fake_engine import FakeEngine, make_plan

LIMIT = f"the queue is full: it holds at most {MOST_WAITING} hunts; remove one"


def test_hunts_wait_for_their_turn_and_begin_under_the_ids_they_were_given(
    client: FlaskClient, engine: FakeEngine, wait_until: Wait, running: str
) -> None:
    first, second = wait_in_queue(client), wait_in_queue(client, seed=9)
    assert ids(client) == [first, second]
    assert queue(client)["hunts"][1]["order"] == ORDER | {"seed": 9}
    assert [hunt["time"]["jobs"] for hunt in queue(client)["hunts"]] == [6, 6]
    assert status(client)["queue"]["waiting"] == 2
    engine.release(6)
    wait_until(lambda: status(client)["hunt_id"] == first)
    wait_until(lambda: ids(client) == [second])
    assert client.get(f"/api/hunts/{running}").json["status"] == "Completed"
    engine.release(12)
    wait_until(lambda: (status(client)["hunt_id"], state(client)) == (second, "Completed"))
    assert ids(client) == []
    shown = status(client)["queue"]
    assert (shown["waiting"], shown["set_aside"], shown["held"]) == (0, 0, None)


def test_what_is_queued_while_nothing_runs_begins_at_once(client: FlaskClient) -> None:
    answer = client.post("/api/queue", json=ORDER)
    assert (answer.status_code, answer.json["status"]) == (202, "Hunt Started")
    assert status(client)["hunt_id"] == answer.json["hunt_id"]
    assert (state(client), ids(client)) == ("Running", [])


def test_the_order_can_be_changed(client: FlaskClient, running: str) -> None:
    a, b, c = (wait_in_queue(client) for _ in range(3))
    for moved, by, wanted in ((c, -1, [a, c, b]), (a, 99, [c, b, a]), (b, -100, [b, c, a])):
        answer = client.post(f"/api/queue/{moved}/move", json={"by": by})
        assert [hunt["hunt_id"] for hunt in answer.json["hunts"]] == wanted
    assert client.post(f"/api/queue/{c}/remove").status_code == 200
    assert ids(client) == [b, a]
    assert client.post("/api/queue/clear").json["hunts"] == []
    for route in ("move", "remove"):
        gone = client.post(f"/api/queue/{a}/{route}", json={"by": 1} if route == "move" else {})
        assert gone.status_code == 404
        begun = client.post(
            f"/api/queue/{running}/{route}", json={"by": 1} if route == "move" else {}
        )
        assert begun.status_code == 409
        assert "it has begun" in begun.json["message"]
    wrong = client.post(f"/api/queue/{a}/move", json={"by": 101})
    assert wrong.json["errors"][0]["field"] == "by"


def test_wrong_orders_are_refused_as_at_a_start(client: FlaskClient, running: str) -> None:
    body = {"num_generations": 0, "params": {"kappa": "x"}}
    answers = [client.post(route, json=body) for route in ("/api/queue", "/api/start-hunt")]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json == answers[1].json
    assert ids(client) == []


def test_one_too_many_is_one_clear_line(
    client: FlaskClient, running: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hunt_queue, "write_queue", lambda *_: None)  # syncs a hundred files
        for _ in range(MOST_WAITING):
            wait_in_queue(client)
    before = ids(client)
    answer = client.post("/api/queue", json=ORDER)
    assert (answer.status_code, answer.json) == (409, {"message": LIMIT, "errors": []})
    assert ids(client) == before


def test_an_order_that_is_impossible_by_now_is_set_aside(
    client: FlaskClient,
    engine: FakeEngine,
    wait_until: Wait,
    running: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = wait_in_queue(client, seed=1), wait_in_queue(client, seed=2)
    whole = hunt_queue.read_order

    def read_order(data: Any, *given: Any, **named: Any) -> Any:
        if data.get("seed") == 1:
            raise ConfigError.of_field("sampler", "is not installed any more")
        return whole(data, *given, **named)

    monkeypatch.setattr(hunt_queue, "read_order", read_order)
    engine.release(6)
    wait_until(lambda: status(client)["hunt_id"] == second)
    wait_until(lambda: ids(client) == [first])
    (left,) = queue(client)["hunts"]
    assert (left["problem"], left["time"]) == ("sampler: is not installed any more", None)
    shown = status(client)["queue"]
    assert (shown["waiting"], shown["set_aside"]) == (0, 1)
    engine.release(6)
    wait_until(lambda: state(client) == "Completed")
    refused = client.post("/api/queue/go-on")
    assert (refused.status_code, refused.json["message"]) == (409, "No hunt waits in the queue.")


def opened(settings: Settings, engine: FakeEngine) -> RunningHub:
    return RunningHub(settings, engine.as_engine())


def test_the_queue_outlives_the_hub_and_waits_for_a_word(
    settings: Settings, wait_until: Wait
) -> None:
    with opened(settings, FakeEngine(gated=True)) as hub:
        client = create_app(hub, "T" * 43).test_client()
        client.post("/api/start-hunt", json=ORDER)
        waiting = [wait_in_queue(client), wait_in_queue(client, seed=4)]
    engine = FakeEngine()
    with opened(settings, engine) as hub:
        client = create_app(hub, "T" * 43).test_client()
        assert ids(client) == waiting
        assert queue(client)["held"] == "the hunt before is not complete (Stopped)"
        assert queue(client)["hunts"][1]["order"]["seed"] == 4
        assert engine.started == 0
        client.post("/api/queue/go-on")
        wait_until(lambda: (status(client)["hunt_id"], state(client)) == (waiting[1], "Completed"))
    assert read_json(settings.home.queue_file)["hunts"] == []


def test_after_a_crash_between_two_hunts_the_begun_one_does_not_begin_again(
    settings: Settings,
) -> None:
    began, waits = str(uuid.uuid4()), str(uuid.uuid4())
    plan = make_plan(hunt_id=began, state="Completed")
    write_json(settings.home.hunt_file, plan.model_dump(mode="json"))
    hunts = [
        {"hunt_id": each, "order": {}, "queued_at": "2026-11-27T04:16:11.123+00:00"}
        for each in (began, waits)
    ]
    write_json(settings.home.queue_file, {"schema_version": 1, "hunts": hunts})
    engine = FakeEngine(gated=True)
    with opened(settings, engine) as hub:
        client = create_app(hub, "T" * 43).test_client()
        assert (ids(client), queue(client)["held"]) == ([waits], hunt_queue.STARTED_ANEW)
        assert engine.started == 0


@pytest.mark.parametrize("text", ["[", '{"hunts": 3}', '{"schema_version": 2}'])
def test_a_broken_file_is_left_alone_and_said(settings: Settings, text: str) -> None:
    settings.home.folder.mkdir()
    settings.home.queue_file.write_text(text)
    with opened(settings, FakeEngine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        assert "mend or remove it" in queue(client)["held"]
        for route in ("queue", "queue/clear", "queue/go-on"):
            assert client.post(f"/api/{route}", json={}).status_code == 500
        assert client.post("/api/start-hunt", json=ORDER).status_code == 202
    assert settings.home.queue_file.read_text() == text


def test_a_full_disk_refuses_and_changes_nothing(
    client: FlaskClient, running: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = wait_in_queue(client), wait_in_queue(client)

    def full(*_: Any) -> None:
        raise StorageError("cannot write hunt_queue.json: No space left on device")

    monkeypatch.setattr(hunt_queue, "write_queue", full)
    calls: list[Callable[[], Any]] = [
        lambda: client.post("/api/queue", json=ORDER),
        lambda: client.post(f"/api/queue/{b}/move", json={"by": -1}),
        lambda: client.post(f"/api/queue/{a}/remove"),
        lambda: client.post("/api/queue/clear"),
    ]
    assert [call().status_code for call in calls] == [503] * 4
    assert ids(client) == [a, b]


def test_hunts_from_all_sides_each_run_once(
    flask_app: Flask, client: FlaskClient, engine: FakeEngine, wait_until: Wait
) -> None:
    accepted: list[str] = []

    def ask() -> None:
        mine = flask_app.test_client()
        accepted.extend(mine.post("/api/queue", json=ORDER).json["hunt_id"] for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    engine.release(6 * 12)
    for thread in threads:
        thread.join()
    wait_until(lambda: engine.started == 12 and state(client) == "Completed")
    hunts = client.get("/api/hunts").json["hunts"]
    assert sorted(hunt["hunt_id"] for hunt in hunts) == sorted(accepted)
    assert {hunt["complete"] + hunt["failed"] for hunt in hunts} == {6}
