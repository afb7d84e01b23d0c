"""A hub in a process of its own, as a person starts it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class HubProcess:
    """`python app.py` on a free port; `with HubProcess(home) as hub` returns when it answers."""

    def __init__(self, home: Path, *, port: int | None = None, **environment: str) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._home = home
        self._environment = os.environ | {"IRER_WORKERS": "2"} | environment
        self.link = ""

    def __enter__(self) -> "HubProcess":
        self.process = subprocess.Popen(
            [sys.executable, "app.py", "--port", str(self.port), "--home", str(self._home)],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        first_line = self.process.stdout.readline()  # printed once it accepts connections
        found = re.search(r"http\S+\?token=\S+", first_line)
        if found is None:
            self.process.wait()
            pytest.fail(f"the hub did not start: {first_line}{self.process.stdout.read()}")
        self.link = found[0]
        return self

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
