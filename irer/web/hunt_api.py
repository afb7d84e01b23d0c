"""The routes of the hunts of a home: what each was, and what came of it."""

from dataclasses import asdict
from tempfile import SpooledTemporaryFile
from typing import Any, get_args

from flask import Blueprint, Response, send_file
from pydantic import TypeAdapter

from irer.base.errors import ConflictError, NotFoundError
from irer.base.files import read_json
from irer.base.hunt_records import HuntPlan
from irer.base.results import BestRun
from irer.controls.reading import Reading, kept_or_made, read_reading
from irer.controls.reading.reading_records import RuleName
from irer.controls.unscored import words_on_unscored
from irer.home.paths import GOLDEN_FILES, GOLDEN_PARAMETERS
from irer.hub.findings import act_on
from irer.hub.hub import Hub
from irer.hub.hunt_export import write_export
from irer.hub.hunts import hunt_status_of
from irer.hub.labels import Label, LabelChange, change_label
from irer.hub.runs import Tally
from irer.web.answers import answer, file_answer, json_bytes, tag_of
from irer.web.current import the_hub
from irer.web.describe import File, describe
from irer.web.hunt_models import FindingBegun
from irer.web.models import HuntDetails, Hunts, Nothing

hunt_api = Blueprint("hunt_api", __name__)

_GOLDEN = (GOLDEN_PARAMETERS, *GOLDEN_FILES)
_RULES = get_args(RuleName)
_READING: TypeAdapter[Reading | None] = TypeAdapter(Reading | None)
_IN_MEMORY = 8 << 20  # bytes of an export; a larger one goes through a temporary file
_TYPES = {".json": "application/json", ".png": "image/png", ".csv": "text/csv"}


@hunt_api.get("/api/hunts")
@describe(Hunts)
def list_hunts() -> Response:
    """Return every hunt of the home with what it has come to, the newest first."""
    return answer({"hunts": list_of_hunts(the_hub())})


def list_of_hunts(hub: Hub) -> list[dict[str, Any]]:
    """Return every hunt in the shape of `HuntSummary`, the newest first."""
    tallies = hub.index.hunts()
    ids = dict.fromkeys([*tallies, *hub.kept.ids()])
    hunts = [hunt_row(hub, hunt_id, tallies.get(hunt_id, Tally())) for hunt_id in ids]
    return sorted(hunts, key=lambda hunt: -hunt["first_generation"])


@hunt_api.get("/api/hunts/<hunt_id>")
@describe(HuntDetails)
def show_hunt(hunt_id: str) -> Response:
    """Return what a hunt was and what came of it: its plan, best run, golden parameters."""
    hub = with_hunt(hunt_id)
    plan, tally = hub.plan_of(hunt_id), hub.index.tally(hunt_id)
    golden = hub.settings.home.hunt_golden_file(hunt_id)
    more = {
        "plan": plan.model_dump(mode="json") if plan else None,
        "result": hub.best(hunt_id).model_dump(mode="json"),
        "golden": read_json(golden) if golden.exists() else None,
    }
    return answer(hunt_row(hub, hunt_id, tally) | more)


@hunt_api.get("/api/hunts/<hunt_id>/reading")
@describe(Reading, errors=(503,))
def hunt_reading(hunt_id: str) -> Response:
    """Return what a hunt means: one sentence, its best run against the goals, and findings.

    One that the engine has not kept is made for the answer, as for a hunt of an earlier version;
    it is made once while neither the hunt nor its folder changes.
    """
    found = reading_of_hunt(with_hunt(hunt_id), hunt_id)
    if found is None:
        raise NotFoundError(f"the plan of hunt {hunt_id} is not kept, so it has no reading")
    return answer(found.model_dump(mode="json"))


