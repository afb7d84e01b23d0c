"""The installed Chromium or Chrome under Playwright's control."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = (
    "no browser found: install Chromium or Chrome (Debian, Ubuntu: apt-get install chromium), "
    f"so that one of {', '.join(NAMES)} is on the PATH"
)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class BrowserMissing(Exception):
    """There is no browser to test with."""


def find_chromium() -> str:
    """Return the path of the installed browser. Raises BrowserMissing saying what to install."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise BrowserMissing(MISSING)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a running headless browser."""
    path = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
