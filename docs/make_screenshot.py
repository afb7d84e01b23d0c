"""Make the pictures of the pages, of a real hunt.

usage: python docs/make_screenshot.py [--home HOME] [--out docs/images] [--confirm] [--order JSON]

A home with a complete hunt is shown as it is. Any other, or a fresh one where none is given, first
gets a hunt of the default size (ten generations of ten jobs, some ten minutes on two cores), or of
the order that is given, as `POST /api/start-hunt` takes it. With --confirm its best run is
confirmed, unless it has been: forty runs, finer and larger ones among them. Needs Chromium.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.hub_process import HubProcess

ORDER = {"seed": 20261127}  # all else at its default
# name -> page, colour scheme, and what is drawn only when it comes into view
PICTURES = {
    "hub-dark": ("/", "dark", "[data-figure]"),
    "run-dark": ("/runs/{best}", "dark", ".picture, #spectrum, #diagnostics"),
    "compare-light": ("/compare?run={best}&run={other}", "light", ".picture, #spectra"),
}
WIDTH, HEIGHT = 1280, 900


def finish(hub: HubProcess, order: dict[str, Any], *, confirm: bool) -> None:
    """Bring the hub to a complete hunt, and the confirmation of its best run to its end."""
    if hub.status()["hunt_status"] != "Completed":
        hub.post("start-hunt", order)
        hub.wait_for("Completed")
    best = hub.call("/api/best")[1].get("job_uuid")
    if best is None:
        raise SystemExit("the hunt has no best run: give another --order")
    state = f"/api/runs/{best}/confirmation"
    if confirm and hub.call(state)[1]["state"] != "complete":
        hub.post(f"runs/{best}/confirm")
        while hub.call(state)[1]["state"] == "running":
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


@contextmanager
def home_of(given: Path | None) -> Iterator[Path]:
    """Yield the home that was given, or one that is removed afterwards."""
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="a home; a fresh one by default")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="for the pictures")
    parser.add_argument("--confirm", action="store_true", help="confirm the best run first")
    parser.add_argument("--order", type=json.loads, default=ORDER, help="of the hunt, as JSON")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with home_of(given.home) as home, HubProcess(home) as hub, chromium() as browser:
        finish(hub, given.order, confirm=given.confirm)
        best, other = (run["job_uuid"] for run in ranked(hub)[:2])
        for name, (path, _, _) in PICTURES.items():
            address = hub.url + path.format(best=best, other=other)
            photograph(browser, address, given.out / f"{name}.png")
            print(given.out / f"{name}.png")


if __name__ == "__main__":
    main()
