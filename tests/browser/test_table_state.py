"""What is shown of the runs: kept in the address, chosen by columns, narrowed by brushing."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Finished, Watched
from tests.browser.made_up_place import drawn

pytestmark = pytest.mark.browser


def query(page: Page) -> dict[str, str]:
    """What the address says of the state."""
    search = page.evaluate("location.search")
    return {name: value for name, (value,) in parse_qs(urlsplit(search).query).items()}


def heads(page: Page) -> list[str]:
    return page.locator("#runs-table thead [data-sort]").all_inner_texts()


def sort_by(page: Page, head: str) -> None:
    """By keyboard: charts that come move the table beneath a pointer."""
    page.get_by_role("button", name=head, exact=True).focus()
    page.keyboard.press("Enter")


def open_by_keys(page: Page, part: str) -> None:
    page.locator(f"{part} summary").focus()
    page.keyboard.press("Enter")


def test_reload_and_back_restore_what_is_shown(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    rows, count = page.locator("#runs-table tbody tr"), page.locator("#runs-count")
    expect(rows).to_have_count(8)
    usual = heads(page)
    assert usual == ["Run", "Gen", "State", "SSE", "H-norm", "Fitness", "Seconds"]
    helped = page.locator("#runs-table thead .help")
    expect(helped).to_have_count(3)  # all but the seconds
    assert query(page) == {}
    loaded = page.evaluate("performance.getEntriesByType('resource').map(e => e.name).join()")
    assert not re.search(
        r"(brush|narrow|columns|url_check)\.js", loaded
    )  # only when they are needed

    open_by_keys(page, "#columns")
    expect(page.locator("#columns input").first).to_be_visible()
    page.locator("#columns [name=kappa]").focus()
    page.keyboard.press("Space")
    page.locator("#columns [name=fitness]").uncheck()
    sort_by(page, "kappa")
    expect(helped.last).to_have_attribute("popovertarget", "help-kappa")
    shown = [*usual[:5], "Seconds", "kappa"]
    by_kappa = sorted(run_values(finished, "kappa"))
    last = page.locator("#runs-table td:nth-child(8)")
    expect(last).to_have_text([f"{value:.6f}" for value in by_kappa])
    for n in (0, 2):
        rows.nth(n).locator("input[type=checkbox]").check()
    page.select_option("[name=hidden]", "yes")
    page.fill("[name=search]", "zzz")
    expect(count).to_have_text("")
    page.fill("[name=search]", "")
    expect(rows).to_have_count(8)

    def as_chosen() -> None:
        expect(last).to_have_text([f"{value:.6f}" for value in by_kappa])
        assert heads(page) == shown
        expect(page.locator("#runs-table th[aria-sort=ascending]")).to_have_text("kappa")
        expect(page.locator("#compare-btn")).to_have_text("Compare 2")
        expect(rows.locator("input:checked")).to_have_count(2)
        expect(page.locator("[name=hidden]")).to_have_value("yes")

    page.reload()
    as_chosen()
    page.select_option("#hunt-choice", "all")
    expect(count).to_have_text("9")
    past = query_of_past(finished)
    page.set_viewport_size({"width": 1280, "height": 1800})  # the front is in view
    drawn(page, "pareto")
    asked = asked_of(page)
    page.goto(f"{finished.url}/?hunt={past[:8]}&sort=fitness")  # a link by a short id
    expect(rows).to_have_count(1)
    expect(page.locator("#hunt-choice")).to_have_value(past)
    expect(page.locator("#best-sse")).to_have_text("-")
    drawn(page, "pareto")
    asks_once(asked, past)
    page.go_back()
    expect(count).to_have_text("9")
    expect(page.locator("#hunt-choice")).to_have_value("all")
    drawn(page, "pareto")
    asks_once(asked, "all")
    page.go_back()
    expect(page.locator("#hunt-choice")).to_have_value("current")
    as_chosen()
    drawn(page, "pareto")
    asks_once(asked, "current")
    page.go_forward()
    expect(count).to_have_text("9")
    drawn(page, "pareto")
    asks_once(asked, "all")  # and nothing since that was asked late
    page.click("#compare-btn")
    page.wait_for_url("**/compare?*")
    page.go_back()
    expect(page.locator("#compare-btn")).to_have_text("Compare 2")


def asked_of(page: Page) -> list[str]:
    """What the hub is asked for from now on to fill the table of runs and the front."""
    asked: list[str] = []
    filling = re.compile(r"/api/(runs|figures/pareto)\?")
    page.on("request", lambda it: asked.append(it.url) if filling.search(it.url) else None)
    return asked


def asks_once(asked: list[str], hunt: str) -> None:
    """Both were asked for once, of this hunt; forget it."""
    parts = [urlsplit(url) for url in asked]
    assert sorted(part.path for part in parts) == ["/api/figures/pareto", "/api/runs"]
    assert {parse_qs(part.query)["hunt"][0] for part in parts} == {hunt}
    asked.clear()


def run_values(finished: Finished, name: str) -> list[float]:
    runs = finished.call(f"/api/runs?hunt=current&columns={name}&per_page=100")[1]["runs"]
    return [run["values"][name] for run in runs]


def query_of_past(finished: Finished) -> str:
    hunts = finished.call("/api/hunts")[1]["hunts"]
    return next(str(hunt["hunt_id"]) for hunt in hunts if not hunt["current"])


def test_an_address_that_makes_no_sense_is_left_out_and_said(
    watched: Watched, finished: Finished
) -> None:
    page = watched.page
    page.goto(finished.link)
    nonsense = {
        "sort": "colour", "order": "up", "page": "-1", "columns": "kappa,nix", "ticked": "../etc",
        "ranges": "kappa:2:1", "lasso": "1,2", "zoom": "pareto", "state": "<b>", "more": "1",
    }  # fmt: skip
    no_numbers = {
        "ranges": "log_prime_sse:.:", "lasso": "1.2.3,1,1,1,1,1", "zoom": "pareto.xaxis:1.2.3:4",
    }  # fmt: skip
    page.goto(f"{finished.url}/?{'&'.join(f'{n}={v}' for n, v in nonsense.items())}&hidden=yes")
    note = page.locator("#address-note")
    for name, value in nonsense.items():
        expect(note).to_contain_text(f"{name}={value}")
    expect(note).not_to_contain_text("hidden")
    page.goto(f"{finished.url}/?{'&'.join(f'{n}={v}' for n, v in no_numbers.items())}")
    for name, value in no_numbers.items():
        expect(note).to_contain_text(f"{name}={value}")
    page.go_back()
    assert page.locator("#address-note b").count() == 0
    expect(page.locator("#runs-table tbody tr")).to_have_count(8)
    assert len(heads(page)) == 7
    sort_by(page, "SSE")
    expect(note).to_be_hidden()  # said once
    assert query(page) == {"hidden": "yes", "sort": "log_prime_sse", "order": "asc"}
    page.goto(f"{finished.url}/?hunt=00000000-0000")
    expect(note).to_contain_text("hunt=00000000-0000")
    expect(page.locator("#runs-table tbody tr")).to_have_count(8)


def drag(page: Page, chart: str, places: list[tuple[float, float]]) -> None:
    """Drag over a chart, between places given as shares of its width and height."""
    area = page.locator(f"{chart} .nsewdrag").first
    area.scroll_into_view_if_needed()
    box: Any = area.bounding_box()
    spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=4)
    page.mouse.up()


def ready(page: Page, chart: str) -> None:
    page.locator(chart).scroll_into_view_if_needed()
    expect(page.locator(f"{chart}[data-followed] .main-svg").first).to_be_visible()


BRUSHED = """() => document.querySelector("#pareto-chart").layout.shapes
    .some(({ name }) => name === "brush")"""


def test_brushing_narrows_the_table_and_feeds_compare(
    open_page: Callable[..., Watched], finished: Finished
) -> None:
    page = open_page(width=1280).page
    page.goto(finished.link)
    rows, chips = page.locator("#runs-table tbody tr"), page.locator("#brushes")
    scored = [run for run in finished.runs() if run["fitness"] is not None]
    ready(page, "#pareto-chart")
    expect(chips).to_be_hidden()

    zooms(page)
    page.select_option("#pareto-drag", "select")
    asked = asked_of(page)
    double_click(page, "#pareto-chart")  # nothing is brushed: nothing is asked for
    drag(page, "#pareto-chart", [(0.01, 0.01), (0.99, 0.99)])
    page.wait_for_function(BRUSHED)
    double_click(page, "#pareto-chart")
    expect(chips).to_be_hidden()
    expect(rows).to_have_count(8)
    assert query(page) == {}
    assert len(asked) == 2
    drag(page, "#pareto-chart", [(0.01, 0.01), (0.99, 0.99)])
    expect(chips).to_contain_text(re.compile(r"SSE \S+ to \S+ ×"))
    expect(chips).to_contain_text("constraint violation")
    expect(rows).to_have_count(len(scored))  # all of the front's runs, and none without a score
    chips.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(8)
    expect(chips).to_be_hidden()
    page.reload()  # Back restores what was brushed, and Forward takes it away
    expect(rows).to_have_count(8)
    ready(page, "#pareto-chart")
    page.go_back()
    expect(chips).to_contain_text("constraint violation")
    expect(rows).to_have_count(len(scored))
    expect(chips).to_contain_text(f"Compare these {len(scored)}")
    page.wait_for_function(BRUSHED)
    page.go_forward()
    expect(chips).to_be_hidden()
    expect(rows).to_have_count(8)
    page.wait_for_function(f"() => !({BRUSHED})()")

    page.select_option("#pareto-drag", "lasso")
    drag(page, "#pareto-chart", [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)])
    expect(chips).to_contain_text("inside the lasso in the front")
    expect(rows).to_have_count(len(scored))

    ready(page, "#parallel-chart")
    drag(page, "#parallel-chart", [(0.03, 0.25), (0.08, 1.0)])  # the first axis, without its top
    expect(chips.locator(".chip")).to_have_count(3)
    name, high = re.split(r" at most ", chips.locator(".chip").first.inner_text().rstrip(" ×"))
    left = [run for run in scored if kept(finished, run, name, float(high))]
    assert 0 < len(left) < len(scored)
    expect(rows).to_have_count(len(left))
    page.reload()  # the address has it all
    expect(chips.locator(".chip")).to_have_count(3)
    expect(rows).to_have_count(len(left))
    page.go_back()
    expect(chips.locator(".chip")).to_have_text(
        ["with a score ×", "inside the lasso in the front ×"]
    )
    expect(rows).to_have_count(len(scored))

    by_keyboard(page, chips)
    expect(rows).to_have_count(2)
    chips.get_by_role("button", name="Compare these 2").click()
    page.wait_for_url("**/compare?*")
    expect(page.locator("#compare-chosen li")).to_have_count(2)


def double_click(page: Page, chart: str) -> None:
    middle: Any = page.locator(f"{chart} .nsewdrag").first.bounding_box()
    page.mouse.dblclick(middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)


def zooms(page: Page) -> None:
    """A zoom outlives a reload; a double click takes it back."""
    area = "document.querySelector('#pareto-chart')._fullLayout.xaxis.range"
    whole = page.evaluate(area)
    drag(page, "#pareto-chart", [(0.3, 0.3), (0.6, 0.6)])
    page.wait_for_url("**zoom=pareto.xaxis:*")
    page.reload()
    ready(page, "#pareto-chart")
    low, high = page.evaluate(area)
    assert whole[0] < low < high < whole[1]
    assert f"pareto.xaxis:{low:.5}" in query(page)["zoom"]
    double_click(page, "#pareto-chart")
    page.wait_for_url(lambda url: "zoom" not in url)
    page.wait_for_function(f"ends => {area}.join() === ends.join()", arg=whole)


def kept(finished: Finished, run: dict[str, Any], name: str, high: float) -> bool:
    path = f"/api/runs/{run['job_uuid']}"
    return float(finished.call(path)[1]["sncgl_params"][name]) <= high


def by_keyboard(page: Page, chips: Locator) -> None:
    """Take the lasso away and ask for the two runs of the smallest SSE."""
    chips.get_by_role("button", name="Remove: inside the lasso").focus()
    page.keyboard.press("Enter")
    expect(chips.locator(".chip")).to_have_count(1)
    open_by_keys(page, "#narrow")
    number = page.locator("#narrow select")
    number.focus()
    number.select_option("log_prime_sse")
    values = sorted(
        float(text)
        for text in page.locator("#runs-table td:nth-child(5) data").evaluate_all(
            "cells => cells.map(c => c.value)"
        )
    )
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#narrow .field-error")).to_contain_text("the smaller one first")
    page.locator("#narrow input").first.fill("")
    page.locator("#narrow input").last.fill(str((values[1] + values[2]) / 2))
    page.keyboard.press("Enter")
    expect(chips).to_contain_text("SSE at most")


def test_a_meaning_that_cannot_be_made_says_why(watched: Watched, finished: Finished) -> None:
    page = watched.page
    problem = {"message": "reading.json: torn", "errors": []}
    page.route("**/reading", lambda route: route.fulfill(status=500, json=problem))
    page.goto(finished.link)
    expect(page.locator("#reading-error")).to_have_text("reading.json: torn")
    expect(page.locator("#reading-sentence")).to_contain_text("No hunt yet")  # as it was
    watched.allow("500 (Internal Server Error)")
