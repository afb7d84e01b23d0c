"""The page below a prefix: behind a notebook server's proxy and behind nginx, both real."""

import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

import settings
from tests.browser.conftest import Finished, Watched
from tests.fake_engine import commit, make_record
from tests.hub_process import HubProcess
from tests.proxies import (
    NOTEBOOK_TOKEN,
    documented_location,
    nginx,
    notebook_server,
)

pytestmark = pytest.mark.browser
OpenPage = Callable[..., Watched]
AS_IT_COMES = "location /irer/ {{ proxy_pass http://127.0.0.1:{port}/; }}"
SLOW_MS = 60_000  # for what the hub makes when it is first asked for
FRAME = "<iframe src='/' width=900 height=900></iframe>"
KEPT = documented_location(0).replace("http://127.0.0.1:0/;", "http://127.0.0.1:{port};")


class Place(NamedTuple):
    """Where the page is found behind a proxy, and what the proxy itself wants to be told."""

    address: str  # with a last slash
    token: str
    first: str = ""  # a page to log in at
    headers: dict[str, str] = {}  # noqa: RUF012


@pytest.fixture(scope="module", params=["notebook server", "nginx", "nginx with https"])
def place(
    request: pytest.FixtureRequest, finished: Finished, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("proxy") / "own", finished.hub.port
    token = finished.link.partition("token=")[2]
    with ExitStack() as stack:
        if request.param == "notebook server":
            server = stack.enter_context(notebook_server(folder))
            login = f"{server}/api/contents?token={NOTEBOOK_TOKEN}"
            headers = {"Authorization": f"token {NOTEBOOK_TOKEN}"}
            yield Place(f"{server}/proxy/{port}/", token, login, headers)
        else:
            secure = request.param == "nginx with https"
            location = documented_location(port)
            yield Place(
                f"{stack.enter_context(nginx(folder, location, https=secure))}/irer/", token
            )


def code(address: str, headers: dict[str, str], data: bytes | None = None) -> int:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    asked = urllib.request.Request(address, data=data, headers=headers)
    try:
        with urllib.request.urlopen(asked, context=trusting) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def opened(open_page: OpenPage, place: Place, path: str = "") -> Page:
    page = open_page(ignore_https_errors=True).page
    if place.first:
        page.goto(place.first)
    page.goto(f"{place.address}{path}?token={place.token}")
    assert page.url == f"{place.address}{path}"
    return page


def test_the_hunt_page_is_whole_and_alive(
    open_page: OpenPage, place: Place, finished: Finished
) -> None:
    page = opened(open_page, place)
    expect(page.locator("#hunt-status")).to_have_text(
        "Completed", timeout=SLOW_MS
    )  # scripts run and are answered
    expect(page.locator("main")).to_have_css("display", "grid")  # the style is there
    expect(page.locator("#pareto-chart .main-svg").first).to_be_visible(
        timeout=SLOW_MS
    )  # Plotly, and a figure
    expect(page.locator("#runs-table tbody tr")).to_have_count(8, timeout=SLOW_MS)
    for link in page.locator("a[href]").all():
        there = link.evaluate("link => link.href").partition("#")[0]
        assert there.startswith(place.address), there
    with page.expect_download() as download:
        page.get_by_role("link", name="Ledger (CSV)").click()
    assert download.value.suggested_filename == "simulation_ledger.csv"


def test_from_page_to_page_and_a_change(
    open_page: OpenPage, place: Place, finished: Finished
) -> None:
    page = opened(open_page, place)
    page.locator("#best-link").click()
    expect(page).to_have_url(f"{place.address}runs/{finished.best}")
    expect(page.locator(".picture img").first).to_have_attribute(
        "src", re.compile("^blob:"), timeout=SLOW_MS
    )
    page.get_by_label("Note", exact=True).fill("seen through a proxy")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#run-note-state")).to_have_text("Saved", timeout=SLOW_MS)
    page.get_by_role("link", name="Compare").last.click()
    expect(page).to_have_url(f"{place.address}compare?run={finished.best}")
    page.get_by_role("link", name="Components").click()
    expect(page.locator("[data-component]").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("link", name="Hunt", exact=True).click()
    expect(page).to_have_url(place.address)


def test_a_link_to_a_page_below_works_at_once(
    open_page: OpenPage, place: Place, finished: Finished
) -> None:
    page = opened(open_page, place, f"runs/{finished.best}")
    expect(page.locator("#matches tbody tr")).to_have_count(
        8, timeout=SLOW_MS
    )  # asked of the API, by the cookie


def test_the_cookie_is_for_the_prefix_alone_and_secure_behind_https(
    open_page: OpenPage, place: Place, finished: Finished
) -> None:
    page = opened(open_page, place)
    (ours,) = [c for c in page.context.cookies() if c["name"].startswith("irer_token_")]
    assert place.address.rstrip("/").endswith(ours["path"])
    assert ours["path"] != "/"
    assert ours["secure"] == place.address.startswith("https:")
    assert ours["httpOnly"]


def test_nobody_comes_in_without_the_token(place: Place, finished: Finished) -> None:
    bearer = {"Authorization": f"Bearer {place.token}"}
    for path in ("", "api/get-status", f"runs/{finished.best}", "api/openapi.json"):
        assert code(place.address + path, place.headers) == 401
    assert code(f"{place.address}api/stop-hunt", place.headers, b"{}") == 401
    if not place.headers:  # else that header is the proxy's own
        assert code(f"{place.address}api/get-status", bearer) == 200


@pytest.fixture
def small(tmp_path: Path) -> settings.Settings:
    home = settings.load(home=tmp_path / "home")
    commit(home, make_record())
    return home


def test_nginx_as_it_comes_lets_nobody_in_without_the_token(
    small: settings.Settings, tmp_path: Path
) -> None:
    """It asks for the hub's own loopback address, and sends no header that tells of it."""
    with (
        HubProcess(small.home) as hub,
        nginx(tmp_path / "nginx", AS_IT_COMES.format(port=hub.port)) as server,
    ):
        address, token = f"{server}/irer/api/get-status", hub.link.partition("token=")[2]
        assert code(address, {}) == 401
        assert code(address, {"Authorization": f"Bearer {token}"}) == 200


def test_a_prefix_that_the_proxy_keeps(
    small: settings.Settings, tmp_path: Path, open_page: OpenPage
) -> None:
    location = KEPT.replace("{port}", "%d")
    with (
        HubProcess(small.home, IRER_PREFIX="/irer") as hub,
        nginx(tmp_path / "nginx", location % hub.port) as server,
    ):
        place = Place(f"{server}/irer/", hub.link.partition("token=")[2])
        page = opened(open_page, place)
        expect(page.locator("#hunts-table tbody tr")).to_have_count(1, timeout=SLOW_MS)
        assert hub.status()["hunt_status"] == "Idle"  # and at its own address as ever
        assert code(f"{hub.url}/irer?token={place.token}", {}) == 200  # led below the prefix
        page.goto("about:blank")  # before the hub is gone


@pytest.mark.parametrize(
    ("origins", "shown"), [("", False), ("self", True), ("https://other.example", False)]
)
def test_a_frame_shows_the_page_where_the_setting_says_so(
    small: settings.Settings, browser: Browser, origins: str, shown: bool
) -> None:
    with (
        HubProcess(small.home, IRER_FRAME_ORIGINS=origins) as hub,
        browser.new_context() as context,
    ):
        page, said = context.new_page(), list[str]()
        page.on("console", lambda message: said.append(message.text))
        page.route("**/outer", lambda route: route.fulfill(body=FRAME, content_type="text/html"))
        page.goto(f"{hub.url}/outer")
        if shown:
            inner = page.frame_locator("iframe")
            expect(inner.locator("#hunt-status")).to_have_text("Idle", timeout=SLOW_MS)
        assert any("frame-ancestors" in text for text in said) != shown
