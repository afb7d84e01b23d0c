"""The program from a clone, everything installed anew; needs git and a package index."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import chromium
from tests.browser.conftest import Watched
from tests.browser.test_hunt_page import HUNT_MS, fill
from tests.docs.blocks import ROOT
from tests.hub_process import HubProcess

pytestmark = pytest.mark.soak

SMALL = {"#generations": "1", "#population": "2", "#grid": "64", "#box": "50", "#steps": "300"}


@pytest.mark.timeout(3600)
def test_from_a_clone_to_golden_parameters(tmp_path: Path) -> None:
    place = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth", "1", ROOT.as_uri(), place], check=True)
    with chromium() as browser:
        watched = Watched(browser)
        walk(watched.page, place)
        watched.close()
    assert (place / ".venv" / ".run").exists()


def walk(page: Page, place: Path) -> None:
    """Hunt, confirm and hand over with the program that lies in `place`."""
    home = place / "irer_home"
    with HubProcess(home, make=place, IRER_WORKERS="1") as hub:  # each compiles for itself
        page.goto(hub.link)
        fill(page, SMALL | {"#seed": "7"})
        page.get_by_role("button", name="Start New Hunt").click()
        expect(page.locator("#hunt-status")).to_have_text("Completed", timeout=HUNT_MS)
        page.click("#best-link")

        expect(page.get_by_text("Scientific: not reached")).to_be_visible()
        expect(page.locator("#verdict-missing")).to_contain_text("no confirmation; no p_hunt")
        expect(page.locator(".picture img").first).to_be_visible()
        expect(page.locator("#matches tbody tr")).to_have_count(8)
        confirm = page.get_by_role("button", name="Confirm")
        expect(confirm).to_have_text(re.compile(r"^Confirm: 40 runs, about \d+ (s|min)$"))
        confirm.click()
        expect(page.locator("#confirmation-count")).to_contain_text(re.compile(r"^\d+ of 40 runs"))
        refused, said = hub.call("/api/start-hunt", {})
        assert (refused, said["message"]) == (409, "A confirmation is in progress.")
        state = page.locator("#confirmation-state")
        expect(state).to_have_text(re.compile("passed"), timeout=HUNT_MS)
        rows = page.locator("#replicates tbody tr")
        expect(rows).to_have_count(6)
        expect(rows.nth(1)).to_contain_text("own settings")
        expect(page.locator("#confirmation-findings li").first).to_be_visible()
        expect(page.locator("#verdict-missing")).to_contain_text("the confirmation did not pass")
        report = page.locator("#confirmation-report").get_attribute("href")
        page.goto(f"{hub.url}{report}")
        expect(page.locator("h2").first).to_have_text("Discovery and confirmation side by side")

        page.goto(hub.url)
        expect(state).to_have_text("not passed")  # beside the final result too
        expect(page.locator("#verdict-engineering")).to_contain_text("passed; every generation ran")
        with page.expect_download() as download:
            page.get_by_role("link", name="Golden parameters").click()
        golden = json.loads(Path(download.value.path()).read_text())
        assert golden["seed_to_seed"]["log_prime_sse"]["n"] == 8
        assert golden["verdict"]["confirmation"] == "not passed"
        for name in golden["files"]:
            with page.expect_download() as download:
                page.get_by_role("link", name=name).click()
            assert Path(download.value.path()).read_bytes() == (home / name).read_bytes()
        page.goto("about:blank")
    assert list(home.glob("confirmations/*/confirmation.html"))
