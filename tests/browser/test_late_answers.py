"""Answers and scripts that come late, or not at all: what was chosen last is what is shown."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Watched
from tests.browser.made_up_place import Place, drawn, show

pytestmark = pytest.mark.browser

MAP = "**/api/figures/map?*"


class Held:
    """The map's first question from now on waits for `release`."""

    def __init__(self, page: Page) -> None:
        self.asked = 0
        self.first: Route | None = None
        page.route(MAP, self.hold)

    def hold(self, route: Route) -> None:
        self.asked += 1
        if self.first is None:
            self.first = route
        else:
            route.continue_()

    def release(self, page: Page) -> dict[str, str]:
        """Let the first be answered; return what the next asks for."""
        assert self.first is not None
        with page.expect_request(MAP) as following:
            self.first.continue_()
        query = parse_qs(urlsplit(following.value.url).query)
        return {name: query[name][0] for name in ("hunt", "x", "y") if name in query}


def test_axes_that_were_chosen_meanwhile_are_kept(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, place.hunts.long)
    card = drawn(page, "map")
    x, y = card.locator("select[name=x]"), card.locator("select[name=y]")
    names = x.locator("option").all_inner_texts()
    held = Held(page)
    with page.expect_request(MAP):
        x.select_option(names[2])
    y.select_option(names[0])
    chosen = {"hunt": place.hunts.long, "x": names[2], "y": names[0]}
    assert held.release(page) == chosen
    drawn(page, "map")
    expect(x).to_have_value(names[2])
    expect(y).to_have_value(names[0])
    assert held.asked == 2


def test_the_answer_for_one_hunt_is_not_shown_as_that_of_another(
    watched: Watched, place: Place
) -> None:
    page = watched.page
    show(page, place, place.hunts.long)
    card = drawn(page, "map")
    names = card.locator("select[name=x] option").all_inner_texts()
    held = Held(page)
    with page.expect_request(MAP):
        card.locator("select[name=x]").select_option(names[2])
    page.select_option("#hunt-choice", place.hunts.few)
    assert held.release(page) == {"hunt": place.hunts.few}
    drawn(page, "map")
    expect(card.locator(".chart-empty")).to_have_text("4 runs have a score; a map takes 10.")


def test_the_zoom_of_one_hunt_is_not_laid_over_another(watched: Watched, place: Place) -> None:
    page = watched.page
    page.goto(place.link)
    page.goto(f"{place.url}/?hunt={place.hunts.long}&zoom=history.xaxis:0:5")
    drawn(page, "history")
    assert "zoom=history.xaxis:0:5" in page.url
    page.select_option("#hunt-choice", place.hunts.few)
    expect(page).to_have_url(f"{place.url}/?hunt={place.hunts.few}")


def test_a_table_needs_no_drawing(watched: Watched, place: Place) -> None:
    page = watched.page
    page.route("**/plotly-*", lambda route: route.abort())
    show(page, place, place.hunts.few)
    card = page.locator("[data-figure=pareto]")
    card.scroll_into_view_if_needed()
    card.locator(".chart-table summary").click()
    expect(card.locator(".chart-table tbody tr").first).to_be_visible()
    watched.allow("net::ERR_FAILED")


def test_back_waits_for_the_hub(watched: Watched, place: Place) -> None:
    page = watched.page
    show(page, place, "all")
    page.select_option("#hunt-choice", "current")
    page.route("**/*", lambda route: route.abort())
    page.go_back()
    expect(page.locator("#address-note")).to_have_text("The hub does not answer.")
    expect(page.locator("#hunt-choice")).to_have_value("current")
    page.unroute("**/*")
    expect(page.locator("#hunt-choice")).to_have_value("all")
    expect(page.locator("#address-note")).to_be_hidden()
    watched.allow("net::ERR_FAILED")
