"""A committed job is a ledger row, in every state of a hunt, whoever is asked."""

import csv
import json
import signal
import threading

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

import aste_hunter
import core_engine
from app import RunningHub, create_app
from irer.base.errors import StorageError
from irer.base.files import read_json
from irer.home.home_ledger import rows_of_home
from irer.home.ledger import read_rows
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner, canned_record
from tests.fake_engine import FakeEngine
from tests.faults.test_engine_kill import hunt_job_by_job
from tests.hunts import home, hunt_state, ledger_bar_names, order, run_canned

POPULATION = 5


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path / "home")


def small_plan(settings, **changes):
    small = order(num_generations=3, population_size=POPULATION, sampler="random", **changes)
    return core_engine.plan_hunt(small, settings)


def records(settings):
    return {path.stem.partition("_")[2] for path in settings.home.provenance_dir.glob("*.json")}


def told_by_everybody(settings, capsys):
    """The committed jobs by whoever tells of them, each in the order in which it does."""
    told = {"rows": [row.job_uuid for row in rows_of_home(settings.home)]}
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 0
    shown = capsys.readouterr().out
    newest = shown.partition("newest runs")[2].splitlines()[2:]
    told["show"] = [line.split()[0] for line in newest]
    assert f": {len(told['rows'])} runs" in shown
    journal = settings.home.folder / "journal.log"
    assert aste_hunter.main(["export", "--home", str(settings.home), "--out", str(journal)]) == 0
    storage = JournalStorage(JournalFileBackend(str(journal)))
    studies = [optuna.load_study(study_name=s.study_name, storage=storage)
               for s in optuna.get_all_study_summaries(storage)]  # fmt: skip
    told["export"] = [t.user_attrs["job_uuid"] for study in studies for t in study.trials]
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        text = client.get("/api/ledger.csv").text
        told["csv"] = [row["job_uuid"] for row in csv.DictReader(text.splitlines())]
        page = client.get("/api/runs?per_page=500&order=asc").json["runs"]
        told["page"] = [run["job_uuid"] for run in page]
    assert aste_hunter.main(["repair", "--home", str(settings.home)]) == 0
    assert f": {len(told['rows'])} runs" in capsys.readouterr().out
    told["repair"] = [row.job_uuid for row in read_rows(settings.home.ledger_file)]
    return told


def assert_one_truth(settings, capsys):
    told = told_by_everybody(settings, capsys)
    rows = told["rows"]
    assert set(rows) == records(settings)
    assert {name: found for name, found in told.items() if found != rows} == {}
    places = [row.place for row in rows_of_home(settings.home)]
    assert places == sorted(places)
    assert len(places) % POPULATION  # it was inside a generation
    if settings.home.golden_file.exists():
        assert read_json(settings.home.golden_file)["job_uuid"] in rows


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("undisturbed"))
    run_canned(settings, small_plan(settings))
    return ledger_bar_names(settings)


class After(SilentObserver):
    """Does something after so many commits."""

    def __init__(self, jobs, then):
        self.left, self.then = jobs, then

    def job_committed(self, provenance):
        self.left -= 1
        if not self.left:
            self.then()


@pytest.mark.parametrize("how", ["stop", "cancel", "pause"])
@pytest.mark.parametrize("jobs", [1, 3, 7])
def test_stopped_inside_a_generation(settings, capsys, undisturbed, how, jobs):
    control = HuntControl(attended=False)
    ending = After(jobs, getattr(control, how))
    run_canned(settings, small_plan(settings), control=control, observer=ending)
    assert hunt_state(settings) == "Stopped"
    assert {row.job_uuid for row in read_rows(settings.home.ledger_file)} == records(settings)
    assert_one_truth(settings, capsys)
    run_canned(settings, core_engine.load_plan(settings.home))
    assert ledger_bar_names(settings) == undisturbed


def test_ended_by_its_time_limit_inside_a_generation(settings, capsys):
    """One job of the generation is committed, the next waits for the limit."""
    plan = small_plan(settings, max_wall_s=1)
    late = threading.Event()

    def answer(job):
        if runner.submitted[0] is not job:
            late.wait(1.5)
        return canned_record(job)

    runner = CannedRunner(settings, answer)
    run_canned(settings, plan, runner=runner)
    assert "wall time" in core_engine.load_plan(settings.home).message
    assert {row.job_uuid for row in read_rows(settings.home.ledger_file)} == records(settings)
    assert_one_truth(settings, capsys)


