"""What a killed hub or hunt leaves behind is recognised as such, every time."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import core_engine
from app import ENGINE, RunningHub
from irer.base.files import TEMPORARY_PREFIX
from irer.home.homelock import hold_home
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner
from tests.faults.test_engine_kill import WRITES, Killed, Killer, small_plan
from tests.hunts import home, hunt_state, ledger_bar_names, run_canned

TIMES = 20

LOCKS = f"""
import os, signal, sys
from pathlib import Path
from irer.base.errors import ConflictError
from irer.home.homelock import hold_home
from tests.hunts import home

settings = home(Path(sys.argv[1]))
for _ in range({TIMES}):
    up, tell = os.pipe()
    holder = os.fork()
    if holder == 0:
        with hold_home(settings.home):
            os.write(tell, b"x")
            signal.pause()
    os.read(up, 1)
    try:
        with hold_home(settings.home):
            sys.exit("a lock that is held was given away")
    except ConflictError as error:
        assert f"(pid {{holder}})" in error.message, error.message
    os.kill(holder, signal.SIGKILL)
    os.waitpid(holder, 0)
    with hold_home(settings.home):
        print("free", flush=True)
    holder = os.fork()  # and one that is killed with nobody there to see it
    if holder == 0:
        hold_home(settings.home).__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(holder, 0)
"""


def test_a_lock_is_held_while_its_holder_lives_and_not_a_moment_longer(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [sys.executable, "-c", LOCKS, str(tmp_path)], env=env, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "free\n" * TIMES
    with hold_home(home(tmp_path).home):  # .lock-owner still names the last one that was killed
        pass


def test_running_of_a_killed_hub_is_interrupted_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at twenty of its writes, the hunt's file says Running, and no process runs it."""
    quiet = home(tmp_path / "quiet")
    run_canned(quiet, small_plan(quiet, "random"))
    for after in range(1, TIMES + 1):
        settings = home(tmp_path / str(after))
        plan = small_plan(settings, "random")
        with monkeypatch.context() as patch:
            Killer(patch, after, "after")
            with pytest.raises(Killed):
                run_canned(settings, plan)
        assert hunt_state(settings) == "Running"
        execute = partial(core_engine.run_hunt, runner=CannedRunner(settings))
        engine = replace(ENGINE, run_hunt=execute)
        with RunningHub(settings, engine) as hub:
            assert hub.board.state.hunt_status == "Interrupted"
            assert hub.board.state.resumable
            assert hub.hunts.resume() == plan.hunt_id
            wait_for_end(hub)
        assert ledger_bar_names(settings) == ledger_bar_names(quiet)
    assert TIMES < WRITES


def test_half_written_files_of_killed_processes_are_swept(tmp_path: Path) -> None:
    settings = home(tmp_path)
    folders = (settings.home.config_dir, settings.home.data_dir, settings.home.provenance_dir)
    half = [folder / f"{TEMPORARY_PREFIX}half" for folder in (settings.home.folder, *folders)]
    for path in half:
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"job_uuid": "')

    class Leave(SilentObserver):
        """A process that is killed during the hunt leaves one too."""

        def job_committed(self, provenance) -> None:
            assert not any(path.exists() for path in half)
            (settings.home.data_dir / f"{TEMPORARY_PREFIX}{provenance.index}").write_text("half")

    with hold_home(settings.home):
        run_canned(settings, observer=Leave())
    assert not list(settings.home.folder.rglob(f"{TEMPORARY_PREFIX}*"))
    assert len(ledger_bar_names(settings)) == 12


def wait_for_end(hub) -> None:
    while hub.board.state.hunt_status == "Running":
        time.sleep(0.01)
    assert hub.board.state.hunt_status == "Completed"
