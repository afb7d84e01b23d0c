"""Who may call the hub, and what a browser may do with its answers.

A token always exists. A request needs none only when the hub is bound to loopback, the
request's Host is a loopback name and no proxy handed it on; so a foreign name that resolves to
this machine, a proxy or a tunnel all need it. It comes as `Authorization: Bearer ...`, or as a
cookie that the first visit with `?token=...` leaves behind.
"""

import functools
import hmac
import ipaddress
import re
import secrets
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Request as AnyRequest
from werkzeug.wrappers import Response as AnyResponse

from irer.files import write_text

GATE = "irer_gate"  # where an application keeps its gate
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Plotly sets styles on what it draws
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": with it browsers send "Origin: null" even to the hub itself.
    "Referrer-Policy": "same-origin",
}
READ_ONLY = ("GET", "HEAD", "OPTIONS")
FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def token_file(home: Path) -> Path:
    """Where the token of a home is kept, readable by its owner alone."""
    return home / "hub_token"


def token_of_home(home: Path) -> str:
    """Return the token of `home`, made at the first start.

    A later start keeps it, so that an open page goes on after the hub was restarted. Raises
    StorageError.
    """
    file = token_file(home)
    try:
        kept = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        kept = ""
    token = kept if _TOKEN.fullmatch(kept) else secrets.token_urlsafe(32)
    write_text(file, token + "\n", mode=0o600)
    return token


@functools.lru_cache(maxsize=256)
def is_loopback(name: str | None) -> bool:
    """Say whether a host name or address means this very machine."""
    if name is None:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


class Gate:
    """Lets a request in or refuses it. `cookie` is named by port: a browser shares them."""

    def __init__(self, token: str, bound_to: str, port: int, home: Path) -> None:
        self._token = token.encode()
        self._bound_to_loopback = is_loopback(bound_to)
        self._cookie = f"irer_token_{port}"
        self._where = f"the token is in the link that the hub printed and in {token_file(home)}"

    def install(self, app: Flask) -> None:
        """Put the gate in front of every route of `app`, and the headers on every answer."""
        app.extensions[GATE] = self
        app.before_request(self._check)
        app.after_request(add_headers)

    def _check(self) -> AnyResponse | None:
        if "token" in request.args and request.blueprint == "pages":
            return self._welcome()
        self._check_token()
        if request.method not in READ_ONLY:
            _check_origin()
        return None

    def _welcome(self) -> AnyResponse:
        """Leave the cookie and send the browser on to the address without the token."""
        if not self._matches(request.args["token"]):
            raise Unauthorized(f"wrong token: {self._where}")
        rest = [pair for pair in request.args.items(multi=True) if pair[0] != "token"]
        place = quote(request.path)
        answer = redirect(f"{place}?{urlencode(rest)}" if rest else place)
        # Lax, not Strict: a browser that comes from a notebook's link would not send it back.
        answer.set_cookie(
            self._cookie,
            request.args["token"],
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
        return answer

    def admits(self, asked: AnyRequest) -> bool:
        """Say whether a request has the token or needs none."""
        given = asked.authorization
        if given is not None:
            return given.type == "bearer" and self._matches(given.token or "")
        if self._matches(asked.cookies.get(self._cookie, "")):
            return True
        here = self._bound_to_loopback and is_loopback(_host_name(asked))
        return here and not _came_by_proxy(asked)

    def _check_token(self) -> None:
        if not self.admits(request):
            problem = "no valid token" if request.authorization is None else "wrong token"
            raise Unauthorized(f"{problem}: {self._where}")

    def _matches(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._token)


def _came_by_proxy(asked: AnyRequest) -> bool:
    """Say whether somebody handed the request on: a tunnel may call itself localhost."""
    return any(name in asked.headers for name in FORWARDED)


def _host_name(asked: AnyRequest) -> str | None:
    """Return the name in the Host header, without its port."""
    try:
        return urlsplit("//" + asked.headers.get("Host", "")).hostname
    except ValueError:
        return None


def _check_origin() -> None:
    """Refuse what a page of another site sends; curl and scripts send no Origin and pass.

    `Sec-Fetch-Site` is the browser's own word, which no page can set: it also holds behind a
    proxy that changes the Host.
    """
    origin = request.headers.get("Origin")
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return
    host = request.headers.get("Host", "")
    try:
        sent_from = urlsplit(origin).netloc
    except ValueError:
        sent_from = ""
    if not sent_from or sent_from.lower() != host.lower():
        raise Forbidden("Origin: must be the hub's own address")


def add_headers(answer: Response) -> Response:
    """Add what every answer carries."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
