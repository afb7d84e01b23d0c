"""The dask runner on a real scheduler and real workers, with all that can go wrong."""

import logging
import random
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import core_engine
from irer.base.errors import ConfigError, InfrastructureError, StorageError
from irer.base.hunt_records import HuntPlan
from irer.base.jobs import JobState
from irer.base.records import JobConfig, Provenance, RunState
from irer.home.provenance import read_provenance
from irer.home.registry import make_job, register
from irer.runners import cluster_checks
from irer.runners.cluster import DaskRunner
from settings import Settings
from tests.cluster_processes import ROOT, Cluster, cluster, descendants, kill, wait_for
from tests.hunts import home, hunt_state, ledger, order

SMALL = {"N_grid": 16, "T_steps": 300, "box_length": 6.0}
ENDLESS = {"N_grid": 64, "T_steps": 10_000_000, "box_length": 20.0}
PATIENCE_S = 120


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        wait_until_joined(made, 2)
        yield made


def wait_until_joined(made: Cluster, count: int) -> None:
    wait_for(f"{count} workers", lambda: made.log().count("Registered to:") >= count)


@contextmanager
def opened(settings: Settings):
    runner = DaskRunner(settings)
    try:
        yield runner
    finally:
        runner.cancel()
        runner.close()


def clustered(path: Path, made: Cluster, **overrides) -> Settings:
    return home(path / "home", runner="dask", dask_scheduler=made.address, **overrides)


def make_plan(settings: Settings, simulation=SMALL) -> HuntPlan:
    asked = order(num_generations=2, population_size=20, simulation=simulation)
    return core_engine.plan_hunt(asked, settings)


def make_jobs(settings: Settings, count: int = 1, simulation=SMALL) -> list[JobConfig]:
    plan = make_plan(settings, simulation)
    jobs = [make_job(plan, str(uuid.uuid4()), index, {}) for index in range(count)]
    register(settings.home, jobs)
    return jobs


class Watcher:
    """Counts committed jobs and calls `then` after some of them."""

    def __init__(self, after: int, then) -> None:
        self.heard: Counter[str] = Counter()
        self.after, self.then = after, then
        self.states: list[dict[str, int]] = []

    def job_committed(self, record: Provenance) -> None:
        self.heard[record.job_uuid] += 1
        if self.heard.total() == self.after:
            self.then()

    def jobs_changed(self, counts: dict[str, int]) -> None:
        self.states.append(dict(counts))

    def hunt_started(self, plan, committed): ...
    def generation_started(self, generation): ...
    def hunt_ended(self, plan, result): ...
    def hunt_paused(self, reason): ...
    def hunt_resumed(self): ...


def test_a_hunt_that_loses_a_worker_commits_every_job_once(tmp_path):
    with cluster(tmp_path / "cluster") as made:
        wait_until_joined(made, 2)
        settings = clustered(tmp_path, made)
        victim = made.workers[1]
        children: list[int] = []

        def shoot() -> None:
            children.extend(child.pid for child in descendants(victim.pid))
            kill(victim.pid)

        watcher = Watcher(random.randint(3, 30), shoot)
        plan = make_plan(settings)
        best = core_engine.execute_hunt(plan=plan, settings=settings, observer=watcher)
        assert victim.wait() == -9
        assert made.workers[0].poll() is None
        wait_for("the end of the victim's children", lambda: not any(map(running, children)))
    assert "job_uuid" in best
    assert hunt_state(settings) == "Completed"
    rows = ledger(settings)
    assert len(rows) == 40
    assert len({row["job_uuid"] for row in rows}) == 40
    assert set(watcher.heard.values()) == {1}
    assert watcher.heard.keys() == {row["job_uuid"] for row in rows}
    assert not [row for row in rows if row["reason"].startswith(("WORKER", "VALIDATOR"))]
    assert len(list(settings.home.provenance_dir.iterdir())) == 40
    assert max(counts["running"] for counts in watcher.states) >= 1
    assert not list(settings.home.folder.glob("cluster_token_*"))


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_states_capacity_and_a_record_that_exists(two, tmp_path):
    settings = clustered(tmp_path, two)
    told: list[tuple[str, JobState]] = []
    with opened(settings) as runner:
        assert runner.capacity == 4
        job = make_jobs(settings)[0]
        record = runner.submit(job, lambda *state: told.append(state)).result(PATIENCE_S)
        assert record.state is RunState.COMPLETE
        path = settings.home.provenance_file(job.job_uuid)
        assert record == read_provenance(path)
        written = path.stat()
        assert runner.submit(job).result(PATIENCE_S) == record
        assert path.stat() == written
    assert told == [(job.job_uuid, JobState.RUNNING), (job.job_uuid, JobState.SIMULATED)]


