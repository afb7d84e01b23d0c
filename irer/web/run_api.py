"""The routes of one run: its record, its artifact, and what can be seen in that."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from irer.base.errors import NotFoundError
from irer.base.fitness import fitness
from irer.controls.verdict import verdict_on
from irer.home.artifact_policy import removal_of
from irer.home.digests import hold_digest
from irer.home.logs import lines_about
from irer.hub import views
from irer.hub.notes import Note, NoteChange
from irer.web.answers import answer, file_answer, json_bytes, tag_of, tagged
from irer.web.current import the_hub
from irer.web.describe import File, describe
from irer.web.models import (
    ConfirmationAccepted,
    ConfirmationState,
    Nothing,
    PictureQuery,
    RunDetails,
    RunDiagnostics,
    RunLog,
    RunSpectrum,
)

if TYPE_CHECKING:
    from irer.home.artifacts import Artifact

run_api = Blueprint("run_api", __name__)

MOST_LINES = 500  # of a run's log


@run_api.get("/api/runs/<job_uuid>")
@describe(RunDetails)
def show_run(job_uuid: str) -> Response:
    """Return the whole record of a run, with its fitness and verdict."""
    hub = the_hub()
    record = hub.record(job_uuid)
    metrics = record.metrics
    verdict = verdict_on(job_uuid, record.hunt_id, metrics, hub.settings.home) if metrics else None
    there = hub.settings.home.artifact_file(job_uuid).exists()
    removal = None if there else removal_of(hub.settings.home, job_uuid)
    more = {
        "fitness": fitness(metrics),
        "verdict": verdict.model_dump() if verdict else None,
        "has_artifact": there,
        "artifact_removed": removal.reason if removal else None,
        **hub.notes.of(job_uuid).model_dump(),
    }
    return answer(record.model_dump(mode="json") | more)


@run_api.post("/api/runs/<job_uuid>/note")
@describe(Note, errors=(503,))
def change_note(job_uuid: str, json: NoteChange) -> Response:
    """Change the note of a run, or hide it in the table; its record stays as it is."""
    hub = the_hub()
    hub.known(job_uuid)
    return answer(hub.notes.change(job_uuid, json).model_dump())


@run_api.post("/api/runs/<job_uuid>/confirm")
@describe(ConfirmationAccepted, code=202, errors=(409,))
def confirm(job_uuid: str, json: Nothing) -> Response:  # noqa: ARG001
    """Start, or go on with, the confirmation of a run by fresh seeds and refinements.

    409 while a hunt or a confirmation is in progress, for a run that failed, and when the
    confirmation is complete; 400 when a refinement would pass a limit of the grid.
    """
    hub = the_hub()
    hub.known(job_uuid)
    hub.confirmations.start(job_uuid)
    return answer({"status": "Confirmation Started", "job_uuid": job_uuid}, 202)


@run_api.post("/api/runs/<job_uuid>/stop-confirmation")
@describe(ConfirmationAccepted, code=202, errors=(409,))
def stop_confirmation(job_uuid: str, json: Nothing) -> Response:  # noqa: ARG001
    """End the running jobs of a run's confirmation; starting it again goes on."""
    hub = the_hub()
    hub.known(job_uuid)
    hub.confirmations.stop(job_uuid)
    return answer({"status": "Confirmation Stopping", "job_uuid": job_uuid}, 202)


@run_api.get("/api/runs/<job_uuid>/confirmation")
@describe(ConfirmationState)
def confirmation(job_uuid: str) -> Response:
    """Return how far the confirmation of a run is, with its report once it is complete."""
    hub = the_hub()
    hub.known(job_uuid)
    return answer(hub.confirmations.state(job_uuid))


@run_api.get("/api/runs/<job_uuid>/confirmation.html")
@describe(File("text/html"))
def confirmation_page(job_uuid: str) -> Response:
    """Return the report on a complete confirmation as a page to read, its pictures inside it.

    The file is complete in itself; here it also leads back to the run.
    """
    hub = the_hub()
    hub.known(job_uuid)
    file = hub.settings.home.confirmation(job_uuid).confirmation_page
    if not file.is_file():
        raise NotFoundError(f"there is no complete confirmation of the run {job_uuid}")
    return Response(_with_way_back(file.read_bytes(), job_uuid), mimetype="text/html")