@hunt_api.post("/api/hunts/<hunt_id>/findings/<name>/act")
@describe(FindingBegun, code=202, errors=(409, 503), choices={"name": _RULES})
def act_on_finding(hunt_id: str, name: str, json: Nothing) -> Response:  # noqa: ARG001
    """Begin what a finding of the hunt's reading asks for: a confirmation or a control.

    409 with the reason when the finding is gone, another hunt has begun since, the hunt is not
    complete, or the hub does not begin such a thing by itself.
    """
    if name not in _RULES:
        raise NotFoundError(f"there is no rule {name!r:.60}; there are {', '.join(_RULES)}")
    hub = with_hunt(hunt_id)
    found = reading_of_hunt(hub, hunt_id)
    if found is None:
        raise ConflictError(f"the plan of hunt {hunt_id} is not kept, so it has no reading")
    begun = act_on(hub, found, name)
    status = "Confirmation Started" if begun.job_uuid else "Component Started"
    return answer({"status": status, **asdict(begun)}, 202)


@hunt_api.post("/api/hunts/<hunt_id>/label")
@describe(Label, errors=(503,))
def label_hunt(hunt_id: str, json: LabelChange) -> Response:
    """Name a hunt, tag it, or note something on it; its record stays as it is."""
    hub = with_hunt(hunt_id)
    return answer(change_label(hub.settings.home, hunt_id, json).model_dump())


@hunt_api.get("/api/hunts/<hunt_id>/export")
@describe(File("application/zip"))
def export_hunt(hunt_id: str) -> Response:
    """Return a hunt as a zip file: what is kept of it, its ledger rows, the records of its runs."""
    hub = with_hunt(hunt_id)
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115, the answer closes it
    runs = (run.job_uuid for run in hub.index.runs(hunt_id))
    write_export(hub.settings.home, hunt_id, runs, file)
    file.seek(0)
    name = f"hunt_{hunt_id}.zip"
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)


@hunt_api.get("/api/hunts/<hunt_id>/golden/<name>")
@describe(File("application/octet-stream"), choices={"name": _GOLDEN})
def hunt_golden_file(hunt_id: str, name: str) -> Response:
    """Return a file of the golden parameters that are kept of a hunt."""
    file = with_hunt(hunt_id).settings.home.hunt_golden_file(hunt_id).with_name(name)
    if name not in _GOLDEN or not file.is_file():
        raise NotFoundError(f"there is no {name!r:.60}; there may be {', '.join(_GOLDEN)}")
    return file_answer(file, _TYPES[file.suffix])


def reading_of_hunt(hub: Hub, hunt_id: str) -> Reading | None:
    """Return the kept reading of a hunt, else one made; None where no plan of it is kept.

    It is read or made once while neither the hunt nor its folder changes. Raises BusyError,
    ContractError.
    """
    home, plan = hub.settings.home, hub.plan_of(hunt_id)
    folder, workers = home.hunt_dir(hunt_id), hub.settings.workers

    def make() -> bytes:
        found = kept_or_made(home, plan, workers) if plan else read_reading(home, hunt_id)
        return json_bytes(found and found.model_dump(mode="json"))

    changed = folder.stat().st_mtime_ns if folder.exists() else None  # by every file put there
    course = (plan.state, plan.generation) if plan else None
    tag = tag_of("reading", hunt_id, hub.index.size, changed, course)
    return _READING.validate_json(hub.readings.get(tag, make))


def with_hunt(hunt_id: str) -> Hub:
    """Return the hub. Raises NotFoundError unless its home has the hunt."""
    hub = the_hub()
    hub.require_hunt(hunt_id)
    return hub


def hunt_row(hub: Hub, hunt_id: str, tally: Tally) -> dict[str, Any]:
    """Return a hunt in the shape of `HuntSummary`."""
    plan, result = hub.plan_of(hunt_id), hub.kept.result(hunt_id)
    current = hunt_id == hub.board.hunt_id
    return {
        "hunt_id": hunt_id,
        "current": current,
        **hub.kept.label(hunt_id).model_dump(include={"name", "tags"}),
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
