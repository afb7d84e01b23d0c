"""How tests order hunts and ask the routes for what there is."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

Wait = Callable[[Callable[[], Any]], None]
ORDER = {"num_generations": 2, "population_size": 3}


def status(client: FlaskClient) -> Any:
    return client.get("/api/get-status").json


def state(client: FlaskClient) -> str:
    return str(status(client)["hunt_status"])


def queue(client: FlaskClient) -> Any:
    return client.get("/api/queue").json


def ids(client: FlaskClient) -> list[str]:
    return [hunt["hunt_id"] for hunt in queue(client)["hunts"]]


def wait_in_queue(client: FlaskClient, **order: Any) -> str:
    answer = client.post("/api/queue", json=ORDER | order)
    assert answer.status_code == 202, answer.json
    assert answer.json["status"] == "Hunt Queued"
    return str(answer.json["hunt_id"])
