"""What a request carries that is not for the hub is none of its business: every mix of it."""

import itertools
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from irer.hub.hub import Hub
from irer.web.asgi import environ_of
from tests.contract.hub.conftest import TOKEN

STALE = "S" * 43
HOSTS = {"here": {"Host": "localhost:8080"}, "elsewhere": {"Host": "hub.example"}}
FOREIGN = [  # of proxies, notebook servers and other programs of the same host
    {},
    {"Authorization": "Basic dXNlcjpwYXNz"},
    {"Authorization": "token 0123456789abcdef"},
    {"Authorization": 'Digest username="a", realm="b", nonce="c", uri="/", response="d"'},
    {"Authorization": "Negotiate YIIB"},
    {"Authorization": "Basic %%%"},
    {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=d"},
    {"Authorization": ""},
    {"Cookie": "_xsrf=2|a|b; username-localhost-8888=\"2|1:0|10:1|23:user|44:YTA=|c\""},
    {"Cookie": "session=eyJ1c2VyIjoiYSJ9.Z.x; irer_token_9999=other; =; a; b=\"; c=,"},
    {"Cookie": "irer_token_8080x=" + TOKEN},
    {"Proxy-Authorization": "Bearer theirs", "X-Auth-Token": "theirs"},
]  # fmt: skip
OURS = {  # how ours comes: with every Authorization and Cookie header beside the foreign ones
    "bearer": ("Authorization", "Bearer {}"),
    "lower case bearer": ("Authorization", "bearer  {}"),
    "cookie": ("Cookie", "irer_token_8080={}"),
}


@pytest.fixture
def client(flask_app: Flask) -> FlaskClient:
    """One that sends the Cookie header that it is given, and no other."""
    return flask_app.test_client(use_cookies=False)


def joined(foreign: dict[str, str], name: str, ours: str, *, first: bool) -> dict[str, str]:
    """Both in one header, as the server joins what came in several."""
    both = [value for value in (foreign.get(name), ours) if value]
    between = "; " if name == "Cookie" else ","
    return foreign | {name: between.join(reversed(both) if first else both)}


def code(client: FlaskClient, headers: dict[str, str], path: str = "/api/get-status") -> int:
    return client.get(path, headers=headers).status_code


@pytest.mark.parametrize("foreign", FOREIGN, ids=str)
@pytest.mark.parametrize("host", HOSTS)
def test_foreign_credentials_change_nothing(
    client: FlaskClient, host: str, foreign: dict[str, str]
) -> None:
    none = 200 if host == "here" else 401
    assert code(client, HOSTS[host] | foreign) == none
    for (how, (name, shape)), first in itertools.product(OURS.items(), (False, True)):
        right = HOSTS[host] | joined(foreign, name, shape.format(TOKEN), first=first)
        assert code(client, right) == 200, (how, first)
        wrong = HOSTS[host] | joined(foreign, name, shape.format(STALE), first=first)
        # A wrong bearer is refused even here: somebody means to be let in by it. A stale cookie,
        # which a browser sends by itself, is not.
        assert code(client, wrong) == (401 if "bearer" in how else none), (how, first)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("first", [False, True])
def test_a_right_one_beside_wrong_ones_is_enough(
    client: FlaskClient, host: str, first: bool
) -> None:
    bearer, cookie = "Bearer {}", "irer_token_8080={}"
    two = [
        {"Authorization": bearer.format(STALE), "Cookie": cookie.format(TOKEN)},
        {"Authorization": bearer.format(TOKEN), "Cookie": cookie.format(STALE)},
        joined(
            {"Authorization": bearer.format(STALE)},
            "Authorization",
            bearer.format(TOKEN),
            first=first,
        ),
        # Left by the same hub for another path, or before it got a new token.
        joined({"Cookie": cookie.format(STALE)}, "Cookie", cookie.format(TOKEN), first=first),
    ]
    for headers in two:
        assert code(client, HOSTS[host] | headers) == 200, headers


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_a_token_in_the_link_that_is_not_ours_is_left_alone(client: FlaskClient, path: str) -> None:
    """As of a notebook server, whose own links carry `?token=`."""
    there, here = HOSTS["elsewhere"], HOSTS["here"]
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert code(client, there, f"{path}?token={STALE}") == 401
    assert code(client, there | bearer, f"{path}?token={STALE}") == 200
    assert code(client, here, f"{path}?token={STALE}") == 200
    for both in (f"token={STALE}&token={TOKEN}", f"token={TOKEN}&token={STALE}"):
        answer = client.get(f"{path}?{both}", headers=there, follow_redirects=False)
        assert answer.status_code == 302
        assert TOKEN not in answer.headers["Location"] or path != "/"
    assert "wrong token" in client.get(f"/?token={STALE}", headers=there).text
    assert "no valid token" in client.get("/", headers=there).text


def test_a_right_token_after_a_foreign_one_leaves_the_cookie_and_the_foreign_one(
    client: FlaskClient,
) -> None:
    answer = client.get(f"/?token={STALE}&token={TOKEN}", headers=HOSTS["elsewhere"])
    assert answer.headers["Location"] == f"./?token={STALE}"
    assert TOKEN in answer.headers["Set-Cookie"]


def test_cookies_of_several_headers_are_joined_as_cookies(client: FlaskClient, hub: Hub) -> None:
    """HTTP/2 splits them, and some proxies hand them on so."""
    environ = environ_of(
        {
            "method": "GET", "raw_path": b"/", "query_string": b"", "http_version": "1.1",
            "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1),
            "headers": [(b"cookie", b"a=1"), (b"cookie", b"irer_token_8080=" + TOKEN.encode())],
        }
    )  # fmt: skip
    assert environ["HTTP_COOKIE"] == f"a=1; irer_token_8080={TOKEN}"
    assert code(client, HOSTS["elsewhere"] | {"Cookie": environ["HTTP_COOKIE"]}) == 200


@pytest.mark.parametrize(
    ("then", "left"),
    [
        ("/runs/x", "./runs/x"),
        ("/compare?run=a&run=b", "./compare?run=a&run=b"),
        ("//evil.example/x", "./evil.example/x"),
        ("https://evil.example", "./https%3A/evil.example"),
        ("../../other", "./"),
        ("/runs/../../other", "./"),
        ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("", "./"),
        ("\\\\evil.example", "./%5C%5Cevil.example"),
    ],
)
def test_the_link_leads_to_no_other_site(client: FlaskClient, then: str, left: str) -> None:
    answer = client.get(f"/?token={TOKEN}&then={quote(then, safe='')}", headers=HOSTS["elsewhere"])
    assert (answer.status_code, answer.headers["Location"]) == (302, left)


def test_a_link_to_a_page_below_leaves_the_cookie_at_the_root(client: FlaskClient) -> None:
    """A cookie without a path holds below the page that leaves it, which must be the first."""
    first = client.get(f"/compare?token={TOKEN}&a=1", headers=HOSTS["elsewhere"])
    assert "Set-Cookie" not in first.headers
    assert first.headers["Location"] == f"./?token={TOKEN}&then=%2Fcompare%3Fa%3D1"
    second = client.get(first.headers["Location"].removeprefix("."), headers=HOSTS["elsewhere"])
    assert second.headers["Location"] == "./compare?a=1"
    assert "Path=" not in second.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("headers", "secure"),
    [
        ({}, False),
        ({"X-Forwarded-Proto": "http"}, False),
        ({"X-Forwarded-Proto": "http, https"}, False),
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "HTTPS,http"}, True),
        ({"Forwarded": 'for=10.0.0.1;proto="https"'}, True),
        ({"Forwarded": "for=10.0.0.1;proto=http, for=10.0.0.2;proto=https"}, False),
    ],
)
def test_behind_https_the_cookie_is_secure(
    client: FlaskClient, headers: dict[str, str], secure: bool
) -> None:
    answer = client.get(f"/?token={TOKEN}", headers=HOSTS["elsewhere"] | headers)
    assert ("; Secure" in answer.headers["Set-Cookie"]) == secure
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"Origin": "http://lab.example", "X-Forwarded-Host": "lab.example"}, True),
        ({"Origin": "http://lab.example", "X-Forwarded-Host": "LAB.example:80"}, True),
        ({"Origin": "https://lab.example", "X-Forwarded-Host": "lab.example:443, inner"}, True),
        ({"Origin": "https://lab.example:444", "X-Forwarded-Host": "lab.example"}, False),
        ({"Origin": "http://evil.example", "X-Forwarded-Host": "lab.example"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null", "X-Forwarded-Host": "null"}, False),
        ({"Origin": "http://[", "X-Forwarded-Host": "["}, False),
    ],
)
def test_behind_a_plain_proxy_the_host_it_was_asked_for_counts(
    client: FlaskClient, headers: dict[str, str], admitted: bool
) -> None:
    """Browsers send no `Sec-Fetch-Site` to plain http, and no page can set `X-Forwarded-Host`."""
    own = {"Host": "127.0.0.1:8080", "Authorization": f"Bearer {TOKEN}"}
    answer = client.post("/api/start-hunt", headers=own | headers)
    assert answer.status_code == (202 if admitted else 403)


def test_a_proxy_that_says_nothing_is_told_by_its_http(client: FlaskClient) -> None:
    """nginx as it comes hands on a request as its own: to the hub's address, in HTTP/1.0."""
    for headers, wanted in (({}, 401), ({"Authorization": f"Bearer {TOKEN}"}, 200)):
        answer = client.get(
            "/api/get-status",
            headers=HOSTS["here"] | headers,
            environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"},
        )
        assert answer.status_code == wanted
