"""The Flask application as an ASGI one: status polls from memory, all else in threads.

No thread waits for a slow client: Flask sees only whole requests, and the next part of a large
answer is read once the connection has room for it.
"""

import asyncio
import functools
import io
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request

from irer.hub.hub import Hub
from irer.web.answers import MAX_BODY_BYTES, tagged
from irer.web.current import EXTENSION
from irer.web.security import GATE, Gate

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environ = dict[str, Any]
RawHeaders = list[tuple[bytes, bytes]]
PollAnswer = tuple[str, RawHeaders, bytes]  # status, headers, body

STATUS = "/api/get-status"
PART_BYTES = 64 * 1024  # of a large answer, read at once


class AsgiApp:
    """Serves `app` (app.create_app) with `threads` threads."""

    def __init__(self, app: Flask, threads: int) -> None:
        self._app = app
        self._hub: Hub = app.extensions[EXTENSION]
        self._gate: Gate = app.extensions[GATE]
        self._threads = ThreadPoolExecutor(threads, "request")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        environ = environ_of(scope, self._hub.settings.prefix)
        if self._polls(environ):
            known = environ.get("HTTP_IF_NONE_MATCH", "")
            status, headers, body = _poll_answer(*self._hub.board.served(), known, self._gate)
            await _begin(send, status, headers)
            await _send(send, body)
        elif await _take_body(receive, environ):
            with suppress(asyncio.CancelledError):  # the server ends before the answer does
                await self._by_flask(environ, receive, send)

    def close(self) -> None:
        """Start no more requests."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _polls(self, environ: Environ) -> bool:
        """Say whether this is a poll for the status by somebody admitted; all else is Flask's.

        Many pages poll every three seconds, the answer lies in memory, and Flask in a thread would
        cost ten times as much.
        """
        asks = environ["PATH_INFO"] == STATUS and environ["REQUEST_METHOD"] == "GET"
        return asks and self._gate.admits(Request(environ))

    async def _by_flask(self, environ: Environ, receive: Receive, send: Send) -> None:
        thread = asyncio.get_running_loop().run_in_executor
        answer = await thread(self._threads, _Answer, self._app, environ)
        part = answer.first
        gone = asyncio.ensure_future(_disconnect(receive))
        try:
            await _begin(send, answer.status, answer.headers)
            while len(part) >= PART_BYTES and not gone.done():
                await _send(send, part, more=True)
                part = await thread(self._threads, answer.more)
            await _send(send, part)
        finally:
            gone.cancel()
            answer.close()


class _Answer:
    """The answer of a WSGI application, taken part by part."""

    def __init__(self, app: Flask, environ: Environ) -> None:
        self._pieces, self.status, headers = run_wsgi_app(app, environ)
        self.headers = _raw(headers)
        self.first = self.more()

    def more(self) -> bytes:
        """Return at least PART_BYTES; less at the end."""
        part = bytearray()
        for piece in self._pieces:
            part += piece
            if len(part) >= PART_BYTES:
                break
        return bytes(part)

    def close(self) -> None:
        """Close what the answer is read from."""
        if hasattr(self._pieces, "close"):
            self._pieces.close()


def _poll_answer(data: bytes, tag: str, known: str, gate: Gate) -> PollAnswer:
    """Return what Flask would answer to a client with the tags `known`; most are older."""
    return _answer_with(data, tag, known if tag in known or "*" in known else "", gate)


@functools.lru_cache(maxsize=4)
def _answer_with(data: bytes, tag: str, known: str, gate: Gate) -> PollAnswer:
    environ = {"REQUEST_METHOD": "GET", "HTTP_IF_NONE_MATCH": known}
    answer = gate.add_headers(tagged(data, tag, asked=Request(environ)))
    parts, status, headers = answer.get_wsgi_response(environ)
    return status, _raw(headers), b"".join(parts)


def environ_of(scope: Message, prefix: str = "") -> Environ:
    """Return a request as a WSGI environ (PEP 3333), still without its body.

    `prefix` is taken off the path: some proxies forward the whole path.
    """
    server, client = scope["server"] or ("", None), scope["client"] or ("", 0)
    path = unquote_to_bytes(scope["raw_path"]).decode("latin-1")
    script = prefix if prefix and path.startswith(f"{prefix}/") else ""
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script,
        "PATH_INFO": path.removeprefix(script),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper(), raw_value.decode("latin-1")
        if "_" in name:  # would pass for a name with a hyphen
            continue
        key = name.replace("-", "_")
        if name not in ("CONTENT-TYPE", "CONTENT-LENGTH"):
            key = f"HTTP_{key}"
        joint = "; " if name == "COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


async def _take_body(receive: Receive, environ: Environ) -> bool:
    """Read the body into `environ`, of a too large one the beginning; False if the client left."""
    body, more = environ["wsgi.input"], True
    while more and body.tell() <= MAX_BODY_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            return False
        body.write(message["body"])
        more = message["more_body"]
    if environ.pop("HTTP_TRANSFER_ENCODING", None):  # the length is known now
        environ["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    return True


async def _disconnect(receive: Receive) -> None:
    """Wait until the client is gone, ignoring the rest of an unread body."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _raw(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    return [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers
        if name != "Date"  # the server adds its own
    ]


async def _begin(send: Send, status: str, headers: RawHeaders) -> None:
    await send({"type": "http.response.start", "status": int(status[:3]), "headers": headers})


async def _send(send: Send, body: bytes, *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
