"""*Load parameters* on the page: a file fills the form, and what has no counterpart is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from irer.base.files import read_json
from irer.home import Home
from tests.browser.conftest import Finished, Watched

pytestmark = pytest.mark.browser


def choose(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.click("#load-btn")
    chooser.value.set_files(file)


def asked(page: Page) -> dict[str, Any]:
    """Press Start; return the body that is sent, and start nothing."""
    bodies: list[str] = []

    def answer(route: Any) -> None:
        bodies.append(route.request.post_data)
        route.fulfill(status=202, json={"status": "Hunt Started", "hunt_id": "x"})

    page.route("**/api/start-hunt", answer)
    page.click("#start-hunt-btn")
    expect(page.locator("#start-hunt-btn")).to_be_enabled()
    return dict(json.loads(bodies[0]))


def test_golden_parameters_fill_the_form_and_run_first(
    watched: Watched, finished: Finished
) -> None:
    page = watched.page
    page.goto(finished.link)
    golden = read_json(Home(finished.home).golden_file)
    choose(page, Home(finished.home).golden_file)
    expect(page.locator("#load-said")).to_contain_text("One point runs first.")
    expect(page.locator("#grid")).to_have_value(str(golden["simulation"]["N_grid"]))
    body = asked(page)
    (point,) = body["points"]
    assert point == {name: golden["sncgl_params"][name] for name in point}
    assert body["simulation"]["T_steps"] == golden["simulation"]["T_steps"]
    page.click("#load-forget")
    assert "points" not in asked(page)


def test_a_hunt_fills_ranges_and_seed(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    plan = read_json(Home(finished.home).hunt_file)
    choose(page, Home(finished.home).hunt_file)
    expect(page.locator("#load-said")).to_contain_text(plan["hunt_id"])
    body = asked(page)
    assert body["seed"] == plan["seed"]
    assert body["num_generations"] == plan["num_generations"]


def test_a_drafts_file_is_refused_by_name_and_its_rest_can_be_loaded(
    watched: Watched, finished: Finished, tmp_path: Path
) -> None:
    page = watched.page
    page.goto(finished.link)
    file = tmp_path / "draft<b>.json"
    file.write_text(json.dumps({"sdg_kappa": 0.4, "sdg_alpha": 1.5, "<i>x": 1}))
    choose(page, file)
    expect(page.locator("#load-said")).to_have_text("draft<b>.json is not loaded:")
    expect(page.locator("#load-list li")).to_contain_text(["sdg_alpha: has no counterpart", "<i>x"])
    page.click("#load-rest")
    expect(page.locator("#load-list")).to_contain_text("sdg_kappa → params.kappa = 0.4")
    expect(page.locator("#load-list")).to_contain_text("left out: sdg_alpha")
    assert asked(page)["points"][0]["kappa"] == 0.4
    file.write_text("[]")
    choose(page, file)
    expect(page.locator("#load-said")).to_contain_text("must be a JSON object")
    watched.allow("400 (Bad Request)")


def test_the_run_of_a_ledger_is_asked_for(watched: Watched, finished: Finished) -> None:
    page = watched.page
    page.goto(finished.link)
    choose(page, Home(finished.home).ledger_file)
    expect(page.locator("#load-said")).to_contain_text("name the run")
    page.fill("#load-run", finished.best[:8])
    page.click("#load-again")
    expect(page.locator("#load-said")).to_contain_text("One point runs first.")
    watched.allow("400 (Bad Request)")
