"""A browser, pages that are watched, and two hubs for all who only look: a finished, a made-up."""

import math
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, expect

import settings
from tests.browser import made_up
from tests.browser.chromium import BrowserMissing, chromium
from tests.browser.made_up_place import Place
from tests.fake_engine import leave_report, make_record
from tests.hub_process import HubProcess

expect.set_options(timeout=15_000)  # other tests take their turns on the same cores

# Small enough for seconds, with a seed whose runs differ.
FINISHED = {
    "num_generations": 2, "population_size": 4, "seed": 7,
    "simulation": {"N_grid": 64, "T_steps": 300, "box_length": 50.0},
}  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For one file: an open one keeps an event loop, which other tests of the process want."""
    try:
        with chromium() as browser:
            yield browser
    except BrowserMissing as missing:
        pytest.fail(str(missing), pytrace=False)


class Finished:
    """A hub whose hunt is over, its best run's confirmation too, and a failed run of a hunt before.

    The confirmation's replicates are made up; everything else comes from the real programs.
    """

    def __init__(self, hub: HubProcess, home: Path, failed: str) -> None:
        self.hub, self.home, self.failed = hub, home, failed
        self.url, self.link, self.call = hub.url, hub.link, hub.call

    @property
    def best(self) -> str:
        return str(self.call("/api/best")[1]["job_uuid"])

    def runs(self) -> list[dict[str, Any]]:
        return list(self.call("/api/runs?hunt=current&per_page=100")[1]["runs"])


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finished]:
    home = tmp_path_factory.mktemp("finished") / "home"
    failed = copy_of_the_finished(home, tmp_path_factory.getbasetemp())
    with HubProcess(home) as hub:  # its final result knows the confirmation
        yield Finished(hub, home, failed)


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("made_up")
    hunts = made_up.make(home)
    with HubProcess(home) as hub:
        yield Place(hub, home, hunts)


def copy_of_the_finished(home: Path, own: Path) -> str:
    """Copy the home of the finished hunt; return its failed run. All workers hunt once."""
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with FileLock(shared / "finished.lock"):
        whole, said = shared / "finished_home", shared / "finished_failed"
        if not said.exists():
            shutil.rmtree(whole, ignore_errors=True)  # of a worker that could not end its hunt
            said.write_text(finish_a_hunt(whole))
        shutil.copytree(whole, home)
        return said.read_text()


def finish_a_hunt(home: Path) -> str:
    """Leave a failed run of a hunt before, a finished hunt, and the best run's confirmation."""
    record = make_record(failed="NONFINITE")
    folder = home / "provenance_reports"
    folder.mkdir(parents=True)
    (folder / f"provenance_{record.job_uuid}.json").write_text(record.model_dump_json())
    with HubProcess(home, IRER_WORKERS="1") as hub:  # each compiles for itself
        hub.post("start-hunt", FINISHED)
        hub.wait_for("Completed")
        leave_report(settings.load(home=home), Finished(hub, home, record.job_uuid).best)
    return record.job_uuid


class Watched:
    """A page, and what it did behind the scenes: it may log no error and ask no other host."""

    def __init__(self, browser: Browser, *, width: int = 1280, **context: Any) -> None:
        context.setdefault("color_scheme", "dark")
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **context)
        self.page: Page = self.context.new_page()
        self.errors: list[str] = []
        self.allowed: dict[str, float] = {}  # errors that a test brings about: part, most of them
        self.hosts: set[str] = set()
        self.visited: set[str] = set()  # hubs that a page was opened on
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("framenavigated", lambda frame: self.visited.add(urlsplit(frame.url).netloc))

    def allow(self, *errors: str, at_most: float = math.inf) -> None:
        """Let Chromium note what the test itself brings about, such as a refused request."""
        self.allowed |= dict.fromkeys(errors, at_most)

    def close(self) -> None:
        self.context.close()
        assert [e for e in self.errors if not any(part in e for part in self.allowed)] == []
        for part, most in self.allowed.items():
            assert sum(part in error for error in self.errors) <= most, self.errors
        assert {host.split(":")[0] for host in self.visited - {""}} <= {"127.0.0.1"}
        assert self.hosts <= self.visited | {""}


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a watched page; at the end each must have been silent and have kept to the hub."""
    opened: list[Watched] = []

    def open_(**context: Any) -> Watched:
        opened.append(Watched(browser, **context))
        return opened[-1]

    yield open_
    for watched in opened:
        watched.close()


@pytest.fixture
def watched(open_page: Callable[..., Watched]) -> Watched:
    return open_page()
