"""Finding the components and saying why a manifest is refused."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from irer.base.checking import check
from irer.base.errors import ConfigError, ConflictError, FieldError, IrerError, NotFoundError
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
            # Which of them is meant is unknown, so none is run.
            where = ", ".join(shown(other.file) for other in others)
            reason = f"{component.name!r} is the name in {where} too"
            problems.append(Problem(shown(component.file), "name", reason, component.name))
    return Registry({c.name: c for c in found if names.count(c.name) == 1}, tuple(problems))


def _manifest_files(folder: Path) -> Iterator[Path]:
    root = RESOURCES / MANIFEST_NAME
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
        return [Problem(shown(file), "", error.message.replace(str(file), "it"), name)]
    return [Problem(shown(file), each.field, each.message, name) for each in error.errors]


def _own_name(file: Path) -> str | None:
    try:
        name = read_json(file)["name"]
    except (IrerError, KeyError, TypeError):
        return None
    return name if isinstance(name, str) else None


def shown(file: Path) -> str:
    """Return a path as messages show it: relative to this program's root if it lies there."""
    return str(file.relative_to(SOURCE_ROOT) if file.is_relative_to(SOURCE_ROOT) else file)
