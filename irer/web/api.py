"""The JSON routes of the hub (docs/http-api.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, send_file

import settings as settings_module
from irer.checking import Record, check
from irer.errors import ConfigError, NotFoundError
from irer.execution.artifact_policy import removal_of
from irer.execution.order import read_order
from irer.records import canonical_uuid
from irer.search.fitness import fitness, scientific_verdict
from irer.web.answers import answer, body
from irer.web.figures import FIGURES
from irer.web.hub import the_hub
from irer.web.runs import RunQuery, Tally

api = Blueprint("api", __name__)


class Nothing(Record):
    """The body of a request that says everything by its address."""


@api.post("/api/start-hunt")
def start_hunt() -> Response:
    """Start a hunt: 202 with its id, 409 if one is in progress, 400 naming each wrong field."""
    hub = the_hub()
    hunt_id = hub.hunts.start(read_order(body(), hub.settings))
    return answer({"status": "Hunt Started", "hunt_id": hunt_id}, 202)


@api.post("/api/pause-hunt")
def pause_hunt() -> Response:
    """Begin no job until a resume; running ones finish: 202, or 409 if no hunt is running."""
    return _switched("Hunt Pausing", the_hub().hunts.pause)


@api.post("/api/resume-hunt")
def resume_hunt() -> Response:
    """Go on with a paused, interrupted or stopped hunt: 202 with its id, else 409."""
    return _switched("Hunt Resumed", the_hub().hunts.resume)


@api.post("/api/stop-hunt")
def stop_hunt() -> Response:
    """Let the running jobs finish and begin no more: 202, or 409 if no hunt is running."""
    return _switched("Hunt Stopping", the_hub().hunts.stop)


@api.post("/api/cancel-hunt")
def cancel_hunt() -> Response:
    """End the running jobs at once: 202, or 409 if no hunt is running."""
    return _switched("Hunt Cancelling", the_hub().hunts.cancel)


def _switched(done: str, switch: Callable[[], str]) -> Response:
    check(Nothing, body())
    return answer({"status": done, "hunt_id": switch()}, 202)


@api.get("/api/get-status")
def get_status() -> Response:
    """Return the bytes of hub_status.json, or 304 to who has them."""
    data, tag = the_hub().board.served()
    response = Response(data, mimetype="application/json", headers={"Cache-Control": "no-cache"})
    response.set_etag(tag)
    return response.make_conditional(request)  # type: ignore[return-value]


@api.get("/api/runs")
def list_runs() -> Response:
    """Return one page of the runs, sorted and filtered, with the summary of the current hunt."""
    hub = the_hub()
    query = check(RunQuery, request.args.to_dict(), what="the query")
    page = hub.index.page(query, hub.board.hunt_id)
    return answer(page | {"summary": _summary(hub.index.tally(hub.board.hunt_id))})


def _summary(tally: Tally) -> dict[str, Any]:
    return {
        "complete": tally.complete,
        "failed": tally.failed,
        "best_run": tally.best.job_uuid if tally.best else None,
        "best_sse": tally.best_sse,
        "best_h_norm": tally.best_h_norm,
    }


@api.get("/api/runs/<job_uuid>")
def show_run(job_uuid: str) -> Response:
    """Return the whole record of a run, with its fitness and verdict."""
    hub = the_hub()
    record = hub.record(_checked_uuid(job_uuid))
    metrics = record.metrics
    there = hub.settings.artifact_file(record.job_uuid).exists()
    removal = None if there else removal_of(hub.settings, record.job_uuid)
    more = {
        "fitness": fitness(metrics) if metrics else None,
        "verdict": {"scientific": scientific_verdict(metrics)} if metrics else None,
        "has_artifact": there,
        "artifact_removed": removal.reason if removal else None,
    }
    return answer(record.model_dump(mode="json") | more)


@api.get("/api/runs/<job_uuid>/artifact")
def artifact(job_uuid: str) -> Response:
    """Return the HDF5 file of a run."""
    hub = the_hub()
    record = hub.record(_checked_uuid(job_uuid))
    file = hub.settings.artifact_file(record.job_uuid)
    removal = None if file.exists() else removal_of(hub.settings, record.job_uuid)
    why = f"; it was removed by policy ({removal.reason})" if removal else ""
    return _file(file, "application/x-hdf5", f"the run {job_uuid} has no artifact{why}")


@api.get("/api/figures/<name>")
def figure(name: str) -> Response:
    """Return a figure as Plotly JSON, of the current hunt."""
    hub = the_hub()
    if name not in FIGURES:
        raise NotFoundError(f"there is no figure {name!r:.60}; there are {', '.join(FIGURES)}")
    return answer(FIGURES[name](hub.index.runs(hub.board.hunt_id or "")))


@api.get("/api/best")
def best() -> Response:
    """Return the best run of the current hunt so far, in the final result's shape."""
    hub = the_hub()
    return answer(hub.best(hub.board.hunt_id))


@api.get("/api/ledger.csv")
def ledger() -> Response:
    """Return the ledger of all committed jobs."""
    missing = "there is no ledger yet; it begins with the first committed job"
    return _file(the_hub().settings.ledger_file, "text/csv", missing)


@api.get("/api/get-constants")
def constants() -> Response:
    """Return the key names of the settings, with the values this hub works with."""
    return answer(settings_module.public_names(the_hub().settings))


@api.get("/healthz")
def healthz() -> Response:
    """Say that the hub answers."""
    return answer({"status": "ok"})


def _checked_uuid(text: str) -> str:
    try:
        return canonical_uuid(text)
    except ValueError as error:
        raise ConfigError.of_field("job_uuid", str(error)) from error


def _file(path: Path, mimetype: str, missing: str) -> Response:
    if not path.is_file():
        raise NotFoundError(missing)
    return send_file(path, mimetype=mimetype, as_attachment=True, download_name=path.name)
