"""Every how-to that extends the program, followed to the letter in a copy of it.

What a page says of a package of one's own is followed in another, with the package beside it.
"""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Block, blocks, copy_of_the_program
from tests.packages import install

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
        run(block, place)


def run(block: Block, place: Path, **more: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IRER_")}
    environment |= {"IRER_WORKERS": "1"}  # each loads JAX and its programs, for a job or two
    ended = subprocess.run(
        ["sh", "-e", "-c", block.text], cwd=place, env=environment | more,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, f"{block.text}\n{ended.stdout}\n{ended.stderr}"


def of_a_package(block: Block) -> bool:
    return block.kind == "package" or block.about == "installed"


def steps_of(name: str) -> list[Block]:
    return blocks(ROOT / "docs" / "howto" / f"{name}.md")


@pytest.mark.parametrize("name", HOWTOS)
def test_a_howto_works_as_it_stands_and_touches_one_file_and_its_test(
    name: str, tmp_path: Path
) -> None:
    place = copy_of_the_program(tmp_path / "program")
    steps = [block for block in steps_of(name) if not of_a_package(block)]
    assert any(block.kind == "runnable" for block in steps)
    for block in steps:
        follow(block, place)
    touched = [block.about for block in steps if block.kind in ("new", "diff")]
    if name == "component":
        touched = [path.name for path in sorted((place / "components" / "wall_time").glob("*.py"))]
    assert len([file for file in touched if "test_" not in file]) == 1
    assert len([file for file in touched if "test_" in file]) == 1


@pytest.mark.parametrize("name", [name for name in HOWTOS if name != "equation-term"])
def test_the_same_in_a_package_writes_nothing_into_the_program(name: str, tmp_path: Path) -> None:
    """Leave what pip would leave of the page's package, and run what the page runs with it."""
    place, packages = copy_of_the_program(tmp_path / "program"), tmp_path / "packages"
    (about,) = (block for block in steps_of(name) if block.kind == "package")
    project = tomllib.loads(about.text)["project"]
    ((group, points),) = project["entry-points"].items()
    assert group == f"irer.{name}s"
    ((reference, _, wanted),) = (value.partition(":") for value in points.values())
    module = reference.replace(".", "/")
    files = {f"{module.partition('/')[0]}/__init__.py": ""}
    if name == "component":  # the folder that the page's first commands made
        elsewhere = copy_of_the_program(tmp_path / "elsewhere")
        follow(steps_of(name)[0], elsewhere)
        shutil.copytree(elsewhere / "components" / "wall_time", packages / module)
        files[f"{module}/__init__.py"] = ""
    else:
        (text,) = (b.text for b in steps_of(name) if b.kind == "new" and "test_" not in b.about)
        assert f"{wanted} =" in text or f"def {wanted}(" in text
        files[f"{module}.py"] = text
    install(packages, project["name"], files, {group: points})
    ran = [block for block in steps_of(name) if block.about == "installed"]
    assert ran
    for block in ran:
        run(block, place, PYTHONPATH=str(packages))
    written = [path for path in place.rglob("added/*.py") if path.name != "__init__.py"]
    assert written == []
