"""Make the pictures of the pages: a small hunt in a fresh home, its best run confirmed.

usage: python docs/make_screenshot.py [FOLDER]      (default: docs/images; needs Chromium)
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.hub_process import HubProcess

ORDER = {
    "num_generations": 5,
    "population_size": 8,
    "seed": 7,
    "simulation": {"N_grid": 64, "T_steps": 200, "box_length": 50.0},
}
# name -> page, colour scheme, and what is drawn only when it comes into view
PICTURES = {
    "hub-dark": ("/", "dark", "[data-figure]"),
    "run-dark": ("/runs/{best}", "dark", ".picture, #spectrum, #diagnostics"),
    "compare-light": ("/compare?run={best}&run={other}", "light", ".picture, #spectra"),
}
WIDTH, HEIGHT = 1280, 900


def run_hunt(hub: HubProcess) -> None:
    """Run the hunt of the pictures, and the confirmation of its best run, to their ends."""
    hub.post("start-hunt", ORDER)
    hub.wait_for("Completed")
    best = hub.call("/api/best")[1]["job_uuid"]
    hub.post(f"runs/{best}/confirm")
    while hub.call(f"/api/runs/{best}/confirmation")[1]["state"] == "running":
        time.sleep(0.5)


def ranked(hub: HubProcess) -> list[dict[str, str]]:
    """Return the runs, the fittest first."""
    return list(hub.call("/api/runs?sort=fitness")[1]["runs"])


def photograph(browser: Browser, address: str, picture: Path) -> None:
    """Store the whole page as `PICTURES` says, once all in it is drawn."""
    _, scheme, drawn = PICTURES[picture.stem]
    page = browser.new_page(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(address)
    for element in page.locator(drawn).all():
        element.scroll_into_view_if_needed()
        element.and_(page.locator(":not([aria-busy])")).wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=picture, full_page=True)
    page.close()


def main() -> None:
    """Make all pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        HubProcess(Path(home)) as hub,
        chromium() as browser,
    ):
        run_hunt(hub)
        best, other = (run["job_uuid"] for run in ranked(hub)[:2])
        for name, (path, _, _) in PICTURES.items():
            address = hub.url + path.format(best=best, other=other)
            photograph(browser, address, folder / f"{name}.png")
            print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
