"""What a hunt would have seen: from its artifacts alone, equal for equal seeds, or one line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import core_engine
from irer import components
from irer.base.errors import ConflictError, ContractError
from irer.base.files import read_json
from irer.base.records import JobConfig, Provenance
from irer.components import make_call
from irer.controls import sensitivity
from irer.controls.files import read_sensitivity
from irer.controls.verdict import verdict_on
from irer.home.artifacts import write_artifact
from irer.home.ledger import read_rows
from irer.home.provenance import read_provenance
from irer.home.registry import load_plan, save_plan
from irer.hunt.control import HuntControl
from settings import Settings
from tests.hunts import home, order
from tests.planted import PlantedRunner, planted_artifact
from validation_pipeline import judge

SMALL = {"num_generations": 2, "population_size": 3, "sampler": "random"}


class SettledRunner(PlantedRunner):
    """Plants fields of runs whose mean density stands still, so that they count."""

    growth = 0.0

    def _simulate_and_judge(self, job: JobConfig) -> Provenance:
        planted = planted_artifact(job, self._height)
        grown = np.exp(self.growth * planted.diagnostics["t"])
        diagnostics = planted.diagnostics | {"density_mean": grown}
        artifact = replace(planted, diagnostics=diagnostics)
        write_artifact(self._home.home.artifact_file(job.job_uuid), artifact)
        return Provenance.of_job(job, **judge(job, artifact)._asdict())


class TransientRunner(SettledRunner):
    """Plants fields of runs that still grow."""

    growth = 5.0


def hunted(path: Path, height: float) -> Settings:
    settings = home(path)
    plan = core_engine.plan_hunt(order(**SMALL), settings)
    runner = SettledRunner(settings, height)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)
    return settings


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return hunted(tmp_path_factory.mktemp("noise"), 0.0)


@pytest.fixture(autouse=True)
def _few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "N_TRIALS", 40)
    monkeypatch.setattr(sensitivity, "N_RANK_DECOYS", 39)
    monkeypatch.setattr(sensitivity, "HEIGHTS", (0.0, 0.3, 3.0, 30.0))
    monkeypatch.setattr(sensitivity, "VOLUME_SHARES", (0.3,))


def file_of(settings: Settings) -> Path:
    plan = load_plan(settings.home)
    assert plan is not None
    return settings.home.sensitivity_file(plan.hunt_id)


def command(settings: Settings, *more: str) -> int:
    return core_engine.main(["--sensitivity", "--home", str(settings.home), *more])


def test_the_command_says_its_time_first_and_leaves_one_file(complete, capsys):
    before = {path.name for path in file_of(complete).parent.iterdir()}
    assert command(complete) == 0
    out, err = capsys.readouterr()
    assert err.startswith("sensitivity: about ")
    first = file_of(complete).read_bytes()
    after = {path.name for path in file_of(complete).parent.iterdir()}
    assert after == before | {"sensitivity.json"}
    report = read_sensitivity(complete.home, load_plan(complete.home).hunt_id)
    assert json.loads(out) == report.model_dump(mode="json")
    assert (report.n_runs, report.n_without_artifact, report.n_trials) == (6, 0, 40)
    rows = list(read_rows(complete.home.ledger_file))
    assert report.observed_best == min(row.metrics.log_prime_sse for row in rows)
    (ball,) = report.balls
    for curve in ball.curves.values():
        assert all(a <= b <= c for a, b, c in zip(curve.low, curve.share, curve.high, strict=True))
    most = 1 - ball.empty
    assert ball.curves["position"].share[-1] == pytest.approx(most, abs=0.1)
    assert ball.curves["reached"].found[0] == 0
    assert command(complete) == 0
    assert file_of(complete).read_bytes() == first
    assert command(complete, "--seed", "5") == 0
    assert read_json(file_of(complete))["seed"] == 5
    assert file_of(complete).read_bytes() != first


def test_the_verdict_has_the_limits_of_the_hunt(complete):
    assert command(complete) == 0
    row = next(read_rows(complete.home.ledger_file))
    record = read_provenance(complete.home.provenance_file(row.job_uuid))
    report = read_sensitivity(complete.home, record.hunt_id)
    verdict = verdict_on(record.job_uuid, record.hunt_id, record.metrics, complete.home)
    assert (verdict.a95, verdict.a_upper_limit) == (report.main.a95, report.main.upper_limit)
    assert verdict.a_upper_limit is not None
    assert read_json(complete.home.golden_file)["verdict"]["a95"] == verdict.a95
    unasked = verdict_on(record.job_uuid, core_engine.new_id(), record.metrics, complete.home)
    assert (unasked.a95, unasked.a_upper_limit) == (None, None)


def test_planted_lines_are_a_find_whose_height_the_limit_does_not_exclude(tmp_path):
    settings = hunted(tmp_path, 3.0)
    report = sensitivity.sensitivity_of(settings.home)
    assert report.observed_best < 0.02
    assert report.p_position == pytest.approx(0.001)
    assert report.main.upper_limit is None or report.main.upper_limit > 3


def test_asked_to_stop_nothing_is_written(tmp_path, complete):
    control = HuntControl(attended=False)
    before = file_of(complete).read_bytes() if file_of(complete).exists() else None

    def stop_at(done: int, _total: int) -> None:
        if done == 9:
            control.stop()

    assert sensitivity.sensitivity_of(complete.home, progress=stop_at, control=control) is None
    after = file_of(complete).read_bytes() if file_of(complete).exists() else None
    assert before == after


def test_progress_counts_to_its_total(complete):
    told = []
    sensitivity.sensitivity_of(complete.home, progress=lambda *pair: told.append(pair))
    assert told[-1] == (6 * 5, 6 * 5)
    assert [done for done, _ in told] == list(range(1, 31))


@pytest.mark.parametrize(
    ("state", "said"),
    [(None, "there is no hunt in"), ("Stopped", "the hunt is Stopped in")],
)
def test_only_a_complete_hunt_has_a_sensitivity(tmp_path, complete, capsys, state, said):
    settings = home(tmp_path)
    if state:
        save_plan(settings.home, load_plan(complete.home).model_copy(update={"state": state}))
    assert command(settings) == 1
    err = capsys.readouterr().err
    assert f"sensitivity is that of a complete hunt; {said}" in err
    assert len(err.splitlines()) == 1
    assert not list(settings.home.folder.glob("hunts/*/sensitivity.json"))


def test_without_runs_that_count_it_says_why(tmp_path, capsys):
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(**SMALL), settings)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=TransientRunner(settings, 0.0))
    assert command(settings) == 1
    err = capsys.readouterr().err
    assert "has no complete run that counts (6 runs: the run was not settled at its end)" in err


def test_gone_artifacts_are_told_or_counted(tmp_path, complete, capsys):
    settings = hunted(tmp_path, 0.0)
    uuids = [row.job_uuid for row in read_rows(settings.home.ledger_file)]
    settings.home.artifact_file(uuids[0]).unlink()
    report = sensitivity.sensitivity_of(settings.home)
    assert (report.n_runs, report.n_without_artifact) == (5, 1)
    for uuid in uuids[1:]:
        settings.home.artifact_file(uuid).unlink()
    assert command(settings) == 1
    assert "the fields of all 6 runs of the hunt" in capsys.readouterr().err


def test_no_other_order_can_be_given_with_it(complete, capsys):
    assert command(complete, "--generations", "3") == 2
    assert "--sensitivity: goes on with the order in hunt.json" in capsys.readouterr().err
    assert command(complete, "--resume") == 2
    assert "cannot be given together with --resume" in capsys.readouterr().err


def test_a_broken_file_is_told(complete):
    sensitivity.sensitivity_of(complete.home)
    file_of(complete).write_text('{"hunt_id": 3}')
    with pytest.raises(ContractError, match=r"sensitivity\.json: hunt_id"):
        read_sensitivity(complete.home, load_plan(complete.home).hunt_id)
    file_of(complete).unlink()


def test_a_changed_design_is_refused(tmp_path, complete):
    settings = home(tmp_path)
    plan = load_plan(complete.home)
    save_plan(settings.home, plan.model_copy(update={"design_sha256": "0" * 64}))
    with pytest.raises((ConflictError, ContractError)):
        sensitivity.sensitivity_of(settings.home)


def test_the_component_leaves_what_its_manifest_says(complete):
    found = components.find(complete).get("Sensitivity")
    call = make_call(found, {}, complete, core_engine.new_id)
    ended = components.run(call, complete)
    assert ended.returncode == 0, ended.stderr
    (left,) = call.component.output_files(complete.home, call.uuids).values()
    assert read_json(left) == read_json(file_of(complete))
    assert "p_position of the hunt" in ended.stdout
