import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import optuna
import psutil
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

import aste_hunter
import core_engine
from irer.base.records import RunState
from irer.home.ledger import read_rows
from tests.hunts import home, order, run_canned


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A home with two hunts, of which one searches a single parameter."""
    settings = home(tmp_path_factory.mktemp("home"))
    run_canned(settings)
    fixed = {name: 0.5 for name in settings.param_space if name not in ("c1", "c3")}
    run_canned(settings, core_engine.plan_hunt(order(params=fixed), settings))
    return settings


@pytest.fixture(scope="module")
def journal(settings):
    path = settings.home.folder / "journal.log"
    assert aste_hunter.main(["export", "--home", str(settings.home), "--out", str(path)]) == 0
    return path


def test_journal_holds_every_run_of_every_hunt(settings, journal):
    rows = list(read_rows(settings.home.ledger_file))
    storage = JournalStorage(JournalFileBackend(str(journal)))
    studies = {study.study_name: study for study in optuna.get_all_study_summaries(storage)}
    assert set(studies) == {f"hunt {row.hunt_id}" for row in rows}
    for name in studies:
        trials = optuna.load_study(study_name=name, storage=storage).trials
        runs = [row for row in rows if name == f"hunt {row.hunt_id}"]
        assert [t.user_attrs["job_uuid"] for t in trials] == [row.job_uuid for row in runs]
        for trial, row in zip(trials, runs, strict=True):
            failed = row.state is RunState.FAILED
            assert trial.state.name == ("FAIL" if failed else "COMPLETE")
            assert trial.values == (None if failed else list(row.objectives))
            merged = trial.params | trial.user_attrs
            assert all(merged[name] == value for name, value in row.params)
    searched = {frozenset(optuna.load_study(study_name=n, storage=storage).trials[0].params)
                for n in studies}  # fmt: skip
    assert searched == {frozenset(settings.param_space), frozenset({"c1", "c3"})}


def test_exporting_again_gives_the_same_studies(settings, journal, capsys):
    before = journal.read_text().count("\n")
    aste_hunter.main(["export", "--home", str(settings.home), "--out", str(journal)])
    assert f"optuna-dashboard {journal}" in capsys.readouterr().out
    assert journal.read_text().count("\n") == before


def listening(process: psutil.Process) -> list[int]:
    return [c.laddr.port for c in process.net_connections() if c.status == psutil.CONN_LISTEN]


def ask(port: int, path: str):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return json.load(answer)


def test_optuna_dashboard_opens_it(settings, journal):
    command = [Path(sys.executable).with_name("optuna-dashboard"), str(journal), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process, deadline = psutil.Process(server.pid), time.monotonic() + 120
        while not (ports := listening(process)):
            assert server.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        studies = ask(ports[0], "/api/studies")["study_summaries"]
        assert len(studies) == 2
        trials = [ask(ports[0], f"/api/studies/{s['study_id']}")["trials"] for s in studies]
        assert [len(found) for found in trials] == [12, 12]
    finally:
        server.kill()
        server.wait()
