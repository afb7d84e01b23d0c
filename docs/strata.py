"""The strata of the program: import-linter's contract over all of it.

import-linter reads packages. This adds the programs at the root and the components to what it
read, and takes no room for granted: whatever lies in `irer/` or at the root has its place in the
contract of pyproject.toml, or the contract is broken.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from grimp import ImportGraph
from importlinter import ContractCheck
from importlinter.contracts.layers import LayersContract

ROOT = Path(__file__).resolve().parent.parent


def programs() -> dict[str, list[Path]]:
    """Return what lies beside `irer`: each program at the root, and all components as one."""
    found = {path.stem: [path] for path in sorted(ROOT.glob("*.py"))}
    parts = sorted(ROOT.glob("components/*/*.py"))
    return found | {"components": [p for p in parts if not p.name.startswith("test_")]}


def add_programs(graph: ImportGraph) -> None:
    """Give the graph of `irer` the programs beside it, with all that they import of each other."""
    beside = programs()
    importers = {name: _importers(graph, name) for name in beside}
    for name in beside:
        if name in graph.modules:  # as if it were a foreign package
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
    """`layers` over `irer` and all beside it; what is not named in it breaks it."""

    type_name = "strata"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Hold every import against the layers, and every room against their list."""
        add_programs(graph)
        return super().check(graph, verbose)

    def _get_undeclared_modules(self, graph: ImportGraph, _containers: set[str]) -> set[str]:
        """Return the rooms that no layer names."""
        rooms = graph.find_children("irer") | programs().keys()
        return rooms - {each.name for each in self.all_module_tails}
