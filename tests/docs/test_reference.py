"""docs/reference/python.md has every public Python name, from its docstring."""

import importlib
import re

import pytest

from tests.docs.blocks import ROOT
from tests.docs.conftest import Built

PAGE = (ROOT / "docs" / "reference" / "python.md").read_text()
# What is documented under another module's heading of the same page.
ELSEWHERE = {"irer.physics": {"SimulationConfig", "threads"}}
RENAMED = {"irer.hunt": "irer.api.hunting.hunt"}  # the name is also a room's
MODULES = ("irer", "irer.records", "irer.physics", "irer.validation", "irer.home", "core_engine")


@pytest.fixture
def built(documentation: Built) -> str:
    """The page as the build of the documentation makes it."""
    return (documentation.html / "reference" / "python.html").read_text()


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_there(built: str, module: str) -> None:
    anchors = set(re.findall(r'id="([\w.]+)"', built))
    for name in importlib.import_module(module).__all__:
        if name in ELSEWHERE.get(module, ()):
            continue
        value = getattr(importlib.import_module(module), name)
        where = RENAMED.get(f"{module}.{name}", f"{module}.{name}")
        if callable(value):
            assert where in anchors, where
        else:  # a constant has no docstring
            assert f"`{name}`" in PAGE, where


def test_the_public_functions_have_their_arguments_and_errors(built: str) -> None:
    for words in ("Parameters", "Raises", "ConfigError", "box_length", "from_", "|psi|^2"):
        assert words in built, words
    assert "aste_hunter.Hunter.get_next_generation" in built
    assert "irer.base.errors.ConfigError" in built
