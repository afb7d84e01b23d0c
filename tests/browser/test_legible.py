"""Every narrow state that docs/explanation/page-states.md lists: all of it can be read."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

import settings
from irer.web.figures import FIGURES
from tests.browser import made_up
from tests.browser.conftest import Watched
from tests.browser.made_up_place import CHARTS, WIDER, Place, drawn, show

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [380, 1280])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_no_words_of_a_chart_lie_over_others(
    open_page: Callable[..., Watched], place: Place, width: int, scheme: str
) -> None:
    page = open_page(width=width, color_scheme=scheme).page
    show(page, place, place.hunts.long)
    for name in FIGURES:
        drawn(page, name)
    assert page.evaluate(CHARTS) == []
    page.goto(f"{place.url}/runs/{place.hunts.whole}")
    for name in ("#spectrum", "#diagnostics"):
        page.locator(name).scroll_into_view_if_needed()
        expect(page.locator(f"{name} .main-svg").first).to_be_visible()
    assert page.evaluate(CHARTS) == []


@pytest.mark.parametrize("width", [380, 1280])
def test_no_table_is_wider_than_its_box(
    open_page: Callable[..., Watched], place: Place, width: int
) -> None:
    page = open_page(width=width).page
    page.goto(place.link)
    page.goto(f"{place.url}/runs/{place.hunts.whole}")
    expect(page.locator("#replicates tbody tr")).to_have_count(6)
    expect(page.locator("#matches tbody tr")).to_have_count(8)
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_phone_says_why_a_run_has_no_score(
    open_page: Callable[..., Watched], place: Place
) -> None:
    page = open_page(width=380).page
    page.goto(place.link)
    first = page.locator("#runs-table tbody tr").first
    expect(first.locator(".narrow")).to_be_visible()
    expect(first.locator(".narrow")).to_have_text("floor limited")
    assert page.evaluate(WIDER) == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_what_hovering_tells_can_be_read(
    open_page: Callable[..., Watched], place: Place, scheme: str
) -> None:
    """All of it stands on the label, in the page's own colours."""
    page = open_page(color_scheme=scheme).page
    show(page, place, place.hunts.few)
    drawn(page, "pareto")
    point = page.locator("#pareto-chart .scatterlayer .point").first
    point.hover(force=True)
    label = page.locator("#pareto-chart .hovertext")
    expect(label).to_contain_text("violation")
    assert label.locator(".name").count() == 0  # Plotly's own box: white, in the trace's colour
    ratio = page.evaluate(CONTRAST)
    assert ratio > 4.5


CONTRAST = """() => {
  const light = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number)
    .map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const label = document.querySelector('#pareto-chart .hovertext');
  const values = [label.querySelector('path').style.fill, label.querySelector('.nums').style.fill]
    .map(light).sort();
  return (values[1] + 0.05) / (values[0] + 0.05);
}"""


# The report on a confirmation


@pytest.fixture(scope="module")
def report(place: Place) -> str:
    """The address of a report whose tables are as wide as they get."""
    made_up.leave_page(settings.load(home=place.home), place.hunts.whole)
    return f"{place.url}/api/runs/{place.hunts.whole}/confirmation.html"


@pytest.mark.parametrize("width", [380, 1280])
def test_a_report_shows_all_its_columns_and_leads_back(
    open_page: Callable[..., Watched], place: Place, report: str, width: int
) -> None:
    page = open_page(width=width).page
    page.goto(place.link)
    page.goto(report)
    expect(page.locator("tbody tr").first).to_be_visible()
    assert page.evaluate(WIDER) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("link", name=f"Back to run {place.hunts.whole[:8]}").click()
    page.wait_for_url(f"**/runs/{place.hunts.whole}")
    expect(page.locator("#run-title")).to_be_visible()
