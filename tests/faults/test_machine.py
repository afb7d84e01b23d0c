"""A machine that cannot compute is said so before any job, and no candidate is charged with it."""

import os
import subprocess
import sys
import threading

import pytest

import core_engine
import worker_sncgl_sdg
from irer.base.errors import DeviceError
from irer.base.files import read_json
from irer.hunt.control import HuntControl
from irer.hunt.open_runner import open_runner
from irer.runners.device import opened_device, try_device
from irer.runners.warm import ProcessCrashedError, WarmProcess
from tests.hunts import home, hunt_state, order

PATIENCE_S = 120
NO_SUCH = "cuda"  # nothing of it is installed here
SMALL = {"N_grid": 32, "T_steps": 20, "box_length": 16.0}


@pytest.fixture
def no_device(monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", NO_SUCH)


@pytest.mark.parametrize("runner", ["pool", "subprocess"])
def test_a_device_that_cannot_be_opened_is_named_and_no_job_begun(tmp_path, no_device, runner):
    settings = home(tmp_path / "home", workers=1)
    small = order(num_generations=1, population_size=3, runner=runner, simulation=SMALL)
    with pytest.raises(DeviceError, match=rf"device {NO_SUCH} .*no job was begun: \w+"):
        core_engine.execute_hunt(order=small, settings=settings)
    assert not settings.home.hunt_file.exists()
    assert not settings.home.config_dir.exists()
    assert not settings.home.provenance_dir.exists()


def test_the_command_says_it_in_one_line(tmp_path):
    command = [sys.executable, "core_engine.py", "--generations", "1", "--population", "2"]
    environment = os.environ | {"JAX_PLATFORMS": NO_SUCH, "IRER_WORKERS": "1"}
    ended = subprocess.run(
        [*command, "--home", str(tmp_path)], env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("core_engine.py:")]
    assert f"the device {NO_SUCH}" in line
    assert not (tmp_path / "provenance_reports").exists()


def test_the_worker_says_what_it_computes_on(capsys):
    with pytest.raises(SystemExit) as ended:
        worker_sncgl_sdg.main(["--try-device"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "cpu\n"


def test_the_pool_tries_the_device_in_the_process_that_will_use_it(tmp_path):
    settings = home(tmp_path, workers=1)
    with open_runner(None, "pool", settings) as runner, runner._workers.one() as process:
        assert process._child is not None
        pid = process._child._pid
        assert opened_device(process) == "cpu"
        assert process.call("os:getpid", timeout_s=PATIENCE_S) == pid


class Killed:
    """A process that is lost in its first calls and computes in all later ones."""

    def __init__(self, losses: int) -> None:
        self._losses = losses

    def call(self, *_: object, timeout_s: float) -> str:
        self._losses -= 1
        if self._losses >= 0:
            raise ProcessCrashedError("the process was lost", [])
        return "cpu"


def test_one_lost_process_is_no_fault_of_the_device():
    assert opened_device(Killed(1)) == "cpu"
    with pytest.raises(DeviceError, match="no job was begun: the process was lost"):
        opened_device(Killed(2))


def test_one_killed_process_is_no_fault_of_the_device(tmp_path):
    """The worker's own trial, as the subprocess runner makes it."""
    script = tmp_path / "worker.py"
    died = tmp_path / "died"
    script.write_text(
        "import os, pathlib, signal\n"
        f"died = pathlib.Path({str(died)!r})\n"
        "if not died.exists():\n"
        "    died.write_text('once')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    settings = home(tmp_path / "home", worker_script=script)
    try_device(settings, threading.Event())
    assert died.exists()
    script.write_text("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(DeviceError, match="no job was begun"):
        try_device(settings, threading.Event())


@pytest.mark.parametrize("runner", ["pool", "subprocess"])
def test_a_cancel_ends_the_trial_of_the_device(tmp_path, runner):
    """Then no job is begun, and the hunt is Stopped, not refused."""
    settings, control = home(tmp_path / "home", workers=1), HuntControl()
    control.cancel()
    small = order(num_generations=1, population_size=2, runner=runner, simulation=SMALL)
    assert "error" in core_engine.execute_hunt(order=small, settings=settings, control=control)
    assert hunt_state(settings) == "Stopped"
    assert not settings.home.config_dir.exists()


@pytest.fixture
def process():
    process = WarmProcess()
    yield process
    process.close()


def test_what_is_raised_is_kept_with_the_place(process):
    with pytest.raises(ProcessCrashedError, match=r"^AssertionError in .*pool_jobs.py, line") as no:
        process.call("tests.pool_jobs:assert_nothing", timeout_s=PATIENCE_S)
    assert no.value.last_lines[0].startswith("Traceback")
    assert any("assert_nothing" in line for line in no.value.last_lines)


def test_what_a_process_wrote_before_it_died_is_kept(process, capfd):
    with pytest.raises(ProcessCrashedError, match="killed by signal 11") as died:
        process.call("tests.pool_jobs:write_and_die", timeout_s=PATIENCE_S)
    assert "I am about to die" in died.value.last_lines
    assert any("Segmentation fault" in line for line in died.value.last_lines)
    assert "I am about to die" in capfd.readouterr().err


def test_last_lines_are_few_and_short(process):
    with pytest.raises(ProcessCrashedError) as died:
        process.call("tests.pool_jobs:chatter_and_die", timeout_s=PATIENCE_S)
    assert len(died.value.last_lines) == 30
    assert max(map(len, died.value.last_lines)) == 300


def test_the_record_of_a_job_that_took_its_process_down_has_the_last_lines(tmp_path):
    """In the pool, after another job that came to its end."""
    from irer.runners.pool import PoolRunner
    from tests import pool_jobs

    settings = home(tmp_path, workers=1)
    small = order(num_generations=1, population_size=2, simulation=SMALL)
    plan = core_engine.plan_hunt(small, settings)
    runner = PoolRunner(settings, simulate=pool_jobs.DIE_SECOND, validate=pool_jobs.VALIDATE)
    try:
        core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)
    finally:
        runner.close()
    errors = [read_json(path)["error"] for path in settings.home.provenance_dir.iterdir()]
    (error,) = filter(None, errors)
    assert (error["reason"], error["message"]) == ("WORKER_CRASHED", "killed by signal 11")
    assert "I am about to die" in error["last_lines"]
