"""Stand-ins for worker and validator that misbehave on demand.

A job's `initial_amplitude` says what its worker does and `box_length` what its validator does,
so that it travels with the job into whatever process runs it.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from irer.base.commandline import report_storage_error
from irer.base.errors import StorageError
from irer.base.files import write_json
from irer.base.records import JobConfig, Provenance
from irer.home import Home
from irer.home.artifacts import Artifact  # noqa: F401 (a heavy import, as the real ones have)
from irer.home.registry import read_job
from settings import Settings, load
from tests.canned import canned_record

GOOD, CRASH, CRASH_ONCE, EXIT, RAISE, NOTHING = 1.0, 2.0, 3.0, 4.0, 5.0, 6.0
BAD_COMPANY = 0.25  # the source_width of a job that ends its worker's process
HANG, FORK, LEAVE, FILL, FULL, SLOW = 7.0, 8.0, 9.0, 10.0, 11.0, 12.0
OVER = "over"  # what a slow stage notes at its end

THREADS_WHEN_IMPORTED = os.environ.get("OMP_NUM_THREADS")

RUN = "tests.pool_jobs:run"
DIE_SECOND = "tests.pool_jobs:run_all_but_second"
RUN_BATCH = "tests.pool_jobs:run_batch"
VALIDATE = "tests.pool_jobs:validate"


def run(job: JobConfig, settings: Settings) -> dict[str, Any]:
    """Simulate: write a file that stands for the artifact."""
    misbehave(job.simulation.initial_amplitude, job.job_uuid, settings)
    if job.simulation.initial_amplitude != NOTHING:
        path = settings.home.artifact_file(job.job_uuid)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(job.job_uuid)
    return {"artifact_sha256": "a" * 64}


def run_batch(jobs: list[JobConfig], settings: Settings) -> list[dict[str, Any]]:
    """Simulate jobs at once, unless there are more than fit, or one of them is bad company."""
    note(settings, "batches", len(jobs))
    room = settings.home.folder / "room"
    if room.exists() and len(jobs) > int(room.read_text()):
        raise MemoryError("RESOURCE_EXHAUSTED")
    if BAD_COMPANY in [job.sncgl_params.source_width for job in jobs]:
        os.kill(os.getpid(), 9)
    return [run(job, settings) for job in jobs]


def validate(job_uuid: str, digest: str | None, settings: Settings) -> Provenance:
    """Judge: write the canned record."""
    job = read_job(settings.home.config_file(job_uuid), job_uuid)
    misbehave(job.simulation.box_length, job_uuid, settings)
    record = canned_record(job).model_copy(update={"artifact_sha256": digest})
    if job.simulation.box_length != NOTHING:
        write_json(settings.home.provenance_file(job_uuid), record.model_dump(mode="json"))
    return record


def misbehave(how: float, job_uuid: str, settings: Settings) -> None:
    """Do what the number stands for; count the tries."""
    tries = settings.home.folder / "tries" / f"{job_uuid}-{how:g}"
    tries.parent.mkdir(parents=True, exist_ok=True)
    with tries.open("a") as file:
        file.write(f"{os.getpid()}\n")
    if how == CRASH or (how == CRASH_ONCE and len(tries.read_text().splitlines()) == 1):
        os.kill(os.getpid(), 9)
    if how == SLOW:
        time.sleep(0.05)
        with tries.open("a") as file:
            file.write(f"{OVER}\n")
    if how == EXIT:
        os._exit(3)
    if how == RAISE:
        raise ArithmeticError("no such field")
    if how == FULL:
        raise StorageError("cannot write x: No space left on device")
    if how in (FORK, LEAVE):
        note(settings, "pids", sleeper())
    if how == FORK:
        note(settings, "pids", sleeper(start_new_session=True))
        note(settings, "pids", daemon())
    if how in (HANG, FORK):
        time.sleep(600)
    if how == FILL:
        fill_memory()


def sleeper(**options: Any) -> int:
    """Start a child that holds our pipes and outlives us if it may."""
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], **options).pid


def daemon() -> int:
    """Fork a child that leaves session and parent without an exec."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(writer, f"{os.getpid()}\n".encode())
            time.sleep(600)
        os._exit(0)
    return int(os.read(reader, 20))


def fill_memory() -> None:
    """Take memory until the system, here a limit, says no."""
    limit = 1024**3
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    kept = []
    while True:
        kept.append(bytearray(256 * 1024**2))


def describe() -> dict[str, Any]:
    """Tell about the process."""
    process = psutil.Process()
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PJRT_NPROC")
    return {name: os.environ.get(name) for name in names} | {
        "pid": os.getpid(),
        "session": os.getsid(0),
        "cores": process.cpu_affinity(),
        "nice": process.nice(),
        "threads_when_imported": THREADS_WHEN_IMPORTED,
    }


def chatter() -> None:
    """Print, as libraries do."""
    print("chatter")
    os.system("echo chatter")


def assert_nothing() -> None:
    """Fail without a word, as JAX does when it cannot open a device."""
    assert not describe()


def write_and_die() -> None:
    """Say something, then crash as native code does."""
    print("I am about to die", flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)


def chatter_and_die() -> None:
    print("\n".join(f"{n} {'x' * 1000}" for n in range(100)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def run_all_but_second(job: JobConfig, settings: Settings) -> dict[str, Any]:
    """Simulate, but crash at the second job of a generation."""
    if job.index == 1:
        write_and_die()
    return run(job, settings)


def kill_myself() -> None:
    os.kill(os.getpid(), 9)


def spin() -> None:
    """Hang in a way that no signal handler of Python's ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


def main() -> int:
    """Be the command line of worker or validator, whichever has `--params`."""
    parser = argparse.ArgumentParser()
    for option in ("--params", "--job_uuid", "--artifact_sha256"):
        parser.add_argument(option)
    given = parser.parse_args()
    settings = load()
    try:
        if given.params:
            print(json.dumps(run(read_job(Path(given.params)), settings)))
        else:
            validate(given.job_uuid, given.artifact_sha256, settings)
    except StorageError as error:
        report_storage_error(given.job_uuid, error)
        return 1
    return 0


def note(settings: Settings, name: str, number: int) -> None:
    with (settings.home.folder / name).open("a") as file:
        file.write(f"{number}\n")


def noted(home: Home | Path, name: str) -> list[int]:
    return [int(line) for line in Path(home, name).read_text().split()]
