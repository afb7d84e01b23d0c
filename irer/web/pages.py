"""The pages of the hub, rendered on the server."""

import shlex
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

from flask import Blueprint, Response, make_response, render_template, request
from pydantic.fields import FieldInfo

from irer import __version__
from irer.base.checking import allowed_values
from irer.base.errors import ConfigError, IrerError
from irer.base.fitness import fitness
from irer.base.goals import GOALS, NO_SCORE_WORDS, why_no_score
from irer.base.help import HELP
from irer.base.hunt_records import HuntOrder
from irer.base.models import models
from irer.base.records import (
    RUNNERS,
    SAMPLERS,
    Provenance,
    SimulationOptions,
    SncglParams,
)
from irer.controls.reproducing import program_command, reproduce_command
from irer.controls.verdict import verdict_on
from irer.home.artifact_policy import removal_of
from irer.home.paths import GOLDEN_FILES, Home
from irer.hub.hub import Hub
from irer.hub.run import number_names
from irer.hub.status import JOB_STATES
from irer.reports.pictures import FIELDS
from irer.web.comparison_api import comparison
from irer.web.constants import MOST_COMPARED, page_constants
from irer.web.current import the_hub
from irer.web.hunt_api import list_of_hunts, with_hunt
from settings import Settings

pages = Blueprint("pages", __name__)

CONTROLS = ("p_position", "p_matched", "p_lines", "p_scaled")
_RULES = (  # how a hunt goes on and ends
    "max_wall_s", "max_stagnation", "polish_generations", "seeds_per_candidate",
)  # fmt: skip
_IMPORTED = (  # by the hunt page's script: the browser fetches them without finding them first
    "address", "api", "best", "chart_card", "chart_state", "charts", "constants", "dom", "form",
    "help", "hunts", "offline", "plot", "reading", "runs", "status", "tab", "url_state",
)  # fmt: skip
MOST_COMPARED_HUNTS = 2
_SHOWN_APART = {"N_grid", "box_length", "T_steps"}  # options shown above the others


@pages.app_template_filter("shown")
def shown(value: float) -> str:
    """Return a number as the page shows it: six decimals, or powers of ten for the small."""
    if value == int(value):
        return str(int(value))
    small = abs(value) < 1e-4 or abs(value) >= 1e6
    return f"{value:.3e}" if small else f"{value:.6f}"


@pages.app_template_filter("brief")
def brief(value: float) -> str:
    """Return a chosen number, not a measured one, in at most seven digits."""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


@pages.errorhandler(IrerError)
def problem_page(error: IrerError) -> Response:
    """Return a page that says what cannot be shown."""
    sought = "hunt" if request.endpoint == "pages.compare_hunts_page" else "run"
    return rendered("problem.html", status=error.http_status, sought=sought, message=error.message)


@pages.get("/")
def hunt_page() -> Response:
    """Render the hunt page with the defaults that an empty form stands for."""
    settings = the_hub().settings
    return rendered(
        "index.html",
        golden_files=GOLDEN_FILES,
        modules=_IMPORTED,
        rescore_command=_rescore(settings.home),
        numbers=number_names(),
        **_form(settings),
    )


@pages.get("/components")
def components_page() -> Response:
    """Render the components page; its forms come from `/api/components`."""
    return rendered("components.html")


@pages.get("/runs/<job_uuid>")
def run_page(job_uuid: str) -> Response:
    """Render the page of one run."""
    hub = the_hub()
    record = hub.record(hub.run_named(job_uuid, "run"))
    there = _has_artifact(hub, record.job_uuid)
    removal = None if there else removal_of(hub.settings.home, record.job_uuid)
    return rendered(
        "run.html",
        run=record,
        has_artifact=there,
        removed=removal.reason if removal else None,
        fields=FIELDS,
        controls={name: HELP[name].text for name in CONTROLS},
        note=hub.notes.of(record.job_uuid),
        command=reproduce_command(hub.settings.home, record.job_uuid, here=True),
        **_judged(record, hub.settings.home),
    )


@pages.get("/compare")
def compare_page() -> Response:
    """Render two to six runs beside each other; with fewer, say how to choose them."""
    hub = the_hub()
    chosen = _chosen("run", hub.run_named, MOST_COMPARED, f"two to {MOST_COMPARED} runs")
    records = [hub.record(job_uuid) for job_uuid in chosen]
    return rendered(
        "compare.html",
        runs=records,
        addresses={uuid: [other for other in chosen if other != uuid] for uuid in chosen},
        settings_rows=_differing([_settings_of(record) for record in records]),
        metrics_rows=_rows([_metrics_of(record) for record in records]),
        fields=FIELDS,
        has_artifact={uuid: _has_artifact(hub, uuid) for uuid in chosen},
        most=MOST_COMPARED,
    )


