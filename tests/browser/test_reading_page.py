"""The top of the hunt page: what the hunt means, and buttons that do what a finding asks for."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

import core_engine
from irer.base.records import JobConfig, Provenance
from irer.controls.reading import read_reading
from tests.browser.conftest import Watched
from tests.canned import CannedRunner, canned_record, make_metrics
from tests.hub_process import HubProcess
from tests.hunts import home, order, run_canned

pytestmark = pytest.mark.browser


def often_transient(job: JobConfig) -> Provenance:
    record = canned_record(job)
    if job.index % 2 or record.metrics is None:
        return record
    metrics = make_metrics(settled=False, transient="the mean density drifts")
    return record.model_copy(update={"metrics": metrics})


def test_the_page_says_what_a_hunt_means_and_a_button_fills_the_form(
    watched: Watched, tmp_path: Path
) -> None:
    settings = home(tmp_path)
    params = {"c1": [-1.5, 0.5], "kappa": 0.3}
    asked = order(num_generations=3, population_size=6, sampler="tpe", params=params)
    plan = core_engine.plan_hunt(asked, settings)
    run_canned(settings, plan, runner=CannedRunner(settings, often_transient))
    reading = read_reading(settings.home, plan.hunt_id)
    assert reading is not None
    page = watched.page
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        expect(page.locator("#reading-sentence")).to_have_text(reading.sentence)
        expect(page.locator("#reading-gauges .measure")).to_have_count(4)
        expect(page.locator("#best-excess .chart-empty")).to_have_text(
            "The best run left no fields."
        )
        expect(page.locator("#best-density")).to_be_hidden()
        findings = page.locator("#reading-findings > li")
        expect(findings).to_have_count(len(reading.findings))
        expect(findings.first).to_contain_text("9 of 18 runs have no score")
        findings.first.get_by_role("button", name="Set T_steps to 1200").click()
        expect(page.locator("#start-hunt-btn")).to_be_focused()
        expect(page.locator("#steps")).to_have_value("1200")
        expect(page.locator("#generations")).to_have_value("3")
        expect(page.locator("#sampler")).to_have_value("tpe")
        expect(page.locator("#seed")).to_have_value("")
        expect(page.locator("#param-c1 .low")).to_have_value("-1.5")
        expect(page.locator("#param-kappa-mode")).to_have_value("fixed")
        expect(page.locator("#param-kappa .value")).to_have_value("0.3")
        page.locator("[data-figure=pareto]").scroll_into_view_if_needed()
        expect(page.locator("#chance-note")).to_have_text(
            "No chance band: this hunt has no decoy hunts yet."
        )
        confirm = page.get_by_role("button", name="Confirm the best run")
        expect(confirm).to_be_disabled()  # it cannot pass

        # What became of fields that a policy removed stands where the excess would.
        assert reading.best is not None
        run = f"/api/runs/{reading.best.job_uuid}"
        removed = hub.call(run)[1] | {"artifact_removed": "not among the 10 best"}
        page.route(f"**{run}", lambda route: route.fulfill(json=removed))
        page.reload()
        page.locator("#best-excess").scroll_into_view_if_needed()
        expect(page.locator("#best-excess .chart-empty")).to_have_text(
            "The fields of the best run were removed by policy: not among the 10 best"
        )
        page.goto("about:blank")  # before its hub goes


def test_an_empty_home_says_where_the_meaning_will_stand(watched: Watched, tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        watched.page.goto(hub.link)
        expect(watched.page.locator("#hunt-status")).to_have_text("Idle")
        expect(watched.page.locator("#reading-sentence")).to_contain_text("No hunt yet")
        expect(watched.page.locator("#reading-findings")).to_be_hidden()
        watched.page.goto("about:blank")


def test_a_hunt_is_named_and_cloned(watched: Watched, tmp_path: Path) -> None:
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(num_generations=3, population_size=4), settings)
    run_canned(settings, plan)
    page = watched.page
    with HubProcess(tmp_path) as hub:
        page.goto(hub.link)
        page.get_by_role("button", name=f"name it: hunt {plan.hunt_id}").click()
        page.locator("#label-name").fill("<b>wide</b>")
        page.locator("#label-tags").fill("first, second")
        page.locator("#label-form").get_by_role("button", name="Save").click()
        row = page.locator("#hunts-table tbody tr")
        expect(row).to_contain_text("<b>wide</b>")
        expect(row.locator(".badge")).to_have_text(["first", "second"])
        row.get_by_role("button", name=f"Clone hunt {plan.hunt_id}").click()
        expect(page.locator("#generations")).to_have_value("3")
        expect(page.locator("#population")).to_have_value("4")
        with page.expect_download() as download:
            row.get_by_role("link", name=f"Export hunt {plan.hunt_id}").click()
        assert download.value.suggested_filename == f"hunt_{plan.hunt_id}.zip"
        page.goto("about:blank")  # before its hub goes
