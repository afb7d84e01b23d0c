"""Components: programs beside the hub that describe themselves by a manifest.

A component is a folder with a `component_manifest.json` and the script it names: one in the
root of this program, the others under `components/`. They are looked for anew whenever they are
asked for, so that a new one needs no restart. One whose manifest is wrong is listed with what is
wrong and is never run.

    python -m irer.components check         # every manifest; exit 2 if one is wrong
    python -m irer.components new NAME      # a working skeleton with a test
    python -m irer.components schema        # the JSON Schema of a manifest
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from irer.checking import check
from irer.commandline import Parser, run_program, say
from irer.errors import ConfigError, ConflictError, FieldError, IrerError, NotFoundError
from irer.execution.processes import Ended, child_environment, run_process
from irer.files import dump_json, read_json
from irer.manifest import Input, Manifest, Tunable, json_schema
from irer.records import canonical_uuid
from irer.words import unknown_name
from settings import SOURCE_ROOT, Settings
from settings import load as load_settings

MANIFEST_NAME = "component_manifest.json"


@dataclass(frozen=True)
class Component:
    """A manifest that is right, and where it lies."""

    manifest: Manifest
    file: Path

    @property
    def name(self) -> str:
        """What it is called everywhere."""
        return self.manifest.name

    @property
    def script(self) -> Path:
        """The program to run."""
        return self.file.parent / self.manifest.script_to_run

    def output_files(self, home: Path, uuids: Mapping[str, str]) -> dict[str, Path]:
        """Return where each output lies, given the uuid that each input names."""
        return {
            output.name: home / output.path.format_map(uuids) for output in self.manifest.outputs
        }


def is_below(home: Path, path: Path) -> bool:
    """Say whether `path` is a file in the home folder, links followed."""
    path = path.resolve()
    return path.is_relative_to(home.resolve()) and path.is_file()


@dataclass(frozen=True)
class Problem:
    """Why a manifest is refused: one wrong field of one file."""

    file: str
    field: str
    reason: str
    component: str | None = None  # the name it gives itself, if it gives one

    def __str__(self) -> str:
        return (
            f"{self.file}: {self.field}: {self.reason}"
            if self.field
            else f"{self.file}: {self.reason}"
        )


@dataclass(frozen=True)
class Registry:
    """What was found: the components that can be run, and why others cannot."""

    components: dict[str, Component]
    problems: tuple[Problem, ...]

    def get(self, name: str) -> Component:
        """Return a component. Raises NotFoundError, ConflictError for one that is refused."""
        if name in self.components:
            return self.components[name]
        reasons = [str(problem) for problem in self.problems if problem.component == name]
        if reasons:
            raise ConflictError(f"the component {name!r} is refused: {'; '.join(reasons)}")
        known = ", ".join(self.components) or "none"
        raise NotFoundError(f"there is no component {name!r:.80}; there are {known}")


def find(settings: Settings) -> Registry:
    """Read every manifest: that of this program and those in the settings' components folder."""
    found: list[Component] = []
    problems: list[Problem] = []
    for file in _manifest_files(settings.components_dir):
        try:
            found.append(read_component(file))
        except IrerError as error:
            problems += _problems(file, error)
    names = [component.name for component in found]
    for component in found:
        others = [c for c in found if c.name == component.name and c is not component]
        if others:
            # Which of them is meant nobody knows, so none is run.
            where = ", ".join(_shown(other.file) for other in others)
            reason = f"{component.name!r} is the name in {where} too"
            problems.append(Problem(_shown(component.file), "name", reason, component.name))
    return Registry({c.name: c for c in found if names.count(c.name) == 1}, tuple(problems))


def _manifest_files(folder: Path) -> Iterator[Path]:
    root = SOURCE_ROOT / MANIFEST_NAME
    if root.exists():
        yield root
    yield from sorted(folder.glob(f"*/{MANIFEST_NAME}"))


def read_component(file: Path) -> Component:
    """Read one manifest. Raises ConfigError naming every wrong field, ContractError for no JSON."""
    component = Component(check(Manifest, read_json(file), what="the manifest"), file)
    errors = (*_script_errors(component), *_dependency_errors(component.manifest))
    if errors:
        raise ConfigError("; ".join(str(error) for error in errors), errors)
    return component


