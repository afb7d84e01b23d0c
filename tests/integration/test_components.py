"""Components in processes of their own: a skeleton passes its test, a run ends when it should."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import core_engine
import settings as settings_module
from irer import components
from irer.base.errors import ConfigError, ConflictError
from irer.base.files import read_json
from irer.base.hunt_records import HuntOrder
from irer.components import make_call
from irer.home.artifacts import write_artifact
from irer.home.homelock import hold_home
from settings import SOURCE_ROOT, Settings
from tests.contract.hub.test_hub_views import OPTIONS, artifact_of
from tests.fake_engine import commit, leave_report, make_record
from tests.planted import PlantedRunner
from tests.unit.test_manifest import manifest, put


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings_module.load(home=tmp_path / "home", components_dir=tmp_path / "components")


def new(home: Settings, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "irer.components", "new", *argv],
        cwd=SOURCE_ROOT,
        env=os.environ | {"IRER_COMPONENTS_DIR": str(home.components_dir)},
        capture_output=True,
        text=True,
    )


def test_a_skeleton_passes_its_own_test(home: Settings) -> None:
    begun = new(home, "Wall time (s)")
    assert begun.returncode == 0, begun.stderr
    folder = home.components_dir / "wall_time_s"
    assert components.find(home).problems == ()
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-c", "pyproject.toml", "--rootdir=.", folder],
        cwd=SOURCE_ROOT,
        capture_output=True,
        text=True,
    )
    assert tested.returncode == 0, tested.stdout
    assert "2 passed" in tested.stdout
    again = new(home, "Wall time (s)")
    assert again.returncode == ConflictError.exit_code
    assert "already" in again.stderr


@pytest.mark.parametrize(("argv", "told"), [([], "a NAME"), (["../x"], "name: must be 1 to 60")])
def test_a_name_that_cannot_be_is_refused(home: Settings, argv: list[str], told: str) -> None:
    begun = new(home, *argv)
    assert begun.returncode == ConfigError.exit_code
    assert told in begun.stderr
    assert len(begun.stderr.splitlines()) == 1
    assert not home.components_dir.exists()


def counter(home: Settings, script: str, **changes: object) -> components.Call:
    file = put(home, manifest(inputs=[], outputs=[], tunable_variables=[], **changes))
    (file.parent / "counter.py").write_text(script)
    return make_call(components.read_component(file), {}, home, str)


def test_a_run_is_heard_while_it_lasts_and_ends_when_cancelled(home: Settings) -> None:
    heard, cancelled = [], threading.Event()

    def hear(data: bytes) -> None:
        heard.append(data)
        cancelled.set()

    call = counter(home, "import time\nprint('begun')\ntime.sleep(60)\n")
    ended = components.run(call, home, cancelled=cancelled, on_output=hear)
    assert ended.cancelled
    assert b"".join(heard) == b"begun\n"


def test_a_run_sees_its_home_and_this_program(home: Settings) -> None:
    script = (
        "import os, irer, core_engine\n"
        "print(os.environ['IRER_HOME'], 'IRER_PARENT_PID' in os.environ)\n"
    )
    ended = components.run(counter(home, script), home)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == f"{home.home} False\n"


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="only Linux knows idle processes")
def test_an_idle_run_takes_what_time_is_left(home: Settings) -> None:
    script = "import os, time\ntime.sleep(0.5)\nprint(os.sched_getscheduler(0) == os.SCHED_IDLE)\n"
    assert components.run(counter(home, script), home, idle=True).stdout == "True\n"


def test_the_limit_of_a_manifest_holds(home: Settings) -> None:
    ended = components.run(counter(home, "import time\ntime.sleep(60)\n", timeout_s=1), home)
    assert ended.timed_out


@pytest.mark.parametrize("name", ["BSSN check", "TDA analysis"])
def test_the_analyses_leave_what_their_manifests_say(home: Settings, name: str) -> None:
    record = make_record().model_copy(update={"simulation": OPTIONS})
    commit(home, record)
    write_artifact(home.home.artifact_file(record.job_uuid), artifact_of(record))
    analysis = components.find(settings_module.load(home=home.home)).get(name)
    call = make_call(analysis, {"file": record.job_uuid}, home, str)
    ended = components.run(call, home)
    assert ended.returncode == 0, ended.stderr
    left = analysis.output_files(home.home, call.uuids)
    assert left
    for path in left.values():
        assert path.stat().st_size > 0


def test_the_controls_leave_what_their_manifests_say(home: Settings) -> None:
    # The decoy hunt simulates: a grid for it that is quick and on which planted runs have a score.
    small = {"N_grid": 64, "box_length": 50.0, "T_steps": 20}
    order = HuntOrder(
        num_generations=1, population_size=1, sampler="random", seed=1, simulation=small
    )
    best = core_engine.execute_hunt(order=order, settings=home, runner=PlantedRunner(home, 0.0))
    found = components.find(settings_module.load(home=home.home))
    report = leave_report(home, best["job_uuid"])  # a complete confirmation is only read
    for name, given in (
        ("Null hunts", {"n": 1, "kind": "decoys"}),
        ("Confirmation", {"run": best["job_uuid"]}),
    ):
        call = make_call(found.get(name), given, home, core_engine.new_id)
        with hold_home(home.home):  # as a hub that serves it meanwhile
            ended = components.run(call, home)
        assert ended.returncode == 0, ended.stderr
        (left,) = call.component.output_files(home.home, call.uuids).values()
        shown = read_json(left)
        if name == "Confirmation":
            assert shown == report.model_dump(mode="json")
        else:
            assert (shown["kinds"]["decoys"]["n"], shown["kinds"]["flat"]["n"]) == (1, 0)
    assert read_json(home.home.golden_file)["verdict"]["n_null_hunts"] == {"decoys": 1, "flat": 0}


@pytest.mark.parametrize(("name", "given", "told"), [
    ("Null hunts", {"n": 1}, "null hunts repeat a complete hunt; there is no hunt"),
    ("Random control", {}, "a control hunt repeats a complete hunt; there is no hunt"),
    ("Confirmation", {}, "only a complete run can be confirmed"),
])  # fmt: skip
def test_a_control_that_cannot_be_says_so_in_one_line(
    home: Settings, name: str, given: dict[str, object], told: str
) -> None:
    record = make_record(failed="NONFINITE")
    commit(home, record)
    if name == "Confirmation":
        given = {"run": record.job_uuid}
    component = components.find(settings_module.load(home=home.home)).get(name)
    ended = components.run(make_call(component, given, home, core_engine.new_id), home)
    assert ended.returncode == 1
    assert told in ended.stderr.splitlines()[-1]