@pages.get("/compare-hunts")
def compare_hunts_page() -> Response:
    """Render two hunts beside each other; with fewer, let them be chosen."""
    hub = the_hub()
    chosen = _chosen("hunt", hub.hunt_named, MOST_COMPARED_HUNTS, "two hunts")
    for hunt_id in chosen:
        with_hunt(hunt_id)
    whole = len(chosen) == MOST_COMPARED_HUNTS
    return rendered(
        "compare_hunts.html",
        chosen=chosen,
        compared=comparison(hub, *chosen) if whole else None,
        hunts=[] if whole else list_of_hunts(hub),
    )


def _chosen(field: str, named: Callable[[str, str], str], most: int, words: str) -> list[str]:
    """Return the ids that a form gives under a name; a choice that was left open is none.

    Raises ConfigError for more than `most`, of which `words` tell.
    """
    given = (text for text in request.args.getlist(field) if text)
    chosen = list(dict.fromkeys(named(text, field) for text in given))
    if len(chosen) > most:
        raise ConfigError.of_field(field, f"{words} can be compared, got {len(chosen)}")
    return chosen


def rendered(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page made of a template, with what every page is given."""
    text = render_template(
        template,
        version=__version__,
        status=status,
        constants=page_constants().model_dump(),
        goals=GOALS,
        **context,
    )
    return make_response(text, status)


def _has_artifact(hub: Hub, job_uuid: str) -> bool:
    return hub.settings.home.artifact_file(job_uuid).is_file()


def _judged(record: Provenance, home: Home) -> dict[str, Any]:
    metrics = record.metrics
    if metrics is None:
        return {"fitness": None, "verdict": None, "no_score": None}
    verdict = verdict_on(record.job_uuid, record.hunt_id, metrics, home)
    reason = why_no_score(metrics)
    return {
        "fitness": fitness(metrics),
        "verdict": verdict.scientific,
        "no_score": NO_SCORE_WORDS[reason] if reason else None,
    }


def _rescore(home: Home) -> str:
    """Return the command that measures the home's runs again."""
    program = program_command("validation_pipeline", here=True)
    return f"{program} --rescore --home {shlex.quote(str(home))}"


def _settings_of(record: Provenance) -> dict[str, Any]:
    own = {"model": record.model, "global_seed": record.global_seed}
    return own | record.sncgl_params.model_dump() | record.simulation.model_dump()


def _metrics_of(record: Provenance) -> dict[str, Any]:
    if record.metrics is None:
        return {}
    own = {"fitness": fitness(record.metrics)} | record.metrics.model_dump()
    return own | record.extra_metrics


def _rows(columns: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return name -> the value in each column, None where a column has none."""
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name) for column in columns] for name in names}


def _differing(columns: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """Return the rows whose values are not all the same."""
    return {name: row for name, row in _rows(columns).items() if len(set(row)) > 1}


def _form(settings: Settings) -> dict[str, Any]:
    simulation = SimulationOptions()
    order, options = HuntOrder.model_fields, SimulationOptions.model_fields
    return {
        "defaults": {
            "generations": settings.num_generations,
            "population": settings.population_size,
            "sampler": settings.sampler,
            "runner": settings.runner,
            "N_grid": simulation.N_grid,
            "box_length": simulation.box_length,
            "T_steps": simulation.T_steps,
        },
        "allowed": {
            "generations": allowed_values(order["num_generations"]),
            "population": allowed_values(order["population_size"]),
            "seed": allowed_values(order["seed"]),
            "N_grid": allowed_values(options["N_grid"]),
            "box_length": allowed_values(options["box_length"]),
            "T_steps": allowed_values(options["T_steps"]),
        },
        "samplers": SAMPLERS.names(),
        "models": models(),
        "runners": RUNNERS.names(),
        "job_states": JOB_STATES,
        "parameters": [_parameter(name, settings) for name in SncglParams.model_fields],
        "options": [
            *(_option(name, name, order[name]) for name in _RULES),
            *(
                _option(f"simulation.{name}", name, field)
                for name, field in options.items()
                if name not in _SHOWN_APART
            ),
        ],
    }


def _parameter(name: str, settings: Settings) -> dict[str, Any]:
    """Return a parameter's form entry: searched, as the settings say, or fixed."""
    bounds = settings.param_space.get(name)
    value = getattr(SncglParams(), name)
    low, high = bounds or (None, None)
    return {
        "name": name,
        "bounds": bounds,
        "low": _typed(low),
        "high": _typed(high),
        "value": _typed(value),
        "allowed": allowed_values(SncglParams.model_fields[name]),
    }


def _option(address: str, name: str, field: FieldInfo) -> dict[str, Any]:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    empty = field.default is None or field.default == ()
    return {
        "id": f"option-{name}",
        "label": name,
        "field": address,
        "allowed": allowed_values(field),
        "choices": choices,
        "default": field.default if choices else "off" if empty else _typed(field.default),
    }


def _typed(value: float | None) -> str:
    """Return a default as a person would type it."""
    return "" if value is None else f"{value:.10g}"
