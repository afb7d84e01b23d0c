"""Who gets in, and what a browser is told."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from irer.web.hub import Hub
from tests.contract.hub.conftest import TOKEN

EVIL = {"Host": "evil.example"}
ROUTES = [
    ("GET", "/"), ("GET", "/api/get-status"), ("GET", "/api/runs"), ("GET", "/api/best"),
    ("GET", "/api/ledger.csv"), ("GET", "/api/get-constants"), ("GET", "/healthz"),
    ("GET", "/api/figures/pareto"), ("GET", "/static/hub.css"), ("GET", "/nix"),
    ("POST", "/api/start-hunt"), ("POST", "/api/stop-hunt"), ("POST", "/api/cancel-hunt"),
    ("POST", "/api/pause-hunt"), ("POST", "/api/resume-hunt"),
]  # fmt: skip


@pytest.fixture
def public_client(hub: Hub) -> FlaskClient:
    """A client of the same hub, bound to every interface."""
    public = hub.settings.model_copy(update={"host": "0.0.0.0"})
    app = create_app(Hub(public, hub.index, hub.board, hub.hunts, hub.notes), TOKEN)
    return app.test_client()


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize(
    "credentials",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
     {"Authorization": f"Bearer {TOKEN}x"}, {"Cookie": "irer_token_8080=wrong"}],
)  # fmt: skip
def test_no_way_in_without_the_token(
    client: FlaskClient, method: str, path: str, credentials: dict[str, str]
) -> None:
    answer = client.open(path, method=method, headers=EVIL | credentials)
    assert answer.status_code == 401
    assert "hub_token" in answer.json["message"]
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.nip.example", "10.0.0.7", "0.0.0.0",
     "evil.example:8080", "[::2]:80", "localhost@evil.example", "[", ""],
)  # fmt: skip
def test_a_foreign_name_needs_the_token(client: FlaskClient, host: str) -> None:
    assert client.get("/api/get-status", headers={"Host": host}).status_code in (400, 401)
    assert client.post("/api/start-hunt", headers={"Host": host}).status_code in (400, 401)
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
def test_loopback_needs_none(client: FlaskClient, host: str) -> None:
    assert client.get("/api/get-status", headers={"Host": host}).status_code == 200


def test_bound_to_every_interface_even_loopback_names_need_it(public_client: FlaskClient) -> None:
    assert public_client.get("/healthz").status_code == 401
    good = {"Authorization": f"Bearer {TOKEN}"}
    assert public_client.get("/healthz", headers=good).status_code == 200


def test_the_bearer_token_opens_every_host(client: FlaskClient) -> None:
    headers = EVIL | {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/api/get-status", headers=headers).status_code == 200
    assert client.post("/api/start-hunt", headers=headers).status_code == 202


def test_a_wrong_bearer_is_refused_on_loopback_too(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


def test_the_printed_link_leaves_a_cookie(client: FlaskClient) -> None:
    answer = client.get(f"/?token={TOKEN}&a=1", headers=EVIL)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?a=1")
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["irer_token_8080"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (TOKEN, True, "Lax")
    headers = EVIL | {"Cookie": f"irer_token_8080={TOKEN}"}
    assert client.get("/", headers=headers).status_code == 200


def test_a_wrong_link_leaves_none(client: FlaskClient) -> None:
    answer = client.get("/?token=wrong", headers=EVIL)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://localhost.evil.example", "null", "http://localhost:9999",
     "http://["],
)  # fmt: skip
@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "POST"])
def test_pages_of_others_change_nothing(client: FlaskClient, path: str, origin: str) -> None:
    answer = client.post(path, headers={"Origin": origin, "Host": "localhost:8080"})
    assert answer.status_code == 403
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"


def test_the_own_page_may(client: FlaskClient) -> None:
    headers = {"Origin": "http://localhost:8080", "Host": "localhost:8080"}
    assert client.post("/api/start-hunt", headers=headers).status_code == 202


@pytest.mark.parametrize("path", ["/", "/api/get-status", "/static/hub.css", "/nix"])
def test_headers_on_every_answer(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'self'" in policy
        assert policy.count("unsafe") == policy.count("style-src 'self' 'unsafe-inline'") == 1
        assert "http" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_page_has_no_inline_script(flask_app: Flask) -> None:
    page = flask_app.test_client().get("/").text
    assert page.count("<script") == page.count("<script ") == page.count(' src="/static/js/')
    for handler in (" onclick=", " onload=", " onerror=", "javascript:", "style="):
        assert handler not in page
