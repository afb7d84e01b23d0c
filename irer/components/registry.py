"""Finding the components and saying why a manifest is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from irer.base.checking import check
from irer.base.discovery import Extension, installed
from irer.base.errors import (
    ConfigError,
    ConflictError,
    ExtensionError,
    FieldError,
    IrerError,
    NotFoundError,
)
from irer.base.extensions import COMPONENT
from irer.base.files import read_json
from irer.components.manifest import Manifest
from irer.home import Home
from settings import RESOURCES, SOURCE_ROOT, Settings

MANIFEST_NAME = "component_manifest.json"


@dataclass(frozen=True)
class Component:
    """A valid manifest, and where it lies."""

    manifest: Manifest
    file: Path
    place: str  # as messages name it

    @property
    def name(self) -> str:
        """The name that its manifest gives it."""
        return self.manifest.name

    @property
    def script(self) -> Path:
        """The program to run."""
        return self.file.parent / self.manifest.script_to_run

    def output_files(self, home: Home, uuids: Mapping[str, str]) -> dict[str, Path]:
        """Return where each output lies, given the uuid that each input names."""
        outputs = self.manifest.outputs
        return {each.name: home.path(each.path.format_map(uuids)) for each in outputs}


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
    """Read every manifest: of this program, in the settings' components folder, of packages."""
    found: list[Component] = []
    problems: list[Problem] = []
    for file in _manifest_files(settings.components_dir):
        _read(file, shown(file), found, problems)
    for extension in installed(COMPONENT):
        try:
            _read(_manifest_file(extension), str(extension), found, problems)
        except ExtensionError as error:
            problems.append(Problem(str(extension), "", error.message))
    problems += _doubles(found)
    names = [component.name for component in found]
    return Registry({c.name: c for c in found if names.count(c.name) == 1}, tuple(problems))


def _manifest_files(folder: Path) -> Iterator[Path]:
    root = RESOURCES / MANIFEST_NAME
    if root.exists():
        yield root
    yield from sorted(folder.glob(f"*/{MANIFEST_NAME}"))


def _manifest_file(extension: Extension[Any]) -> Path:
    """Return the manifest of the package that an entry point names. Raises ExtensionError."""
    for folder in extension.spec().submodule_search_locations or ():
        if (file := Path(folder) / MANIFEST_NAME).exists():
            return file
    raise ExtensionError(f"{extension.module} must be a package that holds a {MANIFEST_NAME}")


def _read(file: Path, place: str, found: list[Component], problems: list[Problem]) -> None:
    """Add what `file` holds: a component, or why it is none."""
    try:
        found.append(replace(read_component(file), place=place))
    except IrerError as error:
        problems += _problems(file, place, error)


def _doubles(found: list[Component]) -> Iterator[Problem]:
    """Yield a problem for each component whose name another has: which is meant is unknown."""
    for component in found:
        others = [c for c in found if c.name == component.name and c is not component]
        if others:
            where = ", ".join(other.place for other in others)
            reason = f"{component.name!r} is the name in {where} too"
            yield Problem(component.place, "name", reason, component.name)


def read_component(file: Path) -> Component:
    """Read one manifest. Raises ConfigError naming every wrong field, ContractError for no JSON."""
    manifest = check(Manifest, read_json(file), what="the manifest")
    component = Component(manifest, file, shown(file))
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


def _problems(file: Path, place: str, error: IrerError) -> list[Problem]:
    name = _own_name(file)
    if not error.errors:
        return [Problem(place, "", error.message.replace(str(file), "it"), name)]
    return [Problem(place, each.field, each.message, name) for each in error.errors]


def _own_name(file: Path) -> str | None:
    try:
        name = read_json(file)["name"]
    except (IrerError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None


def shown(file: Path) -> str:
    """Return a path as messages show it: relative to this program's root if it lies there."""
    return str(file.relative_to(SOURCE_ROOT) if file.is_relative_to(SOURCE_ROOT) else file)