def test_a_time_limit_holds_and_the_worker_goes_on(two, tmp_path):
    settings = clustered(tmp_path, two, worker_timeout_s=2)
    endless, small = make_jobs(settings, 1, ENDLESS)[0], make_jobs(settings)[0]
    with opened(settings) as runner:
        with pytest.raises(InfrastructureError, match="limit") as error:
            runner.submit(endless).result(PATIENCE_S)
        assert error.value.reason == "WORKER_TIMEOUT"
        assert not settings.home.provenance_file(endless.job_uuid).exists()
    with opened(clustered(tmp_path, two)) as runner:
        assert runner.submit(small).result(PATIENCE_S).state is RunState.COMPLETE


@pytest.mark.parametrize("late_s", [0, 1])
def test_cancel_ends_running_jobs_on_the_workers_without_a_record(two, tmp_path, late_s):
    """Also where all workers have answered before the runner goes on."""
    settings = clustered(tmp_path, two)
    jobs = make_jobs(settings, 4, ENDLESS)
    began = threading.Event()
    with opened(settings) as runner:
        assert runner.submit(make_jobs(settings)[0]).result(PATIENCE_S)  # a warm process
        futures = [runner.submit(job, lambda *_: began.set()) for job in jobs]
        assert began.wait(PATIENCE_S)
        assert busy_children(two)
        assert futures[3].cancel()  # waits behind the others
        end_session = runner._end_session
        runner._end_session = lambda: (end_session(), time.sleep(late_s))
        runner.cancel()
        for future in futures:
            with pytest.raises(CancelledError):
                future.result(0)
        with pytest.raises(RuntimeError):
            runner.submit(jobs[0])
    wait_for("the end of the jobs' processes", lambda: not busy_children(two))
    assert len(list(settings.home.provenance_dir.iterdir())) == 1
    assert all(worker.poll() is None for worker in two.workers)


def busy_children(made: Cluster) -> list[int]:
    """Processes below the workers that are none of Dask's own: not the one below the nanny."""
    dasks = [child.pid for child in psutil.Process(made.workers[0].pid).children()]
    below = [child for worker in made.workers for child in descendants(worker.pid)]
    return [c.pid for c in below if c.pid not in dasks and running(c.pid) and is_spawned(c)]


