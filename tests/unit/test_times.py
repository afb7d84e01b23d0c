"""When something was made stands in everything that was made, in UTC and with its zone."""

import logging
import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

import aste_hunter
import core_engine
from irer.base.clock import as_text, now, of_timestamp
from irer.base.files import read_json
from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance
from irer.controls.fingerprint import check_design
from irer.home import ledger as ledger_module
from irer.home.ledger import read_rows, schema_file, upgrade
from irer.home.ledger_row import COLUMNS
from irer.home.logs import attach_rotating
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, ledger, run_canned

ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00")


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path / "home")


def moment(text):
    assert ZONED.fullmatch(text), text
    return datetime.fromisoformat(text)


def timed_record(job):
    """As the validator writes it."""
    began = as_text(datetime.now(UTC) - timedelta(seconds=2))
    return canned_record(job).model_copy(update={"started_at": began, "ended_at": now()})


def test_a_moment_is_utc_with_its_zone():
    india = timezone(timedelta(hours=5, minutes=30))
    assert as_text(datetime(2026, 11, 27, 9, 46, 11, 123456, india)) == (
        "2026-11-27T04:16:11.123+00:00"
    )
    assert of_timestamp(1.5) == "1970-01-01T00:00:01.500+00:00"
    assert abs(moment(now()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_plan_says_when_the_hunt_began_and_ended(settings):
    seen = []

    class Look(SilentObserver):
        def generation_started(self, generation):
            seen.append(core_engine.load_plan(settings.home))

    began = datetime.now(UTC)
    run_canned(settings, observer=Look())
    assert {plan.started_at for plan in seen} == {seen[0].started_at}
    assert {plan.ended_at for plan in seen} == {None}
    plan = core_engine.load_plan(settings.home)
    assert plan.started_at == seen[0].started_at
    assert began - timedelta(milliseconds=1) <= moment(plan.started_at) <= moment(plan.ended_at)
    check_design(plan)  # times are no part of what is fixed beforehand


def test_a_resumed_hunt_keeps_its_start_and_has_no_end_until_it_ends(settings):
    control = HuntControl()

    class Stop(SilentObserver):
        def job_committed(self, provenance):
            control.stop()

    run_canned(settings, observer=Stop(), control=control)
    stopped = core_engine.load_plan(settings.home)
    assert moment(stopped.started_at) <= moment(stopped.ended_at)
    ends = []

    class Look(SilentObserver):
        def generation_started(self, generation):
            ends.append(core_engine.load_plan(settings.home).ended_at)

    run_canned(settings, stopped, observer=Look())
    assert ends == [None] * 3
    ended = core_engine.load_plan(settings.home)
    assert ended.started_at == stopped.started_at
    assert moment(ended.ended_at) > moment(stopped.ended_at)


def test_ledger_export_and_golden_file_have_the_times_of_the_jobs(settings):
    best = run_canned(settings, runner=CannedRunner(settings, timed_record))
    rows = ledger(settings)
    for row in rows:
        record = read_json(settings.home.provenance_file(row["job_uuid"]))
        assert (row["started_at"], row["ended_at"]) == (record["started_at"], record["ended_at"])
        assert moment(row["ended_at"]) - moment(row["started_at"]) >= timedelta(seconds=2)
    golden = read_json(settings.home.golden_file)["provenance"]
    record = read_json(settings.home.provenance_file(best["job_uuid"]))
    assert (golden["started_at"], golden["ended_at"]) == (record["started_at"], record["ended_at"])
    for trial, row in zip(exported(settings), rows, strict=True):
        for name, shown in (
            ("started_at", trial.datetime_start),
            ("ended_at", trial.datetime_complete),
        ):
            assert trial.user_attrs[name] == row[name]
            assert as_text(shown.astimezone()) == row[name]  # Optuna's are local


def test_export_of_runs_without_times_takes_those_of_their_records(settings):
    """Records from before 11.1 say nothing, their files do; never the moment of the export."""
    run_canned(settings)
    for trial in exported(settings):
        file = settings.home.provenance_file(trial.user_attrs["job_uuid"])
        assert as_text(trial.datetime_complete.astimezone()) == of_timestamp(file.stat().st_mtime)
        assert trial.user_attrs["ended_at"] is None


def exported(settings):
    journal = settings.home.folder / "journal.log"
    assert aste_hunter.main(["export", "--home", str(settings.home), "--out", str(journal)]) == 0
    storage = JournalStorage(JournalFileBackend(str(journal)))
    (study,) = optuna.get_all_study_summaries(storage)
    return optuna.load_study(study_name=study.study_name, storage=storage).trials


def test_records_and_plans_without_times_are_read_as_null(settings):
    run_canned(settings)
    record = read_json(next(settings.home.provenance_dir.iterdir()))
    plan = read_json(settings.home.hunt_file)
    for old in (record, plan):
        del old["started_at"], old["ended_at"]
    assert Provenance.model_validate(record).ended_at is None
    assert HuntPlan.model_validate(plan).started_at is None


@pytest.mark.parametrize("wrong", ["2026-11-27T04:16:11.123", "yesterday", "2026-11-27", 3, ""])
def test_a_time_without_its_zone_is_refused(settings, wrong):
    run_canned(settings)
    record = read_json(next(settings.home.provenance_dir.iterdir())) | {"ended_at": wrong}
    with pytest.raises(ValueError, match="ended_at"):
        Provenance.model_validate(record)


OLD = [name for name in COLUMNS if name not in ("started_at", "ended_at", "candidate")]


def as_schema_1(settings):
    """Write the ledger as 11.0 had it; return what stood in it."""
    rows = ledger(settings)
    lines = [",".join(OLD), *(",".join(row[name] for name in OLD) for row in rows)]
    settings.home.ledger_file.write_text("\n".join(lines) + "\n")
    schema_file(settings.home.ledger_file).write_text(
        '{"schema_version": 1, "columns": [' + ", ".join(f'"{name}"' for name in OLD) + "]}"
    )
    return rows


def test_a_ledger_of_schema_1_is_read_as_it_is(settings):
    run_canned(settings)
    rows, left = list(read_rows(settings.home.ledger_file)), as_schema_1(settings)
    before = settings.home.ledger_file.read_bytes()
    assert list(read_rows(settings.home.ledger_file)) == rows
    assert len(rows) == len(left) == 12
    assert settings.home.ledger_file.read_bytes() == before


def test_a_ledger_of_schema_1_is_upgraded_in_one_step_before_the_first_new_row(settings, caplog):
    run_canned(settings)
    left = as_schema_1(settings)
    with caplog.at_level(logging.INFO, logger="irer.engine"):
        run_canned(settings)
    assert "upgraded to schema 3, which has started_at, ended_at, candidate too" in caplog.text
    assert read_json(schema_file(settings.home.ledger_file))["schema_version"] == 3
    rows = ledger(settings)
    assert rows[:12] == left
    assert len(rows) == 24
    assert not upgrade(settings.home.ledger_file)


@pytest.mark.parametrize("moment_", ["before", "after"])
def test_an_upgrade_that_is_killed_is_done_again(settings, monkeypatch, moment_):
    run_canned(settings)
    left = as_schema_1(settings)
    name = "write_atomic" if moment_ == "before" else "_write_schema"

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(ledger_module, name, kill)
        with pytest.raises(Killed):
            upgrade(settings.home.ledger_file)
    assert len(list(read_rows(settings.home.ledger_file))) == 12
    upgrade(settings.home.ledger_file)
    assert ledger(settings) == left
    assert read_json(schema_file(settings.home.ledger_file))["schema_version"] == 3


def test_log_lines_have_their_zone(tmp_path):
    logger = logging.getLogger("irer.test_times")
    attach_rotating(logger.name, tmp_path / "lines.log")
    logger.info("one")
    logger.info("two")
    lines = (tmp_path / "lines.log").read_text().splitlines()
    moments = [moment(line.split()[0]) for line in lines]
    assert [line.split()[1:] for line in lines] == [
        ["INFO", "irer.test_times:", text] for text in ("one", "two")
    ]
    assert all(a <= b for a, b in pairwise(moments))
    for handler in list(logger.handlers):
        handler.close()
        logger.removeHandler(handler)
