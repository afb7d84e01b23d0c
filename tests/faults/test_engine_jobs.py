"""Worker and validator scripts that misbehave; the hunt goes on and says why."""

from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

import core_engine
from irer.base.files import read_json
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from tests.hunts import home, hunt_state, ledger, order

WORKER = """
import argparse, json, os, pathlib, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--params"); parser.add_argument("--job_uuid")
given = parser.parse_args()
home = pathlib.Path(os.environ["IRER_HOME"])
config = json.loads(pathlib.Path(given.params).read_text())
artifact = home / "simulation_data" / f"simulation_{given.job_uuid}.h5"
artifact.parent.mkdir(exist_ok=True)
def finish(report):
    artifact.write_text(os.environ["OMP_NUM_THREADS"] + os.environ["PJRT_NPROC"])
    print("some chatter")
    print(json.dumps(report))
"""
VALIDATOR = """
import argparse, os, pathlib, sys, time
sys.path.insert(0, ROOT)
parser = argparse.ArgumentParser()
parser.add_argument("--job_uuid"); parser.add_argument("--artifact_sha256")
given = parser.parse_args()
import settings
from irer.home.registry import read_job
from irer.base.files import write_json
from tests.canned import canned_record
home = settings.load()
def finish():
    job = read_job(home.home.config_file(given.job_uuid))
    record = canned_record(job).model_copy(update={"artifact_sha256": given.artifact_sha256})
    write_json(home.home.provenance_file(given.job_uuid), record.model_dump(mode="json"))
"""
GOOD_WORKER = "finish({'artifact_sha256': 'a' * 64})"
GOOD = {"worker": GOOD_WORKER, "validator": "finish()"}
INDEX = "read_job(home.home.config_file(given.job_uuid)).index"
COUNTED = "with (home / 'tries').open('a') as f: print(given.job_uuid, file=f)\n"
CRASH_FIRST = """
mine = home / given.job_uuid
if not mine.exists():
    mine.touch()
    sys.exit('first try')
"""
HANGING_WORKER = {"worker": "time.sleep(600)", "worker_timeout_s": 1}
HANGING_LATE = {"worker": GOOD_WORKER + "\ntime.sleep(600)", "worker_timeout_s": 1}
HANGING_VALIDATOR = {"validator": "time.sleep(600)", "validator_timeout_s": 1}


@pytest.fixture
def settings_with(tmp_path):
    """Make settings whose worker and validator end with the given lines."""

    def make(worker: str = GOOD_WORKER, validator: str = "finish()", **overrides):
        scripts = {"worker_script": WORKER + worker}
        root = f"ROOT = {str(Path(core_engine.__file__).parent)!r}\n"
        scripts["validator_script"] = root + VALIDATOR + validator
        for name, code in scripts.items():
            (tmp_path / f"{name}.py").write_text(code)
        paths = {name: tmp_path / f"{name}.py" for name in scripts}
        return home(tmp_path / "home", runner="subprocess", **paths, **overrides)

    return make


def run(settings, population=2, **given):
    plan = core_engine.plan_hunt(order(num_generations=1, population_size=population), settings)
    return core_engine.execute_hunt(plan=plan, settings=settings, **given)


def tries(settings):
    """How often each job's worker was started, by the line that COUNTED writes."""
    return sorted(Counter((settings.home.folder / "tries").read_text().split()).values())


def of_second_job(name, lines):
    """Lines of a script that do this for the second job of a generation, and well for others."""
    which = "config['index']" if name == "worker" else INDEX
    return f"if {which} == 1:\n{indent(lines, '    ')}\nelse:\n    {GOOD[name]}"


def errors(settings):
    records = [read_json(path) for path in sorted(settings.home.provenance_dir.iterdir())]
    assert len(records) == 2
    return [record["error"] for record in records]


def test_good_scripts_and_the_digest_handed_on(settings_with):
    settings = settings_with()
    best = run(settings)
    assert best["generation"] == 1
    record = read_json(settings.home.provenance_file(best["job_uuid"]))
    assert record["artifact_sha256"] == "a" * 64
    artifact = settings.home.artifact_file(best["job_uuid"]).read_text()
    assert artifact == "11"


@pytest.mark.parametrize("report", ["None", "[1]", "{'artifact_sha256': '--home'}"])
def test_worker_without_a_proper_report_still_counts(settings_with, report):
    settings = settings_with(worker=f"finish({report})")
    best = run(settings)
    assert read_json(settings.home.provenance_file(best["job_uuid"]))["artifact_sha256"] is None


def test_diverged_candidate_is_left_to_the_validator(settings_with):
    settings = settings_with(worker=GOOD_WORKER + "\nsys.exit(1)")
    assert "error" not in run(settings)


