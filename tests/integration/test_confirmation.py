"""Confirmation: what is repeated, what is compared, what stays out of the search."""

import json
from argparse import Namespace
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import core_engine
from irer.base.errors import ConfigError, ConflictError, ContractError, NotFoundError
from irer.base.files import read_json, write_json
from irer.base.goals import GROUPS
from irer.base.records import (
    FailureReason,
    JobConfig,
    Metrics,
    Provenance,
    RunError,
    RunState,
    Seconds,
    SimulationOptions,
)
from irer.base.seeds import derive_seed
from irer.controls import commands
from irer.controls.cost import TOTAL, announcement, in_words, relative_cost
from irer.controls.files import confirmation_settings, read_report
from irer.controls.groups import RUNS, refined
from irer.controls.pooling import pooled
from irer.controls.records import FormerReport
from irer.controls.verdict import AN_EARLIER_ONE, verdict_on
from irer.home.artifacts import Artifact, write_artifact
from irer.home.provenance import read_provenance
from irer.hunt.control import HuntControl
from settings import SOURCE_ROOT, Settings
from tests.canned import CannedRunner, make_metrics
from tests.fake_engine import commit, leave_former, make_record
from tests.hunts import home, ledger, order
from tests.planted import planted_artifact

SMALL = SimulationOptions(N_grid=32, box_length=20.0, T_steps=10)


def metrics_of(job: JobConfig) -> Metrics:
    """Numbers that scatter from seed to seed by 5% and do not depend on the settings."""
    factor = 1 + 0.05 * np.random.default_rng(job.global_seed).standard_normal()
    return make_metrics(0.004 * factor, 0.0004 / factor, sdg_h_norm_relative=0.004)


class ReplicateRunner(CannedRunner):
    """Writes small real artifacts; the numbers of a run come from `measure`, None fails it."""

    def __init__(
        self, settings: Settings, measure: Callable[[JobConfig], Metrics | None] = metrics_of
    ) -> None:
        super().__init__(settings, self._answer_for)
        self._home, self._measure = settings, measure

    def _answer_for(self, job: JobConfig) -> Provenance:
        write_artifact(self._home.home.artifact_file(job.job_uuid), planted_artifact(job, 3.0))
        metrics = self._measure(job)
        error = RunError(reason=FailureReason.NONFINITE, message="last good time 1")
        state = RunState.COMPLETE if metrics else RunState.FAILED
        return Provenance.of_job(
            job, state=state, metrics=metrics, error=None if metrics else error
        )


def discovered(settings: Settings, **changes: Any) -> Provenance:
    """A committed run that reaches the goal."""
    record = make_record(sse=0.003, h_norm=0.0003)
    assert record.metrics is not None
    metrics = record.metrics.model_copy(
        update={"n_targets_resolved": 8, "sdg_h_norm_relative": 0.003}
    )
    record = record.model_copy(update={"metrics": metrics, "simulation": SMALL} | changes)
    commit(settings, record)
    return record


def confirm(
    settings: Settings,
    record: Provenance,
    measure: Callable[[JobConfig], Metrics | None] = metrics_of,
    **given: Any,
) -> dict[str, Any] | None:
    runner = ReplicateRunner(confirmation_settings(settings, record.job_uuid), measure)
    report = core_engine.confirm_run(record.job_uuid, settings, runner=runner, **given)
    return report.model_dump(mode="json") if report else None


