"""The newcomer's path from a clone, everything installed anew; needs git and a package index."""

import subprocess
from pathlib import Path

import pytest

from tests.browser.chromium import chromium
from tests.browser.conftest import Watched
from tests.browser.test_newcomer import walk
from tests.docs.blocks import ROOT

pytestmark = pytest.mark.soak


@pytest.mark.timeout(3600)
def test_from_a_clone_to_golden_parameters(tmp_path: Path) -> None:
    place = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", ROOT.as_uri(), place], check=True)
    with chromium() as browser:
        watched = Watched(browser)
        walk(watched.page, place)
        watched.close()
    assert (place / ".venv" / ".run").exists()
