"""Who gets in, and what a browser is told."""

import itertools
import re
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes, urljoin

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from irer.hub.hub import Hub
from irer.web.security import FORWARDED
from settings import Settings
from tests.contract.hub.conftest import TOKEN
from tests.fake_engine import FakeEngine
from tests.hub_routes import UUID, every_change, every_route

EVIL = {"Host": "evil.example"}
OWN = {"Host": "localhost:8080"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}
FOREIGN_HOSTS = [
    "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.example",
    "127.0.0.1.evil.example:8080", "localhost@evil.example", "localhost.", "localhost..",
    "localhos", "notlocalhost", "evil-localhost", "10.0.0.7", "192.168.1.1:8080", "0.0.0.0",
    "0.0.0.0:8080", "128.0.0.1", "[::2]:80", "[::]:8080", "[", "",
]  # fmt: skip
FOREIGN_ORIGINS = [
    "http://evil.example", "https://localhost.evil.example", "null", "http://localhost:9999",
    "http://[",
]  # fmt: skip
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}"


@pytest.fixture
def public_client(hub: Hub) -> FlaskClient:
    """A client of the same hub, bound to every interface."""
    public = hub.settings.model_copy(update={"host": "0.0.0.0"})
    app = create_app(replace(hub, settings=public), TOKEN)
    return app.test_client()


def untouched(client: FlaskClient, engine: FakeEngine) -> bool:
    return engine.started == 0 and client.get("/api/get-status").json["hunt_status"] == "Idle"


@pytest.mark.parametrize(("method", "path"), every_route())
def test_no_way_in_without_the_token(
    client: FlaskClient, engine: FakeEngine, method: str, path: str
) -> None:
    for credentials in (
        {}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": "Bearer"},
        {"Cookie": "irer_token_8080=wrong"}, {"Cookie": f"irer_token_80={TOKEN}"},
    ):  # fmt: skip
        answer = client.open(path, method=method, headers=EVIL | credentials)
        assert answer.status_code == 401
        assert "hub_token" in answer.json["message"]
        assert TOKEN not in answer.text
    assert untouched(client, engine)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_was_rebound_to_this_machine_has_no_effect(
    client: FlaskClient, engine: FakeEngine, host: str
) -> None:
    assert len(set(FOREIGN_HOSTS)) == 20
    for method, path in every_route():
        answer = client.open(path, method=method, headers={"Host": host})
        assert answer.status_code in (400, 401), (method, path)
    assert untouched(client, engine)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
