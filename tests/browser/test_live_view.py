"""The live view in a real browser: closed, without a job, with fields, stale, without the hub."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from irer.base.clock import as_text
from irer.base.records import JobConfig
from irer.home.live import picture_of
from tests.browser.conftest import Finished, Watched
from tests.fake_engine import make_record

pytestmark = pytest.mark.browser

FIRST_PIXELS = """canvas => {
  const { width, height } = canvas;
  const at = (x, y) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data];
  return [at(0, height - 1), at(width - 1, height - 1), at(0, 0)];
}"""


def answer(running: int, *ages: float) -> dict[str, Any]:
    """What the hub says of running jobs, whose fields are so many seconds old."""
    fields = []
    for index, age in enumerate(ages):
        record = make_record(index=index)
        job = JobConfig(**{name: getattr(record, name) for name in JobConfig.model_fields})
        density = np.zeros((4, 4))
        density[3, 0] = 1.0  # at x = 3, y = 0: the lower right of a picture
        at = as_text(datetime.now(UTC) - timedelta(seconds=age))
        fields.append(picture_of(job, 10, density).model_dump(mode="json") | {"at": at})
    lines = ["INFO irer.engine: <b>begun</b>"]
    return {"active": running > 0, "running": running, "fields": fields, "lines": lines}


def test_the_live_view_in_each_of_its_states(watched: Watched, finished: Finished) -> None:
    page = watched.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(finished.link)
    expect(page.locator("#hunt-status")).to_have_text("Completed")
    page.evaluate("window.scrollTo(0, 0)")
    assert not [url for url in asked if "/api/live" in url or url.endswith("/live.js")]
    page.locator("#live summary").click()
    expect(page.locator("#live-words")).to_have_text("No hunt is under way, and no confirmation.")
    expect(page.locator("#live-log")).to_contain_text("INFO irer.engine: hunt")
    page.select_option("#live-choice", "hub")
    expect(page.locator("#live-log")).to_contain_text("INFO irer.hub")

    now: dict[str, Any] = {"answer": answer(2)}

    def told(route: Route) -> None:
        if now["answer"] is None:
            route.abort()
        else:
            route.fulfill(content_type="application/json", body=json.dumps(now["answer"]))

    page.route("**/api/live*", told)
    expect(page.locator("#live-words")).to_contain_text("each shows its field at its next frame")
    expect(page.locator("#live-log")).to_have_text("INFO irer.engine: <b>begun</b>")
    now["answer"] = answer(3, 0.0, 60.0)
    pictures = page.locator("#live-fields figure")
    expect(pictures).to_have_count(2)
    expect(page.locator("#live-words")).to_have_text(
        "1 more running: their fields come at their next frames."
    )
    dark, bright = [68, 1, 84, 255], [253, 231, 37, 255]
    assert pictures.first.locator("canvas").evaluate(FIRST_PIXELS) == [dark, bright, dark]
    expect(pictures.first).to_contain_text("t = 1.0 of 1.0, |ψ|² 0 to 1")
    expect(pictures.nth(0)).not_to_have_attribute("data-stale", "")
    expect(pictures.nth(1)).to_have_attribute("data-stale", "")
    expect(pictures.nth(1)).to_contain_text("s ago")
    now["answer"] = None
    expect(page.locator("#live-error")).to_contain_text("What is shown is of before.")
    expect(pictures).to_have_count(2)
    now["answer"] = answer(0)
    expect(page.locator("#live-error")).to_be_hidden()
    expect(pictures).to_have_count(0)
    page.locator("#live summary").click()
    page.wait_for_timeout(200)  # for a request that is on its way
    asked.clear()
    with page.expect_request("**/api/get-status"):  # time goes on, for everything else
        page.clock.fast_forward(10_000)
    assert not [url for url in asked if "/api/live" in url]
    watched.allow("net::ERR_FAILED")