def _with_way_back(page: bytes, job_uuid: str) -> bytes:
    """Return the report with a link to its run at the top; relative, for any prefix."""
    link = f'<nav><a href="../../../runs/{job_uuid}">Back to run {job_uuid[:8]}</a></nav>'.encode()
    before, body, after = page.partition(b"<body>")
    return before + body + link + after if body else link + page


@run_api.get("/api/runs/<job_uuid>/artifact")
@describe(File("application/x-hdf5"), errors=(422,))
def artifact(job_uuid: str) -> Response:
    """Return the HDF5 file of a run; 422 when it is not the one that was judged."""
    file = _artifact_of(job_uuid)
    hold_digest(file, the_hub().record(job_uuid).artifact_sha256)
    return file_answer(file, "application/x-hdf5")


@run_api.get("/api/runs/<job_uuid>/spectrum")
@describe(RunSpectrum, errors=(422, 503), tagged=True)
def spectrum(job_uuid: str) -> Response:
    """Return the density's spectrum with its background, candidates, matches and targets.

    It is computed from the artifact, in float64. 422 when there is nothing to measure in it.
    """
    return _json_view(job_uuid, "spectrum", views.spectrum)


@run_api.get("/api/runs/<job_uuid>/diagnostics")
@describe(RunDiagnostics, errors=(422, 503), tagged=True)
def diagnostics(job_uuid: str) -> Response:
    """Return the solver's diagnostics over time."""
    return _view(
        job_uuid, "diagnostics", "application/json", lambda a: json_bytes(views.diagnostics(a))
    )


@run_api.get("/api/runs/<job_uuid>/field.png")
@describe(File("image/png"), errors=(422, 503), tagged=True)
def field_picture(job_uuid: str, query: PictureQuery) -> Response:
    """Return a picture of a field at the end of the run; in 3-D of the plane z = L/2.

    With `snapshot` it is the density that was stored then, all of a run in one scale of colours.
    404 for another field, or a snapshot that is not there.
    """
    name, number = f"{query.field}.{query.theme}", query.snapshot
    if number is not None:
        if query.field != "density":
            raise NotFoundError(f"snapshots hold the density, not {query.field}")
        name = f"snapshot.{number}.{query.theme}"
        return _view(
            job_uuid, name, "image/png", lambda a: views.snapshot_picture(a, number, query.theme)
        )
    return _view(job_uuid, name, "image/png", lambda a: views.picture(a, query.field, query.theme))


@run_api.get("/api/runs/<job_uuid>/log")
@describe(RunLog)
def run_log(job_uuid: str) -> Response:
    """Return what the hunt's log says of a run."""
    hub = the_hub()
    hub.known(job_uuid)
    found, newest = 0, deque[str](maxlen=MOST_LINES)
    for line in lines_about(hub.settings.home.hunt_log, job_uuid):
        found += 1
        newest.append(line)
    return answer({"job_uuid": job_uuid, "lines": list(newest), "total": found})


def _artifact_of(job_uuid: str) -> Path:
    """Return where the artifact of a committed run lies. Raises NotFoundError."""
    hub = the_hub()
    hub.known(job_uuid)
    file = hub.settings.home.artifact_file(job_uuid)
    if file.is_file():
        return file
    removal = removal_of(hub.settings.home, job_uuid)
    why = f"; it was removed by policy ({removal.reason})" if removal else ""
    raise NotFoundError(f"the run {job_uuid} has no artifact{why}")


def _json_view(job_uuid: str, name: str, make: Callable[["Artifact"], object]) -> Response:
    return _view(job_uuid, name, "application/json", lambda a: json_bytes(make(a)))


def _view(job_uuid: str, name: str, mimetype: str, make: Callable[["Artifact"], bytes]) -> Response:
    """Answer with the view that `make` makes of the run's artifact, or 304 to who has it."""
    path = _artifact_of(job_uuid)
    try:
        stat = path.stat()
    except OSError as error:  # the policy removed it just now
        raise NotFoundError(f"the run {job_uuid} has no artifact") from error
    tag = tag_of(job_uuid, name, stat.st_mtime_ns, stat.st_size)
    if request.if_none_match.contains(tag):
        return tagged(b"", tag, mimetype)
    hub = the_hub()
    data = hub.views.get(tag, lambda: make(views.read(path, hub.record(job_uuid))))
    return tagged(data, tag, mimetype)
