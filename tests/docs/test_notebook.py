"""docs/analysis.ipynb is kept executed, and runs: its cells, with a smaller hunt."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import ROOT

FILE = ROOT / "docs" / "analysis.ipynb"
SMALLER = """
FOLDER = "irer_home"
ORDER = {
    "generations": 1, "population": 1, "seed": 7,
    "simulation": {"N_grid": 64, "box_length": 50.0, "T_steps": 100},
}
PROGRESS = True
"""
WIDGET = "application/vnd.jupyter.widget-view+json"


def read() -> Any:
    import nbformat  # 3 s: findings/jsonschema_import_builds_parsers.sh

    return nbformat.read(FILE, 4)


def cells(notebook: Any) -> dict[str, Any]:
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def kinds(cell: Any) -> list[tuple[str, tuple[str, ...]]]:
    """What a cell shows: the type of each output and its forms."""
    return [(each.output_type, tuple(sorted(each.get("data", ())))) for each in cell.outputs]


def test_it_is_kept_executed_and_names_no_place() -> None:
    text = FILE.read_text()
    kept = cells(read())
    assert all(cell.execution_count for cell in kept.values())
    assert not any(each.output_type == "error" for cell in kept.values() for each in cell.outputs)
    assert not re.search(r"""["'( ]/\w[\w.-]*/""", text), "an absolute path"
    assert "<Runs: 3 of irer_home>" in text


@pytest.mark.timeout(300)
def test_its_cells_run_and_show_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IRER_WORKERS", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")  # the kernel's own libraries warn
    from nbclient import NotebookClient

    notebook = read()
    kept = {name: kinds(cell) for name, cell in cells(notebook).items()}
    cells(notebook)["settings"].source = SMALLER
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=250, kernel_name="python3", resources=place).execute()
    run = cells(notebook)
    bars = [each for each in run["hunt"].outputs if WIDGET in each.get("data", {})]
    assert bars, "no bar of a notebook"
    for name, cell in run.items():
        if name != "hunt":
            assert kinds(cell) == kept[name], name
    assert run["score"].outputs[0].data["text/plain"] in ("0.0", "-0.0")
    assert run["simulate"].outputs[0].data["text/plain"] == "True"
