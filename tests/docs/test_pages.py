"""The documentation: it builds without a warning, its links lead somewhere, its layout is true."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import settings
from irer.base.help import HELP
from irer.web.help import CHARTS
from tests.docs.blocks import PAGES, ROOT
from tests.docs.conftest import Built

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```.*?^```$", re.M | re.S)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)


def test_it_builds_without_a_warning(documentation: Built) -> None:
    assert documentation.returncode == 0, documentation.stderr
    assert (documentation.html / "howto" / "component.html").exists()


def test_no_page_is_replaced_by_one_that_the_build_makes_itself(documentation: Built) -> None:
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs"):
            name = page.relative_to(ROOT / "docs")
            text = (documentation.html / name.with_suffix(".html")).read_text()
            assert f"_sources/{name.as_posix()}.txt" in text, name


def test_every_explanation_of_the_pages_leads_to_a_place_in_it(documentation: Built) -> None:
    for told in (HELP | CHARTS).values():
        page, _, anchor = told.docs.partition("#")
        text = (documentation.html / page.replace(".md", ".html")).read_text()
        assert f'id="{anchor}"' in text, told.docs


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in _LINK.findall(_CODE.sub("", page.read_text())):
        path, _, anchor = target.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and Sphinx make them."""
    titles = re.findall(r"^#+ (.+)$", _BLOCK.sub("", page.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_in_the_contents() -> None:
    listed = set(re.findall(r"^([\w/-]+)$", (ROOT / "docs" / "index.md").read_text(), re.M))
    pages = {
        page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for page in PAGES
        if page.is_relative_to(ROOT / "docs")
    }
    assert pages - {"index"} <= listed


def test_every_page_comes_with_the_distribution() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    put = build["targets"]["wheel"]["force-include"]
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs"):
            name = page.relative_to(ROOT).as_posix()
            assert {name, name.rpartition("/")[0]} & put.keys(), f"{name}: see pyproject.toml"
    assert all((ROOT / name).exists() for name in put)


def test_the_layout_names_files_that_there_are_and_leaves_none_out() -> None:
    text = (ROOT / "docs" / "layout.md").read_text()
    changes = re.findall(r"^\| \d+ \| .+ \| `(.+)` \|$", text, re.M)
    assert len(changes) == 20
    for name in changes:
        assert (ROOT / name).is_file(), name
    programs = {path.name for path in ROOT.glob("*.py")}
    rooms = {
        path.name
        for path in (ROOT / "irer").iterdir()
        if path.suffix == ".py"
        or any(path.rglob("*.py"))  # a folder of an earlier version may be left
    }
    for name in programs | rooms - {"__init__.py", "__pycache__"}:
        assert re.search(rf"(^|\s){re.escape(name)}[/\s]", text), name


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text()
    described = set(re.findall(r"`(IRER_[A-Z_]+)`", text))
    assert described == {f"IRER_{name.upper()}" for name in settings.Settings.model_fields}


def test_every_make_target_is_described() -> None:
    targets = set(re.findall(r"^([a-z]+):.* ## ", (ROOT / "Makefile").read_text(), re.M))
    targets |= set(re.findall(r"^([a-z]+): +## ", (ROOT / "Makefile").read_text(), re.M))
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text()
    assert targets - {"help"} <= set(re.findall(r"make ([a-z]+)", text))


def test_every_option_of_every_program_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "reference" / "command-line.md").read_text()
    for program in sorted(path.name for path in ROOT.glob("*.py")):
        if "if __name__" not in (ROOT / program).read_text():
            continue
        with pytest.raises(SystemExit):
            importlib.import_module(program.removesuffix(".py")).main(["--help"])
        options = set(re.findall(r"--[a-z0-9_-]+", capsys.readouterr().out))
        assert "--help" in options, program
        (row,) = re.findall(rf"^.*`python {re.escape(program)} .*$", text, re.M)[:1]
        assert row
        for option in options - {"--help", "--version"}:
            assert option in text, f"{program} {option}"