def test_eight_fresh_seeds_at_five_settings(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    report = confirm(settings, record)
    assert report is not None
    assert [group["name"] for group in report["groups"]] == list(GROUPS)
    seeds = [run["global_seed"] for group in report["groups"] for run in group["runs"]]
    assert len(seeds) == len(set(seeds)) == TOTAL == 40
    assert record.global_seed not in seeds
    of_version_1 = {derive_seed("confirmation", 3, g, i) for g in range(4) for i in range(5)}
    assert record.global_seed == 3
    assert of_version_1.isdisjoint(seeds)
    assert (report["outcome"], report["findings"]) == ("passed", [])
    assert (report["schema_version"], report["measure_version"]) == (2, 2)
    assert report["started_at"] <= report["ended_at"]
    assert {compared["outcome"] for compared in report["comparisons"]} == {"equivalent"}
    assert len(report["comparisons"]) == 8
    assert report["groups"][0]["spread"]["sdg_h_norm_relative"]["n"] == RUNS
    assert report["pooled"]["n_snapshots"] == RUNS
    assert report["discovery"]["metrics"]["log_prime_sse"] == 0.003


def test_refinements_refine_the_same_problem():
    base = SimulationOptions()
    finer, half, larger, double = (refined(base, name) for name in GROUPS[1:])
    assert double == base.model_copy(update={"precision": "float64"})
    assert refined(double, "float64") == refined(double, "own_settings") == double
    assert (finer.N_grid, finer.box_length) == (512, base.box_length)
    assert half.dt * half.T_steps == base.dt * base.T_steps
    assert half.dt == base.dt / 2
    assert np.allclose(
        np.array(half.snapshot_steps) * half.dt, np.array(base.snapshot_steps) * base.dt
    )
    assert (larger.N_grid, larger.box_length) == (384, 1.5 * base.box_length)
    odd = refined(SimulationOptions(N_grid=18), "larger_box")
    assert odd.N_grid % 2 == 0
    assert odd.box_length / odd.N_grid == pytest.approx(base.box_length / 18)


def test_replicates_stay_out_of_the_search(tmp_path):
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(), settings)
    best = core_engine.execute_hunt(plan=plan, settings=settings, runner=CannedRunner(settings))
    rows, files = ledger(settings), sorted(settings.home.provenance_dir.iterdir())
    record = read_provenance(settings.home.provenance_file(best["job_uuid"]))
    commit(settings, record.model_copy(update={"simulation": SMALL}))
    confirm(settings, record)
    assert (ledger(settings), sorted(settings.home.provenance_dir.iterdir())) == (rows, files)
    golden = read_json(settings.home.golden_file)
    assert golden["sncgl_params"] == best["sncgl_params"]
    assert golden["seed_to_seed"]["log_prime_sse"]["n"] == RUNS
    assert golden["seed_to_seed"]["log_prime_sse"]["std"] > 0


def shifted(job: JobConfig) -> Metrics:
    found = metrics_of(job)
    if job.simulation.N_grid != 2 * SMALL.N_grid:
        return found
    return found.model_copy(update={"sdg_h_norm_l2": found.sdg_h_norm_l2 / 5})


def failing_once(job: JobConfig) -> Metrics | None:
    return None if (job.generation, job.index) == (3, 1) else metrics_of(job)


def off_goal(job: JobConfig) -> Metrics:
    return metrics_of(job).model_copy(update={"sdg_h_norm_relative": 0.02})


def scattering(job: JobConfig) -> Metrics:
    """H-norms from seed to seed by a factor of three either way, below the goal in all."""
    factor = 3.0 ** np.random.default_rng(job.global_seed).uniform(-1, 1)
    return metrics_of(job).model_copy(update={"sdg_h_norm_l2": 0.0003 * factor})


@pytest.mark.parametrize(
    ("measure", "outcome", "finding"),
    [
        (shifted, "not passed", "N × 2: sdg_h_norm_l2 differs (ratio to the own settings 0."),
        (failing_once, "not passed", "dt / 2: 1 of 8 runs failed (NONFINITE)"),
        (off_goal, "not passed", "float64: median sdg_h_norm_relative 0.02 is not below 0.01"),
        (scattering, "unresolved", "L × 1.5: whether sdg_h_norm_l2 agrees is unresolved"),
        (lambda job: None, "not passed", "own settings: 8 of 8 runs failed (NONFINITE)"),
    ],
)
def test_what_speaks_against_a_run_is_said(tmp_path, measure, outcome, finding):
    settings = home(tmp_path)
    report = confirm(settings, discovered(settings), measure)
    assert report is not None
    assert report["outcome"] == outcome
    assert any(found.startswith(finding) for found in report["findings"])


def test_the_run_of_a_decoy_hunt_is_confirmed_against_its_own_comb(tmp_path):
    settings = home(tmp_path)
    comb = tuple(np.linspace(0.7, 2.8, 8))
    record = discovered(settings, comb=comb)
    confirm(settings, record)
    own = confirmation_settings(settings, record.job_uuid)
    jobs = [read_json(path) for path in own.home.config_dir.glob("config_*.json")]
    assert len(jobs) == TOTAL
    assert {tuple(job["comb"]) for job in jobs} == {comb}


