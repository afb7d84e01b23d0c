"""What the hunt, run and compare pages show of a finished hunt, in a real browser."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from irer.web.figures import FIGURES
from tests.browser.conftest import Finished, Watched
from tests.browser.numbers import known_numbers, shown_numbers

pytestmark = pytest.mark.browser

_ASKED_FOR = "#spectrum, #diagnostics, #spectra, #curve-best, #curve-hypervolume"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


def pages_of(finished: Finished) -> dict[str, str]:
    """The pages, each at its fullest."""
    first, second, *_ = (run["job_uuid"] for run in finished.runs())
    one, other = (hunt["hunt_id"] for hunt in finished.call("/api/hunts")[1]["hunts"])
    return {
        "hunt": f"{finished.url}/",
        "run": f"{finished.url}/runs/{finished.best}",
        "compare": f"{finished.url}/compare?run={first}&run={second}",
        "compare-hunts": f"{finished.url}/compare-hunts?hunt={one}&hunt={other}",
    }


def settle(page: Page, name: str) -> None:
    """Wait until all that the page asks for by itself has come, going down it once."""
    if name == "hunt":
        expect(page.locator("#hunt-status")).to_have_text("Completed")
    for busy in page.locator(f"[data-figure], .picture, {_ASKED_FOR}").all():
        busy.scroll_into_view_if_needed()
        expect(busy).not_to_have_attribute("aria-busy", "true", timeout=60_000)
    page.evaluate("scrollTo(0, 0)")


def test_every_chart_is_drawn_and_has_its_table(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    settle(page, "hunt")
    for name in FIGURES:
        card = page.locator(f"[data-figure={name}]")
        if name in ("importance", "map"):  # eight runs are too few to tell
            expect(card.locator(".chart-empty")).to_be_visible()
            continue
        expect(card.locator(".main-svg").first).to_be_visible()
        card.locator(".chart-table summary").click()
        expect(card.locator(".chart-rows tbody tr").first).to_be_visible()
    words = page.locator("[data-figure=paradox] .annotation-text").first
    expect(words).to_contain_text(re.compile(r"Spearman [+−-]\d\.\d\d \["))
    rows = page.locator("[data-figure=pareto] .chart-rows tbody tr a")
    assert {row.get_attribute("href") for row in rows.all()} == {
        f"/runs/{run['job_uuid']}" for run in finished.runs() if run["fitness"] is not None
    }


def test_a_point_of_the_front_opens_its_run(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    page.locator("[data-figure=pareto]").scroll_into_view_if_needed()  # drawn when seen
    point = page.locator("#pareto-chart .scatterlayer .point").last
    point.scroll_into_view_if_needed()
    point.click(force=True)  # Plotly lays its own surface for the pointer over the points
    page.wait_for_url("**/runs/*")
    shown = page.locator(".uuid").inner_text()
    assert shown in {run["job_uuid"] for run in finished.runs()}
    expect(page).to_have_title(f"Run {shown[:8]} | IRER Control Hub")


def test_the_run_page_in_full(watched: Watched, finished: Finished) -> None:
    page, best = watched.page, finished.best
    page.goto(f"{finished.url}/runs/{best}")
    settle(page, "run")
    images = page.locator(".picture img")
    expect(images).to_have_count(4)
    sizes = images.evaluate_all("images => images.map(i => i.naturalWidth)")
    assert all(width > 400 for width in sizes)
    expect(page.locator("#spectrum .main-svg").first).to_be_visible()
    expect(page.locator("#spectrum")).to_contain_text("ln 2")
    expect(page.locator("#matches tbody tr")).to_have_count(8)
    expect(page.locator("#diagnostics .main-svg").first).to_be_visible()
    expect(page.locator("#controls")).to_contain_text("p_position")
    page.click("#log summary")
    expect(page.locator("#log pre")).to_contain_text(best)
    dark = images.first.get_attribute("src")
    page.click("#theme-btn")
    settle(page, "run")
    expect(images.first).not_to_have_attribute("src", str(dark))
    with page.expect_download() as download:
        page.click(".links a >> text=HDF5")
    assert download.value.suggested_filename == f"simulation_{best}.h5"


def test_the_command_on_the_page_reproduces_the_run(
    watched: Watched, finished: Finished, tmp_path: Path
) -> None:
    watched.page.goto(f"{finished.url}/runs/{finished.best}")
    command = watched.page.locator("#command").inner_text()
    command = command.replace("IRER_HOME=again", f"IRER_HOME={tmp_path}/again").replace(
        " again/", f" {tmp_path}/again/"
    )
    subprocess.run(["bash", "-ec", command], check=True, capture_output=True)
    name = f"provenance_reports/provenance_{finished.best}.json"
    first, again = (json.loads((home / name).read_text())
                    for home in (finished.home, tmp_path / "again"))  # fmt: skip
    assert again["metrics"] == first["metrics"]


def test_a_failed_run_says_why_and_a_missing_one_that_it_is_missing(
    watched: Watched, finished: Finished
) -> None:
    page = watched.page
    page.goto(f"{finished.url}/runs/{finished.failed}")
    expect(page.locator("#run-error")).to_contain_text("NONFINITE: |psi| left")
    expect(page.locator("#no-artifact")).to_be_visible()
    assert page.locator("#controls").count() == 0
    assert watched.errors == []  # a run that failed is no missing page
    for path, code in (("11111111-1111-4111-8111-111111111111", 404), ("nonsense", 400)):
        answer = page.goto(f"{finished.url}/runs/{path}")
        assert answer is not None
        assert answer.status == code
        expect(page.locator(".problem a")).to_have_js_property("href", f"{finished.url}/")
    watched.allow("404 (Not Found)", "400 (Bad Request)")


def test_two_ticked_runs_beside_each_other(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    compare = page.locator("#compare-btn")
    expect(compare).to_be_disabled()
    boxes = page.locator("#runs-table tbody input[type=checkbox]")
    boxes.nth(0).check()
    expect(compare).to_be_disabled()
    boxes.nth(1).check()
    compare.click()
    page.wait_for_url("**/compare?*")
    settle(page, "compare")
    runs = [page.locator("#compare-chosen a.mono").nth(n).inner_text() for n in (0, 1)]
    assert len(set(runs)) == 2
    for row in page.locator("#differences tbody tr").all():
        left, right = row.locator("td").all_inner_texts()
        assert left != right
    expect(page.locator("#metrics")).to_contain_text("log_prime_sse")
    names = page.locator("#spectra .legendtext").all_text_contents()
    assert names == runs
    assert page.locator(".picture img").count() == 2
    page.locator(".remove").first.click()
    expect(page.locator("#compare-empty")).to_be_visible()
    page.fill("#compare-uuid", runs[0][:8])  # a beginning is enough
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#compare-chosen a.mono")).to_have_count(2)
    seven = "&".join(f"run={n}1111111-1111-4111-8111-111111111111" for n in range(7))
    answer = page.goto(f"{finished.url}/compare?{seven}")
    assert answer is not None
    assert answer.status == 400
    watched.allow("400 (Bad Request)")


def test_table_notes_and_past_hunts(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    rows = page.locator("#runs-table tbody tr")
    expect(rows).to_have_count(8)
    sort = page.get_by_role("button", name="SSE", exact=True)
    sort.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#runs-table th[aria-sort=ascending]")).to_have_text("SSE")
    values = sorted(run["log_prime_sse"] for run in finished.runs())
    expect(page.locator("#runs-table td:nth-child(5)")).to_have_text([f"{v:.6f}" for v in values])
    rows.first.locator(".note-btn").click()
    page.fill("#note-text", "look again")
    page.check("#note-hidden")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(7)
    page.select_option("[name=hidden]", "only")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("look again")
    assert finished.hub.status()["found_count"] == 8  # the record knows nothing of it
    rows.first.locator(".note-btn").click()
    page.fill("#note-text", "")
    page.uncheck("#note-hidden")
    page.click("#note-form button[type=submit]")
    page.select_option("[name=hidden]", "no")
    expect(rows).to_have_count(8)
    expect(page.locator("#hunts-table tbody tr")).to_have_count(2)
    page.locator("#hunts-table tbody tr", has_not_text="current").get_by_label("Show hunt").click()
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("NONFINITE")
    expect(page.locator("#pareto-empty")).to_be_visible()
    expect(page.locator("#best-sse")).to_have_text("-")
    page.select_option("#hunt-choice", "all")
    expect(rows).to_have_count(9)


def test_the_best_run_to_a_file(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    with page.expect_download() as download:
        page.click("#download-btn")
    assert download.value.suggested_filename == f"best_run_{finished.best}.json"
    shown = json.loads(page.locator("#provenance-box").inner_text())
    assert json.loads(Path(download.value.path()).read_text()) == shown
    assert shown == finished.hub.status()["final_result"]
    with page.expect_download() as download:
        page.click("#golden-link")
    golden = json.loads(Path(download.value.path()).read_text())
    assert golden == json.loads((finished.home / "golden_parameters.json").read_text())


@pytest.mark.parametrize("name", ["hunt", "run", "compare", "compare-hunts"])
def test_a_phone_shows_it_without_overflow_and_axe_finds_nothing_serious(
    open_page: Callable[..., Watched], finished: Finished, name: str
) -> None:
    page = open_page(width=380, bypass_csp=True).page  # the policy would keep axe out too
    page.goto(pages_of(finished)[name])
    settle(page, name)
    for more in page.locator("details.more summary").all():
        more.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    if name == "hunt":  # its tables fit without scrolling
        too_wide = "wraps => wraps.filter(t => t.scrollWidth > t.clientWidth).length"
        assert page.locator(".table-wrap").evaluate_all(too_wide) == 0
    page.add_script_tag(path=AXE)
    assert serious(page) == []
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    settle(page, name)
    assert serious(page) == []
    page.set_viewport_size({"width": 1920, "height": 1080})
    settle(page, name)
    assert unused(page) < 0.05
    assert page.evaluate("document.documentElement.scrollWidth") == 1920
    if name == "hunt":
        assert page.locator("[data-figure]").evaluate_all(BESIDE) == 3
    assert serious(page) == []


BESIDE = """cards => {  // how many stand in the first row
  const tops = cards.map(card => Math.round(card.getBoundingClientRect().top));
  return tops.filter(top => top === Math.min(...tops)).length;
}"""


def unused(page: Page) -> float:
    """The share of the window's width in which no card of the page stands."""
    left, right = page.locator("main .card").evaluate_all(
        "cards => [Math.min(...cards.map(c => c.getBoundingClientRect().left)),"
        " Math.max(...cards.map(c => c.getBoundingClientRect().right))]"
    )
    return 1 - float(right - left) / 1920


def serious(page: Page) -> list[tuple[str, Any]]:
    """What axe finds on the page that is serious or worse."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        (issue["id"], [node["html"][:120] for node in issue["nodes"][:3]])
        for issue in found
        if issue["impact"] in ("serious", "critical")
    ]


def test_the_theme_is_kept(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme-btn")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != background


@pytest.mark.parametrize("name", ["hunt", "run"])
def test_every_number_on_the_page_is_in_the_records(
    watched: Watched, finished: Finished, name: str
) -> None:
    """Nothing is made up on the way: each number is in a provenance file, the ledger or a count."""
    page = watched.page
    page.goto(pages_of(finished)[name])
    settle(page, name)
    shown = shown_numbers(page)
    assert len(shown) > 60
    known = known_numbers(finished)
    unknown = [(text, where) for text, where in shown if not known.holds(text)]
    assert unknown == []
