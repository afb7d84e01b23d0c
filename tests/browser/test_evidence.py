"""The evidence on the hunt page: the best run, chance behind the points, charts as files."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import core_engine
from irer.base.files import write_json
from irer.controls.kept_hunts import renew_hunt
from irer.home.artifacts import write_artifact
from irer.home.provenance import read_provenance
from settings import Settings
from tests.browser.conftest import Watched
from tests.browser.made_up_place import CHARTS, WIDER, drawn
from tests.contract.hub.test_hub_views import artifact_of
from tests.fake_engine import commit, leave_report, make_record
from tests.hub_process import HubProcess
from tests.hunts import home, order, run_canned

pytestmark = pytest.mark.browser

DECOYS = [0.4 + n / 30 for n in range(39)]
BAND = "best of 39 decoy hunts (5 to 95%)"


def leave_hunt(settings: Settings) -> str:
    """Leave a finished hunt with repeated candidates, decoy hunts, a confirmation and fields."""
    asked = order(
        num_generations=5, population_size=6, sampler="nsga2", seeds_per_candidate=2,
        params={"c1": [-1.5, 2.5], "kappa": [0.1, 1.0], "epsilon": [0.1, 1.5]},
    )  # fmt: skip
    plan = core_engine.plan_hunt(asked, settings)
    best = str(run_canned(settings, plan)["job_uuid"])
    record = read_provenance(settings.home.provenance_file(best))
    write_artifact(settings.home.artifact_file(best), artifact_of(record))
    report = {
        "hunt_id": plan.hunt_id, "design_sha256": "", "measure_version": 2, "p_hunt": 0.025,
        "statistic": "smallest log_prime_sse of the hunt", "best": 0.3,
        "kinds": {"decoys": {"n": len(DECOYS), "p_hunt": 0.025, "bests": DECOYS}},
    }  # fmt: skip
    write_json(settings.home.null_report_file(plan.hunt_id), report)
    leave_report(settings, best)
    renew_hunt(settings.home, plan.hunt_id)
    return plan.hunt_id


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    place = home(tmp_path_factory.mktemp("evidence"))
    leave_hunt(place)
    with HubProcess(place.home.folder) as hub:
        yield hub


def saved(page: Page, card: str, format_: str) -> tuple[str, bytes]:
    """Save a chart; return the file's name and content."""
    save = page.locator(f"{card} .chart-save")
    if save.get_attribute("open") is None:
        save.locator("summary").click()
    with page.expect_download() as download:
        save.get_by_role("button", name=format_).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_best_run_is_shown_with_what_it_rests_on(
    open_page: Callable[..., Watched], hub: HubProcess
) -> None:
    page, asked = open_page(width=380).page, []
    page.on(
        "request", lambda request: asked.append(request.url) if "field.png" in request.url else 0
    )
    page.goto(hub.link)
    gauges = page.locator("#reading-gauges .measure")
    expect(gauges).to_have_count(4)
    expect(gauges.first).to_contain_text("chance, 39 decoy hunts, 5 to 95%: 0.463333 to 1.603333")
    expect(gauges.first).to_contain_text("fresh seeds: 1.400000 to 1.750000")
    expect(page.locator("#best-expected tbody tr")).to_have_count(2)
    expect(page.locator("#best-expected-said")).to_contain_text("20 fresh seeds of candidate")
    expect(page.locator("#best-excess .main-svg").first).to_be_visible(timeout=60_000)
    expect(page.locator("#best-excess .annotation-text", has_text="3 σ")).to_be_visible()

    assert page.evaluate(CHARTS) == []
    assert page.evaluate(WIDER) == []

    # The last snapshot is there, the others by keyboard, each asked for once.
    slider, said = page.locator("#best-snapshot"), page.locator("#best-snapshot-said")
    expect(page.locator("#best-density img")).to_be_visible(timeout=60_000)
    assert len(asked) == 1
    slider.focus()
    expect(said).to_have_text("t = 1, snapshot 3 of 3")
    for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "Home"):
        page.keyboard.press(key)
        expect(page.locator("#best-density")).not_to_have_attribute(
            "aria-busy", "true", timeout=60_000
        )
    expect(said).to_have_text("t = 0.6, snapshot 1 of 3")
    expect(slider).to_have_attribute("aria-valuetext", "t = 0.6, snapshot 1 of 3")
    assert len(asked) == 3

    # Findings: what is not known has a button, what cannot succeed is no main one.
    control = page.get_by_role("button", name="Run the control hunt")
    expect(control).to_be_enabled()
    expect(page.locator("#reading-findings button:disabled:not(.quiet)")).to_have_count(0)


