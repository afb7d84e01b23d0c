"""The routes that tell what the hub knows of its home (docs/http-api.md)."""

from flask import Blueprint, Response, request

import settings as settings_module
from irer.base.errors import NotFoundError
from irer.home.home_ledger import ledger_text
from irer.home.logs import tail
from irer.home.paths import GOLDEN_FILES
from irer.hub.run_query import RunQuery
from irer.web.answers import answer, bytes_answer, file_answer, json_bytes, tag_of, tagged
from irer.web.current import the_hub
from irer.web.describe import File, describe, document
from irer.web.figures import FIGURES
from irer.web.hunt_api import summary
from irer.web.models import (
    BestRunSoFar,
    Constants,
    Figure,
    FigureQuery,
    Health,
    OpenApi,
    RunsPage,
    Status,
)

api = Blueprint("api", __name__)

LOG_TAIL_BYTES = 64 * 1024


@api.get("/api/get-status")
@describe(Status, tagged=True)
def get_status() -> Response:
    """Return the bytes of hub_status.json, or 304 to who has them."""
    return tagged(*the_hub().board.served())


@api.get("/api/runs")
@describe(RunsPage, errors=(404,))
def list_runs(query: RunQuery) -> Response:
    """Return one page of the runs, sorted and filtered, with the summary of the current hunt."""
    hub = the_hub()
    query = query.model_copy(update={"hunt": hub.hunt_chosen(query.hunt)})
    page = hub.index.page(query, hub.board.hunt_id, hub.notes)
    return answer(page | {"summary": summary(hub.index.tally(hub.board.hunt_id))})


@api.get("/api/figures/<name>")
@describe(Figure, errors=(404, 503), tagged=True, choices={"name": FIGURES})
def figure(name: str, query: FigureQuery) -> Response:
    """Return a figure as Plotly JSON, of the current hunt unless another is asked for."""
    if name not in FIGURES:
        raise NotFoundError(f"there is no figure {name!r:.60}; there are {', '.join(FIGURES)}")
    hub = the_hub()
    query = query.model_copy(update={"hunt": hub.hunt_chosen(query.hunt)})
    chance = hub.chance_of(query.hunt)
    tag = tag_of("figure", name, query, hub.board.hunt_id, hub.index.size, chance)
    if request.if_none_match.contains(tag):
        return tagged(b"", tag)
    draw = FIGURES[name]

    def make() -> bytes:
        return json_bytes(draw(hub.hunted(query.hunt, query.objective, query.axes)))

    return tagged(hub.views.get(tag, make), tag)


@api.get("/api/best")
@describe(BestRunSoFar)
def best() -> Response:
    """Return the best run of the current hunt so far, in the final result's shape."""
    hub = the_hub()
    return answer(hub.best(hub.board.hunt_id).model_dump(mode="json"))


@api.get("/api/golden.json")
@describe(File("application/json"), errors=(404,))
def golden() -> Response:
    """Return the golden parameters, those of the best run of the home."""
    file = the_hub().settings.home.golden_file
    if not file.is_file():
        raise NotFoundError("there are no golden parameters yet; the first measured run makes them")
    return file_answer(file, "application/json")


@api.get("/api/golden/<name>")
@describe(File("application/octet-stream"), errors=(404,), choices={"name": GOLDEN_FILES})
def golden_file(name: str) -> Response:
    """Return a spectrum or density map that lies beside the golden parameters."""
    file = the_hub().settings.home.golden_file.with_name(name)
    if name not in GOLDEN_FILES or not file.is_file():
        raise NotFoundError(f"there is no {name!r:.60}; there may be {', '.join(GOLDEN_FILES)}")
    return file_answer(file, "image/png" if file.suffix == ".png" else "text/csv")


@api.get("/api/log")
@describe(File("text/plain"))
def log_tail() -> Response:
    """Return the end of the engine's log as text: what the hunt did last."""
    text = tail(the_hub().settings.home.hunt_log, LOG_TAIL_BYTES)
    return Response(text, mimetype="text/plain")


@api.get("/api/ledger.csv")
@describe(File("text/csv"), errors=(404,))
def ledger() -> Response:
    """Return the ledger: a row for every committed job."""
    text = ledger_text(the_hub().settings.home)
    if text is None:
        raise NotFoundError("there is no ledger yet; it begins with the first committed job")
    return bytes_answer(text, "text/csv", the_hub().settings.home.ledger_file.name)


@api.get("/api/get-constants")
@describe(Constants)
def constants() -> Response:
    """Return the key names of the settings, with the values this hub works with."""
    return answer(settings_module.public_names(the_hub().settings))


@api.get("/healthz")
@describe(Health)
def healthz() -> Response:
    """Say that the hub answers."""
    return answer({"status": "ok"})


@api.get("/api/openapi.json")
@describe(OpenApi)
def openapi() -> Response:
    """Return this description of the routes."""
    return answer(document())
