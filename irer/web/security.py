"""Who may call the hub, and what a browser may do with its answers.

A token always exists. A request needs none only when the hub is bound to loopback, the request's
Host is a loopback name and no proxy forwarded it; so a foreign name that resolves to this machine,
a proxy and a tunnel all need it. It comes as `Authorization: Bearer ...`, or in a cookie that the
first visit with `?token=...` sets.

Other credentials of a request are ignored, since they may be meant for a proxy or another program
of the host: other schemes of `Authorization`, other cookies, other tokens beside ours.
"""

import functools
import hmac
import ipaddress
import re
import secrets
from collections.abc import Iterable, Iterator
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Request as AnyRequest
from werkzeug.wrappers import Response as AnyResponse

from irer.base.files import write_text
from irer.home import Home
from irer.web.addresses import below, seen_from
from settings import Settings

GATE = "irer_gate"  # where an application keeps its gate
CONTENT_SECURITY_POLICY = "; ".join(  # and `Gate` adds who may frame the page
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Plotly sets styles on its elements
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
NOBODY = "'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": with it browsers send "Origin: null" even to the hub itself.
    "Referrer-Policy": "same-origin",
}
READ_ONLY = ("GET", "HEAD", "OPTIONS")
FORWARDED = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"),
    *("X-Forwarded-Prefix", "X-Forwarded-Context", "X-Forwarded-Port", "X-Forwarded-Server"),
    *("X-ProxyContextPath", "X-Real-IP", "X-Original-URI", "X-Scheme"),
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_THEN = "then"  # in a link with the token: the page to go on to
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def token_of_home(home: Home) -> str:
    """Return the token of `home`, made at the first start.

    A later start keeps it, so that open pages survive a restart of the hub. Raises StorageError.
    """
    file = home.token_file
    try:
        kept = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        kept = ""
    token = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
    write_text(file, token + "\n", mode=0o600)
    return token


@functools.lru_cache(maxsize=256)
def is_loopback(name: str | None) -> bool:
    """Say whether a host name or address is this machine's loopback."""
    if name is None:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


