"""The notebook's cells, run in order as a kernel would, those that need Colab or a tunnel aside."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hub_process import ROOT, free_port

NOTEBOOK = json.loads((ROOT / "docs" / "colab.ipynb").read_text())
ASIDE = {"colab", "tunnel"}


def cells() -> list[tuple[str, set[str], str]]:
    """(id, tags, source) of each code cell."""
    return [
        (cell["id"], set(cell["metadata"].get("tags", ())), "".join(cell["source"]))
        for cell in NOTEBOOK["cells"]
        if cell["cell_type"] == "code"
    ]


def test_it_is_a_notebook_as_it_was_written() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in NOTEBOOK["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in NOTEBOOK["cells"]:
        wanted = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            wanted |= {"execution_count", "outputs"}
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
        assert set(cell) == wanted


@pytest.mark.parametrize(("name", "tags", "source"), cells())
def test_every_cell_is_plain_python_and_only_what_is_set_aside_needs_the_host(
    name: str, tags: set[str], source: str
) -> None:
    compile(source, name, "exec")
    assert bool(tags & ASIDE) == ("google.colab" in source)


def test_the_cells_run(tmp_path: Path) -> None:
    """In one process, with the parameters set after their cell, as papermill sets them."""
    given: dict[str, Any] = {
        "HOME": str(tmp_path / "home"),
        "PORT": free_port(),
        "ORDER": {
            "num_generations": 1,
            "population_size": 2,
            "seed": 7,
            "simulation": {"N_grid": 64, "box_length": 50.0, "T_steps": 600},
        },
    }
    script = ""
    for _, tags, source in cells():
        if not tags & ASIDE:
            script += source + "\n"
        if "parameters" in tags:
            script += "".join(f"{name} = {value!r}\n" for name, value in given.items())
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert result.returncode == 0, result.stderr
    assert "Completed: 2 runs" in result.stdout
    assert "not reached" in result.stdout
    assert len(list((tmp_path / "home" / "provenance_reports").iterdir())) == 2


@pytest.mark.parametrize("address", ["", "  "])
def test_without_an_address_it_says_what_to_fill_in(tmp_path: Path, address: str) -> None:
    sources = {name: source for name, _, source in cells()}
    script = f"{sources['settings']}\nREPOSITORY = {address!r}\n{sources['install']}"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert "REPOSITORY is empty" in result.stderr
    assert "Traceback" not in result.stderr  # nothing was cloned, nothing installed
    assert list(tmp_path.iterdir()) == []


def test_a_hunt_without_a_score_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    why = "None of 2 runs has a score: 2 not settled (longer runs: simulation.T_steps)."
    answers = {
        "/api/best": {"error": "No successful runs completed."},
        "/api/hunts": {"hunts": [{"without_score": why}]},
    }
    source = next(source for name, _, source in cells() if name == "best")
    exec(source, {"call": answers.__getitem__, "json": json})
    assert capsys.readouterr().out.strip() == why