def is_spawned(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.NoSuchProcess:
        return False


HUB = """
import threading
import settings
from irer.runners.cluster import DaskRunner
from irer.home.registry import read_job

home = settings.load()
jobs = [read_job(path) for path in home.home.config_dir.iterdir()]
small = [job for job in jobs if job.simulation.N_grid == 16]
endless = [job for job in jobs if job.simulation.N_grid != 16]
runner = DaskRunner(home)
runner.submit(small[0]).result()  # one process is warm, the other one not
running = set()
both = threading.Event()

def hear(job_uuid, state):
    running.add(job_uuid)
    if len(running) == 2:
        both.set()

futures = [runner.submit(job, hear) for job in endless]
both.wait()
print("running", flush=True)
futures[0].result()
"""


def test_a_killed_hub_leaves_no_running_job_behind(two, tmp_path):
    settings = clustered(tmp_path, two)
    make_jobs(settings)
    make_jobs(settings, 4, ENDLESS)
    environment = {"IRER_HOME": str(settings.home), "IRER_DASK_SCHEDULER": two.address}
    hub = subprocess.Popen(
        [sys.executable, "-c", HUB], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    assert hub.stdout is not None
    with hub.stdout:
        assert hub.stdout.readline() == b"running\n"
        assert busy_children(two)
        hub.kill()
        hub.wait()
    wait_for("the end of the killed hub's jobs", lambda: not busy_children(two))
    assert len(list(settings.home.provenance_dir.iterdir())) == 1


def test_a_home_that_a_worker_cannot_read_is_refused(tmp_path):
    # An audit hook stands for a node without the mount: no open() below the home succeeds.
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import os, sys\n"
        "def hook(event, args):\n"
        "    if event == 'open' and str(args[0]).startswith(os.environ['HIDDEN']):\n"
        "        raise FileNotFoundError(args[0])\n"
        "sys.addaudithook(hook)\n"
    )
    with cluster(tmp_path / "cluster", workers=1) as made:
        made.start_worker("--name", "blind", path=hidden, HIDDEN=str(tmp_path / "home"))
        wait_until_joined(made, 2)
        settings = clustered(tmp_path, made)
        with pytest.raises(ConfigError) as error:
            core_engine.execute_hunt(plan=make_plan(settings), settings=settings)
    message = error.value.message
    assert message.startswith("IRER_HOME: tcp://127.0.0.1:")
    assert message.count("tcp://") == 1
    assert f"cannot read the hub's token in {settings.home}" in message
    assert "\n" not in message
    assert not settings.home.config_dir.exists()
    assert not list(settings.home.folder.iterdir())


def make_shadow(folder: Path, version: str) -> Path:
    """Return a search path where irer has another version and is the same in all else."""
    package = folder / "irer"
    package.mkdir(parents=True)
    for part in (ROOT / "irer").iterdir():
        if part.name not in ("__init__.py", "__pycache__"):
            (package / part.name).symlink_to(part)
    (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
    return folder


def test_another_version_on_a_worker_is_refused(tmp_path):
    broken = tmp_path / "broken" / "irer"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("")
    with cluster(tmp_path / "cluster", workers=1) as made:
        made.start_worker(path=make_shadow(tmp_path / "shadow", "10.0.0"))
        made.start_worker(path=broken.parent)
        wait_until_joined(made, 3)
        settings = clustered(tmp_path, made)
        with pytest.raises(ConfigError, match=r"irer is 10\.0\.0, on the hub 11\.\d") as error:
            DaskRunner(settings)
    assert error.value.message.startswith("IRER_DASK_SCHEDULER: hub and workers must run the same")
    assert "unusable, " in error.value.message
    assert "No module named 'irer.runners'" in error.value.message
    assert error.value.message.count("tcp://") == 2
    assert "\n" not in error.value.message


def test_an_unfit_worker_that_joins_later_gets_no_job_and_is_retired(tmp_path, caplog):
    with cluster(tmp_path / "cluster", workers=1) as made:
        wait_until_joined(made, 1)
        settings = clustered(tmp_path, made)
        with opened(settings) as runner, caplog.at_level(logging.WARNING):
            late = made.start_worker(path=make_shadow(tmp_path / "shadow", "10.0.0"))
            wait_until_joined(made, 2)
            jobs = make_jobs(settings, 6)
            futures = [runner.submit(job) for job in jobs]
            records = [future.result(PATIENCE_S) for future in futures]
            assert {record.state for record in records} == {RunState.COMPLETE}
            late.wait(PATIENCE_S)
    assert "irer is 10.0.0, on the hub 11" in caplog.text
    assert caplog.text.count("is retired") == 1


def test_a_lost_scheduler_pauses_and_is_found_again(tmp_path, monkeypatch):
    made = Cluster(tmp_path / "cluster")
    try:
        made.start_scheduler()
        made.start_worker()
        wait_until_joined(made, 1)
        settings = clustered(tmp_path, made)
        with opened(settings) as runner:
            endless, small = make_jobs(settings, 1, ENDLESS)[0], make_jobs(settings)[0]
            began = threading.Event()
            future = runner.submit(endless, lambda *_: began.set())
            assert began.wait(PATIENCE_S)
            made.stop()
            with pytest.raises(StorageError, match="connection to the scheduler at tcp"):
                future.result(PATIENCE_S)
            monkeypatch.setattr(cluster_checks, "ANSWER_S", 1)
            with pytest.raises(StorageError, match="no scheduler answers at tcp"):
                runner.submit(small).result(PATIENCE_S)
            monkeypatch.undo()
            made.start_scheduler(port=int(made.address.rpartition(":")[2]))
            made.start_worker()
            wait_until_joined(made, 2)
            assert runner.submit(small).result(PATIENCE_S).state is RunState.COMPLETE
    finally:
        made.stop()


def test_a_job_that_every_worker_lost_is_the_infrastructures_fault(tmp_path):
    made = Cluster(tmp_path / "cluster")
    try:
        made.start_scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
        worker = made.start_worker("--no-nanny")
        wait_until_joined(made, 1)
        settings = clustered(tmp_path, made)
        with opened(settings) as runner:
            began = threading.Event()
            future = runner.submit(make_jobs(settings, 1, ENDLESS)[0], lambda *_: began.set())
            assert began.wait(PATIENCE_S)
            kill(worker.pid)
            with pytest.raises(
                InfrastructureError, match="every worker that took the job"
            ) as error:
                future.result(PATIENCE_S)
            assert error.value.reason == "WORKER_LOST"
            assert runner.capacity == 1  # no worker; what is submitted waits for one
    finally:
        made.stop()


def test_a_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_checks, "ANSWER_S", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else gets the port
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        settings = home(tmp_path, dask_scheduler=address)
        with pytest.raises(ConfigError, match=f"no scheduler answers at {address}") as error:
            DaskRunner(settings)
    assert error.value.message.startswith("IRER_DASK_SCHEDULER: ")
    assert "\n" not in error.value.message


def test_a_scheduler_without_workers_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_checks, "ANSWER_S", 1)
    with (
        cluster(tmp_path / "cluster", workers=0) as made,
        pytest.raises(ConfigError, match="has no worker: start some") as error,
    ):
        DaskRunner(clustered(tmp_path, made))
    assert "\n" not in error.value.message
