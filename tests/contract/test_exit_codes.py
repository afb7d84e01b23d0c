"""What a command ends with: 0 when all is done, 1 with how to go on, 2 for bad input; quietly."""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pytest

import core_engine
import hpc_core
from irer.base.errors import StorageError
from irer.base.records import JobConfig, Provenance
from settings import SOURCE_ROOT, Settings
from tests.canned import CannedRunner, canned_record
from tests.hub_process import HubProcess
from tests.hunts import home, ledger, run_canned

PROGRAMS = (
    "app", "core_engine", "aste_hunter", "worker_sncgl_sdg", "validation_pipeline", "hpc_core",
    "run_bssn_check", "run_tda_analysis", "irer.components.__main__",
    "components.null_hunts.null_hunts", "components.random_control.random_control",
)  # fmt: skip
WALL = "the wall time of 1 s is used up"
SMALL = ("--generations", "2", "--population", "3", "--seed", "5")


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_names_the_exit_codes(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(program).main(["--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Exit codes: 0, all of it is done; 1, it is not, or ended before it was" in shown


def use(monkeypatch: pytest.MonkeyPatch, answer: Callable[[JobConfig], Provenance]) -> None:
    """Let every hunt from a command line be answered so."""

    def open_runner(given: Any, _name: str, settings: Settings, _control: object = None) -> Any:
        return nullcontext(given or CannedRunner(settings, answer))

    monkeypatch.setattr(core_engine, "open_runner", open_runner)


def after(jobs: int, act: Callable[[], object]) -> Callable[[JobConfig], Provenance]:
    """Answer jobs as ever; do something while the given one runs."""
    answered = 0

    def answer(job: JobConfig) -> Provenance:
        nonlocal answered
        answered += 1
        if answered == jobs:
            act()
        return canned_record(job)

    return answer


ENDINGS = {
    "Ctrl-C": ((), lambda: signal.raise_signal(signal.SIGINT), "on request"),
    "SIGTERM": ((), lambda: signal.raise_signal(signal.SIGTERM), "on request"),
    "wall time": (("--max-wall-s", "1"), lambda: threading.Event().wait(1.5), WALL),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_hunt_that_ended_early_is_1_and_says_how_to_go_on(
    ending: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more, act, why = ENDINGS[ending]
    place = ("--home", str(tmp_path))
    use(monkeypatch, after(2, act))
    assert core_engine.main([*SMALL, *more, *place]) == 1
    printed = capsys.readouterr()
    assert "job_uuid" in json.loads(printed.out)
    assert printed.err.splitlines()[-1] == f"core_engine.py: stopped: {why} (go on: --resume)"
    use(monkeypatch, canned_record)
    assert core_engine.main(["--resume", *place]) == 0
    assert "stopped" not in capsys.readouterr().err
    assert len(ledger(home(tmp_path))) == 6


def test_ctrl_c_during_the_last_job_of_a_hunt_is_too_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, after(6, lambda: signal.raise_signal(signal.SIGINT)))
    assert core_engine.main([*SMALL, "--home", str(tmp_path)]) == 0
    assert "go on" not in capsys.readouterr().err
    assert len(ledger(home(tmp_path))) == 6


def test_an_error_that_leaves_a_hunt_unfinished_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise StorageError("cannot write simulation_ledger.csv: No space left on device")

    use(monkeypatch, canned_record)
    monkeypatch.setattr("irer.home.open_rows.append_rows", refuse)
    assert core_engine.main([*SMALL, "--home", str(tmp_path)]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "No space left on device" in last
    assert last.endswith("(go on: --resume)")
    monkeypatch.undo()
    use(monkeypatch, canned_record)
    assert core_engine.main(["--resume", "--home", str(tmp_path)]) == 0


def test_the_hunt_as_a_component_says_so_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    monkeypatch.setenv("IRER_MAX_WALL_S", "1")
    use(monkeypatch, after(1, lambda: threading.Event().wait(1.5)))
    job_uuid = core_engine.new_id()
    asked = ["--job_uuid", job_uuid, "--num_generations", "2", "--population_size", "2"]
    assert hpc_core.main(asked) == 1
    told = capsys.readouterr().err
    assert f"stopped: {WALL}; the same --job_uuid goes on" in told
    use(monkeypatch, canned_record)
    assert hpc_core.main(asked) == 0


def test_null_hunts_that_ended_early_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home(tmp_path)
    run_canned(settings)
    argv = ["--decoy-hunts", "2", "--home", str(tmp_path)]
    # In the second of 12 jobs each.
    use(monkeypatch, after(15, lambda: signal.raise_signal(signal.SIGINT)))
    assert core_engine.main(argv) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kinds"]["decoys"]["n"] == 1
    last = printed.err.splitlines()[-1]
    assert last == "core_engine.py: stopped: on request (the same command goes on)"
    use(monkeypatch, canned_record)
    assert core_engine.main(argv) == 0
    assert json.loads(capsys.readouterr().out)["kinds"]["decoys"]["n"] == 2


def test_a_hub_that_is_ended_in_mid_hunt_says_how_to_go_on(tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        assert hub.process.stdout is not None
        hub.post("start-hunt", {"num_generations": 1, "population_size": 2})
        assert hub.terminate() == 0
        said = hub.process.stdout.read()
    assert "not complete (go on: start the hub again and press Resume)" in said
    with HubProcess(tmp_path) as hub:
        assert hub.status()["resumable"]


@pytest.fixture(scope="module")
def with_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    settings = home(tmp_path_factory.mktemp("with_runs"))
    run_canned(settings)
    return settings.home


@pytest.mark.parametrize(
    "argv",
    [
        ("aste_hunter.py", "show"),
        ("aste_hunter.py", "--help"),
        ("aste_hunter.py", "export"),
        ("core_engine.py", "--version"),
        ("-m", "irer.components", "check"),
        ("-m", "irer.components", "schema"),
    ],
)
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_is_no_error(
    argv: tuple[str, ...], unbuffered: str, with_runs: Path
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError):
        ended = subprocess.run(
            [sys.executable, *argv],
            cwd=SOURCE_ROOT,
            env=os.environ | {"IRER_HOME": str(with_runs), "PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


# A shell lets what it runs in the background ignore Ctrl-C, these tests and their children too.
HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_ctrl_c_of_any_command_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "simulation_ledger.csv")  # so that the command waits
    with subprocess.Popen(
        [sys.executable, "-c", HEEDING, "aste_hunter.py", "show", "--home", str(tmp_path)],
        cwd=SOURCE_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        writer = os.open(tmp_path / "simulation_ledger.csv", os.O_WRONLY)  # waits for the reader
        command.send_signal(signal.SIGINT)
        out, err = command.communicate()
        os.close(writer)
    assert (command.returncode, out, err) == (1, "", "aste_hunter.py: interrupted\n")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("program", "argv", "says"),
    [
        ("app", ("--home", ""), "--home: must name a folder, got ''"),
        ("core_engine", ("--home", ""), "--home: must name a folder, got ''"),
        ("core_engine", ("--null-kind", "flat"), "--null-kind: goes with --null-hunts N"),
        *(
            (
                "app",
                ("--host", host, "--home", "home"),
                f"--host: must be an address of this machine, got '{host}'",
            )
            for host in ("999.1.1.1", "a..b")
        ),
    ],
)
def test_what_would_start_something_else_is_2_and_makes_no_other_folder(
    program: str,
    argv: tuple[str, ...],
    says: str,
    elsewhere: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert importlib.import_module(program).main(argv) == 2
    assert capsys.readouterr().err == f"{program}.py: {says}\n"
    assert {path.name for path in elsewhere.iterdir()} <= {"home"}


@pytest.mark.parametrize(
    ("program", "argv"),
    [
        ("aste_hunter", ("show",)),
        ("aste_hunter", ("export",)),
        ("aste_hunter", ("repair",)),
        ("validation_pipeline", ("--rescore",)),
        ("irer.interchange.__main__", ("--job_uuid", "abcd")),
    ],
)
@pytest.mark.parametrize("named", ["nowhere", "a_file", "", "~nobody_of_this_name", "a" * 300])
def test_a_home_that_is_read_must_be_there(
    program: str,
    argv: tuple[str, ...],
    named: str,
    elsewhere: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (elsewhere / "a_file").touch()
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(program).main([*argv, "--home", named])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"argument --home: must be a folder that exists, got {named!r}" in said
    assert [path.name for path in elsewhere.iterdir()] == ["a_file"]