LINES = {"N_grid": 256, "box_length": 40 * np.pi, "T_steps": 10}


def replicates(height: float) -> list[Artifact]:
    record = make_record().model_copy(update={"simulation": SimulationOptions(**LINES)})
    fields = {name: getattr(record, name) for name in JobConfig.model_fields}
    jobs = [JobConfig(**fields | {"global_seed": seed}) for seed in range(RUNS)]
    return [planted_artifact(job, height) for job in jobs]


def test_pooled_seeds_find_lines_that_are_there_and_only_those():
    rng = np.random.default_rng(1)
    weak, none = pooled(replicates(1.0), rng), pooled(replicates(0.0), rng)
    assert weak is not None
    assert none is not None
    assert (weak.n_snapshots, weak.n_targets_resolved) == (RUNS, 8)
    assert weak.p_position == weak.p_matched == 1 / 1001
    assert weak.matched_filter > 10 > abs(none.matched_filter)
    assert none.p_position > 0.05 < none.p_matched
    alone = pooled(replicates(1.0)[:1], rng)
    assert alone is not None
    assert (alone.p_matched, alone.matched_filter) == (None, None)
    assert pooled([], rng) is None


def test_a_confirmation_of_version_1_is_read_as_such_and_can_be_made_anew(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    former = leave_former(settings, record, complete=True)
    read = read_report(settings.home, record.job_uuid)
    assert isinstance(read, FormerReport)
    assert read.model_dump(mode="json")["findings"] == former["findings"]
    assert (read.passed, read.groups[0].spread["log_prime_sse"].n) == (True, 5)
    verdict = verdict_on(record.job_uuid, record.hunt_id, record.metrics, settings.home)
    assert (verdict.confirmation, verdict.p_position) == (None, None)
    assert verdict.missing[0] == AN_EARLIER_ONE
    report = confirm(settings, record)
    assert report is not None
    assert (report["schema_version"], report["outcome"]) == (2, "passed")
    own = confirmation_settings(settings, record.job_uuid).home.folder
    assert read_json(own / "confirmation_v1.json") == former
    assert (own / "confirmation_v1.html").read_text() == "of version 1"
    assert read_json(own / "plan_v1.json")["schema_version"] == 1
    assert len(read_json(own / "plan.json")["job_uuids"]) == len(GROUPS)


def test_a_report_of_version_1_can_be_read(tmp_path):
    example = SOURCE_ROOT / "tests" / "confirmation_v1.json"
    job_uuid = read_json(example)["job_uuid"]
    own = confirmation_settings(home(tmp_path), job_uuid).home
    write_json(own.confirmation_file, read_json(example))
    report = read_report(home(tmp_path).home, job_uuid)
    assert report is not None
    assert report.schema_version == read_json(example)["schema_version"]
    assert len(report.groups) >= 4


def test_an_unfinished_confirmation_of_version_1_begins_anew(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    leave_former(settings, record, complete=False)
    assert announcement(record, settings).startswith(f"confirmation: {TOTAL} runs, ")
    report = confirm(settings, record)
    assert report is not None
    assert [len(group["runs"]) for group in report["groups"]] == [RUNS] * len(GROUPS)


def test_broken_files_are_one_clear_line(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    own = confirmation_settings(settings, record.job_uuid)
    for broken in ({"schema_version": 3}, {}, []):
        write_json(own.home.confirmation_file, broken)
        with pytest.raises(ContractError, match=r"confirmation\.json: "):
            read_report(settings.home, record.job_uuid)
    own.home.confirmation_file.unlink()
    write_json(own.home.confirmation_plan_file, {"schema_version": 2, "job_uuid": record.job_uuid})
    with pytest.raises(ContractError, match=r"plan\.json: job_uuids: required"):
        confirm(settings, record)


def test_what_it_will_take_is_said_beforehand(tmp_path, capsys):
    settings = home(tmp_path, workers=2)
    record = discovered(settings, simulation=SimulationOptions(), seconds=Seconds(simulation=2.0))
    costs = [relative_cost(refined(record.simulation, n), record.simulation) for n in GROUPS]
    assert costs == pytest.approx([1, 4.5, 2, 2.25 * np.log(384) / np.log(256), 2])
    told = announcement(record, settings)  # 2 s x 8 x 11.9 / 2
    assert told == "confirmation: 40 runs, 8 fresh seeds in each of 5 groups, about 2 min"
    in_3d = SimulationOptions(dimensions=3, N_grid=96)
    assert relative_cost(refined(in_3d, "finer_grid"), in_3d) == pytest.approx(8, rel=0.2)
    asked = Namespace(confirm=record.job_uuid)
    assert commands.confirm(asked, settings, HuntControl(), lambda *_, **__: {"done": 1})
    assert capsys.readouterr().err == f"{told}\n"  # before any bar is drawn
    unknown = record.model_copy(update={"seconds": Seconds()})
    assert announcement(unknown, settings).endswith("in each of 5 groups")
    assert [in_words(s) for s in (0.2, 89, 600, 9000)] == ["1 s", "89 s", "10 min", "2.5 h"]


def test_the_page_holds_discovery_and_confirmation_and_its_pictures(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    confirm(settings, record)
    page = confirmation_settings(settings, record.job_uuid).home.confirmation_page.read_text()
    assert record.job_uuid in page
    for words in ("Discovery and confirmation side by side", "own settings", "N × 2", "float64"):
        assert words in page
    assert page.count('<img src="data:image/png;base64,') >= 6
    assert "http" not in page.replace("http-equiv", "")  # nothing is fetched


def test_stopped_confirmation_goes_on_with_the_same_runs(tmp_path):
    settings = home(tmp_path)
    record = discovered(settings)
    control = HuntControl()
    progress = lambda done, total: control.stop() if done == 7 else None  # noqa: E731
    assert confirm(settings, record, control=control, progress=progress) is None
    own = confirmation_settings(settings, record.job_uuid)
    done = {path.name for path in own.home.provenance_dir.iterdir()}
    assert 7 <= len(done) < TOTAL
    left = TOTAL - len(done)
    assert f"confirmation: {left} of {TOTAL} runs left" in announcement(record, settings)
    runner = ReplicateRunner(own)
    report = core_engine.confirm_run(record.job_uuid, settings, runner=runner)
    assert report is not None
    assert len(runner.submitted) == left
    again = core_engine.confirm_run(record.job_uuid, settings, runner=CannedRunner(own, hold=99))
    assert again == report == read_report(settings.home, record.job_uuid)


def test_what_cannot_be_confirmed_is_one_clear_line(tmp_path):
    settings = home(tmp_path)
    with pytest.raises(NotFoundError, match="there is no run"):
        core_engine.confirm_run(make_record().job_uuid, settings)
    failed = make_record(failed="NONFINITE")
    commit(settings, failed)
    with pytest.raises(ConflictError, match="only a complete run can be confirmed"):
        core_engine.confirm_run(failed.job_uuid, settings)
    for options in (
        SimulationOptions(N_grid=514),
        SimulationOptions(N_grid=130, dimensions=3),
        SimulationOptions(T_steps=10**7),
    ):
        record = discovered(settings, simulation=options)
        with pytest.raises(ConfigError, match="cannot be confirmed: its refinement"):
            core_engine.confirm_run(record.job_uuid, settings)
        assert not confirmation_settings(settings, record.job_uuid).home.folder.exists()


def test_command_line(tmp_path, capsys):
    settings = home(tmp_path)
    record = discovered(settings)
    report = confirm(settings, record)
    assert core_engine.main(["--confirm", record.job_uuid, "--home", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == report
    for argv, code, told in (
        (["--confirm", "x"], 2, "must be a UUID"),
        (["--confirm", record.job_uuid, "--resume"], 2, "--confirm: cannot be given together"),
        (["--confirm", record.job_uuid, "--seed", "1"], 2, "--confirm: goes on with the order"),
        (["--confirm", make_record().job_uuid], 1, "there is no run"),
    ):
        try:
            ended = core_engine.main([*argv, "--home", str(tmp_path)])
        except SystemExit as error:
            ended = error.code
        printed = capsys.readouterr()
        assert (ended, printed.out) == (code, "")
        assert told in printed.err
        assert len(printed.err.splitlines()) == 1
    assert [folder.name for folder in (tmp_path / "confirmations").iterdir()] == [record.job_uuid]
