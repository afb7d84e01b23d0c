"""The routes of the queue of hunts (docs/http-api.md)."""

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response
from pydantic import Field

from irer.base.checking import Record
from irer.base.errors import ConfigError
from irer.hub.hub import Hub
from irer.hub.hunt_queue import MOST_WAITING
from irer.hub.queue_file import QueuedHunt
from irer.hunt.order import check_runner, read_order
from irer.web.answers import answer, body
from irer.web.current import the_hub
from irer.web.describe import describe
from irer.web.hunt_models import HuntTime
from irer.web.models import HuntAccepted, Nothing, StartBody

queue_api = Blueprint("queue_api", __name__)


class QueueEntry(QueuedHunt):
    """A hunt that waits, and how large it is."""

    time: HuntTime | None = Field(description="null where the order is not possible any more")


class Queue(Record):
    """The hunts that wait, in their order."""

    hunts: list[QueueEntry]
    held: str | None = Field(description="why it does not go on by itself, null where it does")
    most: int = Field(description="how many may wait")


class QueueMove(Record):
    """By how many places a hunt is moved; negative is towards the front (default: one place)."""

    by: int = Field(-1, ge=-MOST_WAITING, le=MOST_WAITING)


@queue_api.get("/api/queue")
@describe(Queue)
def show_queue() -> Response:
    """Return the hunts that wait, in their order."""
    return _queue()


@queue_api.post("/api/queue")
@describe(HuntAccepted, code=202, errors=(409, 503), body=StartBody)
def queue_hunt() -> Response:
    """Let a hunt wait for its turn: 202 with the id that it will have.

    It begins at once where nothing else runs or waits and the queue is not held. 409 when the queue
    is full, 400 naming each wrong field.
    """
    hub = the_hub()
    order = read_order(body(), hub.settings)
    check_runner(order, hub.settings)
    hunt_id, began = hub.queue.add(order)
    return answer({"status": "Hunt Started" if began else "Hunt Queued", "hunt_id": hunt_id}, 202)


@queue_api.post("/api/queue/<hunt_id>/move")
@describe(Queue, errors=(409, 503))
def move_in_queue(hunt_id: str, json: QueueMove) -> Response:
    """Move a hunt in the queue, at most to an end; 409 when it has begun."""
    the_hub().queue.move(hunt_id, json.by)
    return _queue()


@queue_api.post("/api/queue/<hunt_id>/remove")
@describe(Queue, errors=(409, 503))
def remove_from_queue(hunt_id: str, json: Nothing) -> Response:  # noqa: ARG001
    """Take a hunt out of the queue; 409 when it has begun."""
    the_hub().queue.remove(hunt_id)
    return _queue()


@queue_api.post("/api/queue/clear")
@describe(Queue, errors=(503,))
def clear_queue(json: Nothing) -> Response:  # noqa: ARG001
    """Take every hunt out of the queue."""
    the_hub().queue.clear()
    return _queue()


@queue_api.post("/api/queue/go-on")
@describe(Queue, code=202, errors=(409, 503))
def release_queue(json: Nothing) -> Response:  # noqa: ARG001
    """Let a held queue go on; 409 when nothing waits, or when it is not held and a hunt runs."""
    the_hub().queue.go_on()
    return _queue(202)


def _queue(status: int = 200) -> Response:
    hub = the_hub()
    state = hub.queue.state
    hunts = [_entry(hub, hunt) for hunt in state.hunts]
    return answer({"hunts": hunts, "held": state.held, "most": MOST_WAITING}, status)


def _entry(hub: Hub, hunt: QueuedHunt) -> dict[str, Any]:
    time = None
    with suppress(ConfigError):  # which sets it aside when its turn comes
        if hunt.problem is None:
            order = read_order(hunt.order, hub.settings, what="the order")
            time = asdict(hub.times.of_order(order))
    return hunt.model_dump(mode="json") | {"time": time}
