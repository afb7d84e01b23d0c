"""What many clients cost a hunt, and what the hunt costs them: 200 pollers and 20 slow clients.

    python benchmarks/hub_load.py [SECONDS]

A hub in a process of its own runs a real hunt of small jobs on all cores. For SECONDS (default 60)
200 clients ask for the status every 3 s over kept connections, as the page does, while 20 more
send a request or read an artifact as slowly as a bad line. The load comes in six parts with
pauses as long between them, so that the hunt's pace with and without it is measured in one run.
Before that, and before the hunt, one client asks in turn over a connection that it keeps and over a
fresh one, as a page and a script do. Prints one JSON line: `kept_ms` and `fresh_ms`, the medians of
those, and `kept_over_fresh`, their ratio, for the status and for a route that a thread answers;
`status_ms` over all polls, `server_errors` (answers from 500 on) and
`broken` (connections that ended early), `slowed` the share by which jobs a second fell (median
of the parts, each against the pause beside it),
`hub_cpu` and `client_cpu` the cores that the hub used for the load and that the clients used.
"""

import heapq
import http.client
import json
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.hub_process import HubProcess

POLLERS, SLOW = 200, 20
EVERY_S, SLOW_EVERY_S = 3.0, 0.5
PARTS = 6
IN_TURN = 200  # requests over the kept connection, and as many over fresh ones
ROUTES = ("/api/get-status", "/api/get-constants")  # from memory, from a thread
ORDER = {
    "num_generations": 20,
    "population_size": 1000,
    "seed": 1,
    "sampler": "random",
    "simulation": {"N_grid": 64, "box_length": 50.0, "T_steps": 100, "step_control": "fixed"},
}


@dataclass
class Seen:
    """What the clients saw."""

    took_ms: list[float] = field(default_factory=list)
    codes: dict[int, int] = field(default_factory=dict)
    broken: int = 0


@dataclass(frozen=True)
class Part:
    """What the hunt did in one part: its jobs, how many a second, and the hub's cores."""

    jobs: int
    pace: float
    hub_cpu: float


class Poller:
    """Asks for the status every 3 s over one connection, with the tag of the last answer."""

    def __init__(self, port: int, seen: Seen) -> None:
        self.socket = connected(port)
        self._seen = seen
        self._request = f"GET /api/get-status HTTP/1.1\r\nHost: localhost:{port}\r\n".encode()
        self._tag, self._read, self._began = b"", b"", 0.0

    def act(self) -> float:
        """Ask; return how many seconds later to ask again."""
        self._began = time.perf_counter()
        self.socket.send(self._request + self._tag + b"\r\n")
        return EVERY_S

    def hear(self) -> bool:
        """Read what has come; say whether the connection is still of use."""
        data = self.socket.recv(65536)
        self._read += data
        head, whole, body = self._read.partition(b"\r\n\r\n")
        if whole:
            headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
            code = int(head[9:12])
            if code == 304 or len(body) == int(headers[b"content-length"]):
                self._seen.took_ms.append(1e3 * (time.perf_counter() - self._began))
                self._seen.codes[code] = self._seen.codes.get(code, 0) + 1
                self._tag, self._read = b"If-None-Match: %s\r\n" % headers[b"etag"], b""
        self._seen.broken += not data
        return bool(data)