class Gate:
    """Admits or refuses requests. The cookie's name holds the port: all ports share cookies."""

    def __init__(self, token: str, settings: Settings) -> None:
        self._token = token.encode()
        self._bound_to_loopback = is_loopback(settings.host)
        self._cookie = f"irer_token_{settings.port}"
        where = settings.home.token_file
        self._where = f"the token is in the link that the hub printed and in {where}"
        origins = ("'self'" if each == "self" else each for each in settings.frame_origins.split())
        self._framed = bool(settings.frame_origins)
        self._policy = f"{CONTENT_SECURITY_POLICY}; frame-ancestors {' '.join(origins) or NOBODY}"

    def policy(self, scripts: Iterable[str] = ()) -> str:
        """Return the policy of a page that has these scripts inside it, named by their digests."""
        allowed = " ".join(scripts)
        return f"{self._policy}; script-src 'self' {allowed}" if allowed else self._policy

    def install(self, app: Flask) -> None:
        """Put the gate in front of every route of `app`, and the headers on every answer."""
        app.extensions[GATE] = self
        app.before_request(self._check)
        app.after_request(self.add_headers)

    def _check(self) -> AnyResponse | None:
        linked = request.args.getlist("token") if request.blueprint == "pages" else []
        if any(map(self._matches, linked)):
            return self._welcome()
        if not self.admits(request):
            wrong = linked or any(_bearers(request))
            problem = "wrong token" if wrong else "no valid token"
            raise Unauthorized(f"{problem}: {self._where}")
        if request.method not in READ_ONLY:
            _check_origin()
        return None

    def _welcome(self) -> AnyResponse:
        """Set the cookie and redirect the browser to the address without the token.

        The cookie names no path, so it holds beside and below the page that sets it. Behind a proxy
        that is the hub's prefix and nobody else's, if the first page sets it.
        """
        pairs = [pair for pair in request.args.items(multi=True) if not self._is_ours(*pair)]
        if request.path != "/":
            there = f"{request.path}?{urlencode(pairs)}" if pairs else request.path
            token = self._token.decode()
            again = urlencode({"token": token, _THEN: there})
            return redirect(f"{seen_from(request.path, '/')}?{again}")
        then = [value for name, value in pairs if name == _THEN]
        rest = urlencode([pair for pair in pairs if pair[0] != _THEN])
        answer = redirect(below(then[0]) if then else f"./?{rest}" if rest else "./")
        secure = _is_https(request)
        framed = self._framed and secure  # by pages of other sites, to which Lax is not sent
        # Lax, not Strict: a browser following a link from a notebook would not send it.
        answer.set_cookie(
            self._cookie,
            self._token.decode(),
            path=None,
            httponly=True,
            samesite="None" if framed else "Lax",
            secure=secure,
            partitioned=framed,
        )
        return answer

    def _is_ours(self, name: str, value: str) -> bool:
        return name == "token" and self._matches(value)

    def admits(self, asked: AnyRequest) -> bool:
        """Say whether a request has the token or needs none."""
        bearers = list(_bearers(asked))
        given = [*bearers, *asked.cookies.getlist(self._cookie)]
        if any(map(self._matches, given)):
            return True
        here = self._bound_to_loopback and is_loopback(_host_name(asked))
        return here and not bearers and not _came_by_proxy(asked)

    def _matches(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._token)

    def add_headers(self, answer: Response) -> Response:
        """Add the headers that every answer carries."""
        answer.headers.setdefault("Content-Security-Policy", self.policy())
        if not self._framed:  # this older header cannot name origins
            answer.headers.setdefault("X-Frame-Options", "DENY")
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _bearers(asked: AnyRequest) -> Iterator[str]:
    """Yield every token that a request brings as `Authorization: Bearer`."""
    for part in asked.headers.get("Authorization", "").split(","):
        scheme, _, token = part.strip().partition(" ")
        if scheme.lower() == "bearer":
            yield token.strip()


def _is_https(asked: AnyRequest) -> bool:
    """Say whether the browser speaks https, to us or to the first proxy of a chain."""
    protocol = asked.headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    forwarded = asked.headers.get("Forwarded", "").split(",")[0].lower().replace(" ", "")
    named = [pair.partition("=")[2].strip('"') for pair in forwarded.split(";") if "proto=" in pair]
    return asked.is_secure or protocol == "https" or "https" in named


def _came_by_proxy(asked: AnyRequest) -> bool:
    """Say whether a proxy forwarded the request: a tunnel may call itself localhost.

    nginx by default forwards with the hub's own address as Host, no header, and HTTP/1.0.
    """
    old = asked.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    return old or any(name in asked.headers for name in FORWARDED)


def _host_name(asked: AnyRequest) -> str | None:
    """Return the name in the Host header, without its port."""
    try:
        return urlsplit("//" + asked.headers.get("Host", "")).hostname
    except ValueError:
        return None


def _check_origin() -> None:
    """Refuse requests from pages of other sites; curl and scripts send no Origin and pass.

    The browser itself sets `Sec-Fetch-Site`, and no page can: it also holds behind a proxy that
    changes the Host. Browsers do not send it to a plain http address; there the Host that the proxy
    was asked for counts, which no page of another site can set either.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return
    scheme, _, place = origin.lower().partition("://")
    asked_for = request.headers.get("X-Forwarded-Host", "").split(",")
    hosts = {_with_port(host, scheme) for host in (request.headers.get("Host", ""), *asked_for)}
    if not place or _with_port(place, scheme) not in hosts - {None}:
        raise Forbidden("Origin: must be the hub's own address (a proxy must pass on its Host)")


def _with_port(host: str, scheme: str) -> tuple[str, int | None] | None:
    """Return name and port of a Host or Origin; None for a malformed one."""
    try:
        parts = urlsplit(f"//{host.strip()}")
        named, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (named, port or _DEFAULT_PORTS.get(scheme)) if named else None
