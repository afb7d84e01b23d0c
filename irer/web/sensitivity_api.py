"""What a hunt would have seen: the route that the hunt page reads."""

from typing import Any

from flask import Blueprint, Response

from irer.base.checking import Record
from irer.base.errors import ConflictError, ContractError
from irer.controls.complete_hunt import complete_hunt
from irer.controls.counted import counted_rows, refuse_without_fields
from irer.controls.estimate import estimate_s
from irer.controls.files import read_sensitivity
from irer.controls.possible import refuse_another_hunt
from irer.controls.sensitivity_records import NEED, Sensitivity
from irer.hub.hub import Hub
from irer.web.answers import answer
from irer.web.describe import describe
from irer.web.figures.sensitivity import sensitivity as drawn
from irer.web.hunt_api import with_hunt
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
    hub = with_hunt(hunt_id)
    report = read_sensitivity(hub.settings.home, hunt_id)
    return answer(
        {
            "hunt_id": hunt_id,
            "report": report.model_dump(mode="json") if report else None,
            "figure": drawn(report) if report else None,
            **_estimate(hub, hunt_id),
        }
    )


def _estimate(hub: Hub, hunt_id: str) -> dict[str, Any]:
    home = hub.settings.home
    try:
        refuse_another_hunt(home, hunt_id)
        plan = complete_hunt(home, NEED)
        counted = [run.job_uuid for run in hub.index.runs(hunt_id) if run.fitness is not None]
        if not counted:  # a long ledger is read for the reasons alone
            counted = [row.job_uuid for row in counted_rows(home, plan)]
        refuse_without_fields(home, plan, counted)
    except (ConflictError, ContractError) as error:  # a report that is there is shown all the same
        return {"estimate_s": None, "problem": error.message}
    return {"estimate_s": estimate_s(home, counted), "problem": None}
