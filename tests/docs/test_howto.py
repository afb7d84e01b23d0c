"""Every how-to that extends the program, followed to the letter in a copy of it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, blocks, copy_of_the_program

HOWTOS = ("equation-term", "equation", "metric", "sampler", "runner", "component")


def apply_diff(file: Path, diff: str) -> None:
    """Replace what the diff's removed and unchanged lines say, which must be there once."""
    lines = diff.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    new = "".join(line[1:] for line in lines if line[0] in " +")
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} has changed: mend the how-to"
    file.write_text(text.replace(old, new))


def follow(block: Block, place: Path) -> None:
    if block.kind == "new":
        file = place / block.about
        assert file.parent.is_dir(), file
        assert not file.exists(), file
        file.write_text(block.text)
    elif block.kind == "diff":
        apply_diff(place / block.about, block.text)
    else:
        assert block.kind == "runnable"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("IRER_")}
        environment |= {"IRER_WORKERS": "1"}  # each loads JAX and its programs, for a job or two
        ended = subprocess.run(
            ["sh", "-e", "-c", block.text], cwd=place, env=environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert ended.returncode == 0, f"{block.text}\n{ended.stdout}\n{ended.stderr}"


@pytest.mark.parametrize("name", HOWTOS)
def test_a_howto_works_as_it_stands_and_touches_one_file_and_its_test(
    name: str, tmp_path: Path
) -> None:
    place = copy_of_the_program(tmp_path / "program")
    steps = blocks(ROOT / "docs" / "howto" / f"{name}.md")
    assert any(block.kind == "runnable" for block in steps)
    for block in steps:
        follow(block, place)
    touched = [block.about for block in steps if block.kind in ("new", "diff")]
    if name == "component":
        touched = [path.name for path in sorted((place / "components" / "wall_time").glob("*.py"))]
    assert len([file for file in touched if "test_" not in file]) == 1
    assert len([file for file in touched if "test_" in file]) == 1
