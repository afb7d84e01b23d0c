"""The file system refuses at any write: old or new files, a pause, and nothing lost after it."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

import core_engine
import irer.base.files
from irer.base.errors import InfrastructureError, StorageError
from irer.base.files import TEMPORARY_PREFIX, parse_json
from irer.base.records import FailureReason
from irer.home import ledger as ledger_module
from irer.home.home_ledger import rows_of_home
from irer.home.ledger import read_rows
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, hunt_state, ledger, ledger_bar_names, order, run_canned

GENERATIONS, POPULATION = 2, 2
NO_SPACE, NO_PERMISSION = errno.ENOSPC, errno.EACCES


class Disk:
    """The calls by which files are made, from the n-th on refused until the fault is lifted."""

    def __init__(self, monkeypatch, passed=10**9, code=NO_SPACE):
        self.passed, self.code = passed, code
        self.calls = self.refused = 0
        self._wrap(monkeypatch, Path, "mkdir")
        self._wrap(monkeypatch, tempfile, "mkstemp")
        self._wrap(monkeypatch, irer.base.files, "_write_all")
        self._wrap(monkeypatch, ledger_module, "_write_whole")
        self._wrap(monkeypatch, os, "fsync")
        self._wrap(monkeypatch, Path, "replace")
        opened = Path.open
        monkeypatch.setattr(
            Path,
            "open",
            lambda path, mode="r", *a, **k: self._do(
                opened, mode not in ("r", "rb"), path, mode, *a, **k
            ),
        )

    def _wrap(self, monkeypatch, owner, name):
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *a, **k: self._do(real, True, *a, **k))

    def _do(self, real, counts, *args, **options):
        if counts:
            self.calls += 1
            if self.calls > self.passed:
                self.refused += 1
                raise OSError(self.code, os.strerror(self.code))
        return real(*args, **options)

    def lift(self):
        self.passed = 10**9


def small_plan(settings):
    small = order(num_generations=GENERATIONS, population_size=POPULATION, sampler="random")
    return core_engine.plan_hunt(small, settings)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The ledger of a hunt that nothing disturbed, and how many calls it took."""
    settings = home(tmp_path_factory.mktemp("undisturbed"))
    with pytest.MonkeyPatch.context() as patch:
        disk = Disk(patch)
        run_canned(settings, small_plan(settings))
    return ledger_bar_names(settings), disk.calls


def assert_whole(settings):
    """Every file that is there can be read, and nothing half-written lies about."""
    files = [path for path in settings.home.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if path.name.startswith(TEMPORARY_PREFIX)]
    for path in files:
        if path.suffix == ".json":
            parse_json(path.read_bytes())
    rows = list(read_rows(settings.home.ledger_file))
    assert [row.place for row in rows] == sorted({row.place for row in rows})
    whole = list(rows_of_home(settings.home))  # what was refused is known from its record
    records = {path.stem.partition("_")[2] for path in settings.home.provenance_dir.glob("*.json")}
    assert {row.job_uuid for row in whole} == records
    assert [row.place for row in whole] == sorted(row.place for row in whole)


class Repairs(SilentObserver):
    """Looks at the home when the hunt pauses, mends the disk and lets the hunt go on."""

    def __init__(self, settings, disk, control):
        self.settings, self.disk, self.control = settings, disk, control
        self.reasons, self.resumed = [], 0
        self.committed = []

    def hunt_paused(self, reason):
        assert self.control.paused
        self.reasons.append(reason)
        assert_whole(self.settings)
        self.disk.lift()
        self.control.resume()

    def hunt_resumed(self):
        self.resumed += 1

    def job_committed(self, provenance):
        self.committed.append(provenance.job_uuid)


