"""A hunt from the page, in a real browser on a real hub: start, steer, lose the hub, go on."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from irer.base.records import SimulationOptions
from tests.browser.chromium import BrowserMissing, chromium
from tests.browser.conftest import Finished, Watched
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser

HUNT_MS = 240_000  # a small hunt on a busy machine
SMALL = {"#generations": "1", "#population": "3", "#grid": "64"}
SMALL |= {"#box": "50", "#steps": "600", "#seed": "7"}  # resolved, and settled


def fill(page: Page, values: dict[str, str]) -> None:
    for field, value in values.items():
        page.fill(field, value)


def tab_to(page: Page, element: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == element.lstrip("#"):
            return
    pytest.fail(f"Tab never comes to {element}")


def test_a_hunt_by_keyboard_alone_to_the_best_run(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with HubProcess(tmp_path, IRER_WORKERS="1") as hub:
        page.goto(hub.link)
        expect(page).to_have_url(f"{hub.url}/")  # the token does not stay in the address
        expect(page.locator("#hunt-status")).to_have_text("Idle")
        for empty in ("#pareto-empty", "#runs-empty", "#hunts-empty"):
            expect(page.locator(empty)).to_be_attached()
        for field in SMALL:
            tab_to(page, field)
            page.keyboard.press("Control+a")
            page.keyboard.type(SMALL[field])
        tab_to(page, "#start-hunt-btn")
        focus = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(focus) == "solid"
        page.keyboard.press("Enter")
        expect(page.locator("#btn-text")).to_have_text("Hunt Running...")
        expect(page.locator("#start-hunt-btn")).to_be_disabled()
        page.reload()  # in mid-hunt: nothing is lost
        expect(page.locator("#hunt-status")).to_have_text("Completed", timeout=HUNT_MS)
        expect(page.locator("#btn-text")).to_have_text("Start New Hunt")
        expect(page.locator("#status-sse")).to_have_text(re.compile(r"^\d\.\d{6}$"))
        expect(page.locator("#status-event")).to_have_text(
            re.compile(r"^Analyzed [0-9a-f]{8}\.\.\.$")
        )
        expect(page.locator("#progress-text")).to_have_text("3 of 3 jobs (100%)")
        best = hub.call("/api/best")[1]
        expect(page.locator("#provenance-box")).to_contain_text(best["job_uuid"])
        expect(page.locator("#verdict")).to_have_text("Scientific verdict: not reached")
        expect(page.locator("#best-link")).to_have_attribute("href", f"/runs/{best['job_uuid']}")
        expect(page.locator("#runs-table tbody tr")).to_have_count(3)
        page.locator("[data-figure=pareto]").scroll_into_view_if_needed()  # drawn when seen
        expect(page.locator("#pareto-chart .main-svg").first).to_be_visible()
        page.goto("about:blank")  # before its hub goes


def test_bad_input_is_marked_at_its_field(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    fill(page, {"#generations": "two", "#population": "0", "#grid": "33"})
    parameters = page.locator("details.more", has_text="Parameters")
    parameters.locator("summary").click()
    page.select_option("#param-lambda_sdg-mode", "searched")
    parameters.locator("summary").click()
    page.click("#start-hunt-btn")
    expect(page.locator("#generations-error")).to_contain_text("an integer from 1 to 100,000")
    expect(page.locator("#population-error")).to_contain_text("got 0")
    expect(page.locator("#grid-error")).to_contain_text("even integer")
    expect(page.locator("#param-lambda_sdg-error")).to_be_visible()  # its part opens by itself
    expect(page.locator("#generations")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#generations")).to_be_focused()
    page.select_option("#param-lambda_sdg-mode", "fixed")
    fill(page, {"#generations": "2", "#population": "2", "#param-kappa .high": "-3"})
    page.click("#start-hunt-btn")
    expect(page.locator("#generations-error")).to_be_hidden()
    expect(page.locator("#grid-error")).to_contain_text("even integer")
    expect(page.locator("#param-kappa-error")).to_be_visible()
    expect(page.locator("#start-hunt-btn")).to_be_enabled()
    assert finished.hub.status()["hunt_status"] == "Completed"
    watched.allow("400 (Bad Request)")


def test_what_is_typed_is_what_is_asked(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    bodies: list[str] = []

    def answer(route):  # type: ignore[no-untyped-def]
        bodies.append(route.request.post_data)
        route.fulfill(status=202, json={"status": "Hunt Started", "hunt_id": "x"})

    page.route("**/api/start-hunt", answer)
    page.click("summary:has-text('Parameters searched')")
    page.click("text=More options")
    page.select_option("#runner", "subprocess")
    page.select_option("#param-c1-mode", "fixed")
    fill(page, {"#param-c1 .value": "0.5", "#param-kappa .low": "0.2", "#option-dt": "0.05"})
    fill(page, {"#option-source_rings": "[0, 0.69]"})
    page.click("#start-hunt-btn")
    expect(page.locator("#start-hunt-btn")).to_be_enabled()
    body = json.loads(bodies[0])
    assert body["runner"] == "subprocess"
    assert body["params"] == {"c1": 0.5, "kappa": [0.2, 1]}
    assert body["simulation"] == {
        "N_grid": 256, "T_steps": 600, "box_length": SimulationOptions().box_length, "dt": 0.05,
        "source_rings": [0, 0.69],
    }  # fmt: skip
    expect(page.locator("#form-error")).to_be_hidden()
    page.unroute("**/api/start-hunt")
    page.route("**/api/start-hunt", lambda route: route.abort())
    page.click("#start-hunt-btn")
    expect(page.locator("#form-error")).to_have_text("The hub does not answer.")
    watched.allow("net::ERR_FAILED", at_most=1)


def test_markup_from_outside_stays_text(watched: Watched, finished: Finished) -> None:
    evil = "<img src=x onerror='window.pwned=1'>"
    said = {"hunt_status": f"Error: {evil}", "last_event": evil, "reason": evil}
    watched.page.route(
        "**/api/get-status", lambda route: route.fulfill(json=finished.hub.status() | said)
    )
    finished.call(f"/api/runs/{finished.best}/note", {"note": evil})
    watched.page.goto(finished.link)
    expect(watched.page.locator("#hunt-status")).to_have_text(f"Error: {evil}")
    expect(watched.page.locator("#status-event")).to_have_text(evil)
    expect(watched.page.locator("#status-reason")).to_have_text(evil)
    expect(watched.page.locator(f".note-btn >> text={evil}")).to_be_visible()
    watched.page.goto(f"{finished.url}/runs/{finished.best}")
    expect(watched.page.locator("#run-note-text")).to_have_value(evil)
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("main img[src=x]").count() == 0
    finished.call(f"/api/runs/{finished.best}/note", {"note": ""})


def test_a_stall_is_visible_and_leads_to_the_log(watched: Watched, finished: Finished) -> None:
    page = watched.page
    seconds = finished.call("/api/hunts")[1]["hunts"][0]["median_seconds"]
    ages = iter([0.0])
    limit = 3 * max(seconds, 1)

    def answer(route):  # type: ignore[no-untyped-def]
        age = next(ages, limit + 60)
        said = {"hunt_status": "Running", "last_event_at": time.time() - age}
        route.fulfill(
            json=finished.hub.status() | said, headers={"Date": "", "Content-Type": "text/json"}
        )

    page.route("**/api/get-status", answer)
    page.goto(finished.link)
    expect(page.locator("#hunt-status")).to_have_text("Running")
    expect(page.locator("#stall-note")).to_be_hidden()
    expect(page.locator("#stall-note")).to_be_visible(timeout=15_000)
    expect(page.locator("#stall-note")).to_contain_text("No result for")
    amber = page.evaluate("getComputedStyle(document.querySelector('#status-age')).color")
    assert amber == page.evaluate("getComputedStyle(document.querySelector('#stall-note')).color")
    page.click("#stall-note a")
    expect(page.locator("body")).to_contain_text("irer.engine")


def test_an_open_page_survives_the_hub(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        expect(page.locator("#hunt-status")).to_have_text("Idle")
        page.evaluate("window.sameDocument = true")
        hub.kill()
    expect(page.locator("#hunt-status")).to_have_text("Offline", timeout=30_000)
    expect(page.locator("#offline-banner")).to_be_visible()
    expect(page.locator("#start-hunt-btn")).to_be_disabled()
    with HubProcess(tmp_path, port=hub.port):
        expect(page.locator("#hunt-status")).to_have_text("Idle", timeout=30_000)
        expect(page.locator("#offline-banner")).to_be_hidden()
        expect(page.locator("#start-hunt-btn")).to_be_enabled()
        assert page.evaluate("window.sameDocument")  # never reloaded
        page.goto("about:blank")
    watched.allow("net::ERR_CONNECTION_")  # refused or cut


@pytest.mark.timeout(900)  # its processes start three times
def test_pause_stop_cancel_and_resume_by_their_buttons(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    state, reason = page.locator("#hunt-status"), page.locator("#status-reason")
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        shown_buttons(page, "start-hunt-btn")
        fill(page, SMALL | {"#generations": "3", "#steps": "2000"})
        page.click("#start-hunt-btn")
        expect(state).to_have_text("Running")
        shown_buttons(page, "start-hunt-btn", "pause-btn", "stop-btn", "cancel-btn")
        page.click("#pause-btn")
        expect(reason).to_contain_text("paused on request")
        expect(state).to_have_text("Paused", timeout=HUNT_MS)
        expect(reason).to_have_text("paused on request")
        shown_buttons(page, "start-hunt-btn", "resume-btn", "stop-btn", "cancel-btn")
        expect(page.locator("#btn-text")).to_have_text("Hunt Paused")
        expect(page.locator("#start-hunt-btn")).to_be_disabled()
        page.reload()
        expect(state).to_have_text("Paused")
        page.click("#resume-btn")
        expect(state).to_have_text("Running")
        expect(reason).to_be_hidden()
        page.click("#cancel-btn")
        expect(state).to_have_text("Stopped", timeout=HUNT_MS)
        shown_buttons(page, "start-hunt-btn", "resume-btn")
        page.click("#resume-btn")
        page.click("#pause-btn")
        expect(state).to_have_text("Paused", timeout=HUNT_MS)
        page.click("#stop-btn")
        expect(state).to_have_text("Stopped", timeout=HUNT_MS)
        page.click("#resume-btn")
        expect(state).to_have_text("Completed", timeout=HUNT_MS)
        shown_buttons(page, "start-hunt-btn")
        expect(page.locator("[data-state=committed] dd")).to_have_text("9")
        expect(page.locator("[data-state=queued] dd")).to_have_text("0")
        assert hub.status()["found_count"] == 9
        page.goto("about:blank")


def shown_buttons(page: Page, *ids: str) -> None:
    """Hold the visible buttons of the form against `ids`."""
    for name in ("start-hunt-btn", "pause-btn", "resume-btn", "stop-btn", "cancel-btn"):
        button = page.locator(f"#{name}")
        expect(button).to_be_visible() if name in ids else expect(button).to_be_hidden()


def test_nothing_moves_for_who_asks_for_rest(
    open_page: Callable[..., Watched], finished: Finished
) -> None:
    page = open_page(reduced_motion="reduce").page
    page.goto(finished.link)
    moving = "getComputedStyle(document.querySelector('#btn-spinner')).animationName"
    assert page.evaluate(moving) == "none"


def test_a_missing_browser_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrowserMissing, match="install Chromium or Chrome") as caught, chromium():
        pass
    assert "\n" not in str(caught.value)
