"""The hub's HTTP server: Uvicorn on listening sockets, with limits on each connection."""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

PATIENCE_S = 120  # for a whole request, for reading an answer, or between requests
MOST_CONNECTIONS = 1000  # a browser keeps some open between its polls
MOST_HEADER_BYTES = 512 * 1024  # at least; what arrives with them is counted too
_ENDING_S = 1  # for answers under way when the server ends


class BoundedConnection(HttpToolsProtocol):
    """A connection that is cut when its client is too slow, or never ends its headers."""

    _timer: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _in_headers = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request; switch Nagle's algorithm off.

        An answer is written in two parts, its headers and its body. With Nagle's algorithm on, the
        second waits until the client has acknowledged the first, which on a kept connection takes
        40 ms. asyncio switches the algorithm off only on sockets that name their protocol; those of
        `socket.create_server`, and the ones they accept, do not.
        """
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of the headers, and parse what was read."""
        self._header_bytes += len(data) * self._in_headers
        if self._header_bytes > MOST_HEADER_BYTES:
            self.transport.abort()
        else:
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Wait for the end of the new request."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Stop counting: what follows is the body."""
        self._in_headers = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop waiting: the request is whole."""
        self._wait_no_more()
        self._in_headers, self._header_bytes = True, 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Wait for the client to read what was sent."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """Stop waiting: the client reads."""
        self._wait_no_more()
        super().resume_writing()

    def _wait(self) -> None:
        self._wait_no_more()
        self._timer = self.loop.call_later(PATIENCE_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def listen(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of `host`. Raises OSError and ValueError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, _, _, _, address in dict.fromkeys(found):
            sockets.append(socket.create_server(address, family=family, backlog=MOST_CONNECTIONS))
    except OSError:
        close(sockets)
        raise
    return sockets


def close(sockets: Sequence[socket.socket]) -> None:
    """Close listening sockets."""
    for one in sockets:
        one.close()


def server_of(app: Any) -> uvicorn.Server:
    """Return the server of an ASGI application; `run(sockets=...)` returns after a signal."""
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=PATIENCE_S,
        timeout_graceful_shutdown=_ENDING_S,
    )
    return uvicorn.Server(config)
