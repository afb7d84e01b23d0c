"""The server itself: clients that are slow, endless or gone, and polls answered from memory."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import uvicorn
from flask import Flask, Response, request, send_file
from flask.testing import FlaskClient

from irer.web import server as server_module
from irer.web.asgi import STATUS, AsgiApp
from irer.web.server import MOST_HEADER_BYTES, listen, server_of
from tests.contract.hub.conftest import TOKEN

THREADS = 2
LARGE = bytes(range(256)) * 40_000  # 10 MB, far more than two sockets hold
ASKED = f"GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"


@pytest.fixture
def server(flask_app: Flask, tmp_path: Path) -> Iterator[uvicorn.Server]:
    """A server with few threads and a large file to offer."""
    file = tmp_path / "large"
    file.write_bytes(LARGE)
    flask_app.add_url_rule("/large", view_func=lambda: send_file(file))
    flask_app.add_url_rule("/echo", view_func=echo, methods=["POST"])
    sockets, app = listen("127.0.0.1", 0), AsgiApp(flask_app, THREADS)
    server = server_of(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    server.port = sockets[0].getsockname()[1]
    yield server
    server.should_exit = True
    thread.join()
    app.close()


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    return server.port


def echo() -> Response:
    seen = {name: request.headers.get(name, "") for name in ("X-Twice", "X-Forwarded-For")}
    return Response(request.get_data(), headers={f"Seen-{n}": value for n, value in seen.items()})


def ask(
    port: int, path: str, method: str = "GET", **more: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("localhost", port, timeout=30)
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer, data


def connect(port: int, sent: str) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port), timeout=30)
    one.sendall(sent.encode())
    return one


def ends(one: socket.socket) -> bool:
    """Wait until the server has hung up."""
    with one, suppress(ConnectionError):
        while one.recv(1 << 20):
            pass
    return True


def test_clients_that_read_or_write_slowly_hold_no_thread(port: int) -> None:
    half_a_body = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"
    with ExitStack() as open_ones:
        for sent in (ASKED % "/large", half_a_body, "GET / HTTP/1.1\r\nX-Half: "):
            for _ in range(2 * THREADS):
                open_ones.enter_context(connect(port, sent))
        assert ask(port, "/api/get-constants")[0].status == 200
        assert ask(port, "/large")[1] == LARGE


def test_a_client_that_goes_away_stops_its_answer(port: int) -> None:
    for _ in range(3 * THREADS):
        with connect(port, ASKED % "/large") as one:
            one.recv(1000)
    assert ask(port, "/api/get-constants")[0].status == 200


@pytest.mark.parametrize("sent", ["", "GET / HTTP/1.1\r\nX-Half: ", ASKED % "/large"])
def test_patience_ends(port: int, monkeypatch: pytest.MonkeyPatch, sent: str) -> None:
    monkeypatch.setattr(server_module, "PATIENCE_S", 0.2)
    with connect(port, sent) as one:
        threading.Event().wait(1)  # takes nothing of what it is sent
        received = 0
        with suppress(ConnectionError):
            while data := one.recv(1 << 20):
                received += len(data)
        assert received < len(LARGE)


def test_headers_without_end_are_cut_off(port: int) -> None:
    one = connect(port, "GET / HTTP/1.1\r\nX-Long: ")
    with suppress(ConnectionError):
        for _ in range(4 * MOST_HEADER_BYTES // 65536):
            one.sendall(b"x" * 65536)
    assert ends(one)
    assert ask(port, "/api/get-constants")[0].status == 200


@pytest.mark.parametrize(
    "how", ["plain", "tag", "other tag", "token", "wrong token", "foreign", "proxy"]
)
def test_a_poll_is_answered_as_flask_does(port: int, client: FlaskClient, how: str) -> None:
    tag = client.get(STATUS).headers["ETag"]
    headers = {
        "plain": {},
        "tag": {"If_None_Match": tag},
        "other tag": {"If_None_Match": '"other"'},
        "token": {"Host": "hub.example", "Authorization": f"Bearer {TOKEN}"},
        "wrong token": {"Authorization": "Bearer wrong"},
        "foreign": {"Host": "hub.example"},
        "proxy": {"X_Forwarded_For": "10.0.0.1"},
    }[how]
    answer, data = ask(port, STATUS, **headers)
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    expected = client.get(STATUS, headers={"Host": "localhost"} | asked)
    assert (answer.status, data) == (expected.status_code, expected.data)
    assert len(answer.headers.get_all("Date", [])) == 1
    ours, flasks = ({n.lower(): v for n, v in a.headers.items()} for a in (answer, expected))
    assert ours | {"date": None} == flasks | {"date": None}


def test_bodies_come_whole_or_not_at_all(port: int) -> None:
    chunked = (
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\n{}0\r\n\r\n"
    )
    for body, code in (("5\r\nhello\r\n", b"200"), (f"{70_000:x}\r\n{'x' * 70_000}\r\n", b"413")):
        with connect(port, chunked.format(body)) as one:
            answer = b"".join(iter(lambda: one.recv(65536), b""))
        assert answer.split(b" ")[1] == code
        assert answer.endswith(b"hello") == (code == b"200")


def test_headers_are_joined_and_none_passes_for_another(port: int) -> None:
    sent = (
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Twice: a\r\nX-Twice: b\r\n"
        "X_Forwarded_For: 10.0.0.1\r\nConnection: close\r\n\r\n"
    )
    with connect(port, sent) as one:
        answer = b"".join(iter(lambda: one.recv(65536), b"")).lower()
    assert b"seen-x-twice: a,b\r\n" in answer
    assert b"seen-x-forwarded-for: \r\n" in answer


@pytest.mark.parametrize(
    "sent", ["nonsense\r\n\r\n", "GET /%ff%00 HTTP/1.1\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_harms_nothing(port: int, sent: str) -> None:
    with connect(port, sent) as one:
        assert one.recv(65536)[9:10] == b"4"
    assert ask(port, "/api/get-constants")[0].status == 200


def test_answers_on_kept_connections_wait_for_no_acknowledgement(server: uvicorn.Server) -> None:
    """With Nagle's algorithm on, the body of every answer but the first comes 40 ms late."""
    kept = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=30) for _ in range(3)]
    for connection in kept:
        connection.request("GET", STATUS)
        connection.getresponse().read()
    ends = [
        protocol.transport.get_extra_info("socket") for protocol in server.server_state.connections
    ]
    assert len(ends) == len(kept)
    assert all(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for end in ends)
    for connection in kept:
        connection.close()