def test_chance_lies_behind_the_points_and_charts_are_saved(
    watched: Watched, hub: HubProcess
) -> None:
    page = watched.page
    page.goto(hub.link)
    for name in ("pareto", "history", "parallel", "slice", "paradox"):
        card = drawn(page, name)
        expect(card.locator(".legendtext", has_text="39 decoy hunts")).to_be_visible()
    expect(page.locator("#chance-note")).to_be_hidden()
    pale = drawn(page, "importance")
    expect(pale.locator(".bars path").first).to_be_attached()
    count = "bars => bars.filter(bar => Number(getComputedStyle(bar).opacity) < 1).length"
    assert pale.locator(".bars path").evaluate_all(count) > 0  # those that shuffling explains

    card = "[data-figure=map]"
    expect(drawn(page, "map").locator(".bars .point").first).to_be_attached()
    expect(page.locator(f"{card} .chart-note")).to_contain_text("The other parameters are held at")
    page.select_option(f"{card} select[name=y]", "kappa")
    expect(page.locator(f"{card} .ytitle, {card} .y2title")).to_have_text(["kappa"] * 2)
    name, map_csv = saved(page, card, "CSV")
    rows = list(csv.DictReader(io.StringIO(map_csv.decode())))
    assert name == "irer_map.csv"
    assert sum(row["series"] == "expected mean over seeds" for row in rows) == 24 * 24
    assert all(row["value"] for row in rows if row["series"] == "expected mean over seeds")

    name, content = saved(page, "[data-figure=pareto]", "CSV")
    figure = hub.call("/api/figures/pareto?hunt=current")[1]
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    expected = [
        (x, y) for trace in figure["data"] for x, y in zip(trace["x"], trace["y"], strict=True)
    ]
    points = [row for row in rows if row["run"]]
    assert [(float(row["x"]), float(row["y"])) for row in points] == expected
    band = [float(row["x"]) for row in rows if row["series"] == BAND]
    assert band == pytest.approx([0.4633333333, 1.603333333])
    name, svg = saved(page, "[data-figure=pareto]", "SVG")
    assert (name, svg[:4]) == ("irer_pareto.svg", b"<svg")
    assert b"39 decoy hunts" in svg
    name, png = saved(page, "[data-figure=pareto]", "PNG")
    assert (name, png[:4]) == ("irer_pareto.png", b"\x89PNG")
    assert page.evaluate(CHARTS) == []  # the words of the band lie over nothing


RANGES = """() => ['xaxis', 'yaxis'].flatMap(axis =>
  document.getElementById('pareto-chart').layout[axis].range)"""
POINTS = """() => document.getElementById('pareto-chart').data
  .reduce((sum, trace) => sum + trace.x.length, 0)"""


def test_a_zoom_survives_ten_arriving_runs(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    box = drawn(page, "pareto").locator(".nsewdrag").first.bounding_box()
    assert box is not None
    before = page.evaluate(RANGES)
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    page.wait_for_function(f"before => ({RANGES})().join() !== before.join()", arg=before)
    zoomed, points = page.evaluate(RANGES), page.evaluate(POINTS)
    hunt_id = hub.status()["hunt_id"]
    place = home(Path(hub.call("/api/get-constants")[1]["HOME"]))
    for index in range(10):  # each beyond what the axes showed before
        commit(place, make_record(hunt_id=hunt_id, generation=9, index=index, sse=1.9, h_norm=2.0))
    page.wait_for_function(f"points => ({POINTS})() === points + 10", arg=points, timeout=60_000)
    assert page.evaluate(RANGES) == pytest.approx(zoomed, abs=1e-3)

    # Other axes have a zoom of their own.
    card = drawn(page, "map")
    page.evaluate("Plotly.relayout('map-chart', {'xaxis.range[0]': 0.3, 'xaxis.range[1]': 0.4})")
    page.wait_for_url("**map.xaxis:*")
    page.select_option("[data-figure=map] select[name=x]", "kappa")
    page.wait_for_url(lambda url: "map.xaxis" not in url)
    expect(card.locator(".xtitle")).to_have_text("kappa")
