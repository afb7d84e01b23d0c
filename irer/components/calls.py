"""A run of a component: checking the values given for it, and the process it runs in."""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from irer.base.errors import ConfigError, FieldError, NotFoundError
from irer.base.records import canonical_uuid
from irer.base.words import unknown_name
from irer.components.manifest import Input, Manifest, Tunable
from irer.components.registry import Component
from irer.home import Home
from irer.home.finding import find_run
from irer.runners.processes import Ended, child_environment, python_path, run_process
from settings import SOURCE_ROOT, Settings


@dataclass(frozen=True)
class Call:
    """A component with all values of one run."""

    component: Component
    values: dict[str, Any]  # by the names of inputs (as uuids) and tunables
    uuids: dict[str, str]  # by the names of inputs
    arguments: tuple[str, ...]  # of the script's command line


def make_call(
    component: Component, given: Any, settings: Settings, new_id: Callable[[], str]
) -> Call:
    """Check the values given for a run, and fill in the rest from the manifest.

    `given` has tunables and inputs by name: a tunable left out has its default, a `new` input left
    out its id from `new_id`; a run and a provenance file are given by the run's uuid or a beginning
    of it that no other run has. Raises ConfigError naming every wrong field.
    """
    if not isinstance(given, dict):
        raise ConfigError("the body must be a JSON object")
    manifest = component.manifest
    given = {name: value for name, value in given.items() if value is not None}
    known = {each.name for each in manifest.inputs} | {t.name for t in manifest.tunable_variables}
    problems: dict[str, str | None] = {
        name: unknown_name("field", name, sorted(known)) for name in given.keys() - known
    }
    values = {t.name: t.taken(given.get(t.name, t.default)) for t in manifest.tunable_variables}
    problems |= {t.name: t.problem(values[t.name]) for t in manifest.tunable_variables}
    for each in manifest.inputs:
        made = each.source == "new" and each.name not in given
        value = new_id() if made else given.get(each.name)
        values[each.name], problems[each.name] = _input(each, value, settings.home)
    errors = tuple(FieldError(name, text) for name, text in problems.items() if text)
    if errors:
        raise ConfigError("; ".join(str(error) for error in errors), errors)
    uuids = {each.name: values[each.name] for each in manifest.inputs}
    return Call(component, values, uuids, tuple(_arguments(manifest, values, settings.home)))


def _input(each: Input, value: Any, home: Home) -> tuple[Any, str | None]:
    """Return the whole uuid that is given for an input, and what is wrong with it."""
    if value is None:
        return value, "required: the uuid of a committed run"
    if each.source == "new":
        return value, _id_problem(value)
    try:
        job_uuid = find_run(home, value)
    except ConfigError as error:
        return value, error.errors[0].message
    except NotFoundError:
        job_uuid = value
    if not home.provenance_file(job_uuid).exists():
        return value, f"must be the uuid of a committed run, got {job_uuid}"
    return job_uuid, None


def _id_problem(value: Any) -> str | None:
    try:
        canonical_uuid(value)
    except ValueError as error:
        return str(error)
    return None


def _arguments(manifest: Manifest, values: Mapping[str, Any], home: Home) -> Iterator[str]:
    for each in manifest.inputs:
        value = values[each.name]
        shown = home.provenance_file(value) if each.type == "path:json" else value
        yield f"{each.flag}={shown}"
    for tunable in manifest.tunable_variables:
        yield from _tunable_argument(tunable, values[tunable.name])


def _tunable_argument(tunable: Tunable, value: Any) -> Iterator[str]:
    if tunable.type != "bool":
        yield f"{tunable.flag}={value}"
    elif value:
        yield tunable.flag


def run(
    call: Call,
    settings: Settings,
    *,
    cancelled: threading.Event | None = None,
    idle: bool = False,
    on_output: Callable[[bytes], object] | None = None,
) -> Ended:
    """Run a component in a process of its own, to its end or its limit; see `run_process`."""
    environment = child_environment(settings.home) | python_path(SOURCE_ROOT)
    environment |= {"PYTHONUNBUFFERED": "1"}  # its log is read while it runs
    return run_process(
        [sys.executable, "-m", "irer.runners.launch", call.component.script, *call.arguments],
        timeout_s=call.component.manifest.timeout_s,
        env=environment,
        cancelled=cancelled,
        idle=idle,
        on_output=on_output,
    )
