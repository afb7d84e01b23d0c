import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import psutil
import pytest

import core_engine
from irer.base.records import JobConfig, Provenance, RunState
from irer.home.homelock import hold_home
from irer.home.registry import save_plan
from irer.runners import cluster_checks
from tests.canned import CannedRunner, make_metrics
from tests.hunts import home, order, run_canned

ENGINE = Path(core_engine.__file__)


def cli(*argv: str, **env: str):
    return subprocess.run(
        [sys.executable, str(ENGINE), *argv],
        capture_output=True,
        text=True,
        env=os.environ | env,
        check=False,
    )


def test_help_and_version():
    shown = cli("--help")
    assert shown.returncode == 0
    for flag in ("--generations", "--population", "--seed", "--resume", "--set"):
        assert flag in shown.stdout
    assert cli("--version").stdout.strip().count(".") == 2


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--generations", "0"], "--generations: must be an integer from 1 to 100,000"),
        (["--generations", "many"], "--generations: must be an integer"),
        (["--population", "1.5"], "--population: must be an integer from 1 to 10,000"),
        (["--seed", "-1"], "--seed: must be an integer from 0 to 4,294,967,295"),
        (["--sampler", "magic"], "--sampler: must be one of gp, tpe, nsga2, nsga3, random"),
        (["--model", "gr"], "--model: must be one of sncgl_sdg, sncgl_flat, fmia"),
        (["--set", "N_grid=64"], "--set: must be simulation.NAME=VALUE or params.NAME=VALUE"),
        (["--set", "simulation.N_grid"], "--set: must be simulation.NAME=VALUE"),
        (["--set", "simulation.N_grid=31"], "simulation.N_grid: must be an even integer"),
        (["--set", "simulation.dt=1e999"], "simulation.dt: must be a finite number"),
        (["--set", "params.c1=[3,1]"], "params.c1: must have low < high"),
        (["--set", "params.c1=[1,2,3]"], "params.c1: must be a number or [low, high]"),
        (["--set", "params.sigma=1"], "params.sigma: unknown field"),
        (["--set", "params.sigma=1"], "did you mean sigma_k? allowed are epsilon, c1, c3"),
        (["--set", "N_grid=64"], "got 'N_grid=64'; did you mean simulation.N_grid?"),
        (["--set", "simulation.kappa=1"], "did you mean params.kappa? allowed are geometry"),
        (["--set", "params.c1=5,1"], "got '5,1'; to search between two numbers, give [5,1]"),
        (["--set", "N=64"], "core_engine.py: --set: must be"),
        (["--set", "params.c1=x", "--seed", "y"], "--set params.c1: must be"),
        (["--generation", "2", "--popul", "3", "--sets", "x"], "arguments: --sets"),
        (["--sed", "1", "--sampl", "x", "--sead", "2"], "--sead 2; did you mean --seed?"),
        (["--resume", "--seed", "1"], "--resume: goes on with the order in hunt.json"),
        (["--speed", "9"], "unrecognized arguments: --speed 9"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(tmp_path, capsys, argv, told):
    place = tmp_path / "home"
    try:
        code = core_engine.main([*argv, "--home", str(place)])
    except SystemExit as error:
        code = error.code
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert told in printed.err
    assert not place.exists()


def test_every_wrong_flag_is_named_at_once(tmp_path, capsys):
    argv = ["--seed", "-1", "--generations", "0", "--home", str(tmp_path)]
    assert core_engine.main(argv) == 2
    printed = capsys.readouterr().err
    assert "--seed" in printed
    assert "--generations" in printed


def test_wrong_setting_is_one_line(tmp_path):
    ended = cli("--home", str(tmp_path / "home"), IRER_WORKERS="0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "IRER_WORKERS: must be an integer from 1 to" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"IRER_RUNNER": "magic"}, "IRER_RUNNER: must be one of pool, subprocess, dask"),
        ({"IRER_WORKER_TIMEOUT_S": "0.5"}, "IRER_WORKER_TIMEOUT_S: must be a finite number from 1"),
        ({"IRER_VALIDATOR_TIMEOUT_S": "0"}, "IRER_VALIDATOR_TIMEOUT_S: must be a finite number"),
        ({"IRER_RUNNER": "dask"}, "IRER_DASK_SCHEDULER: must be the scheduler's address"),
        ({"IRER_RUNNER": "dask", "IRER_DASK_SCHEDULER": "tcp://127.0.0.1:9"}, "no scheduler"),
        ({"IRER_DASK_SCHEDULER": "nowhere"}, "IRER_DASK_SCHEDULER: must be an address like tcp"),
    ],
)
def test_a_wrong_surrounding_is_one_line_before_any_job(
    tmp_path, capsys, monkeypatch, variables, told
):
    monkeypatch.setattr(cluster_checks, "ANSWER_S", 1)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    place = tmp_path / "home"
    assert core_engine.main(["--generations", "1", "--home", str(place)]) == 2
    printed = capsys.readouterr()
    assert told in printed.err.splitlines()[-1]
    assert len([line for line in printed.err.splitlines() if "core_engine.py" in line]) == 1
    assert "Traceback" not in printed.err
    assert not (place / "input_configs").exists()
    assert not (place / "hunt.json").exists()