@pytest.mark.parametrize(
    ("scripts", "reason", "message"),
    [
        ({"worker": "sys.exit('no grid')"}, "WORKER_CRASHED", "exit code 1: no grid"),
        ({"worker": "1 / 0"}, "WORKER_CRASHED", "ZeroDivisionError"),
        ({"worker": "os.kill(os.getpid(), 9)"}, "WORKER_CRASHED", "killed by signal 9"),
        ({"worker": "pass"}, "WORKER_CRASHED", "exit code 0"),
        (HANGING_WORKER, "WORKER_TIMEOUT", "time limit"),
        (HANGING_LATE, "WORKER_TIMEOUT", "time limit"),
        ({"validator": "sys.exit('torn')"}, "VALIDATOR_CRASHED", "exit code 1: torn"),
        (HANGING_VALIDATOR, "VALIDATOR_TIMEOUT", "time limit"),
    ],
)
def test_failure_is_recorded_with_its_reason(settings_with, scripts, reason, message):
    """Of two jobs the second one is faulty; the first shows that the machine is not."""
    faulty = {name: of_second_job(name, lines) for name, lines in scripts.items() if name in GOOD}
    settings = settings_with(**(scripts | faulty | {"workers": 1}))
    assert "job_uuid" in run(settings)
    (error,) = [error for error in errors(settings) if error]
    assert error["reason"] == reason
    assert message in error["message"]
    assert [row["reason"] for row in ledger(settings)] == ["", reason]
    assert hunt_state(settings) == "Completed"


@pytest.mark.parametrize(
    ("scripts", "reason", "message"),
    [
        ({"worker": "sys.exit('no grid')"}, "WORKER_CRASHED", "exit code 1: no grid"),
        ({"validator": "sys.exit('torn')"}, "VALIDATOR_CRASHED", "exit code 1: torn"),
        (HANGING_WORKER, "WORKER_TIMEOUT", "time limit"),
    ],
)
def test_while_no_job_comes_to_its_end_the_hunt_stops_and_nobody_is_charged(
    settings_with, scripts, reason, message, caplog
):
    settings = settings_with(**scripts)
    assert "error" in run(settings)
    assert not settings.home.provenance_dir.exists()
    assert ledger(settings) == []
    plan = core_engine.load_plan(settings.home)
    assert plan.state == "Stopped"
    assert f"the last one: {reason}, " in plan.message
    assert message in plan.message
    assert "none is charged" in caplog.text


def test_the_last_lines_of_a_crash_are_in_the_record_and_the_log(settings_with, caplog):
    crash = "def deep():\n    print('about to fail', file=sys.stderr)\n    1 / 0\ndeep()"
    settings = settings_with(worker=of_second_job("worker", crash), workers=1)
    with caplog.at_level("WARNING", logger="irer.engine"):
        run(settings)
    (error,) = [error for error in errors(settings) if error]
    assert error["last_lines"][0] == "about to fail"
    assert any("in deep" in line for line in error["last_lines"])
    assert error["last_lines"][-1] == "ZeroDivisionError: division by zero"
    (job_uuid,) = [row["job_uuid"] for row in ledger(settings) if row["state"] == "FAILED"]
    for line in error["last_lines"]:
        assert f"job {job_uuid} | {line}" in caplog.messages


def test_a_job_that_always_crashes_has_two_tries_and_the_hunt_goes_on(settings_with):
    crash = "if config['index'] == 1: sys.exit('bad luck')\n"
    settings = settings_with(worker=COUNTED + crash + GOOD_WORKER, workers=1)
    states = []

    class States(SilentObserver):
        def jobs_changed(self, counts):
            states.append(counts)

    assert "job_uuid" in run(settings, population=3, observer=States())
    assert tries(settings) == [1, 1, 2]
    rows = ledger(settings)
    assert [(row["index"], row["reason"]) for row in rows if row["state"] == "FAILED"] == [
        ("1", "WORKER_CRASHED")
    ]
    assert (states[-1]["committed"], states[-1]["abandoned"]) == (2, 1)
    assert max(counts["retried"] for counts in states) == 1
    assert hunt_state(settings) == "Completed"


@pytest.mark.parametrize("who", ["worker", "validator"])
def test_one_crash_costs_a_try_and_nothing_else(settings_with, who):
    scripts = {"worker": COUNTED + GOOD_WORKER, "validator": "finish()"}
    lines = "home_of = home if isinstance(home, pathlib.Path) else home.home.folder\n"
    first = CRASH_FIRST.replace("home /", "home_of /")
    scripts[who] = lines + first + scripts[who]
    settings = settings_with(**scripts)
    assert "job_uuid" in run(settings)
    assert [row["state"] for row in ledger(settings)] == ["COMPLETE"] * 2


def test_artifact_of_an_earlier_try_is_not_taken_for_this_one(settings_with):
    settings = settings_with(worker="sys.exit(1)")
    plan = core_engine.plan_hunt(order(num_generations=1, population_size=1), settings)

    class LeaveArtifact(SilentObserver):
        def generation_started(self, generation):
            settings.home.data_dir.mkdir(parents=True)
            job_uuid = core_engine.load_plan(settings.home).job_uuids[0]
            settings.home.artifact_file(job_uuid).write_text("old")

    core_engine.execute_hunt(plan=plan, settings=settings, observer=LeaveArtifact())
    assert "WORKER_CRASHED, exit code 1" in core_engine.load_plan(settings.home).message
    assert ledger(settings) == []


def test_cancel_ends_hanging_workers_and_leaves_no_record(settings_with):
    settings = settings_with(worker="time.sleep(600)", workers=1)
    control = HuntControl()

    class CancelSoon(SilentObserver):
        def generation_started(self, generation):
            control.cancel()

    assert "error" in run(settings, control=control, observer=CancelSoon())
    assert not settings.home.provenance_dir.exists()
    assert hunt_state(settings) == "Stopped"