def _script_errors(component: Component) -> Iterator[FieldError]:
    named = component.manifest.script_to_run
    folder, script = component.file.parent.resolve(), component.script.resolve()
    if not script.is_relative_to(folder):
        yield FieldError("script_to_run", f"must lie in the manifest's folder, got {named!r}")
    elif not script.is_file():
        yield FieldError("script_to_run", f"there is no file {named!r} in the manifest's folder")


def _dependency_errors(manifest: Manifest) -> Iterator[FieldError]:
    for name in manifest.dependencies:
        try:
            version(name)
        except PackageNotFoundError:
            yield FieldError("dependencies", f"{name} is not installed")


def _problems(file: Path, error: IrerError) -> list[Problem]:
    name = _own_name(file)
    if not error.errors:
        return [Problem(_shown(file), "", error.message.replace(str(file), "it"), name)]
    return [Problem(_shown(file), each.field, each.message, name) for each in error.errors]


def _own_name(file: Path) -> str | None:
    try:
        name = read_json(file)["name"]
    except (IrerError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None


def _shown(file: Path) -> str:
    return str(file.relative_to(SOURCE_ROOT) if file.is_relative_to(SOURCE_ROOT) else file)


@dataclass(frozen=True)
class Call:
    """A component with everything that one run of it is given."""

    component: Component
    values: dict[str, Any]  # by the names of inputs (as uuids) and tunables
    uuids: dict[str, str]  # by the names of inputs
    arguments: tuple[str, ...]  # of the script's command line


def make_call(
    component: Component, given: Any, settings: Settings, new_id: Callable[[], str]
) -> Call:
    """Check what a person gives for a run, and fill in the rest from the manifest.

    `given` has tunables and inputs by name: a tunable left out has its default, a `new` input
    left out its id from `new_id`; a run and a provenance file are given by the run's uuid.
    Raises ConfigError naming every wrong field.
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
        values[each.name] = new_id() if made else given.get(each.name)
        problems[each.name] = _input_problem(each, values[each.name], settings)
    errors = tuple(FieldError(name, text) for name, text in problems.items() if text)
    if errors:
        raise ConfigError("; ".join(str(error) for error in errors), errors)
    uuids = {each.name: values[each.name] for each in manifest.inputs}
    return Call(component, values, uuids, tuple(_arguments(manifest, values, settings)))


def _input_problem(each: Input, value: Any, settings: Settings) -> str | None:
    if value is None:
        return "required: the uuid of a committed run"
    try:
        job_uuid = canonical_uuid(value)
    except ValueError as error:
        return str(error)
    if each.source != "new" and not settings.provenance_file(job_uuid).exists():
        return f"must be the uuid of a committed run, got {job_uuid}"
    return None


def _arguments(manifest: Manifest, values: Mapping[str, Any], settings: Settings) -> Iterator[str]:
    for each in manifest.inputs:
        value = values[each.name]
        shown = settings.provenance_file(value) if each.type == "path:json" else value
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
    paths = [str(SOURCE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = child_environment(settings.home) | {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",  # its log is read while it runs
    }
    return run_process(
        [sys.executable, "-m", "irer.execution.launch", call.component.script, *call.arguments],
        timeout_s=call.component.manifest.timeout_s,
        env=environment,
        cancelled=cancelled,
        idle=idle,
        on_output=on_output,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = Parser("irer.components", "Look after components: check them, begin a new one.")
    commands = ("check", "new", "schema")
    parser.add_argument("command", choices=commands, help="check every manifest; begin a new ...")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a new one, like 'Wall time'")
    given = parser.parse_args(argv)
    if (given.name is None) == (given.command == "new"):
        parser.error("new takes a NAME, check and schema take none")
    try:
        settings = load_settings()
        if given.command == "check":
            return _print_check(find(settings))
        say(dump_json(json_schema()) if given.command == "schema" else _begin(given.name, settings))
    except IrerError as error:
        print(f"irer.components: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def _print_check(registry: Registry) -> int:
    for problem in registry.problems:
        print(problem, file=sys.stderr)
    for component in registry.components.values():
        say(f"{_shown(component.file)}: {component.name} {component.manifest.version}")
    return ConfigError.exit_code if registry.problems else 0


def _begin(name: str, settings: Settings) -> str:
    from irer.component_skeleton import write_skeleton

    folder = write_skeleton(name, find(settings), settings.components_dir)
    return f"{_shown(folder)}: a component with its test; try: python -m pytest {_shown(folder)}"


if __name__ == "__main__":
    run_program(main)
