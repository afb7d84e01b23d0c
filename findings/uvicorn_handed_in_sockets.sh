#!/bin/sh
# uvicorn 0.54.0 with httptools 0.8.0, asyncio of Python 3.11.
#
# Expected: a server on sockets that are handed to it answers as fast as on its own.
# What happens: on sockets made by socket.create_server() and handed to Server.run(sockets=...)
#   accepted connections keep Nagle's algorithm, on those that the server makes it is off. Headers
#   and body are two writes, so on a kept connection every answer but the first waits for the
#   client's delayed acknowledgement, some 40 ms. asyncio switches the algorithm off only where
#   socket.proto is IPPROTO_TCP; create_server() leaves it 0, and accepted sockets take it over.
# Output seen:
#   its own socket: TCP_NODELAY on
#   socket.create_server: TCP_NODELAY off
#   socket.socket(..., IPPROTO_TCP): TCP_NODELAY on
# In this program: irer/web/server.py sets the option on each accepted connection.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 httptools==0.8.0
cat > "$place/seen.py" <<'PYTHON'
import http.client
import socket
import threading
import time

import uvicorn


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def listening(one):
    one.bind(("127.0.0.1", 0))
    one.listen()
    return one


def told_of(what, sockets):
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http="httptools", loop="asyncio", lifespan="off", log_level="error")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    listens = sockets[0] if sockets else server.servers[0].sockets[0]
    connection = http.client.HTTPConnection("127.0.0.1", listens.getsockname()[1])
    connection.request("GET", "/")
    connection.getresponse().read()
    (end,) = [c.transport.get_extra_info("socket") for c in server.server_state.connections]
    on = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    print(f"{what}: TCP_NODELAY {'on' if on else 'off'}")
    connection.close()
    server.should_exit = True
    thread.join()


told_of("its own socket", None)
told_of("socket.create_server", [socket.create_server(("127.0.0.1", 0))])
tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
told_of("socket.socket(..., IPPROTO_TCP)", [listening(tcp)])
PYTHON
"$place/venv/bin/python" "$place/seen.py" > "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
its own socket: TCP_NODELAY on
socket.create_server: TCP_NODELAY off
socket.socket(..., IPPROTO_TCP): TCP_NODELAY on
OUTPUT
diff "$place/expected" "$place/output"