def test_home_that_is_a_file_is_named(tmp_path, capsys):
    place = tmp_path / "file"
    place.write_text("mine")
    assert core_engine.main(["--home", str(place)]) == 2
    assert "IRER_HOME: must be a folder that can be written" in capsys.readouterr().err
    assert place.read_text() == "mine"


def unfinished(tmp_path, **changes):
    settings = home(tmp_path)
    asked = {"simulation": {"N_grid": 64}, "params": {"kappa": 0.2, "c1": [0, 1]}}
    plan = core_engine.plan_hunt(order(**(asked | changes)), settings)
    save_plan(settings.home, plan)
    return settings


ITS_OWN = (
    *("--generations", "3", "--population", "4", "--seed", "11", "--sampler", "gp"),
    *("--set", "simulation.N_grid=64", "--set", "params.kappa=0.2", "--set", "params.c1=[0,1]"),
)


@pytest.mark.parametrize("given", [(), ITS_OWN, ITS_OWN[:2], ITS_OWN[-2:]])
def test_resume_takes_the_order_of_the_hunt_itself(tmp_path, capsys, monkeypatch, given):
    settings = unfinished(tmp_path)
    open_runner = lambda *_: nullcontext(CannedRunner(settings))  # noqa: E731
    monkeypatch.setattr(core_engine, "open_runner", open_runner)
    assert core_engine.main(["--resume", *given, "--home", str(tmp_path)]) == 0
    assert core_engine.load_plan(settings.home).state == "Completed"


def test_resume_takes_a_list_as_it_was_given(tmp_path, monkeypatch):
    rings = {"N_grid": 64, "source_rings": [0.0, 0.7]}
    settings = unfinished(tmp_path, simulation=rings)
    open_runner = lambda *_: nullcontext(CannedRunner(settings))  # noqa: E731
    monkeypatch.setattr(core_engine, "open_runner", open_runner)
    given = ["--set", "simulation.source_rings=[0,0.7]"]
    assert core_engine.main(["--resume", *given, "--home", str(tmp_path)]) == 0


