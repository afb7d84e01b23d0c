"""`hpc_core.py`: the hunt as a component, with the exit codes of every command."""

import csv
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

import core_engine
import hpc_core
from irer.base.files import read_json
from irer.base.hunt_records import HuntPlan
from irer.base.records import JobConfig, Provenance, RunError, RunState
from irer.hunt.control import HuntControl
from settings import Settings
from tests.canned import CannedRunner, canned_record


@pytest.fixture(autouse=True)
def canned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    use(monkeypatch, canned_record)


def use(monkeypatch: pytest.MonkeyPatch, answer: Callable[[JobConfig], Provenance]) -> None:
    def open_runner(given: Any, _name: str, settings: Settings, _control: object = None) -> Any:
        return nullcontext(given or CannedRunner(settings, answer))

    monkeypatch.setattr(core_engine, "open_runner", open_runner)


def run(job_uuid: str, *argv: str) -> int:
    try:
        return hpc_core.main(["--job_uuid", job_uuid, *argv])
    except SystemExit as error:
        return int(error.code or 0)


def test_both_outputs_lie_where_the_manifest_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job_uuid = str(uuid.uuid4())
    assert run(job_uuid, "--num_generations", "2", "--population_size", "3") == 0
    place = tmp_path / "component_runs" / job_uuid
    with (place / "final_ledger.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert {row["hunt_id"] for row in rows} == {job_uuid}
    best = read_json(place / "best_run_provenance.json")
    fitness = {row["job_uuid"]: float(row["fitness"]) for row in rows if row["fitness"]}
    assert fitness[best["job_uuid"]] == max(fitness.values())
    assert f"final_ledger: {place / 'final_ledger.csv'}" in capsys.readouterr().out
    assert run(job_uuid) == 1
    assert "is complete" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--num_generations", "0"], "--num_generations: must be an integer from 1 to 100,000"),
        (["--population_size", "many"], "--population_size: must be an integer from 1 to 10,000"),
        (["--population_size", "1.5"], "--population_size: must be an integer"),
        (["--speed", "9"], "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    assert run(str(uuid.uuid4()), *argv) == 2
    printed = capsys.readouterr().err
    assert told in printed
    assert len(printed.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_whole_float_is_an_integer(capsys: pytest.CaptureFixture[str]) -> None:
    job_uuid = str(uuid.uuid4())
    assert run(job_uuid, "--num_generations", "1.0", "--population_size", "2.0") == 0
    assert run(job_uuid) == 1
    assert "is complete" in capsys.readouterr().err


def test_a_uuid_must_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("../../x") == 2
    assert "must be a UUID" in capsys.readouterr().err


def test_no_successful_run_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def diverge(job: JobConfig) -> Provenance:
        error = RunError(reason="NONFINITE", message="last good time 1")
        return Provenance.of_job(job, state=RunState.FAILED, metrics=None, error=error)

    use(monkeypatch, diverge)
    job_uuid = str(uuid.uuid4())
    assert run(job_uuid, "--num_generations", "1", "--population_size", "2") == 1
    assert "No successful runs completed." in capsys.readouterr().err
    place = tmp_path / "component_runs" / job_uuid
    assert (place / "final_ledger.csv").exists()
    assert not (place / "best_run_provenance.json").exists()


def test_an_unfinished_hunt_goes_on_under_its_uuid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answered = 0

    def until_two(
        plan: HuntPlan, settings: Settings, control: HuntControl, _run_hunt: object
    ) -> object:
        def stop_after_two(job: JobConfig) -> Provenance:
            nonlocal answered
            answered += 1
            if answered == 2:
                control.stop()
            return canned_record(job)

        runner = CannedRunner(settings, stop_after_two)
        return core_engine.run_hunt(plan=plan, settings=settings, control=control, runner=runner)

    monkeypatch.setattr(hpc_core, "hunt", until_two)
    job_uuid = str(uuid.uuid4())
    asked = ("--num_generations", "2", "--population_size", "3")
    assert run(job_uuid, *asked) == 1
    assert "the same --job_uuid goes on" in capsys.readouterr().err
    assert run(job_uuid, "--num_generations", "5", "--population_size", "3") == 2
    assert "--num_generations: must be 2 to go on" in capsys.readouterr().err
    assert run(job_uuid, *asked) == 0
    assert answered == 6
    rows = (tmp_path / "component_runs" / job_uuid / "final_ledger.csv").read_text().splitlines()
    assert len(rows) == 7
