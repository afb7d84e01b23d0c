"""Every shell block marked runnable on these pages runs, in a copy of the program."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, blocks, copy_of_the_program
from tests.hub_process import HubProcess

PAGES = {
    "README.md": ROOT / "README.md",
    "tutorial": ROOT / "docs" / "tutorial.md",
    "foreign_fields": ROOT / "docs" / "howto" / "foreign_fields.md",
}


def run(text: str, place: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k != "IRER_HOME"}
    environment |= {"IRER_WORKERS": "1"}  # each loads JAX and its programs, for a job or two
    ended = subprocess.run(
        ["sh", "-e", "-c", text], cwd=place, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, f"{text}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PAGES)
def test_marked_blocks_run(name: str, tmp_path: Path) -> None:
    place = copy_of_the_program(tmp_path / "program")
    marked = [block for block in blocks(PAGES[name]) if block.kind == "runnable"]
    assert marked
    for block in marked:
        if block.about == "hub":
            with HubProcess(tmp_path / "home") as hub:
                said = run(block.text.replace("localhost:8080", f"127.0.0.1:{hub.port}"), place)
            assert "Hunt Started" in said
            assert "Hunt Cancelling" in said
        else:
            run(block.text, place)
