"""What many clients cost a hunt, and what the hunt costs them: 200 pollers and 20 slow clients.

    python benchmarks/hub_load.py [SECONDS]

A hub in a process of its own runs a real hunt of small jobs on all cores. For SECONDS (default 60)
200 clients ask for the status every 3 s over kept connections, as the page does, while 20 more
send a request or read an artifact as slowly as a bad line. The load comes in three parts with
pauses as long between them, so that the hunt's pace with and without it is measured in one run.
Prints one JSON line: `status_ms` over all polls, `server_errors` (answers from 500 on) and
`broken` (connections that ended early), `slowed` the share by which jobs a second fell,
`hub_cpu` and `client_cpu` the cores that the hub used for the load and that the clients used.
"""

import asyncio
import json
import os
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

POLLERS, SLOW, EVERY_S = 200, 20, 3.0
PARTS = 3
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


async def poll(port: int, seen: Seen, start_s: float, until: float) -> None:
    """Ask for the status every 3 s over one connection, with the tag of the last answer."""
    await asyncio.sleep(start_s)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    tag = ""
    try:
        while time.monotonic() < until:
            began = time.perf_counter()
            writer.write(
                f"GET /api/get-status HTTP/1.1\r\nHost: localhost:{port}\r\n{tag}\r\n".encode()
            )
            code, headers = await answer(reader)
            seen.took_ms.append(1e3 * (time.perf_counter() - began))
            seen.codes[code] = seen.codes.get(code, 0) + 1
            tag = f"If-None-Match: {headers['etag']}\r\n"
            rest = EVERY_S - (time.perf_counter() - began)
            await asyncio.sleep(min(rest, until - time.monotonic()))
    except (OSError, asyncio.IncompleteReadError):
        seen.broken += 1
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Read one answer whole; return its code and headers."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:] if line)
    }
    code = int(head[0].split()[1])
    if code != 304:
        await reader.readexactly(int(headers["content-length"]))
    return code, headers


async def send_slowly(port: int, until: float) -> None:
    """Send a request a byte at a time and never end it."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for byte in b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"x" * 10_000:
        if time.monotonic() > until:
            break
        writer.write(bytes([byte]))
        await asyncio.sleep(0.5)
    writer.close()


async def read_slowly(port: int, path: str, until: float) -> None:
    """Ask for a file and take 200 bytes of it every half second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
    while time.monotonic() < until and await reader.read(200):
        await asyncio.sleep(0.5)
    writer.close()


async def load(port: int, artifact: str, seen: Seen, seconds: float) -> None:
    """Be all clients for a while."""
    until = time.monotonic() + seconds
    clients = [poll(port, seen, n * EVERY_S / POLLERS, until) for n in range(POLLERS)]
    clients += [send_slowly(port, until) for _ in range(SLOW // 2)]
    clients += [read_slowly(port, artifact, until) for _ in range(SLOW - SLOW // 2)]
    with suppress(ConnectionError):
        await asyncio.gather(*clients)


def cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def measure(seconds: float, home: Path) -> dict[str, Any]:
    """Run the hunt, with the load in parts, and return the figures."""
    seen, phases = Seen(), {"with": [0.0, 0, 0.0], "without": [0.0, 0, 0.0]}
    client_cpu = 0.0
    with HubProcess(home, IRER_WORKERS=str(len(os.sched_getaffinity(0)))) as hub:
        hub.post("start-hunt", ORDER)
        found = hub.wait_for("Running", found=30)["found_files"]
        job_uuid = found[-1].removeprefix("provenance_").removesuffix(".json")
        artifact = f"/api/runs/{job_uuid}/artifact"
        for _ in range(PARTS):
            for phase in ("without", "with"):
                began, done = time.monotonic(), committed(home)
                hub_cpu, own_cpu = cpu_s(hub.process.pid), time.process_time()
                if phase == "with":
                    asyncio.run(load(hub.port, artifact, seen, seconds / PARTS))
                    client_cpu += time.process_time() - own_cpu
                else:
                    time.sleep(seconds / PARTS)
                total = phases[phase]
                total[0] += time.monotonic() - began
                total[1] += committed(home) - done
                total[2] += cpu_s(hub.process.pid) - hub_cpu
        hub.post("cancel-hunt")
    (loaded_s, loaded, loaded_cpu), (alone_s, alone, alone_cpu) = phases["with"], phases["without"]
    return {
        "benchmark": "hub_load",
        "pollers": POLLERS,
        "slow_clients": SLOW,
        "load_s": round(loaded_s, 1),
        "polls": len(seen.took_ms),
        "status_ms": {
            "p50": round(statistics.median(seen.took_ms), 2),
            "p99": round(statistics.quantiles(seen.took_ms, n=100)[98], 2),
            "max": round(max(seen.took_ms), 2),
        },
        "codes": seen.codes,
        "server_errors": sum(n for code, n in seen.codes.items() if code >= 500),
        "broken": seen.broken,
        "jobs": {"with": int(loaded), "without": int(alone)},
        "slowed": round(1 - (loaded / loaded_s) / (alone / alone_s), 4),
        "hub_cpu": round(loaded_cpu / loaded_s - alone_cpu / alone_s, 4),
        "client_cpu": round(client_cpu / loaded_s, 4),
    }


def committed(home: Path) -> int:
    """Return how many jobs have their record."""
    return sum(1 for _ in (home / "provenance_reports").glob("provenance_*.json"))


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    with tempfile.TemporaryDirectory(prefix="irer-hub-load-") as home:
        print(json.dumps(measure(seconds, Path(home))))


if __name__ == "__main__":
    main()
