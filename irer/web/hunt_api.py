"""The routes of the hunts of a home: what each was, and what came of it."""

from typing import Any

from flask import Blueprint, Response

from irer.base.errors import NotFoundError
from irer.base.files import read_json
from irer.base.hunt_records import HuntPlan
from irer.base.results import BestRun
from irer.controls.unscored import words_on_unscored
from irer.home.paths import GOLDEN_FILES, GOLDEN_PARAMETERS
from irer.hub.hub import Hub
from irer.hub.hunts import hunt_status_of
from irer.hub.runs import Tally
from irer.web.answers import answer, file_answer
from irer.web.current import the_hub
from irer.web.describe import File, describe
from irer.web.models import HuntDetails, Hunts

hunt_api = Blueprint("hunt_api", __name__)

_GOLDEN = (GOLDEN_PARAMETERS, *GOLDEN_FILES)
_TYPES = {".json": "application/json", ".png": "image/png", ".csv": "text/csv"}


@hunt_api.get("/api/hunts")
@describe(Hunts)
def list_hunts() -> Response:
    """Return every hunt of the home with what it has come to, the newest first."""
    hub = the_hub()
    tallies = hub.index.hunts()
    ids = dict.fromkeys([*tallies, *hub.kept.ids()])
    hunts = [_row(hub, hunt_id, tallies.get(hunt_id, Tally())) for hunt_id in ids]
    return answer({"hunts": sorted(hunts, key=lambda hunt: -hunt["first_generation"])})


@hunt_api.get("/api/hunts/<hunt_id>")
@describe(HuntDetails)
def show_hunt(hunt_id: str) -> Response:
    """Return what a hunt was and what came of it: its plan, best run, golden parameters."""
    hub = _with_hunt(hunt_id)
    plan, tally = hub.plan_of(hunt_id), hub.index.tally(hunt_id)
    golden = hub.settings.home.hunt_golden_file(hunt_id)
    more = {
        "plan": plan.model_dump(mode="json") if plan else None,
        "result": hub.best(hunt_id).model_dump(mode="json"),
        "golden": read_json(golden) if golden.exists() else None,
    }
    return answer(_row(hub, hunt_id, tally) | more)


@hunt_api.get("/api/hunts/<hunt_id>/golden/<name>")
@describe(File("application/octet-stream"), choices={"name": _GOLDEN})
def hunt_golden_file(hunt_id: str, name: str) -> Response:
    """Return a file of the golden parameters that are kept of a hunt."""
    file = _with_hunt(hunt_id).settings.home.hunt_golden_file(hunt_id).with_name(name)
    if name not in _GOLDEN or not file.is_file():
        raise NotFoundError(f"there is no {name!r:.60}; there may be {', '.join(_GOLDEN)}")
    return file_answer(file, _TYPES[file.suffix])


def _with_hunt(hunt_id: str) -> Hub:
    """Return the hub. Raises NotFoundError unless its home has the hunt."""
    hub = the_hub()
    if hub.plan_of(hunt_id) is None and not hub.index.tally(hunt_id).committed:
        raise NotFoundError(f"there is no hunt {hunt_id}")
    return hub


def _row(hub: Hub, hunt_id: str, tally: Tally) -> dict[str, Any]:
    plan, result = hub.plan_of(hunt_id), hub.kept.result(hunt_id)
    current = hunt_id == hub.board.hunt_id
    return {
        "hunt_id": hunt_id,
        "current": current,
        "status": hub.board.state.hunt_status if current else plan and hunt_status_of(plan),
        "started_at": plan and plan.started_at,
        "ended_at": plan and plan.ended_at,
        "total": plan and plan.total_jobs,
        "verdict": result.verdict.scientific if isinstance(result, BestRun) else None,
        **_generations(plan, tally),
        **summary(tally),
    }


def _generations(plan: HuntPlan | None, tally: Tally) -> dict[str, int]:
    """Return the first and last generation of the runs; without runs, those of the plan."""
    first, last = tally.first_generation, tally.last_generation
    if not tally.committed and plan is not None:
        first, last = plan.first_generation, plan.generation
    return {"first_generation": first, "last_generation": last}


def summary(tally: Tally) -> dict[str, Any]:
    """Return counts and bests in the shape of `Summary`."""
    return {
        "complete": tally.complete,
        "failed": tally.failed,
        "best_run": tally.best.job_uuid if tally.best else None,
        "best_sse": tally.best_sse,
        "best_h_norm": tally.best_h_norm,
        "median_seconds": tally.median_seconds,
        "unscored": dict(tally.unscored),
        "without_score": words_on_unscored(tally.committed, tally.unscored, tally.reasons),
    }
