"""The pool's processes: warm, pinned, limited with all they start, replaced, gone with us."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

import core_engine
from irer.base.errors import InfrastructureError
from irer.base.jobs import JobState
from irer.base.records import FailureReason, RunState
from irer.home.registry import make_job, register, save_plan
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from irer.runners.pool import PoolRunner
from irer.runners.warm import ProcessCrashedError, WarmProcess
from tests import pool_jobs
from tests.hunts import home, hunt_state, ledger_bar_names, order, run_canned
from tests.pool_jobs import FILL, FORK, GOOD, HANG, LEAVE, OVER, noted

ROOT = Path(core_engine.__file__).parent
PATIENCE_S = 120
KILLS = int(os.environ.get("SOAK_KILLS", "4"))  # of the hub; ten times as many of its children


def gone(pid):
    """Wait for a process to end; a zombie that nobody waits for counts as ended."""
    return wait_until(lambda: not running(pid), 30)


def running(pid):
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def wait_until(true, timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


@pytest.fixture
def process():
    made = WarmProcess(core=min(os.sched_getaffinity(0)))
    yield made
    made.close()


def call(process, function, *args, timeout_s=PATIENCE_S):
    return process.call(f"tests.pool_jobs:{function}", *args, timeout_s=timeout_s)


def test_it_stays_up_between_calls_and_is_set_up_as_it_should(process):
    first, again = call(process, "describe"), call(process, "describe")
    assert first["pid"] == again["pid"] != os.getpid()
    assert first["cores"] == [min(os.sched_getaffinity(0))]
    assert first["nice"] == max(10, os.nice(0))
    assert first["session"] == first["pid"]
    assert first["OMP_NUM_THREADS"] == first["OPENBLAS_NUM_THREADS"] == "1"
    assert first["PJRT_NPROC"] == "1"
    assert first["threads_when_imported"] == "1"
    assert "IRER_PARENT_PID" not in os.environ


def test_what_it_prints_never_reaches_our_standard_output(process, capfd):
    call(process, "chatter")
    out, err, end = "", "", time.monotonic() + PATIENCE_S
    while "chatter" not in err and time.monotonic() < end:  # a thread hands it on
        time.sleep(0.01)
        printed = capfd.readouterr()
        out, err = out + printed.out, err + printed.err
    assert out == ""
    assert "chatter" in err


def test_killed_while_idle_it_is_replaced_unseen(process):
    pid = call(process, "describe")["pid"]
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert call(process, "describe")["pid"] != pid


@pytest.mark.parametrize("how", ["kill", "raise", "limit"])
def test_after_trouble_the_next_call_has_a_fresh_one(process, how):
    pid = call(process, "describe")["pid"]
    function, limit, error = {
        "kill": ("kill_myself", PATIENCE_S, ProcessCrashedError),
        "raise": ("nothing_of_this_name", PATIENCE_S, ProcessCrashedError),
        "limit": ("spin", 1, TimeoutError),
    }[how]
    with pytest.raises(error):
        call(process, function, timeout_s=limit)
    assert gone(pid)
    assert call(process, "describe")["pid"] != pid


def test_a_process_that_cannot_start_is_said_and_tried_again(monkeypatch):
    process = WarmProcess()
    with monkeypatch.context() as patch:
        patch.setattr(os, "pipe", no_more_files)
        with pytest.raises(ProcessCrashedError, match=r"cannot start a process: .*open files"):
            call(process, "describe")
    assert call(process, "describe")["pid"]
    process.close()


def no_more_files():
    raise OSError(24, "Too many open files")


class Bench:
    """A pool of stand-ins in a home of its own."""

    def __init__(self, path, **overrides):
        self.settings = home(path, **({"workers": 1} | overrides))
        self.runner = PoolRunner(self.settings, simulate=pool_jobs.RUN, validate=pool_jobs.VALIDATE)
        self.told = []

    def submit(self, worker=GOOD, validator=GOOD):
        simulation = {"initial_amplitude": worker, "box_length": validator}
        plan = core_engine.plan_hunt(order(simulation=simulation), self.settings)
        job = make_job(plan, str(uuid.uuid4()), 0, {})
        register(self.settings.home, [job])
        return self.runner.submit(job, lambda *state: self.told.append(state))

    def reason(self, **how):
        with pytest.raises(InfrastructureError) as error:
            self.submit(**how).result(PATIENCE_S)
        return error.value.reason


@pytest.fixture
def make_bench(tmp_path):
    made = []

    def make(**overrides):
        made.append(Bench(tmp_path / "home", **overrides))
        return made[-1]

    yield make
    for bench in made:
        bench.runner.cancel()
        bench.runner.close()


@pytest.mark.parametrize("who", ["worker", "validator"])
def test_the_limit_ends_all_that_a_job_started(make_bench, who):
    bench = make_bench(**{f"{who}_timeout_s": 4})
    assert bench.reason(**{who: FORK}) is FailureReason[f"{who.upper()}_TIMEOUT"]
    pids = noted(bench.settings.home, "pids")
    assert len(pids) == 3  # a child, one in another session, a daemon that left us altogether
    assert all(gone(pid) for pid in pids)
    assert bench.submit().result(PATIENCE_S).state is RunState.COMPLETE


def test_what_a_good_job_leaves_behind_is_ended(make_bench):
    bench = make_bench()
    assert bench.submit(worker=LEAVE).result(PATIENCE_S).state is RunState.COMPLETE
    assert all(gone(pid) for pid in noted(bench.settings.home, "pids"))


def test_a_job_that_fills_the_memory_ends_alone(make_bench):
    bench = make_bench()
    assert bench.reason(worker=FILL) is FailureReason.WORKER_CRASHED
    assert bench.submit().result(PATIENCE_S).state is RunState.COMPLETE


def test_validation_overlaps_with_the_next_simulation(make_bench):
    bench = make_bench()
    validating = bench.submit(validator=HANG)
    simulating = bench.submit(worker=HANG)
    states = [JobState.RUNNING, JobState.SIMULATED, JobState.RUNNING]
    assert wait_until(lambda: [state for _, state in bench.told] == states)
    assert not validating.done()
    assert not simulating.done()


def test_close_leaves_no_process(make_bench):
    before = set(psutil.Process().children(recursive=True))
    bench = make_bench(workers=2)
    futures = [bench.submit() for _ in range(4)]
    assert {future.result(PATIENCE_S).state for future in futures} == {RunState.COMPLETE}
    bench.runner.close()
    left = set(psutil.Process().children(recursive=True)) - before
    assert not [p for p in left if running(p.pid) and "resource_tracker" not in str(p.cmdline())]


class Shooter(threading.Thread):
    """Kills processes of some slow stages, once a job, while they are at it."""

    def __init__(self, tries, chance):
        super().__init__(daemon=True)
        self.tries, self.chance = tries, chance
        self.random = random.Random(5)
        self.seen, self.shot, self.over = {}, {}, threading.Event()

    def run(self):
        while not self.over.wait(0.002):
            for path in self.tries.glob("*"):
                lines = path.read_text().split()
                if len(lines) <= self.seen.get(path.name, 0):
                    continue
                self.seen[path.name] = len(lines)
                job = path.name[:36]
                if (
                    lines[-1] != OVER
                    and job not in self.shot
                    and self.random.random() < self.chance
                ):
                    self.shoot(job, path, int(lines[-1]))

    def shoot(self, job, path, pid):
        """Kill a process, unless its stage is over: it may be at another job by now."""
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            process.suspend()
            wait_until(lambda: process.status() == psutil.STATUS_STOPPED)
            lines = path.read_text().split()
            if lines[-1] == OVER:
                process.resume()
            else:
                process.kill()
                self.shot[job] = "validator" if OVER in lines else "worker"


class GoOn(SilentObserver):
    def __init__(self, control):
        self.control, self.committed = control, []

    def hunt_paused(self, reason):
        self.control.resume()

    def job_committed(self, provenance):
        self.committed.append(provenance.job_uuid)


def slow_plan(settings, jobs=40):
    """A hunt whose stand-ins take some hundredths of a second a stage, so that a shot can hit."""
    slow = {"initial_amplitude": pool_jobs.SLOW, "box_length": pool_jobs.SLOW}
    asked = order(num_generations=2, population_size=jobs // 2, simulation=slow, sampler="random")
    return core_engine.plan_hunt(asked, settings)


def test_workers_and_validators_killed_at_random(tmp_path):
    settings = home(tmp_path / "shot", workers=2)
    plan = slow_plan(settings, jobs=max(20, KILLS * 10))
    runner = PoolRunner(settings, simulate=pool_jobs.RUN, validate=pool_jobs.VALIDATE)
    shooter = Shooter(settings.home.folder / "tries", chance=0.5)
    control = HuntControl()
    watcher = GoOn(control)
    shooter.start()
    core_engine.execute_hunt(
        plan=plan, settings=settings, runner=runner, control=control, observer=watcher
    )
    shooter.over.set()
    shooter.join()
    runner.close()
    assert len(shooter.shot) >= 5
    assert {*shooter.shot.values()} == {"worker", "validator"}
    assert len(watcher.committed) == len(set(watcher.committed)) == plan.total_jobs
    calm = home(tmp_path / "calm")
    run_canned(calm, slow_plan(calm, jobs=plan.total_jobs))
    assert ledger_bar_names(settings) == ledger_bar_names(calm)


HUNT = """
import sys
from pathlib import Path
import core_engine
from irer.runners.pool import PoolRunner
from tests.hunts import home
from tests.pool_jobs import RUN, VALIDATE

