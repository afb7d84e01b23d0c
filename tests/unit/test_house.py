"""The rules of the house, each held against a house that breaks it."""

import subprocess
import sys
from pathlib import Path

import pytest

from docs.strata import between_modules, between_rooms, circles, picture, whole_graph
from tests.docs.blocks import copy_of_the_program


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that may be spoilt."""
    return copy_of_the_program(tmp_path_factory.mktemp("house") / "program")


def judged(house: Path, *command: str) -> str:
    """Return what a check says that does not pass."""
    answer = subprocess.run([sys.executable, *command], cwd=house, capture_output=True, text=True)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("irer/attic.py", "", "irer.attic"),
        ("attic.py", "", "attic"),
        ("irer/base/words.py", "def lazy():\n    from irer.home import Home", "irer.home"),
        ("core_engine.py", "import irer.hub.runs", "irer.hub"),
        ("components/bssn_check/bssn_check.py", "import irer.web.api", "irer.web"),
        ("irer/search/hypervolume.py", "import irer.search.history", "irer.search"),
        ("irer/hub/runs.py", "import flask", "flask"),
    ],
)
def test_imports_that_break_the_house(house: Path, file: str, line: str, told: str) -> None:
    path = house / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        found = judged(house, str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert "BROKEN" in found
    assert told in found.partition("Broken contracts")[2]


def test_names_of_a_home_are_spelt_in_one_place(house: Path) -> None:
    spoilt = house / "irer" / "hub" / "spoilt.py"
    spoilt.write_text(
        '"""Spells names that are not its own: provenance_x.json, in prose, is none."""\n'
        "from pathlib import Path\n"
        "def where(home: Path, job_uuid: str) -> list[object]:\n"
        '    return [f"provenance_{job_uuid}.json", home / "hunts", "x/run_notes.json",\n'
        '            "mkdir -p again/input_configs", "a hunts folder", "see hunt.json there"]\n'
    )
    try:
        found = judged(house, ".ci/house_rules.py")
    finally:
        spoilt.unlink()
    lines = [line for line in found.splitlines() if line.startswith("irer/hub/spoilt.py")]
    named = [line for line in lines if "a name of the home" in line]
    assert [line.split(":")[1] for line in named] == ["4", "4", "4", "5"]
    assert any(":3: a parameter called home that is no Home" in line for line in lines)


def test_a_finding_that_does_not_run_is_named(house: Path) -> None:
    finding = next((house / "findings").glob("*.sh"))
    finding.chmod(0o644)
    try:
        found = judged(house, ".ci/house_rules.py")
    finally:
        finding.chmod(0o755)
    assert f"findings/{finding.name}: may not be run" in found


def test_a_picture_that_lies_is_refused(house: Path) -> None:
    spoilt = house / "irer" / "spectral" / "grid.py"
    text = spoilt.read_text()
    spoilt.write_text(text.replace("from irer.base.", "import irer.home\nfrom irer.base.", 1))
    try:
        found = judged(house, "docs/strata.py", "--check")
    finally:
        spoilt.write_text(text)
    assert "docs/layout.md shows other strata" in found


def test_circles_are_found_at_any_length() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}, "g": set()}
    assert sorted(circles(arrows)) == [["a", "b", "c"], ["e", "f"]]
    modules = between_modules(whole_graph())
    assert len(modules) > 150
    assert circles(modules) == []
    assert circles(between_rooms(modules)) == []


def test_the_picture_shows_what_each_stands_on() -> None:
    rooms = {"app": {"irer.hub", "irer.base"}, "irer.hub": {"irer.base"}, "irer.base": set()}
    assert picture(rooms) == (
        " 3  app.py                  on irer/hub/\n"
        " 2  irer/hub/               on irer/base/\n"
        " 1  irer/base/\n"
    )
