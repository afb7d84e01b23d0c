"""Every empty, failed, thinned and stale state that docs/explanation/page-states.md lists."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from irer.web.figures import FIGURES
from tests.browser.conftest import Watched
from tests.browser.made_up import LONG
from tests.browser.made_up_place import WIDER, Place, drawn, show
from tests.hub_process import HubProcess

pytestmark = pytest.mark.browser

UNSCORED = (
    "None of 18 runs has a score: 12 not settled (longer runs: simulation.T_steps), "
    "6 floor-limited (more digits: simulation.precision float64)."
)
FAILED = (
    "None of 18 runs has a score: 18 failed (12 NONFINITE, 6 STEP_FAILURE: "
    "narrower ranges, or a smaller simulation.dt)."
)
ABOVE = "No run has a score; why not, and what would help, stands above the charts."
AWAY = "The hub does not answer."


# Empty and failed


def test_a_hunt_without_a_score_is_not_green_and_says_why(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(place.link)
    expect(page.locator("#hunt-status")).to_have_text("Completed")
    expect(page.locator("#state-dot")).to_have_attribute("data-tone", "warn")
    expect(page.locator("#best-evidence")).to_be_hidden()
    for said in ("#status-outcome", "#analysis-note", "#best-none"):
        expect(page.locator(said)).to_have_text(UNSCORED)
    for name in FIGURES:
        card = drawn(page, name)
        expect(card.locator(".chart-empty")).to_have_text(ABOVE)
        expect(card.locator(".chart")).to_be_hidden()
        expect(card.locator(".chart-table")).to_be_hidden()
    expect(page.locator("#best-link")).to_be_hidden()
    expect(page.locator("#confirm-btn")).to_be_hidden()


def test_a_hunt_of_failed_runs_says_what_failed(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, place.hunts.failed)
    expect(drawn(page, "importance").locator(".chart-empty")).to_have_text(ABOVE)
    expect(page.locator("#analysis-note")).to_have_text(FAILED)


def test_a_short_hunt_says_how_many_runs_importance_takes(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, place.hunts.few)
    expect(drawn(page, "importance").locator(".chart-empty")).to_have_text(
        "4 runs have a score; from 20 on the best tenth can be told from the others."
    )
    expect(page.locator("#analysis-note")).to_be_hidden()
    expect(drawn(page, "pareto").locator(".chart-note")).to_be_hidden()  # all are drawn

    # A map that cannot be drawn yet has no axes; of another hunt, none of this one's.
    card = drawn(page, "map")
    expect(card.locator(".chart-empty")).to_have_text("4 runs have a score; a map takes 10.")
    for axis in "xy":
        expect(card.locator(f"select[name={axis}]")).to_have_value("")
    with page.expect_request(MAP) as asked:
        card.locator("select[name=x]").select_option("kappa")
    assert axes_in(asked.value.url) == {"x": ["kappa"]}
    with page.expect_request(MAP) as asked:
        page.select_option("#hunt-choice", place.hunts.earlier)
    assert axes_in(asked.value.url) == {}


MAP = "**/api/figures/map?*"


def axes_in(url: str) -> dict[str, list[str]]:
    asked = parse_qs(urlsplit(url).query)
    return {name: asked[name] for name in "xy" if name in asked}


def test_an_empty_home_waits_for_its_first_run(watched: Watched, tmp_path: Path) -> None:
    page = watched.page
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        for name in FIGURES:
            empty = drawn(page, name).locator(".chart-empty")
            expect(empty).to_have_text("The first measured run appears here.")
        expect(page.locator("#runs-empty")).to_have_text("No runs yet.")
        expect(page.locator("#hunts-empty")).to_be_visible()
        for quiet in ("#status-outcome", "#analysis-note", "#best-none", "#other-measure"):
            expect(page.locator(quiet)).to_be_hidden()
        page.goto(f"{hub.url}/components")
        expect(page.locator("#components .card").first).to_be_visible()
        expect(page.locator("#components-empty")).to_be_hidden()
        page.route("**/api/components", lambda route: route.fulfill(json=NO_COMPONENTS))
        expect(page.locator("#components-empty")).to_be_visible(timeout=15_000)
        page.goto("about:blank")


NO_COMPONENTS = {
    "components": [], "problems": [], "layer2": {"waiting": 0, "skipped": 0, "failures": []},
}  # fmt: skip


def test_a_filter_that_nothing_passes(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(place.link)
    page.select_option("[name=state]", "FAILED")
    expect(page.locator("#runs-empty")).to_have_text("No run passes the filter.")
    expect(page.locator("#runs-table")).to_be_hidden()


def test_a_run_that_failed_at_once(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(f"{place.url}/runs/{place.hunts.lost_at_once}")
    expect(page.locator("#run-error")).to_contain_text("NONFINITE")
    expect(page.locator("#fields-time")).to_have_text(
        "the initial condition at t = 0: the run failed before its first frame"
    )
    expect(page.locator("#diagnostics .chart-empty")).to_have_text(
        "The run ended at t = 0 of 30, before a second frame: there is no course to draw."
    )
    assert page.locator("#diagnostics .main-svg").count() == 0
    expect(page.locator("#spectrum .chart-empty")).to_contain_text("before its first snapshot")
    expect(page.locator("#matches-wrap")).to_be_hidden()
    watched.allow("422 (Unprocessable Entity)")  # there is no spectrum


def test_a_run_that_failed_in_mid_course(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(f"{place.url}/runs/{place.hunts.lost_late}")
    expect(page.locator("#fields-time")).to_have_text(
        "at t = 8 of 30, the last time at which they were finite"
    )
    expect(page.locator("#diagnostics .main-svg").first).to_be_visible()
    watched.allow("422 (Unprocessable Entity)")  # there is no spectrum


def test_a_whole_run_has_fields_of_its_end(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(f"{place.url}/runs/{place.hunts.whole}")
    expect(page.locator("#diagnostics .main-svg").first).to_be_visible()
    expect(page.locator("#fields-time")).to_have_text("at the end of the run")


def test_a_comparison_without_spectra_says_so(watched: Watched, place: Place) -> None:
    page, hunts = watched.page, place.hunts
    page.goto(f"{place.url}/compare?run={hunts.lost_at_once}&run={hunts.lost_late}")
    expect(page.locator("#spectra .chart-empty")).to_contain_text("before its first snapshot")
    expect(page.locator("#spectra .chart")).to_be_hidden()
    watched.allow("422 (Unprocessable Entity)")  # there is no spectrum


# Thinned


def test_what_is_drawn_of_a_long_hunt_is_said(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, place.hunts.long)
    for name in ("pareto", "history", "parallel", "slice", "paradox"):
        figure = place.hub.call(f"/api/figures/{name}?hunt={place.hunts.long}")[1]
        meta = figure["layout"]["meta"]
        assert meta["drawn"] < meta["of"] == LONG
        note = drawn(page, name).locator(".chart-note")
        expect(note).to_contain_text(re.compile(rf"^{meta['drawn']:,} of {LONG:,} runs drawn"))
    expect(page.locator("[data-figure=history] figcaption")).not_to_contain_text("every run")
    page.goto(f"{place.url}/?hunt={place.hunts.long}&ranges=kappa:0.2:0.5")
    drawn(page, "pareto")
    expect(page.locator("#brushes")).to_contain_text("All runs are filtered; the charts leave some")
    expect(drawn(page, "hypervolume").locator(".chart-note")).to_be_hidden()


# Past hunts, and another measure


def test_a_past_hunt_keeps_its_best_tag(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, place.hunts.few)
    rows = page.locator("#runs-table tbody tr")
    expect(rows).to_have_count(4)
    hunts = place.hub.call("/api/hunts")[1]["hunts"]
    best = next(h["best_run"] for h in hunts if h["hunt_id"] == place.hunts.few)
    expect(rows.locator(".best")).to_have_count(1)
    expect(page.locator("#runs-table tr:has(.best) a")).to_have_text(best[:8])


def test_runs_of_another_measure_are_counted_with_the_command(
    watched: Watched, place: Place
) -> None:
    page = watched.page
    page.goto(place.link)
    line = page.locator("#other-measure")
    expect(line).to_contain_text("3 runs of this home were scored by another version")
    command = line.locator("code").inner_text()
    assert command.endswith(f"validation_pipeline.py --rescore --home {place.home}")


# Stale


NOTES = """window.notes = [];
window.Notification = class {
  static permission = 'default';
  static async requestPermission() { return this.permission = 'granted'; }
  constructor(title, options) { window.notes.push([title, options.body]); }
};"""
NAME = "IRER V11.0 | Dynamic Control Hub"


def test_nothing_of_an_outage_stays(watched: Watched, place: Place) -> None:
    """Nor does the tab say anything old: its title and icon follow every state."""
    page = watched.page
    page.add_init_script(NOTES)
    running = place.hub.status() | {"hunt_status": "Running", "last_event_at": 1.0}
    running["progress"] = running["progress"] | {"eta_s": 86.0}
    away = False

    def answer(route: Any) -> None:
        route.abort() if away else route.fulfill(json=running)

    page.route("**/api/get-status", answer)
    page.goto(place.link)
    expect(page.locator("#eta-text")).to_have_text("about 86 s left")
    expect(page.locator("#btn-spinner")).to_be_visible()
    expect(page).to_have_title(f"18/18 running | {NAME}")
    notify = page.locator("#notify-btn")
    expect(notify).to_have_text("Notify me at the end")
    notify.click()
    expect(notify).to_have_text("Notifying at the end")
    away = True
    expect(page.locator("#hunt-status")).to_have_text("Offline", timeout=15_000)
    expect(page).to_have_title(f"offline | {NAME}")
    for gone in ("#btn-spinner", "#stall-note", "#pause-btn", "#stop-btn", "#cancel-btn"):
        expect(page.locator(gone)).to_be_hidden()
    for blank in ("#eta-text", "#status-age"):
        expect(page.locator(blank)).to_be_empty()
    expect(page.locator("#offline-banner")).to_contain_text("What is shown is as of")
    away = False
    expect(page.locator("#hunt-status")).to_have_text("Running", timeout=15_000)
    expect(page.locator("#offline-banner")).to_be_hidden()
    expect(page.locator("#btn-spinner")).to_be_visible()
    running["hunt_id"] = place.hunts.few  # how the one before it ended, nobody knows
    expect(page).to_have_title(f"ended, 18/18 running | {NAME}", timeout=15_000)
    page.keyboard.press("Shift")
    expect(page).to_have_title(f"18/18 running | {NAME}")
    running["hunt_status"] = "Error: disk full"
    expect(page).to_have_title(f"failed | {NAME}", timeout=15_000)
    assert page.evaluate("notes") == [
        ["The hunt has ended, and the next began", "18 of 18 runs"],
        ["The hunt has failed", "18 of 18 runs"],
    ]
    icon = page.locator("link[rel=icon]").get_attribute("href") or ""
    assert "f08a80" in icon
    page.keyboard.press("Shift")
    running["hunt_status"] = "Running"
    expect(page).to_have_title(f"18/18 running | {NAME}", timeout=15_000)
    running |= {"hunt_id": place.hunts.long, "hunt_status": "Completed"}  # the next, too
    expect(page).to_have_title(f"2 ended | {NAME}", timeout=15_000)
    watched.allow("net::ERR_FAILED")


def test_the_name_of_a_hunt_is_text_in_curves_and_files(watched: Watched, place: Place) -> None:
    page, name = watched.page, '=1+1 <b>bold</b> <a href="x">&lt;</a>'
    one, other = (hunt["hunt_id"] for hunt in place.hub.call("/api/hunts")[1]["hunts"][:2])
    numbers = {"x": [1, 2], "y": [-0.5, 0.25], "meta": {"role": "series", "series": 0}}
    figure = {
        "data": [{"type": "scatter", "mode": "lines", "name": name, "showlegend": True} | numbers],
        "layout": {"xaxis": {"title": {"text": "runs"}}, "yaxis": {"title": {"text": "-score"}}},
    }
    curves = {"best": figure, "hypervolume": figure}
    page.route("**/comparison?*", lambda route: route.fulfill(json=curves))
    page.goto(place.link)
    page.goto(f"{place.url}/compare-hunts?hunt={one}&hunt={other}")
    legend = page.locator("#curve-best .legendtext")
    expect(legend).to_have_text(name)
    assert legend.locator("a, tspan").count() == 0
    page.locator(".chart-table summary").first.click()
    expect(page.locator(".chart-table td").first).to_have_text(name)
    saved = page.evaluate(CSV, figure)
    assert list(csv.reader(io.StringIO(saved)))[1] == [f"'{name}", "runs", "1", "'-score", "-0.5"]

    # Curves that cannot be made say why, and nothing goes on waiting for them.
    page.unroute_all()
    page.route("**/comparison?*", lambda route: route.fulfill(status=500, json={"message": "torn"}))
    page.reload()
    expect(page.locator("#curves-error")).to_have_text("torn")
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    expect(page.locator(".chart-card .chart:visible")).to_have_count(0)
    watched.allow("500 (Internal Server Error)")


CSV = "async figure => (await import('/static/js/parts/saving.js')).csvOf(figure)"


def test_a_held_queue_says_why_and_what_is_set_aside(watched: Watched, place: Place) -> None:
    page, evil = watched.page, "<img src=x onerror='window.pwned=1'>"
    time = {"jobs": 6, "job": {"seconds": 30.0, "runs": 9}, "compiled": True, "compile_s": None}
    hunts = [
        {"hunt_id": f"{n}1111111-1111-4111-8111-111111111111", "queued_at": "", **hunt}
        for n, hunt in enumerate((
            {"order": {"sampler": evil}, "problem": evil, "time": None},
            {"order": {"seed": 3, "params": {"c1": [0, 2]}}, "problem": None,
             "time": time | {"seconds": 180.0}},
        ))
    ]  # fmt: skip
    held = "the hunt before is not complete (Stopped)"
    shown = {"waiting": 1, "set_aside": 1, "held": held, "version": 3}
    status = place.hub.status() | {"queue": shown}
    page.route("**/api/get-status", lambda route: route.fulfill(json=status))
    answer = {"hunts": hunts, "held": held, "most": 100}
    page.route("**/api/queue", lambda route: route.fulfill(json=answer))
    page.goto(place.link)
    expect(page.locator("#queue-held")).to_contain_text(f"The queue is held: {held}.")
    rows = page.locator("#queue-table tbody tr")
    expect(rows.nth(0)).to_contain_text(f"Set aside: {evil}")
    expect(rows.nth(1)).to_contain_text("6 runs, seed 3, c1 [0,2]")
    expect(rows.nth(1)).to_contain_text("about 3 min")
    assert page.evaluate("window.pwned") is None
    page.set_viewport_size({"width": 380, "height": 900})
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    page.get_by_role("button", name="Let the queue go on").click()  # nothing waits in truth
    expect(page.locator("#queue-error")).to_have_text("No hunt waits in the queue.")
    watched.allow("409 (Conflict)")


SENDERS = {
    "start": ("", "#start-hunt-btn", "#form-error"),
    "script": ("", "#columns summary", "#runs-error"),  # loaded when it is needed
    "note": ("/runs/{run}", "#run-note button", "#run-note-state"),
    "component": ("/components", "#components button[type=submit]", "#components .form-error"),
}  # fmt: skip


@pytest.mark.parametrize("sender", SENDERS)
def test_that_the_hub_was_away_is_said_until_it_is_back(
    watched: Watched, place: Place, sender: str
) -> None:
    page = watched.page
    path, button, said = SENDERS[sender]
    page.goto(place.link)
    page.goto(place.url + path.format(run=place.hunts.whole))
    expect(page.locator(button).first).to_be_enabled()  # which takes an answer of the hub
    page.route("**/*", lambda route: route.abort())
    page.locator(button).first.click()
    expect(page.locator(said).first).to_have_text(AWAY)
    page.unroute("**/*")
    expect(page.locator(said).first).to_have_text("", timeout=15_000)
    if sender == "script":  # what was to be filled is, at the next opening
        page.locator(button).dblclick()
        expect(page.locator("#columns input").first).to_be_attached()
    watched.allow("net::ERR_FAILED")