if __name__ == "__main__":
    settings = home(Path(sys.argv[1]), workers=2)
    runner = PoolRunner(settings, simulate=RUN, validate=VALIDATE)
    plan = core_engine.load_plan(settings.home)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)
    runner.close()
"""


def started_hunt(script, settings):
    script.write_text(HUNT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, str(script), str(settings.home)],
        env=environment,
        stderr=subprocess.DEVNULL,
    )


def kill_with_descendants_counted(hunt):
    """Kill -9 and return the descendants that outlive it by too long."""
    found, parents = [], [hunt.pid]
    while parents:
        children = [child.pid for child in children_of(parents.pop())]
        found += children
        parents += children
    hunt.kill()
    hunt.wait()
    return [pid for pid in found if not gone(pid)]


def test_the_hub_killed_at_random_and_resumed(tmp_path):
    """The ledger equals that of a hunt that was never killed; nothing outlives a kill."""
    settings = home(tmp_path / "killed")
    plan = slow_plan(settings)
    save_plan(settings.home, plan)
    chance = random.Random(7)
    for kill in range(KILLS):
        hunt = started_hunt(tmp_path / "hunt.py", settings)
        done = len(list(settings.home.provenance_dir.glob("*.json")))
        moment = chance.choice(["at once", "a job", "jobs"]) if kill else "jobs"
        enough = {"at once": 0, "a job": 1, "jobs": 5}[moment]
        wait_until(
            lambda done=done, enough=enough, hunt=hunt: (
                hunt.poll() is not None
                or len(list(settings.home.provenance_dir.glob("*.json"))) >= done + enough
            )
        )
        time.sleep(chance.random() / 2)
        if hunt.poll() is None:
            assert kill_with_descendants_counted(hunt) == []
            assert hunt_state(settings) == "Running"
        else:
            assert hunt.returncode == 0
    before = {path.name: path.read_bytes() for path in settings.home.provenance_dir.glob("*.json")}
    hunt = started_hunt(tmp_path / "hunt.py", settings)
    assert hunt.wait() == 0
    for name, data in before.items():
        assert (settings.home.provenance_dir / name).read_bytes() == data
    calm = home(tmp_path / "calm")
    run_canned(calm, slow_plan(calm))
    assert ledger_bar_names(settings) == ledger_bar_names(calm)
    assert hunt_state(settings) == "Completed"


@pytest.mark.parametrize("cpu_s", [None, 0.0, 2.0])
def test_children_of_a_killed_hub_end_also_while_they_compile(tmp_path, cpu_s):
    """Killed while the real worker starts, imports JAX, or so much CPU time later compiles."""
    place = tmp_path / "home"
    argv = ["--generations", "1", "--population", "2", "--home", str(place)]
    large = ["--set", "simulation.N_grid=128", "--set", "simulation.T_steps=1000000"]
    said = tmp_path / "said"
    with said.open("wb") as stream:
        hunt = subprocess.Popen(
            [sys.executable, str(ROOT / "core_engine.py"), *argv, *large],
            env=os.environ | {"IRER_RUNNER": "pool", "IRER_WORKERS": "1"},
            stdout=stream,
            stderr=stream,
        )
    try:
        seen = wait_until(lambda: hunt.poll() is not None or children_of(hunt.pid))
        assert hunt.poll() is None, f"exit code {hunt.poll()}: {said.read_text()}"
        assert seen, "no child in all this time"  # one seen may have ended since
        if cpu_s is not None:
            assert wait_until(lambda: worker_of(hunt.pid))
            worker = worker_of(hunt.pid)
            enough = worker.cpu_times().user + cpu_s
            assert wait_until(lambda: worker.cpu_times().user >= enough)
    finally:
        left = kill_with_descendants_counted(hunt)
    assert left == []


def children_of(pid):
    """Ask for the parent alone: psutil also compares starting times, which follow the clock."""
    children = []
    for other in psutil.pids():
        with suppress(psutil.Error):
            process = psutil.Process(other)
            if process.ppid() == pid:
                children.append(process)
    return children


def worker_of(pid):
    """Return the child that has begun to load JAX."""
    for process in children_of(pid):
        with suppress(psutil.Error, OSError):
            if "jaxlib" in Path(f"/proc/{process.pid}/maps").read_text():
                return process
    return None