@pytest.mark.parametrize("code", [NO_SPACE, NO_PERMISSION])
@pytest.mark.parametrize("slice_", range(8))
def test_refused_at_any_call_the_hunt_pauses_and_completes(
    tmp_path, monkeypatch, undisturbed, code, slice_
):
    expected, calls = undisturbed
    for passed in range(slice_, calls, 8):
        settings = home(tmp_path / str(passed))
        plan = small_plan(settings)
        control = HuntControl()
        with monkeypatch.context() as patch:
            disk = Disk(patch, passed, code)
            watcher = Repairs(settings, disk, control)
            run_canned(settings, plan, control=control, observer=watcher)
            assert disk.refused
        assert len(watcher.reasons) == watcher.resumed == 1
        assert os.strerror(code) in watcher.reasons[0]
        assert str(settings.home) in watcher.reasons[0]
        assert ledger_bar_names(settings) == expected
        assert hunt_state(settings) == "Completed"
        assert len(watcher.committed) == len(set(watcher.committed)) == GENERATIONS * POPULATION
        assert len(list(settings.home.config_dir.iterdir())) == GENERATIONS * POPULATION


@pytest.mark.parametrize("slice_", range(4))
def test_refused_at_any_call_and_nobody_there(tmp_path, monkeypatch, undisturbed, slice_):
    """Without someone to resume it the hunt ends clearly; the next start completes it."""
    expected, calls = undisturbed
    for passed in range(slice_, calls, 4):
        settings = home(tmp_path / str(passed))
        plan = small_plan(settings)
        with monkeypatch.context() as patch:
            Disk(patch, passed)
            assert "No space left on device" in reason_of_the_end(settings, plan)
        assert_whole(settings)
        there = {place_of(row) for row in ledger(settings)}
        assert ledger_bar_names(settings) == [row for row in expected if place_of(row) in there]
        run_canned(settings, core_engine.load_plan(settings.home) or plan)
        assert ledger_bar_names(settings) == expected
        assert hunt_state(settings) == "Completed"


def place_of(row):
    return row["generation"], row["index"]


def reason_of_the_end(settings, plan):
    """Run a hunt that cannot finish; the exception or hunt.json says why."""
    try:
        run_canned(settings, plan)
    except StorageError as error:
        return error.message
    plan = core_engine.load_plan(settings.home)
    assert plan.state == "Stopped"
    return plan.message


def test_full_disk_in_a_worker_pauses_and_costs_no_try(tmp_path):
    settings = home(tmp_path)
    control, full, told = HuntControl(), [3], []

    def answer(job):
        if job.index == 1 and full[0]:
            full[0] -= 1
            raise StorageError("cannot write x: No space left on device")
        return canned_record(job)

    class Watcher(SilentObserver):
        def hunt_paused(self, reason):
            told.append((reason, hunt_state(settings)))
            control.resume()

    run_canned(settings, runner=CannedRunner(settings, answer), control=control, observer=Watcher())
    assert told == [("cannot write x: No space left on device", "Paused")] * 3
    assert hunt_state(settings) == "Completed"
    assert not [row for row in ledger(settings) if row["reason"].startswith("WORKER")]
    assert len(ledger(settings)) == 12


def test_the_record_of_an_abandoned_job_is_insisted_on(tmp_path, monkeypatch):
    settings = home(tmp_path)
    control = HuntControl()
    disk = Disk(monkeypatch)

    def answer(job):
        if (job.generation, job.index) == (1, 1):
            disk.passed = disk.calls  # full from here on: also the FAILED record is refused
            raise InfrastructureError(FailureReason.WORKER_CRASHED, "killed by signal 9")
        return canned_record(job)

    watcher = Repairs(settings, disk, control)
    plan = core_engine.plan_hunt(order(num_generations=1), settings)
    run_canned(
        settings,
        plan,
        runner=CannedRunner(settings, answer),
        control=control,
        observer=watcher,
    )
    assert watcher.reasons
    assert disk.refused
    assert [row["reason"] for row in ledger(settings)].count("WORKER_CRASHED") == 1
    assert len(ledger(settings)) == 4