def test_a_hunt_whose_runs_have_no_score_says_why(tmp_path, capsys, monkeypatch):
    def answer(job: JobConfig) -> Provenance:
        reasons = {"settled": job.index > 0, "under_resolved": job.index == 1}
        metrics = make_metrics(**reasons, floor_limited=job.index == 2)
        return Provenance.of_job(job, state=RunState.COMPLETE, metrics=metrics, error=None)

    open_runner = lambda *_: nullcontext(CannedRunner(home(tmp_path), answer))  # noqa: E731
    monkeypatch.setattr(core_engine, "open_runner", open_runner)
    argv = ["--generations", "1", "--population", "3", "--home", str(tmp_path)]
    assert core_engine.main(argv) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"error": "No successful runs completed."}
    said = printed.err.splitlines()[-1]
    assert said.startswith("core_engine.py: None of 3 runs has a score: ")
    for part in ("1 not settled (longer runs: simulation.T_steps)", "1 under-resolved", "1 floor"):
        assert part in said


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--seed", "12"], "--seed: is 11 in the hunt that is to go on, not 12"),
        (["--set", "simulation.N_grid=128"], "--set simulation.N_grid: is 64 in the hunt"),
        (["--set", "params.kappa=[0,1]"], "params.kappa: is 0.2 in the hunt that is to go on, not"),
        (["--set", "params.c1=0.5"], "params.c1: is [0.0, 1.0] in the hunt"),
        (["--set", "params.c1=[0,2]", "--seed", "11"], "[0.0, 1.0] in the hunt that is to go on"),
        (["--max-wall-s", "9"], "--max-wall-s: is None in the hunt"),
        (["--set", "simulation.n_grid=1"], "unknown field; did you mean N_grid?"),
    ],
)
def test_resume_says_how_another_order_differs(tmp_path, capsys, given, told):
    settings = unfinished(tmp_path)
    before = settings.home.hunt_file.read_bytes()
    assert core_engine.main(["--resume", *given, "--home", str(tmp_path)]) == 2
    printed = capsys.readouterr().err
    assert told in printed
    assert len(printed.splitlines()) == 1
    assert "is 11 in" in printed or "--seed" not in printed
    assert settings.home.hunt_file.read_bytes() == before


def test_variables_of_other_programs_are_warned_of_once_in_a_whole_hunt(tmp_path):
    place = tmp_path / "home"
    argv = ("--generations", "1", "--population", "2", "--home", str(place))
    small = ("--set", "simulation.N_grid=32", "--set", "simulation.T_steps=10")
    for runner in ("pool", "subprocess"):
        ended = cli(*argv, *small, IRER_BACKEND="cuda", IRER_RUNNER=runner)
        assert "2/2" in ended.stderr
        assert ended.stderr.count("IRER_BACKEND: there is no such setting") == 1
    assert "IRER_BACKEND" not in (place / "core_engine_hunt.log").read_text()


def test_nothing_to_resume(tmp_path, capsys):
    assert core_engine.main(["--resume", "--home", str(tmp_path)]) == 1
    assert "no unfinished hunt to resume" in capsys.readouterr().err
    run_canned(home(tmp_path))
    assert core_engine.main(["--resume", "--home", str(tmp_path)]) == 1


def test_home_in_use_is_said_with_the_pid(tmp_path, capsys):
    settings = home(tmp_path)
    with hold_home(settings.home):
        ended = cli("--home", str(tmp_path))
    assert ended.returncode == 1
    assert f"in use by another hub or hunt (pid {os.getpid()})" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not settings.home.hunt_file.exists()


def failing_worker(tmp_path: Path, code: str) -> dict[str, str]:
    script = tmp_path / "worker.py"
    script.write_text(code)
    return {"IRER_WORKER_SCRIPT": str(script), "IRER_RUNNER": "subprocess"}


def test_hunt_without_success_exits_1_with_json_and_a_log(tmp_path):
    place = tmp_path / "home"
    ended = cli(
        *("--generations", "1", "--population", "2", "--home", str(place)),
        *("--set", "params.kappa=0.2", "--set", "simulation.N_grid=32"),
        **failing_worker(tmp_path, "raise SystemExit('out of order')"),
    )
    assert ended.returncode == 1
    assert json.loads(ended.stdout) == {"error": "No successful runs completed."}
    assert "0/2" in ended.stderr  # no job came to its end, so none is charged with the crashes
    assert "stopped: 5 tries in a row ended by a crash" in ended.stderr
    assert "out of order" in (place / "core_engine_hunt.log").read_text()


