"""Finding and loading extensions (`irer/base/extensions.py` says what they are).

Nothing is imported before it is used: the names come from the metadata of installed packages and
from the names of files. Where two have one name neither is used; of what is refused there is one
line, which names extension, group and package.
"""

import inspect
import re
import site
import sysconfig
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any, Generic, TypeVar

from irer.base.checking import shown
from irer.base.errors import ExtensionError, IrerError
from irer.base.extensions import Kind

P = TypeVar("P")

_ROOT = Path(__file__).parents[2]
_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
_REFERENCE = re.compile(r"[\w.]+(:[\w.]+)?")


@dataclass(frozen=True)
class Extension(Generic[P]):
    """One extension, not loaded yet."""

    kind: Kind[P]
    name: str
    value: str  # module:object
    place: str  # the package, or the file, that has it

    def __str__(self) -> str:
        return f"the {self.kind.name} {self.name!r} ({self.kind.group}, {self.place})"

    @property
    def module(self) -> str:
        """The module that it names."""
        return self.value.partition(":")[0]

    def load(self) -> P:
        """Import it. Raises ExtensionError when that fails, or it cannot be called as its kind."""
        try:
            found: P = EntryPoint(self.name, self.value, self.kind.group).load()
        except (Exception, SystemExit) as error:
            raise self._error("cannot be loaded", error) from error
        if self.kind.call is not None:
            _, *arguments = inspect.signature(self.kind.call).parameters
            wanted = f"must be callable as {self.value.rpartition(':')[2]}({', '.join(arguments)})"
            if not callable(found):
                raise ExtensionError(f"{self} {wanted}, got {shown(found)}")
            try:
                inspect.signature(found).bind(*arguments)
            except TypeError as error:
                raise ExtensionError(f"{self} {wanted}: {error}") from error
            except ValueError:  # what is written in C may not say how it is called
                pass
        return found

    def spec(self) -> ModuleSpec:
        """Find its module, without importing anything. Raises ExtensionError."""
        found = _spec(self.module)
        if found is None:
            raise ExtensionError(f"there is no module {self.module!r:.80}")
        return found

    @contextmanager
    def named(self) -> Iterator[None]:
        """Name the extension in what the block raises. Raises ExtensionError."""
        try:
            yield
        except IrerError:
            raise
        except Exception as error:
            raise self._error("failed", error) from error

    def _error(self, what: str, error: BaseException) -> ExtensionError:
        said = " ".join(str(error).split())
        return ExtensionError(f"{self} {what}: {type(error).__name__}: {said}".rstrip(": "))


def _spec(module: str) -> ModuleSpec | None:
    first, *rest = module.split(".")
    try:
        found = find_spec(first)
    except ValueError:  # of a name that no module can have
        return None
    for part in rest:
        places = found.submodule_search_locations if found else None
        found = PathFinder.find_spec(part, places) if places else None
    return found


class Extensions(Generic[P]):
    """The extensions of one kind, beside the names that the program has itself."""

    def __init__(self, kind: Kind[P], built_in: Collection[str]) -> None:
        self.kind = kind
        self.built_in = tuple(built_in)

    def names(self) -> tuple[str, ...]:
        """Return every name that can be used: those of the program first."""
        return (*self.built_in, *self._found()[0])

    def refused(self) -> dict[str, str]:
        """Return why an extension is not used, by its name."""
        return self._found()[1]

    def check(self, name: object) -> str:
        """Return a name that can be used. Raises ValueError for any other."""
        if isinstance(name, str):
            if name in self.built_in or name in self._found()[0]:
                return name
            if name in self.refused():
                raise ValueError(self.refused()[name])
        raise ValueError(f"must be one of {', '.join(self.names())}, got {shown(name)}")

    def __getitem__(self, name: str) -> Extension[P]:
        """Return the extension of that name, which the program has not itself."""
        return self._found()[0][name]

    def get(self, name: str) -> Extension[P] | None:
        """Return the extension of that name, None where the program has it itself."""
        return None if name in self.built_in else self[name]

    def all(self) -> tuple[Extension[P], ...]:
        """Return every extension that can be used, by name."""
        return tuple(self._found()[0].values())

    def _found(self) -> "_Found[P]":
        return _resolved(self.kind, self.built_in)


_Found = tuple[dict[str, Extension[P]], dict[str, str]]


@cache
def _resolved(kind: Kind[P], built_in: tuple[str, ...]) -> "_Found[P]":
    """Return the extensions of a kind that can be used, and why others cannot, by name."""
    used: dict[str, Extension[P]] = {}
    refused: dict[str, str] = {}
    everything = sorted(
        (*_modules(kind), *installed(kind)), key=lambda each: (each.name, each.place)
    )
    for name, group in groupby(everything, key=lambda each: each.name):
        first, *others = group
        if others:
            places = " and ".join(each.place for each in (first, *others))
            refused[name] = f"the {kind.name} {name!r} ({kind.group}) is in {places}: none is used"
        elif name in built_in:
            refused[name] = f"{first} is not used: the program has another {kind.name} called so"
        elif why := _problem(first):
            refused[name] = f"{first} is not used: {why}"
        else:
            used[name] = first
    return used, refused


def _problem(extension: Extension[Any]) -> str | None:
    if not _REFERENCE.fullmatch(extension.value):
        return f"it must name module:object, got {shown(extension.value)}"
    if not _NAME.fullmatch(extension.name):
        return "its name must be 1 to 40 lower-case letters, digits or _, beginning with a letter"
    return None


def _modules(kind: Kind[P]) -> Iterator[Extension[P]]:
    """Yield the modules in the folder of a kind."""
    folder = kind.folder.replace(".", "/")
    for path in sorted((_ROOT / folder).glob("[a-z]*.py")) if folder else ():
        value = f"{kind.folder}.{path.stem}:{kind.attribute}"
        yield Extension(kind, path.stem, value, f"{folder}/{path.name}")


def installed(kind: Kind[P]) -> Iterator[Extension[P]]:
    """Yield the entry points of a kind in all installed packages, looked up anew."""
    for package, text in _packages():
        try:
            points = list(package.entry_points.select(group=kind.group))
        except Exception as error:  # whatever the parser meets in a file that is none of its own
            found = f"{type(error).__name__}: {error}"
            points = [EntryPoint(package.name, found, kind.group)] if kind.group in text else []
        for point in points:
            yield Extension(kind, point.name, point.value, f"package {_called(package)}")


def _packages() -> Iterator[tuple[Distribution, str]]:
    """Yield the installed packages that have extensions, each once, and their entry points' text.

    The others are not parsed, so that a broken one does no harm here.
    """
    seen: set[str] = set()
    for package in distributions():
        text = None
        with suppress(OSError, UnicodeError):
            text = package.read_text("entry_points.txt")
        if text and "[irer." in text and _called(package) not in seen:
            seen.add(_called(package))  # on the path twice
            yield package, text


def _called(package: Distribution) -> str:
    return f"{package.name} {package.version}"


def folders() -> list[str]:
    """Return the folders of packages with extensions where a new Python process does not look."""
    known = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    known |= {*site.getsitepackages(), site.getusersitepackages()}
    found = dict.fromkeys(str(Path(str(p.locate_file(""))).absolute()) for p, _ in _packages())
    return [folder for folder in found if folder not in known]
