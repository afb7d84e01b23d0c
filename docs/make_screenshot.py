"""Make the picture of the page: run a small hunt in a fresh home and photograph it.

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
    "num_generations": 3,
    "population_size": 6,
    "seed": 7,
    "simulation": {"N_grid": 64, "T_steps": 400, "box_length": 50.0},
}
PICTURES = {
    "hub-dark": (1280, 900, "dark"),
}


def run_hunt(hub: HubProcess) -> None:
    """Run the hunt of the pictures to its end."""
    hub.call("/api/start-hunt", ORDER)
    while hub.status()["hunt_status"] == "Running":
        time.sleep(0.5)


def photograph(browser: Browser, link: str, picture: Path) -> None:
    """Store the whole page as it looks in the size and scheme of `picture`'s name."""
    width, height, scheme = PICTURES[picture.stem]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(link)
    page.locator("#pareto-chart .main-svg").first.wait_for()
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
        for name in PICTURES:
            photograph(browser, hub.link, folder / f"{name}.png")
            print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