class SlowSender:
    """Sends a request a byte at a time and never ends it."""

    def __init__(self, port: int) -> None:
        self.socket = connected(port)
        self.socket.send(b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")

    def act(self) -> float:
        """Send the next byte; return how many seconds later the one after it is due."""
        self.socket.send(b"x")
        return SLOW_EVERY_S


class SlowReader:
    """Asks for a file and takes 200 bytes of it every half second."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = connected(port)
        self.socket.send(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())

    def act(self) -> float:
        """Take what is next; return how many seconds later to go on."""
        with suppress(BlockingIOError):  # nothing has come yet
            self.socket.recv(200)
        return SLOW_EVERY_S


Client = Poller | SlowSender | SlowReader


def connected(port: int) -> socket.socket:
    """Return a connection to the hub that never waits, and takes little before it is read."""
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    one.connect(("127.0.0.1", port))
    one.setblocking(False)
    return one


def clients(port: int, artifact: str, seen: Seen) -> list[Client]:
    """Connect 200 clients that poll, 10 that send slowly and 10 that read slowly."""
    return [
        *(Poller(port, seen) for _ in range(POLLERS)),
        *(SlowSender(port) for _ in range(SLOW // 2)),
        *(SlowReader(port, artifact) for _ in range(SLOW - SLOW // 2)),
    ]


def load(clients: list[Client], seconds: float) -> None:
    """Be all clients for a while, as cheaply as can be: they run on the hunt's cores too."""
    began = time.monotonic()
    due = [(began + n * EVERY_S / POLLERS, n, client) for n, client in enumerate(clients)]
    with selectors.DefaultSelector() as selector:
        for poller in clients[:POLLERS]:
            selector.register(poller.socket, selectors.EVENT_READ, poller)
        while (left := began + seconds - time.monotonic()) > 0:
            while due and due[0][0] <= time.monotonic():
                at, number, client = heapq.heappop(due)
                heapq.heappush(due, (at + client.act(), number, client))
            wait = due[0][0] - time.monotonic() if due else left
            for key, _ in selector.select(min(wait, left)):
                if not key.data.hear():
                    selector.unregister(key.fileobj)


def asked_ms(connection: http.client.HTTPConnection, path: str) -> float:
    """Ask over a connection, made first if it is not; return until the answer is whole."""
    began = time.perf_counter()
    connection.request("GET", path)
    connection.getresponse().read()
    return 1e3 * (time.perf_counter() - began)


def kept_and_fresh(port: int, path: str) -> dict[str, float]:
    """Ask in turn over one kept connection and over fresh ones; return the medians."""
    kept, fresh = list[float](), list[float]()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    asked_ms(connection, path)  # the first of a connection is a fresh one's
    for _ in range(IN_TURN):
        kept.append(asked_ms(connection, path))
        once = http.client.HTTPConnection("127.0.0.1", port)
        fresh.append(asked_ms(once, path))
        once.close()
    connection.close()
    medians = statistics.median(kept), statistics.median(fresh)
    return {
        "kept_ms": round(medians[0], 3),
        "fresh_ms": round(medians[1], 3),
        "kept_over_fresh": round(medians[0] / medians[1], 3),
    }


def cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def measure(seconds: float, home: Path) -> dict[str, Any]:
    """Run the hunt, with the load in parts, and return the figures."""
    seen, parts = Seen(), {"with": list[Part](), "without": list[Part]()}
    client_cpu = 0.0
    with HubProcess(home, IRER_WORKERS=str(len(os.sched_getaffinity(0)))) as hub:
        kept = {path: kept_and_fresh(hub.port, path) for path in ROUTES}
        hub.post("start-hunt", ORDER)
        found = hub.wait_for("Running", found=30)["found_files"]
        job_uuid = found[-1].removeprefix("provenance_").removesuffix(".json")
        artifact = f"/api/runs/{job_uuid}/artifact"
        for n in range(PARTS):
            # Turn about which is first, so that a machine that grows slower favours neither.
            for phase in ("without", "with") if n % 2 else ("with", "without"):
                there = clients(hub.port, artifact, seen) if phase == "with" else []
                began, hub_cpu, own_cpu = time.time(), cpu_s(hub.process.pid), time.process_time()
                load(there, seconds / PARTS)
                client_cpu += time.process_time() - own_cpu
                hub_cpu = (cpu_s(hub.process.pid) - hub_cpu) / (time.time() - began)
                parts[phase].append(Part(*jobs_since(home, began), hub_cpu))
                for client in there:
                    client.socket.close()
        hub.post("cancel-hunt")
    slowed = [1 - a.pace / b.pace for a, b in zip(parts["with"], parts["without"], strict=True)]
    cpu = {phase: statistics.mean(part.hub_cpu for part in parts[phase]) for phase in parts}
    return {
        "benchmark": "hub_load",
        "pollers": POLLERS,
        "slow_clients": SLOW,
        "load_s": seconds,
        "kept": kept,
        "polls": len(seen.took_ms),
        "status_ms": {
            "p50": round(statistics.median(seen.took_ms), 2),
            "p99": round(statistics.quantiles(seen.took_ms, n=100)[98], 2),
            "max": round(max(seen.took_ms), 2),
        },
        "codes": seen.codes,
        "server_errors": sum(n for code, n in seen.codes.items() if code >= 500),
        "broken": seen.broken,
        "jobs": {phase: sum(part.jobs for part in parts[phase]) for phase in parts},
        "slowed": round(statistics.median(slowed), 4),
        "slowed_by_part": [round(share, 3) for share in slowed],
        "hub_cpu": round(cpu["with"] - cpu["without"], 4),
        "client_cpu": round(client_cpu / seconds, 4),
    }


def jobs_since(home: Path, began: float) -> tuple[int, float]:
    """Return how many jobs have got their record, and how many a second from first to last."""
    records = (home / "provenance_reports").glob("provenance_*.json")
    at = sorted(t for t in (record.stat().st_mtime for record in records) if t >= began)
    return len(at), (len(at) - 1) / (at[-1] - at[0])


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory(prefix="irer-hub-load-") as home:
        print(json.dumps(measure(seconds, Path(home))))


if __name__ == "__main__":
    main()
