"""The routes that start, pause and end a hunt, and read parameters for one (docs/http-api.md)."""

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, Response

from irer.hunt.loading import joined
from irer.hunt.order import check_runner, read_order
from irer.hunt.parameter_files import parameters_in
from irer.web.answers import answer, body
from irer.web.current import the_hub
from irer.web.describe import describe
from irer.web.hunt_models import HuntTime
from irer.web.models import HuntAccepted, LoadedParameters, Nothing, ParameterFile, StartBody

control_api = Blueprint("control_api", __name__)


@control_api.post("/api/start-hunt")
@describe(HuntAccepted, code=202, errors=(409, 503), body=StartBody)
def start_hunt() -> Response:
    """Start a hunt: 202 with its id, 409 if one is in progress, 400 naming each wrong field."""
    hub = the_hub()
    order = read_order(body(), hub.settings)
    check_runner(order, hub.settings)
    hunt_id = hub.hunts.start(order)
    return answer({"status": "Hunt Started", "hunt_id": hunt_id}, 202)


@control_api.post("/api/estimate-hunt")
@describe(HuntTime, body=StartBody)
def estimate_hunt() -> Response:
    """Return how long a hunt will take, from jobs of its size in this home; starts nothing."""
    hub = the_hub()
    return answer(asdict(hub.times.of_order(read_order(body(), hub.settings))))


@control_api.post("/api/load-parameters")
@describe(LoadedParameters)
def load_parameters(json: ParameterFile) -> Response:
    """Return what a file of parameters holds as an order; starts nothing, writes nothing."""
    settings = the_hub().settings
    found = parameters_in(
        json.text.encode(),
        json.run,
        settings.home,
        ignore_unknown=json.ignore_unknown,
        fmia=json.model == "fmia",
    )
    order = read_order(joined(found, {"model": json.model}, settings), settings)
    return answer(
        {
            "kind": found.kind,
            "order": order.model_dump(mode="json", exclude_none=True),
            "taken": [asdict(each) for each in found.taken],
            "left_out": [asdict(each) for each in found.left_out],
        }
    )


@control_api.post("/api/pause-hunt")
@describe(HuntAccepted, code=202, errors=(409,))
def pause_hunt(json: Nothing) -> Response:  # noqa: ARG001
    """Begin no job until a resume; running ones finish: 202, or 409 if no hunt is running."""
    return _switched("Hunt Pausing", the_hub().hunts.pause)


@control_api.post("/api/resume-hunt")
@describe(HuntAccepted, code=202, errors=(409,))
def resume_hunt(json: Nothing) -> Response:  # noqa: ARG001
    """Go on with a paused, interrupted or stopped hunt: 202 with its id, else 409."""
    return _switched("Hunt Resumed", the_hub().hunts.resume)


@control_api.post("/api/stop-hunt")
@describe(HuntAccepted, code=202, errors=(409,))
def stop_hunt(json: Nothing) -> Response:  # noqa: ARG001
    """Let the running jobs finish and begin no more: 202, or 409 if no hunt is running."""
    return _switched("Hunt Stopping", the_hub().hunts.stop)


@control_api.post("/api/cancel-hunt")
@describe(HuntAccepted, code=202, errors=(409,))
def cancel_hunt(json: Nothing) -> Response:  # noqa: ARG001
    """End the running jobs at once: 202, or 409 if no hunt is running."""
    return _switched("Hunt Cancelling", the_hub().hunts.cancel)


def _switched(done: str, switch: Callable[[], str]) -> Response:
    return answer({"status": done, "hunt_id": switch()}, 202)
