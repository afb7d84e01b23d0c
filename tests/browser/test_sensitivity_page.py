"""Sensitivity on the hunt page: what it says before, while and after it is found out."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.hub_process import HubProcess
from tests.integration.test_sensitivity import hunted

pytestmark = pytest.mark.browser

FOUND_MS = 240_000  # on a busy machine


def test_a_complete_hunt_finds_out_at_the_press_of_a_button(
    watched: Watched, tmp_path: Path
) -> None:
    page = watched.page
    hunted(tmp_path, 0.0)
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        page.locator("#sensitivity").scroll_into_view_if_needed()  # which loads its script
        button = page.locator("#sensitivity-btn")
        expect(button).to_have_text("Find out")
        expect(page.locator("#sensitivity-estimate")).to_contain_text("takes about")
        expect(page.locator("#sensitivity-curve .chart-empty")).to_contain_text("press Find out")
        button.click()
        expect(page.locator("#sensitivity-state")).to_contain_text("is running")
        expect(button).to_be_hidden()
        expect(button).to_have_text("Find out again", timeout=FOUND_MS)
        expect(page.locator("#sensitivity-known")).to_contain_text("a95")
        expect(page.locator("#sensitivity-curve .js-plotly-plot .errorbar").first).to_be_attached()
        table = page.locator("#sensitivity-curve .chart-table")
        table.locator("summary").click()
        expect(table.locator("tbody tr").first).to_contain_text("share of trials")
        page.goto("about:blank")  # before its hub goes


def test_an_empty_home_says_how_it_is_made(watched: Watched, tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        watched.page.goto(hub.link)
        empty = watched.page.locator("#sensitivity-curve .chart-empty")
        expect(empty).to_contain_text("A complete hunt can tell")
        expect(watched.page.locator("#sensitivity-btn")).to_be_hidden()
        watched.page.goto("about:blank")
