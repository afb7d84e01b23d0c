"""Packages with extensions, as pip leaves them in a folder: modules, and a dist-info."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from irer.base import discovery, models


def install(
    place: Path, name: str, files: Mapping[str, str], points: Mapping[str, Mapping[str, str]]
) -> None:
    """Leave the package `name` 1.0 in `place`, with `points` as group -> name -> value."""
    for path, text in files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    about = place / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, named in points.items()
        for line in (f"[{group}]", *(f"{point} = {value}" for point, value in named.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")


def forget() -> None:
    """Look for extensions anew."""
    discovery._resolved.cache_clear()
    models._declared_space.cache_clear()


@contextmanager
def on_the_path(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this process, too, import from `place`."""
    monkeypatch.syspath_prepend(place)
    before = set(sys.modules)
    forget()
    yield
    forget()
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(place):
            del sys.modules[name]


class Packages:
    """A folder of packages that this process imports from."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def install(
        self, name: str, files: Mapping[str, str], points: Mapping[str, Mapping[str, str]]
    ) -> None:
        install(self.place, name, files, points)
        forget()

    def one(self, group: str, name: str, value: str, text: str, package: str = "elsewhere") -> None:
        """Install a package of one module, named as in `value`, with one entry point."""
        module = value.partition(":")[0]
        self.install(package, {f"{module}.py": text}, {group: {name: value}})