def test_ended_by_an_error_inside_a_generation(settings, capsys, undisturbed):
    def answer(job):
        if len(runner.submitted) == 4:
            raise RuntimeError("bang")
        return canned_record(job)

    runner = CannedRunner(settings, answer)
    with pytest.raises(RuntimeError):
        run_canned(settings, small_plan(settings), runner=runner)
    assert hunt_state(settings) == "Error"
    assert_one_truth(settings, capsys)
    run_canned(settings, core_engine.load_plan(settings.home))
    assert ledger_bar_names(settings) == undisturbed


def test_killed_inside_a_generation(settings, capsys):
    """kill -9 between the second and the third job; the rows are there for who reads them."""
    with hunt_job_by_job(settings) as hunt:
        for _ in range(2):
            hunt.stdout.readline()
            hunt.stdin.write("\n")
            hunt.stdin.flush()
        hunt.stdout.readline()
        hunt.send_signal(signal.SIGKILL)
    assert len(records(settings)) == 2
    assert len(list(read_rows(settings.home.ledger_file))) == 2
    assert_one_truth(settings, capsys)


def test_killed_between_a_record_and_its_row(settings, capsys, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    control = HuntControl()
    die = After(2, lambda: monkeypatch.setattr(aste_hunter.Hunter, "enter", kill))
    with pytest.raises(Killed):
        run_canned(settings, small_plan(settings), control=control, observer=die)
    assert len(records(settings)) == 3
    assert len(list(read_rows(settings.home.ledger_file))) == 2
    assert_one_truth(settings, capsys)


def test_while_it_runs_each_job_is_a_row_as_soon_as_it_is_committed(settings):
    class Look(SilentObserver):
        def job_committed(self, provenance):
            rows = list(read_rows(settings.home.ledger_file))
            assert {row.job_uuid for row in rows} == records(settings)
            assert [row.place for row in rows] == sorted(row.place for row in rows)

    run_canned(settings, small_plan(settings), observer=Look())


def test_in_a_large_generation_few_rows_wait(settings):
    behind, sizes = [], []

    class Look(SilentObserver):
        def job_committed(self, provenance):
            there = len(list(read_rows(settings.home.ledger_file)))
            behind.append((len(records(settings)) - there) / max(1, there))
            sizes.append(there)
            assert len(list(rows_of_home(settings.home))) == len(records(settings))

    plan = core_engine.plan_hunt(
        order(num_generations=1, population_size=200, sampler="random"), settings
    )
    run_canned(settings, plan, observer=Look())
    assert max(behind[1:]) <= 1 / 16
    assert len(set(sizes)) < 80  # rows are written in groups, not each by itself


def test_a_row_that_is_refused_waits_and_the_hunt_pauses(settings, monkeypatch, undisturbed):
    control, reasons = HuntControl(), []
    real = aste_hunter.OpenRows.enter

    def refuse(rows, row):
        if not reasons and row.index == 2:
            rows._waiting[row.job_uuid] = row
            raise StorageError("cannot write the ledger: No space left on device")
        real(rows, row)

    class Go(SilentObserver):
        def hunt_paused(self, reason):
            reasons.append(reason)
            assert {row.job_uuid for row in rows_of_home(settings.home)} == records(settings)
            control.resume()

    monkeypatch.setattr(aste_hunter.OpenRows, "enter", refuse)
    run_canned(settings, small_plan(settings), control=control, observer=Go())
    assert reasons == ["cannot write the ledger: No space left on device"]
    assert ledger_bar_names(settings) == undisturbed


def test_a_hunt_that_follows_finds_the_rows_of_the_one_that_was_stopped(settings):
    control = HuntControl()
    run_canned(settings, small_plan(settings), control=control, observer=After(2, control.stop))
    left = [row.job_uuid for row in read_rows(settings.home.ledger_file)]
    run_canned(settings, small_plan(settings))
    rows = list(read_rows(settings.home.ledger_file))
    assert [row.job_uuid for row in rows[:2]] == left
    assert {row.generation for row in rows[2:]} == {2, 3, 4}
    assert json.loads(settings.home.hunt_file.read_text())["state"] == "Completed"
