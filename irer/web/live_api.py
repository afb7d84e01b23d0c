"""The route of the live view: the last fields of running jobs, and the end of a log."""

from pathlib import Path
from typing import Literal

from flask import Blueprint, Response
from pydantic import Field

from irer.base.checking import Record
from irer.base.jobs import JobState
from irer.home import Home
from irer.home.live import LiveField, ask, live_fields
from irer.home.logs import tail
from irer.hub.hub import Hub
from irer.hub.status import ACTIVE
from irer.web.answers import answer
from irer.web.current import the_hub
from irer.web.describe import describe

live_api = Blueprint("live_api", __name__)

MOST_LINES = 200
_TAIL_BYTES = 32 * 1024


class LiveQuery(Record):
    """Which log is shown."""

    log: Literal["engine", "hub"] = "engine"


class Live(Record):
    """What goes on at this moment."""

    active: bool = Field(description="whether a hunt or a confirmation is under way")
    running: int | None = Field(
        description="jobs whose simulation runs; null in a confirmation, which counts its results"
    )
    fields: list[LiveField] = Field(description="of those that have ended a frame since asked")
    lines: list[str] = Field(description="the last lines of the log, oldest first")


@live_api.get("/api/live")
@describe(Live, errors=(503,))
def live(query: LiveQuery) -> Response:
    """Return the last fields of running jobs, and ask these for newer ones; and a log's last lines.

    A job answers at the end of its next frame, so the fields are those of an earlier request.
    """
    hub = the_hub()
    home, confirming = hub.settings.home, hub.confirmations.home_at_work()
    running = None if confirming else _running_jobs(hub)
    fields = [] if running == 0 else _asked(confirming or home)
    return answer(
        {
            "active": bool(confirming) or hub.board.state.hunt_status in ACTIVE,
            "running": running,
            "fields": [field.model_dump(mode="json") for field in fields],
            "lines": _last_lines(home.hub_log if query.log == "hub" else home.hunt_log),
        }
    )


def _running_jobs(hub: Hub) -> int:
    """Return how many jobs of a hunt run; 0 when none is under way."""
    state = hub.board.state
    jobs = state.jobs if state.hunt_status in ACTIVE else None
    return (jobs or {}).get(JobState.RUNNING.value, 0)


def _asked(home: Home) -> list[LiveField]:
    """Ask the running jobs of a home for their fields, and return those that there are."""
    ask(home)
    return live_fields(home)


def _last_lines(log: Path) -> list[str]:
    return tail(log, _TAIL_BYTES).splitlines()[-MOST_LINES:]
