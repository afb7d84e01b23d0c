"""The components page in a real browser: a form from a manifest, live state, log, outputs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from irer.components import MANIFEST_NAME
from tests.browser.conftest import Watched
from tests.browser.test_hunt_page import HUNT_MS
from tests.hub_process import ROOT, HubProcess
from tests.unit.test_manifest import manifest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def components_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("components")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, components_dir: Path) -> Iterator[HubProcess]:
    environment = {"IRER_COMPONENTS_DIR": str(components_dir), "IRER_RUNNER": "subprocess"}
    with HubProcess(tmp_path_factory.mktemp("home"), **environment) as hub:
        yield hub


def put(components_dir: Path, script: str, **changes: object) -> None:
    place = components_dir / "counter"
    place.mkdir(exist_ok=True)
    (place / "counter.py").write_text(script)
    (place / MANIFEST_NAME).write_text(json.dumps(manifest(**changes)))


def test_the_core_runs_from_its_form_to_both_outputs(watched: Watched, hub: HubProcess) -> None:
    page = watched.page
    page.goto(hub.link)
    page.get_by_role("link", name="Components").click()
    core = page.locator("[data-component='SNCGL-SDG HPC Core']")
    generations = core.get_by_label("Generations", exact=True)
    expect(generations).to_have_value("10")
    expect(core.get_by_label("Population Size", exact=True)).to_have_value("10")
    expect(core).to_contain_text("an integer from 1 to 100,000")
    generations.fill("0")
    core.get_by_role("button", name="Run").click()
    expect(core.locator(".field-error").first).to_contain_text("got 0")
    expect(generations).to_be_focused()
    generations.fill("1")
    core.get_by_label("Population Size", exact=True).fill(
        "3"
    )  # a single run may happen not to settle
    core.get_by_role("button", name="Run").click()
    panel = page.locator("#component-run")
    expect(panel.locator("#component-run-state")).to_have_text("running")
    expect(panel.locator("#component-run-log")).to_contain_text("generation 1:", timeout=HUNT_MS)
    expect(panel.locator("#component-run-state")).to_have_text("done", timeout=HUNT_MS)
    with page.expect_download() as download:
        panel.get_by_role("link", name="best_run_provenance").click()
    record = json.loads(Path(download.value.path()).read_text())
    assert (record["state"], record["hunt_id"]) == (
        "COMPLETE",
        hub.call("/api/component-runs")[1]["runs"][0]["run_uuid"],
    )
    with page.expect_download() as download:
        panel.get_by_role("link", name="final_ledger").click()
    assert record["job_uuid"] in Path(download.value.path()).read_text()
    watched.allow("400 (Bad Request)", at_most=1)
    assert watched.hosts == {urlsplit(hub.url).netloc}


def test_a_skeleton_appears_on_the_open_page_and_a_wrong_manifest_is_listed(
    watched: Watched, hub: HubProcess, components_dir: Path
) -> None:
    page = watched.page
    page.goto(f"{hub.link}".replace("/?", "/components?"))
    expect(page.locator("[data-component='SNCGL-SDG HPC Core']")).to_be_visible()
    begun = subprocess.run(
        [sys.executable, "-m", "irer.components", "new", "Wall time"],
        cwd=ROOT,
        env=os.environ | {"IRER_COMPONENTS_DIR": str(components_dir)},
    )
    assert begun.returncode == 0
    skeleton = page.locator("[data-component='Wall time']")
    expect(skeleton).to_be_visible()
    skeleton.get_by_role("button", name="Run").click()
    expect(skeleton.locator(".field-error").first).to_contain_text("required")
    with page.expect_response("**/trigger") as switched:
        skeleton.get_by_label("Run it on every new run").check()
    assert switched.value.ok
    expect(skeleton.locator(".counts")).to_contain_text("0 done, 0 failed")
    assert hub.call("/api/components")[1]["components"][1]["trigger"]["on"]
    expect(page.locator("#problems")).to_be_hidden()
    put(components_dir, "", version="one")
    expect(page.locator("#problem-rows")).to_contain_text("three numbers with dots")
    expect(page.locator("[data-component=Counter]")).to_have_count(0)
    watched.allow("400 (Bad Request)")


def test_what_a_component_says_stays_text_and_a_run_is_cancelled(
    watched: Watched, hub: HubProcess, components_dir: Path
) -> None:
    evil = "<img src=x onerror='window.pwned=1'>"
    script = f"import time\nprint({evil!r}, flush=True)\ntime.sleep(600)\n"
    put(components_dir, script, description=evil, inputs=[], outputs=[])
    page = watched.page
    page.goto(f"{hub.link}".replace("/?", "/components?"))
    counter = page.locator("[data-component=Counter]")
    expect(counter).to_contain_text(evil)
    assert counter.get_by_label("Word").evaluate("node => node.tagName") == "SELECT"
    counter.get_by_label("Loud").check()
    counter.get_by_role("button", name="Run").click()
    expect(page.locator("#component-run-log")).to_have_text(evil + "\n")
    expect(page.locator("#component-run-command")).to_contain_text("--n=3 --word=a --loud")
    page.click("#component-run-cancel")
    expect(page.locator("#component-run-state")).to_have_text("cancelled", timeout=30_000)
    assert page.evaluate("window.pwned") is None


def test_the_components_fit_a_phone(
    browser: Browser, hub: HubProcess, components_dir: Path
) -> None:
    put(components_dir, "print(1)\n", inputs=[], outputs=[])
    watched = Watched(browser, width=380, color_scheme="light")
    watched.page.goto(f"{hub.link}".replace("/?", "/components?"))
    counter = watched.page.locator("[data-component=Counter]")
    counter.get_by_role("button", name="Run").click()
    expect(watched.page.locator("#component-run")).to_be_visible()
    expect(watched.page.locator("#component-runs")).to_contain_text(re.compile("cancelled|done"))
    assert watched.page.evaluate("document.documentElement.scrollWidth") == 380
    watched.close()