def test_loopback_needs_none(client: FlaskClient, host: str) -> None:
    assert client.get("/api/get-status", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("header", FORWARDED)
def test_behind_a_tunnel_that_calls_itself_localhost_the_token_is_needed(
    client: FlaskClient, header: str
) -> None:
    """As one that was told to rewrite the Host."""
    for method, path in every_route():
        answer = client.open(path, method=method, headers=OWN | {header: "for=203.0.113.9"})
        assert answer.status_code == 401, (method, path)
    good = OWN | BEARER | {header: "for=203.0.113.9"}
    assert client.get("/api/get-status", headers=good).status_code == 200


def test_bound_to_every_interface_even_loopback_names_need_it(public_client: FlaskClient) -> None:
    for method, path in every_route():
        assert public_client.open(path, method=method).status_code == 401, (method, path)
    assert public_client.get("/healthz", headers=BEARER).status_code == 200


def test_the_bearer_token_opens_every_host(client: FlaskClient) -> None:
    headers = EVIL | BEARER
    assert client.get("/api/get-status", headers=headers).status_code == 200
    assert client.post("/api/start-hunt", headers=headers).status_code == 202


def test_a_wrong_bearer_is_refused_on_loopback_too(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("/?token={}&a=1", "/?a=1"),
        ("/?token={}", "/"),
        ("/?a=1&token={}&a=2", "/?a=1&a=2"),
        ("/?token={}&_external=1&_scheme=javascript&_anchor=x&_method=POST",
         "/?_external=1&_scheme=javascript&_anchor=x&_method=POST"),
    ],
)  # fmt: skip
def test_the_printed_link_leaves_a_cookie(client: FlaskClient, given: str, left: str) -> None:
    answer = client.get(given.format(TOKEN), headers=EVIL)
    assert answer.status_code == 302
    there = urljoin(f"http://evil.example/base{given}", answer.headers["Location"])
    assert there == f"http://evil.example/base{left}"
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["irer_token_8080"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (TOKEN, True, "Lax")
    headers = EVIL | {"Cookie": f"irer_token_8080={TOKEN}"}
    page = client.get(left, headers=headers)
    assert page.status_code == 200
    assert TOKEN not in page.text


def test_a_wrong_link_leaves_none(client: FlaskClient) -> None:
    answer = client.get("/?token=wrong", headers=EVIL)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", every_change())
def test_pages_of_others_change_nothing(client: FlaskClient, engine: FakeEngine, path: str) -> None:
    for origin, more in itertools.product(
        FOREIGN_ORIGINS, ({}, BEARER, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"})
    ):
        answer = client.post(path, headers=OWN | {"Origin": origin} | more)
        assert answer.status_code == 403
    assert untouched(client, engine)


def test_forms_of_others_change_nothing(client: FlaskClient, engine: FakeEngine) -> None:
    """What a page may send without asking first: its types of form, and no Origin at all."""
    for path, kind in itertools.product(
        every_change(),
        ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
    ):
        answer = client.post(path, data=b'{"num_generations":1}', content_type=kind, headers=OWN)
        assert answer.status_code == 415, path
    assert untouched(client, engine)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8080"},
        {"Origin": "http://LOCALHOST:8080"},
        # Behind a proxy that changes the Host the browser still knows whose page it is.
        {"Origin": "https://a-proxy.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_the_own_page_may(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/api/start-hunt", headers=OWN | headers).status_code == 202


@pytest.mark.parametrize(("method", "path"), every_route())
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_headers_on_every_answer(client: FlaskClient, method: str, path: str, host: str) -> None:
    with client.open(path, method=method, headers={"Host": host}) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert policy.count("unsafe") == policy.count("style-src 'self' 'unsafe-inline'") == 1
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "no-" in answer.headers["Cache-Control"]
        assert "Server" not in answer.headers


@pytest.mark.parametrize(
    ("setting", "policy", "older"),
    [
        ("", "frame-ancestors 'none'", "DENY"),
        ("self", "frame-ancestors 'self'", None),
        (
            "self https://myself.example:8888 http://*.lab.example",
            "frame-ancestors 'self' https://myself.example:8888 http://*.lab.example",
            None,
        ),
    ],
)
def test_a_setting_names_who_may_frame_the_page(
    hub: Hub, setting: str, policy: str, older: str | None
) -> None:
    settings = hub.settings.model_copy(update={"frame_origins": setting})
    client = create_app(replace(hub, settings=settings), TOKEN).test_client()
    for path in ("/", "/api/get-status", "/static/hub.css", "/nix"):
        with client.get(path) as answer:
            assert answer.headers["Content-Security-Policy"].endswith(f"; {policy}")
            assert answer.headers.get("X-Frame-Options") == older
    link = f"/?token={TOKEN}"
    plain = client.get(link).headers["Set-Cookie"]
    assert "SameSite=Lax" in plain
    secure = client.get(link, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    # Browsers send it in a frame on a page of another site only so, and only over https.
    assert ("SameSite=None" in secure and "Partitioned" in secure) == bool(setting)
    assert "Secure" in secure


def test_no_page_has_inline_script(client: FlaskClient) -> None:
    pages = []
    for path in [path for method, path in every_route() if method == "GET"]:
        with client.get(path) as answer:
            if answer.mimetype == "text/html":
                pages.append(answer.text)
    assert pages
    for page in pages:
        scripts = re.findall(r"<script\b(.*?)>(.*?)</script>", page, re.DOTALL)
        assert len(scripts) == page.count("<script")
        assert all(re.search(r' src="(\.\./)*static/', opening) for opening, _ in scripts)
        assert not any(rest for _, rest in scripts)
        for handler in (" onclick=", " onload=", " onerror=", "javascript:", "style="):
            assert handler not in page


def test_markup_in_any_place_of_a_request_comes_back_as_data(client: FlaskClient) -> None:
    text = quote(MARKUP, safe="")
    answers = [
        raw(client, method, path)
        for method, route in every_route()
        for path in (f"{route}/{text}", f"{route}?search={text}&{text}={text}", f"/{text}")
    ]
    answers += [
        client.post(path, json={MARKUP: MARKUP, "sampler": MARKUP, "note": MARKUP})
        for path in every_change()
    ]
    for answer in answers:
        with answer:
            if answer.mimetype == "text/html":
                assert b"<script>alert" not in answer.data
                assert b"<img src=x" not in answer.data
            else:
                assert answer.mimetype in ("application/json", "text/css", "text/plain")


def raw(client: FlaskClient, method: str, path: str) -> TestResponse:
    """Ask for `path` as a server hands it on; the client itself would tidy it up."""
    path, _, query = path.partition("?")
    info = unquote_to_bytes(path).decode("latin-1")
    return client.open(
        "/", method=method, environ_overrides={"PATH_INFO": info, "QUERY_STRING": query}
    )


def payloads() -> list[str]:
    """200 ways to ask for a file that is not ours to give."""
    steps = ["../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "..;/",
             "%252e%252e%252f", "%c0%ae%c0%ae/"]  # fmt: skip
    targets = ["outside.txt", "home/hub_token", "etc/passwd", "home%2fhub_token"]
    climbing = [step * depth + t for step in steps for depth in (1, 2, 3, 5) for t in targets]
    roots = ("/", "//", "%2f", "file:///", "%2f%2f", "C:%5c", "./", "~/", "%00", "%5c%5chost%5c")
    return [*climbing, *(root + target for root in roots for target in targets)]


def test_no_path_leaves_the_home(client: FlaskClient, settings: Settings, tmp_path: Path) -> None:
    assert len(set(payloads())) == 200
    (settings.home.folder / "hub_token").write_text("a-secret")
    (tmp_path / "outside.txt").write_text("a-secret")
    places = {re.sub(f"{UUID}|pareto|hub.css", "{}", path) for _, path in every_route()}
    for place in ("/{}", "/compare?run={}", *places):
        for payload in payloads() if "{" in place else ():
            with raw(client, "GET", place.replace("{}", payload)) as answer:
                assert answer.status_code in (200, 400, 404, 405), (place, payload)
                assert b"a-secret" not in answer.data
                assert b"root:" not in answer.data
                assert answer.status_code != 200 or answer.mimetype == "text/html", payload
