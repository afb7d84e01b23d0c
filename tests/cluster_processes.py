"""A real Dask scheduler and real workers, each a process of its own on the loopback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from irer.base.files import read_json

ROOT = Path(__file__).resolve().parents[1]
_START_S = 60


def wait_for(what: str, ready: Callable[[], bool], timeout_s: float = _START_S) -> None:
    """Poll until `ready()`; an AssertionError says for what we waited in vain."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        time.sleep(0.05)


class Cluster:
    """The processes of one cluster; their output goes to files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler: subprocess.Popen[bytes] | None = None

    def start_scheduler(self, port: int = 0, **environment: str) -> None:
        """Start it and wait for its address; it cannot import this project."""
        named = self.folder / "scheduler.json"
        named.unlink(missing_ok=True)
        self.scheduler = self._start(
            "scheduler", "--port", str(port), "--no-dashboard", "--scheduler-file", str(named),
            **environment,
        )  # fmt: skip
        wait_for("a scheduler", lambda: named.exists() and named.stat().st_size > 0)
        self.address = read_json(named)["address"]

    def start_worker(
        self, *options: str, path: Path | None = None, **environment: str
    ) -> "subprocess.Popen[bytes]":
        """Start a worker with one thread; `path` comes before the project on its PYTHONPATH."""
        worker = self._start(
            "worker", self.address, "--nthreads", "1", "--nworkers", "1", "--no-dashboard",
            "--local-directory", str(self.folder), *options,
            search=[path, ROOT] if path else [ROOT], **environment,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def _start(
        self, kind: str, *options: str, search: "list[Path] | tuple[Path, ...]" = (),
        **environment: str,
    ) -> "subprocess.Popen[bytes]":  # fmt: skip
        number = len(self.workers)
        with (self.folder / f"{kind}_{number}.log").open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.dask_{kind}",
                    "--host",
                    "127.0.0.1",
                    *options,
                ],
                cwd=self.folder,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(str(p) for p in search),
                    **environment,
                },
                stdout=log,
                stderr=log,
            )

    def log(self) -> str:
        """Return what all processes wrote."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Kill every process with all it started."""
        for process in (*self.workers, *filter(None, [self.scheduler])):
            for descendant in descendants(process.pid):
                kill(descendant.pid)
            process.kill()
            process.wait()


def descendants(pid: int) -> list[psutil.Process]:
    """All that a process has started and that still runs."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill(pid: int) -> None:
    """Kill -9, also one that is gone."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Run a scheduler and workers; of two the first has a nanny, as most installations do."""
    made = Cluster(folder)
    try:
        made.start_scheduler()
        for number in range(workers):
            made.start_worker(*([] if number == 0 else ["--no-nanny"]))
        yield made
    finally:
        made.stop()