def test_ctrl_c_stops_then_cancels(tmp_path):
    place = tmp_path / "home"
    worker = failing_worker(
        tmp_path, f"import time; open({str(tmp_path / 'up')!r}, 'w'); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, str(ENGINE), "--home", str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | worker,
    ) as hunt:
        while not (tmp_path / "up").exists():
            assert hunt.poll() is None
        hunt.send_signal(signal.SIGINT)
        for line in hunt.stderr:
            if "stopping after the running jobs" in line:
                break
        hunt.send_signal(signal.SIGINT)
        out, err = hunt.communicate()
    assert "cancelling" in err
    assert json.loads(out) == {"error": "No successful runs completed."}
    plan = core_engine.load_plan(home(place).home)
    assert plan.state == "Stopped"
    assert not list(home(place).home.provenance_dir.glob("*"))


@pytest.mark.skipif(os.name != "posix", reason="groups of processes")
@pytest.mark.parametrize("delay", [0, 0.05, 0.2])
def test_ctrl_c_does_not_reach_a_process_that_starts(tmp_path, delay):
    """The terminal sends it to every process of its group: those that start say nothing."""
    argv = ("--home", str(tmp_path / "home"), "--generations", "1", "--population", "2")
    with subprocess.Popen(
        [sys.executable, str(ENGINE), *argv, "--set", "simulation.N_grid=16"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"IRER_RUNNER": "pool", "IRER_WORKERS": "1"},
        start_new_session=True,
    ) as hunt:
        while not is_starting(hunt.pid):
            assert hunt.poll() is None
        time.sleep(delay)
        os.killpg(hunt.pid, signal.SIGINT)
        try:
            _, err = hunt.communicate(timeout=60)  # one that waits for a dead child takes longer
        finally:
            hunt.kill()
    assert hunt.returncode in (0, 1)  # 0: the jobs that were running were all
    assert "stopping after the running jobs" in err
    assert "Traceback" not in err
    assert "Error" not in err


def is_starting(pid):
    """Say whether the process has a child that begins with Python itself."""
    with suppress(psutil.Error):
        return any("spawn_main" in " ".join(p.cmdline()) for p in psutil.Process(pid).children())
    return False


def test_resume_finishes_with_the_same_jobs(tmp_path, capsys, monkeypatch):
    settings = home(tmp_path / "home")

    @contextmanager
    def canned(*_):
        yield CannedRunner(settings)

    monkeypatch.setattr(core_engine, "open_runner", canned)
    plan = core_engine.plan_hunt(order(num_generations=1, population_size=2), settings)
    ids = tuple(core_engine.new_id() for _ in range(2))
    save_plan(settings.home, plan.model_copy(update={"job_uuids": ids}))
    assert core_engine.main(["--resume", "--home", str(settings.home)]) == 0
    names = {f"provenance_{job_uuid}.json" for job_uuid in ids}
    assert {path.name for path in settings.home.provenance_dir.iterdir()} == names
    assert core_engine.load_plan(settings.home).state == "Completed"


def test_a_hunt_that_pauses_ends_with_the_reason_and_can_be_resumed(tmp_path):
    place = tmp_path / "home"
    broken = failing_worker(tmp_path, "raise SystemExit('no such library')")
    argv = ("--generations", "1", "--population", "4", "--home", str(place))
    ended = cli(*argv, "--set", "simulation.N_grid=32", **broken)
    assert ended.returncode == 1
    assert json.loads(ended.stdout) == {"error": "No successful runs completed."}
    last = ended.stderr.splitlines()[-1]
    assert last.startswith("core_engine.py: stopped: 5 tries in a row ended by a crash or a limit")
    assert last.endswith("exit code 1: no such library (go on: --resume)")
    plan = core_engine.load_plan(home(place).home)
    assert plan.state == "Stopped"
    assert "no such library" in plan.message
    assert core_engine.load_plan(home(place).home).job_uuids == plan.job_uuids
