"""The newcomer's path: a copy of the program, `make hub`, and everything else on its pages.

No document is read: the page says what a hunt means and what to do next. The hunts' jobs are made
up, so that they end at once; all else is the program.
"""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.browser.test_hunt_page import HUNT_MS, fill
from tests.docs.blocks import ROOT, copy_of_the_program
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser

RUNNER = '''"""Half of the short runs are not settled; while there is a file `hold`, no job ends."""

import time

from irer.base.records import Seconds
from tests.canned import CannedRunner, canned_record


def answer(job):
    record = canned_record(job).model_copy(update={"seconds": Seconds(simulation=2.0)})
    if record.metrics is None or job.index % 2 or job.simulation.T_steps > 600:
        return record
    changes = {"settled": False, "transient": "the mean density drifts"}
    return record.model_copy(update={"metrics": record.metrics.model_copy(update=changes)})


def make(settings):
    def wait_and_answer(job):
        while settings.home.path("hold").exists():
            time.sleep(0.01)
        return answer(job)

    return CannedRunner(settings, wait_and_answer)
'''
NAME = "IRER V11.0 | Dynamic Control Hub"


@pytest.fixture
def hub(tmp_path: Path) -> HubProcess:
    place = copy_of_the_program(tmp_path / "program")
    shutil.copytree(ROOT / "static" / "vendor", place / "static" / "vendor")
    (place / "irer" / "runners" / "added" / "made_up.py").write_text(RUNNER)
    home = place / "irer_home"
    return HubProcess(home, make=place, IRER_RUNNER="made_up", PYTHONPATH=str(ROOT))


@pytest.mark.timeout(300)
def test_from_an_idle_page_to_a_queue_of_hunts(
    watched: Watched, hub: HubProcess, tmp_path: Path
) -> None:
    page, hold = watched.page, tmp_path / "program" / "irer_home" / "hold"
    with hub:
        page.goto(hub.link)
        a_first_hunt(page)
        what_the_page_says_is_done(page)
        both_are_compared(page, hub)
        a_clone_runs_and_two_wait(page, hold)
        page.goto("about:blank")


def a_first_hunt(page: Page) -> None:
    expect(page.locator("#hunt-status")).to_have_text("Idle")
    expect(page).to_have_title(NAME)
    expect(page.locator("#reading-sentence")).to_contain_text("No hunt yet")
    expect(page.locator("#queue-empty")).to_contain_text("No hunt waits")
    expect(page.locator("#estimate")).to_contain_text("not known in this home yet")
    fill(page, {"#generations": "3", "#population": "6", "#seed": "7"})
    page.get_by_role("button", name="Start New Hunt").click()
    expect(page.locator("#hunt-status")).to_have_text("Completed", timeout=HUNT_MS)
    expect(page.locator("#reading-sentence")).to_contain_text("Not reached.")


def what_the_page_says_is_done(page: Page) -> None:
    finding = page.locator("#reading-findings > li").first
    expect(finding).to_contain_text("of 18 runs have no score")
    finding.get_by_role("button", name="Set T_steps to 1200").click()
    expect(page.locator("#start-hunt-btn")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#hunts-table tbody tr")).to_have_count(2)
    expect(page.locator("#hunt-status")).to_have_text("Completed", timeout=HUNT_MS)
    expect(finding).not_to_contain_text("have no score")


def both_are_compared(page: Page, hub: HubProcess) -> None:
    """By keyboard alone."""
    expect(page.locator("#compare-hunts-btn")).to_be_disabled()
    for n in range(2):
        page.locator("#hunts-table input[type=checkbox]").nth(n).focus()
        page.keyboard.press("Space")
    page.locator("#compare-hunts-btn").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare-hunts?hunt=*&hunt=*")
    ids = [hunt["hunt_id"] for hunt in hub.call("/api/hunts")[1]["hunts"]]
    for n, hunt_id in enumerate(ids):
        said = hub.call(f"/api/hunts/{hunt_id}/reading")[1]["sentence"]
        expect(page.locator(".sentences dd").nth(n)).to_have_text(said)
    steps = page.locator("#differences tr", has_text="simulation.T_steps")
    expect(steps.locator("td")).to_have_text(["1200", "600"])
    for curve in ("#curve-best", "#curve-hypervolume"):
        expect(page.locator(f"{curve} .main-svg").first).to_be_visible()
    names = page.locator("#curve-best .legendtext").all_text_contents()
    assert names == [hunt_id[:8] for hunt_id in ids]
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    page.go_back()


def a_clone_runs_and_two_wait(page: Page, hold: Path) -> None:
    hold.touch()
    page.locator("#hunts-table tbody tr").last.get_by_role("button", name="Clone").click()
    expect(page.locator("#steps")).to_have_value("600")
    expect(page.locator("#estimate")).to_contain_text("the median of 18 runs of this size here")
    fill(page, {"#seed": "1"})
    page.click("#start-hunt-btn")
    expect(page).to_have_title(f"0/18 running | {NAME}")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    rows = page.locator("#queue-table tbody tr")
    for n, seed in enumerate(("2", "3")):
        fill(page, {"#seed": seed})
        page.get_by_role("button", name="Add to queue").click()
        expect(rows).to_have_count(n + 1)
    expect(rows.first).to_contain_text("18 runs, seed 2")
    up = rows.last.get_by_role("button", name="Up: queued hunt")
    up.focus()
    page.keyboard.press("Enter")
    expect(rows.first).to_contain_text("seed 3")
    expect(rows.first.get_by_role("button", name="Down: queued hunt")).to_be_focused()
    hold.unlink()
    expect(page).to_have_title(re.compile(r"^(finished|\d ended) \| "), timeout=HUNT_MS)
    expect(page.locator("#hunts-table tbody tr")).to_have_count(5)
    expect(page.locator("#queue-empty")).to_be_visible()
    page.keyboard.press("Shift")  # somebody looks
    expect(page).to_have_title(NAME)
