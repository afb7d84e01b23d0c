"""What a hunt would have seen: the route that the hunt page reads."""

from typing import Any

from flask import Blueprint, Response

from irer.base.checking import Record
from irer.base.errors import NotFoundError
from irer.base.goals import MEASURE_VERSION
from irer.controls.estimate import estimate_s
from irer.controls.files import read_sensitivity
from irer.controls.sensitivity_records import Sensitivity
from irer.home.registry import load_plan
from irer.hub.hub import Hub
from irer.web.answers import answer
from irer.web.current import the_hub
from irer.web.describe import describe
from irer.web.figures.sensitivity import sensitivity as drawn
from irer.web.models import Figure

sensitivity_api = Blueprint("sensitivity_api", __name__)


class HuntSensitivity(Record):
    """What a hunt would have seen, or how to find out.

    Without a `report` either `estimate_s` says how long the component Sensitivity takes, or
    `problem` why it cannot tell.
    """

    hunt_id: str
    report: Sensitivity | None
    figure: Figure | None
    estimate_s: float | None
    problem: str | None


@sensitivity_api.get("/api/hunts/<hunt_id>/sensitivity")
@describe(HuntSensitivity)
def hunt_sensitivity(hunt_id: str) -> Response:
    """Return the shares found of injected lines by their height, and the figure of them."""
    hub = the_hub()
    plan = load_plan(hub.settings.home)
    current = plan is not None and plan.hunt_id == hunt_id
    if not current and hunt_id not in hub.index.hunts():
        raise NotFoundError(f"there is no hunt {hunt_id}")
    report = read_sensitivity(hub.settings.home, hunt_id)
    problem = None
    if not current:
        problem = "only the last hunt of a home can be asked for its sensitivity"
    elif plan is not None and plan.state != "Completed":
        problem = f"sensitivity is that of a complete hunt; this one is {plan.state}"
    elif plan is not None and plan.measure_version != MEASURE_VERSION:
        problem = "the hunt was begun with another version of the measure"
    return answer(
        {
            "hunt_id": hunt_id,
            "report": report.model_dump(mode="json") if report else None,
            "figure": drawn(report) if report else None,
            **(_estimate(hub, hunt_id) if problem is None else _without(problem)),
        }
    )


def _estimate(hub: Hub, hunt_id: str) -> dict[str, Any]:
    counted = [run.job_uuid for run in hub.index.runs(hunt_id) if run.fitness is not None]
    if not counted:
        return _without("the hunt has no complete run that counts")
    if not any(hub.settings.home.artifact_file(job_uuid).exists() for job_uuid in counted):
        return _without("the fields of the runs that count are gone (keep_artifacts)")
    return {"estimate_s": estimate_s(hub.settings.home, counted), "problem": None}


def _without(problem: str) -> dict[str, Any]:
    return {"estimate_s": None, "problem": problem}
