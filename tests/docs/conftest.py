"""The documentation, built once for all tests that read what comes of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from tests.docs.blocks import ROOT


class Built(NamedTuple):
    """The pages as HTML, and what the build said."""

    html: Path
    returncode: int
    stderr: str


@pytest.fixture(scope="session")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built by whichever test process comes first; a warning is an error."""
    own = tmp_path_factory.getbasetemp()
    place = (own.parent if own.name.startswith("popen-") else own) / "documentation"
    with FileLock(place.with_suffix(".lock")):
        told = place.with_suffix(".json")
        if not told.exists():
            build = subprocess.run(
                [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html",
                 "-d", place / "cache", ROOT / "docs", place / "html"],
                capture_output=True, text=True,
            )  # fmt: skip
            told.write_text(json.dumps([build.returncode, build.stderr]))
        returncode, stderr = json.loads(told.read_text())
    return Built(place / "html", returncode, stderr)
