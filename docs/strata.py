"""The strata of the program: import-linter's contract over all of it, and their picture.

import-linter reads packages. This adds the programs at the root and the components to its graph
and requires that every room in `irer/` and at the root is named in the contract of pyproject.toml,
else the contract is broken.

    python docs/strata.py            draws the strata into docs/layout.md, from the imports
    python docs/strata.py --check    exits 1 if the picture there is another, or there is a circle
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
from grimp import ImportGraph, build_graph
from importlinter import ContractCheck
from importlinter.contracts.layers import LayersContract
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).resolve().parent.parent


def programs() -> dict[str, list[Path]]:
    """Return what lies beside `irer`: each program at the root, and all components as one."""
    found = {path.stem: [path] for path in sorted(ROOT.glob("*.py"))}
    parts = sorted(ROOT.glob("components/*/*.py"))
    return found | {"components": [p for p in parts if not p.name.startswith("test_")]}


def add_programs(graph: ImportGraph) -> None:
    """Add the programs beside `irer` to its graph, with their imports."""
    beside = programs()
    importers = {name: _importers(graph, name) for name in beside}
    for name in beside:
        if name in graph.modules:  # import-linter read it as a foreign package
            graph.remove_module(name)
        graph.add_module(name)
    for name, lines in importers.items():
        for importer, line, text in lines:
            graph.add_import(importer=importer, imported=name, line_number=line, line_contents=text)
    for name, paths in beside.items():
        for path in paths:
            for imported, line, text in _imports(path, graph.modules):
                if imported != name:
                    graph.add_import(
                        importer=name, imported=imported, line_number=line, line_contents=text
                    )


def _importers(graph: ImportGraph, name: str) -> list[tuple[str, int, str]]:
    if name not in graph.modules:
        return []
    return [
        (importer, detail["line_number"], detail["line_contents"])
        for importer in graph.find_modules_that_directly_import(name)
        for detail in graph.get_import_details(importer=importer, imported=name)
    ]


def _imports(path: Path, modules: set[str]) -> Iterator[tuple[str, int, str]]:
    """Yield the modules that a file imports, anywhere in its code, with line and text."""
    text = path.read_text()
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in within]
        else:
            continue
        for name in dict.fromkeys(names):
            own = name if name in modules else name.partition(".")[0]
            if own in modules:
                yield own, node.lineno, lines[node.lineno - 1].strip()


class StrataContract(LayersContract):
    """`layers` over `irer` and the programs beside it; an unnamed room breaks it."""

    type_name = "strata"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Check every import against the layers, and every room against their list."""
        add_programs(graph)
        return super().check(graph, verbose)

    def _get_undeclared_modules(self, graph: ImportGraph, _containers: set[str]) -> set[str]:
        """Return the rooms that no layer names."""
        rooms = graph.find_children("irer") | programs().keys()
        return rooms - {each.name for each in self.all_module_tails}


Arrows = Mapping[str, set[str]]  # from the importer to its imports
LAYOUT = ROOT / "docs" / "layout.md"
_PLACE = re.compile(r"(?<=<!-- strata -->\n```text\n).*?(?=```\n)", re.S)


def whole_graph() -> ImportGraph:
    """Return the imports of the program, including lazy ones and those for types."""
    sys.path.insert(0, str(ROOT))
    graph = build_graph("irer", include_external_packages=True, cache_dir=None)
    add_programs(graph)
    return graph


def between_modules(graph: ImportGraph) -> Arrows:
    """Return who imports whom among the program's modules."""
    own = {m for m in graph.modules if m.startswith("irer.") or m in programs()}
    return {m: graph.find_modules_directly_imported_by(m) & own for m in own}


def between_rooms(arrows: Arrows) -> Arrows:
    """Return who imports whom among what lies in `irer/` and beside it."""
    rooms: dict[str, set[str]] = {_room(module): set() for module in arrows}
    for module, imported in arrows.items():
        rooms[_room(module)] |= {_room(each) for each in imported} - {_room(module)}
    return rooms


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def circles(arrows: Arrows) -> list[list[str]]:
    """Return the groups in which every member imports every other, directly or indirectly."""
    names = sorted(arrows)
    matrix = np.array([[to in arrows[name] for to in names] for name in names])
    _, labels = connected_components(matrix, connection="strong")
    groups = [[n for n, own in zip(names, labels, strict=True) if own == k] for k in set(labels)]
    return [group for group in groups if len(group) > 1]


def picture(rooms: Arrows) -> str:
    """Draw rooms, each one floor above the highest that it imports.

    For each it shows the imports that none of its other imports has as well.
    """
    below: dict[str, set[str]] = {}  # all imports, indirect ones too
    floors: dict[str, int] = {}
    for room in TopologicalSorter(rooms).static_order():
        below[room] = rooms[room].union(*(below[each] for each in rooms[room]))
        floors[room] = 1 + max((floors[each] for each in rooms[room]), default=0)
    lines, last = [], 0
    for room in sorted(rooms, key=lambda room: (-floors[room], room)):
        hidden = set[str]().union(*(below[each] for each in rooms[room]))
        on = ", ".join(sorted(map(_shown, rooms[room] - hidden)))
        number = floors[room] if floors[room] != last else ""
        last = floors[room]
        lines.append(f"{number:>2}  {_shown(room):24}{'on ' + on if on else ''}".rstrip())
    return "\n".join(lines) + "\n"


def _shown(room: str) -> str:
    if room in ("components", "irer.records"):
        return {"components": "components/", "irer.records": "irer/records.py"}[room]
    return room.replace(".", "/") + "/" if room.startswith("irer.") else f"{room}.py"


def main() -> int:
    """Draw the picture, or say whether it is right; return the exit code."""
    modules = between_modules(whole_graph())
    rooms = between_rooms(modules)
    found = [*circles(modules), *circles(rooms)]
    for each in found:
        print(f"a circle: {', '.join(each)}", file=sys.stderr)
    if found:
        return 1
    text = LAYOUT.read_text()
    drawn = _PLACE.sub(lambda _: picture(rooms), text)
    print(f"{len(modules)} modules in {len(rooms)} rooms, 0 circles")
    if "--check" not in sys.argv:
        LAYOUT.write_text(drawn)
    elif drawn != text:
        print("docs/layout.md shows other strata: python docs/strata.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
