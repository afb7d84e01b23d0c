"""A hub in a process of its own, as a person starts it."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 120  # without any change of the status


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class HubProcess:
    """`python app.py` on a free port; `with HubProcess(home) as hub` returns when it answers.

    With `make` it is the program in that folder, started as the README says: `make hub`; with
    `script` an installed one, started in another folder.
    """

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        make: Path | None = None,
        script: Path | None = None,
        **environment: str,
    ) -> None:
        self.port = port or free_port()
        self._place = make or ROOT
        options = ["--port", str(self.port), "--home", str(home)]
        self._command = (
            ["make", "hub", f"ARGS={shlex.join(options)}"]
            if make
            else [script or sys.executable, *([] if script else ["app.py"]), *options]
        )
        if script:
            self._place = home.parent
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {"IRER_WORKERS": "2"} | environment
        self.link = ""

    def __enter__(self) -> "HubProcess":
        self.process = subprocess.Popen(
            self._command,
            cwd=self._place,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if found := re.search(r"http\S+\?token=\S+", line):  # it accepts connections
                self.link = found[0]
                return self
        self.process.wait()
        pytest.fail(f"the hub did not start: {said}")

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.terminate()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def call(self, path: str, body: Any = None) -> tuple[int, Any]:
        """GET `path`, or POST `body` as JSON; return the code and the parsed answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def status(self) -> Any:
        return self.call("/api/get-status")[1]

    def post(self, route: str, body: Any = None) -> Any:
        """POST to a route that must accept."""
        code, answer = self.call(f"/api/{route}", body or {})
        assert code == 202, answer
        return answer

    def wait_for(self, *states: str, found: int = 0) -> Any:
        """Wait for one of these states and that many results; fail on an error or no progress."""
        idle_since, last = time.monotonic(), None
        while time.monotonic() - idle_since < PATIENCE_S:
            status = self.status()
            if status["hunt_status"] in states and status["found_count"] >= found:
                return status
            if status["hunt_status"].startswith("Error"):
                break
            if status != last:
                idle_since, last = time.monotonic(), status
            time.sleep(0.02)
        pytest.fail(f"waited for {states} with {found} results: {self.status()}")

    def descendants(self) -> list[psutil.Process]:
        """The processes that the hub started, directly or not."""
        return psutil.Process(self.process.pid).children(recursive=True)


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run; a zombie that nobody waits for does not."""
    alive = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process)
    return alive
