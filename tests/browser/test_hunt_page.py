"""The page in a real browser, on a real hub, with real hunts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import BrowserMissing, chromium
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser

HUNT_MS = 240_000  # a small hunt on a busy machine
SMALL = {"#generations": "1", "#population": "3", "#grid": "64", "#steps": "60", "#seed": "7"}
SMALL |= {"#box": "25"}  # resolved on so few points: other runs have no score


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as browser:
            yield browser
    except BrowserMissing as missing:
        pytest.fail(str(missing), pytrace=False)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """One hub for the tests that follow each other in this file."""
    with HubProcess(tmp_path_factory.mktemp("home")) as hub:
        yield hub


class Watched:
    """A page, and what it did behind the scenes."""

    def __init__(self, browser: Browser, *, width: int = 1280, scheme: str = "dark") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="light" if scheme == "light" else "dark",
        )
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser)
    yield watched
    watched.context.close()


def fill(page: Page, values: dict[str, str]) -> None:
    for field, value in values.items():
        page.fill(field, value)


def test_a_hunt_from_the_button_to_the_best_run(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    expect(page).to_have_url(f"{hub.url}/")  # the token does not stay in the address
    expect(page.locator("#hunt-status")).to_have_text("Idle")
    fill(page, SMALL)
    page.click("#start-hunt-btn")
    expect(page.locator("#btn-text")).to_have_text("Hunt Running...")
    expect(page.locator("#start-hunt-btn")).to_be_disabled()
    page.reload()  # in mid-hunt: nothing is lost
    expect(page.locator("#hunt-status")).to_have_text("Completed", timeout=HUNT_MS)
    expect(page.locator("#btn-text")).to_have_text("Start New Hunt")
    expect(page.locator("#status-sse")).to_have_text(re.compile(r"^\d\.\d{6}$"))
    expect(page.locator("#status-event")).to_have_text(re.compile(r"^Analyzed [0-9a-f]{8}\.\.\.$"))
    expect(page.locator("#progress-text")).to_have_text("3 of 3 jobs (100%)")
    best = hub.call("/api/best")[1]
    expect(page.locator("#provenance-box")).to_contain_text(best["job_uuid"])
    expect(page.locator("#verdict")).to_have_text("Scientific verdict: not reached")
    expect(page.locator("#runs-table tbody tr")).to_have_count(3)
    expect(page.locator("#pareto-chart .main-svg").first).to_be_visible()
    assert watched.errors == []
    assert watched.hosts == {urlsplit(hub.url).netloc}


def test_a_point_of_the_chart_opens_its_run(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    point = page.locator("#pareto-chart .scatterlayer .point").last
    point.wait_for()
    point.click(force=True)  # Plotly lays its own surface for the pointer over the points
    panel = page.locator("#run-panel")
    expect(panel).to_be_visible()
    expect(panel).to_be_focused()
    expect(panel).to_contain_text("log_prime_sse")
    shown = page.locator("#run-panel-title").inner_text()
    assert hub.call(f"/api/runs/{shown}")[0] == 200
    with page.expect_download() as download:
        page.click("#run-links a >> text=HDF5")
    assert shown in download.value.suggested_filename
    assert watched.errors == []


def test_table_by_keyboard_and_best_run_to_a_file(
    watched: Watched, hub: HubProcess, tmp_path: Path
) -> None:
    page = watched.page
    page.goto(hub.link)
    sort = page.get_by_role("button", name="SSE", exact=True)
    sort.focus()
    page.keyboard.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("SSE")
    values = [float(text) for text in page.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert len(values) == 3
    page.locator("tbody button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#run-panel")).to_be_focused()
    with page.expect_download() as download:
        page.click("#download-btn")
    assert download.value.suggested_filename == f"best_run_{best_uuid(hub)}.json"
    page.select_option("[name=state]", "FAILED")
    expect(page.locator("#runs-empty")).to_be_visible()
    assert watched.errors == []


def best_uuid(hub: HubProcess) -> str:
    return str(hub.call("/api/best")[1]["job_uuid"])


def test_bad_input_is_marked_at_its_field(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    fill(page, {"#generations": "two", "#population": "0", "#grid": "33"})
    page.click("#start-hunt-btn")
    expect(page.locator("#generations-error")).to_contain_text("an integer from 1 to 100,000")
    expect(page.locator("#population-error")).to_contain_text("got 0")
    expect(page.locator("#grid-error")).to_contain_text("even integer")
    expect(page.locator("#generations")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#generations")).to_be_focused()
    fill(page, {"#generations": "2", "#population": "2"})
    page.click("#start-hunt-btn")
    expect(page.locator("#generations-error")).to_be_hidden()
    expect(page.locator("#grid-error")).to_contain_text("even integer")
    expect(page.locator("#start-hunt-btn")).to_be_enabled()
    assert hub.status()["hunt_status"] == "Completed"


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_phone_shows_it_without_overflow(browser: Browser, hub: HubProcess, scheme: str) -> None:
    watched = Watched(browser, width=380, scheme=scheme)
    page = watched.page
    page.goto(hub.link)
    page.locator("tbody button").first.click()
    page.locator("#pareto-chart .main-svg").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    assert page.evaluate(
        "(() => { const t = document.querySelector('.table-wrap');"
        " return t.scrollWidth - t.clientWidth; })()"
    ) == 0  # fmt: skip
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme-btn")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != background
    assert watched.errors == []
    watched.context.close()


def test_markup_from_outside_stays_text(watched: Watched, hub: HubProcess) -> None:
    evil = "<img src=x onerror='window.pwned=1'>"
    watched.page.route(
        "**/api/get-status",
        lambda route: route.fulfill(
            json={**hub.status(), "hunt_status": f"Error: {evil}", "last_event": evil}
        ),
    )
    watched.page.goto(hub.link)
    expect(watched.page.locator("#hunt-status")).to_have_text(f"Error: {evil}")
    expect(watched.page.locator("#status-event")).to_have_text(evil)
    assert watched.page.evaluate("window.pwned") is None
    assert watched.page.locator("#hunt-status img").count() == 0


def test_an_open_page_survives_the_hub(browser: Browser, tmp_path: Path) -> None:
    watched = Watched(browser)
    page = watched.page
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        expect(page.locator("#hunt-status")).to_have_text("Idle")
        hub.kill()
    expect(page.locator("#hunt-status")).to_have_text("Offline", timeout=30_000)
    expect(page.locator("#offline-banner")).to_be_visible()
    expect(page.locator("#start-hunt-btn")).to_be_disabled()
    with HubProcess(tmp_path, port=hub.port):
        expect(page.locator("#hunt-status")).to_have_text("Idle", timeout=30_000)
        expect(page.locator("#offline-banner")).to_be_hidden()
        expect(page.locator("#start-hunt-btn")).to_be_enabled()
    watched.context.close()


@pytest.mark.timeout(900)  # its processes start three times
def test_pause_stop_cancel_and_resume_by_their_buttons(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    state, reason = page.locator("#hunt-status"), page.locator("#status-reason")
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        shown_buttons(page, "start-hunt-btn")
        fill(page, SMALL | {"#generations": "3", "#steps": "2000"})
        page.select_option("#runner", "pool")
        page.click("#start-hunt-btn")
        expect(state).to_have_text("Running")
        shown_buttons(page, "start-hunt-btn", "pause-btn", "stop-btn", "cancel-btn")
        page.click("#pause-btn")
        expect(reason).to_contain_text("paused on request")
        expect(state).to_have_text("Paused", timeout=HUNT_MS)
        expect(reason).to_have_text("paused on request")
        shown_buttons(page, "start-hunt-btn", "resume-btn", "stop-btn", "cancel-btn")
        expect(page.locator("#btn-text")).to_have_text("Hunt Paused")
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
    assert watched.errors == []


def shown_buttons(page: Page, *ids: str) -> None:
    """Hold the visible buttons of the form against `ids`."""
    for name in ("start-hunt-btn", "pause-btn", "resume-btn", "stop-btn", "cancel-btn"):
        button = page.locator(f"#{name}")
        expect(button).to_be_visible() if name in ids else expect(button).to_be_hidden()


def test_why_the_engine_paused_is_on_the_page(watched: Watched, hub: HubProcess) -> None:
    evil = "cannot write <b onmouseover='window.pwned=1'>x</b>: No space left on device"
    watched.page.route(
        "**/api/get-status",
        lambda route: route.fulfill(json=hub.status() | {"hunt_status": "Paused", "reason": evil}),
    )
    watched.page.goto(hub.link)
    expect(watched.page.locator("#hunt-status")).to_have_text("Paused")
    expect(watched.page.locator("#status-reason")).to_have_text(evil)
    assert watched.page.locator("#status-reason b").count() == 0
    shown_buttons(watched.page, "start-hunt-btn", "resume-btn", "stop-btn", "cancel-btn")
    expect(watched.page.locator("#start-hunt-btn")).to_be_disabled()


def test_the_runner_is_chosen_in_the_form(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    bodies: list[str] = []
    page.route(
        "**/api/start-hunt",
        lambda route: (bodies.append(route.request.post_data or ""), route.abort()),
    )
    page.select_option("#runner", "subprocess")
    page.click("#start-hunt-btn")
    expect(page.locator("#form-error")).to_be_visible()
    assert json.loads(bodies[0])["runner"] == "subprocess"


def test_a_missing_browser_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BrowserMissing, match="install Chromium or Chrome") as caught, chromium():
        pass
    assert "\n" not in str(caught.value)
