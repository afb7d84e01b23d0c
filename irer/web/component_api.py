"""The routes of components: what there is, runs of them, and which the hub triggers by itself."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response
from pydantic import RootModel

from irer import components
from irer.base.checking import Record
from irer.base.errors import NotFoundError
from irer.components import Component
from irer.components.manifest import Input, Output, Tunable, Value
from irer.hub.component_runs import ComponentRun, OutputFile
from irer.hub.layer2 import TRIGGER, Failure
from irer.web.answers import answer, body, file_answer
from irer.web.current import the_hub
from irer.web.describe import File, describe
from irer.web.models import Nothing

component_api = Blueprint("component_api", __name__)

MIMETYPES = {
    "path:csv": "text/csv",
    "path:json": "application/json",
    "path:png": "image/png",
    "path:txt": "text/plain",
    "path:h5": "application/x-hdf5",
}


class TunableInfo(Tunable):
    """A tunable, and in words what it may be."""

    allowed: str


class TriggerState(Record):
    """Whether the hub runs a component on each new record, and what came of it so far."""

    on: bool
    done: int
    failed: int


class ComponentInfo(Record):
    """A component as its manifest describes it."""

    name: str
    version: str
    description: str
    script_to_run: str
    dependencies: list[str]
    inputs: list[Input]
    outputs: list[Output]
    tunable_variables: list[TunableInfo]
    trigger: TriggerState | None


class ManifestProblem(Record):
    """Why a manifest is refused."""

    file: str
    field: str
    message: str


class Layer2Status(Record):
    """The queue of the triggered components."""

    waiting: int
    skipped: int
    failures: list[Failure]


class Components(Record):
    """Every component, and every manifest that is refused."""

    components: list[ComponentInfo]
    problems: list[ManifestProblem]
    layer2: Layer2Status


class RunValues(RootModel[dict[str, Value | None]]):
    """Tunables and inputs by name; an absent or null tunable has its default."""


class OutputState(OutputFile):
    """A file that the run leaves, and whether it is there."""

    there: bool


class ComponentRunState(ComponentRun):
    """One run of a component as it stands."""

    outputs: list[OutputState]  # type: ignore[assignment]


class ComponentRunList(Record):
    """The newest 50 runs of components, the newest first."""

    runs: list[ComponentRunState]


class SwitchBody(Record):
    """Whether the hub is to run a component on each new record; an empty body means it is."""

    on: bool = True


class Analysis(Record):
    """What a component has left on a run."""

    component: str
    outputs: list[str]


class Analyses(Record):
    """What the components have left on a run."""

    job_uuid: str
    analyses: list[Analysis]


@component_api.get("/api/components")
@describe(Components)
def list_components() -> Response:
    """Return every component, and every manifest that is refused with the reason."""
    hub = the_hub()
    registry = components.find(hub.settings)
    problems = [{"file": p.file, "field": p.field, "message": p.reason} for p in registry.problems]
    shown = [_shown(component) for component in registry.components.values()]
    layer2 = hub.layer2.status()
    return answer({"components": shown, "problems": problems, "layer2": layer2})


def _shown(component: Component) -> dict[str, Any]:
    layer2, name = the_hub().layer2, component.name
    triggered = TRIGGER in component.manifest.triggers
    trigger = {"on": layer2.is_on(name), **layer2.counts(name)} if triggered else None
    manifest = component.manifest
    tunables = [
        each.model_dump(mode="json") | {"allowed": each.in_words}
        for each in manifest.tunable_variables
    ]
    shown = manifest.model_dump(mode="json", exclude={"triggers", "needs", "timeout_s"})
    return shown | {"tunable_variables": tunables, "trigger": trigger}


@component_api.post("/api/components/<name>/run")
@describe(ComponentRunState, code=202, errors=(404, 409, 503), body=RunValues)
def run_component(name: str) -> Response:
    """Start a component in a process of its own.

    The body has its tunables by name, and its inputs by the uuid of a committed run. 409 when its
    manifest is refused or four components run already.
    """
    return answer(_state(the_hub().component_runs.start(name, body())), 202)


@component_api.post("/api/components/<name>/trigger")
@describe(TriggerState, errors=(404, 409, 503))
def switch_trigger(name: str, json: SwitchBody) -> Response:
    """Let the hub run a component on each new record, or no longer."""
    layer2 = the_hub().layer2
    layer2.switch(name, json.on)
    return answer({"on": layer2.is_on(name), **layer2.counts(name)})


@component_api.get("/api/component-runs")
@describe(ComponentRunList)
def list_component_runs() -> Response:
    """Return the newest runs of components."""
    return answer({"runs": [_state(run) for run in the_hub().component_runs.newest()]})


@component_api.get("/api/component-runs/<job_uuid>")
@describe(ComponentRunState)
def show_component_run(job_uuid: str) -> Response:
    """Return one run of a component as it stands."""
    return answer(_state(the_hub().component_runs.get(job_uuid)))


@component_api.post("/api/component-runs/<job_uuid>/cancel")
@describe(ComponentRunState, code=202, errors=(409,))
def cancel_component_run(job_uuid: str, json: Nothing) -> Response:  # noqa: ARG001
    """End a run of a component at once: 202, or 409 when it has ended."""
    return answer(_state(the_hub().component_runs.cancel(job_uuid)), 202)


@component_api.get("/api/component-runs/<job_uuid>/log")
@describe(File("text/plain"))
def component_run_log(job_uuid: str) -> Response:
    """Return the end of what a run of a component has printed, as text."""
    return Response(the_hub().component_runs.log_of(job_uuid), mimetype="text/plain")


@component_api.get("/api/component-runs/<job_uuid>/outputs/<name>")
@describe(File("application/octet-stream"))
def component_run_output(job_uuid: str, name: str) -> Response:
    """Return a file that a run of a component left."""
    runs = the_hub().component_runs
    path = runs.output_of(job_uuid, name)
    types = {output.name: output.type for output in runs.get(job_uuid).outputs}
    return file_answer(path, MIMETYPES[types[name]])


@component_api.get("/api/runs/<job_uuid>/analyses")
@describe(Analyses)
def run_analyses(job_uuid: str) -> Response:
    """Return what components have left on a run."""
    the_hub().known(job_uuid)
    found = [
        {"component": component.name, "outputs": sorted(files)}
        for component in components.find(the_hub().settings).components.values()
        if (files := _left_on(component, job_uuid))
    ]
    return answer({"job_uuid": job_uuid, "analyses": found})


@component_api.get("/api/runs/<job_uuid>/analyses/<name>/<output>")
@describe(File("application/octet-stream"))
def run_analysis_output(job_uuid: str, name: str, output: str) -> Response:
    """Return a file that a component has left on a run."""
    the_hub().known(job_uuid)
    component = components.find(the_hub().settings).get(name)
    path = _left_on(component, job_uuid).get(output)
    if path is None:
        raise NotFoundError(f"{name} has left no {output!r:.60} on the run {job_uuid}")
    types = {each.name: each.type for each in component.manifest.outputs}
    return file_answer(path, MIMETYPES[types[output]])


def _left_on(component: Component, job_uuid: str) -> dict[str, Path]:
    """Return the outputs, by name, of a component on a run that is its only input."""
    inputs = component.manifest.inputs
    if len(inputs) != 1 or inputs[0].source == "new":
        return {}
    home = the_hub().settings.home
    files = component.output_files(home, {inputs[0].name: job_uuid})
    return {name: path for name, path in files.items() if home.holds(path)}


def _state(run: ComponentRun) -> dict[str, Any]:
    runs = the_hub().component_runs
    there = [{**output.model_dump(), "there": runs.is_there(output)} for output in run.outputs]
    return run.model_dump(mode="json") | {"outputs": there}
