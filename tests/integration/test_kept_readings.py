"""The reading of a hunt as it is kept by the engine and its controls, and as it is told."""

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import core_engine
from app import RunningHub, create_app
from irer.base.files import read_json, write_json
from irer.base.hunt_records import HuntPlan
from irer.base.results import BestRun
from irer.controls.commands import say_reading
from irer.controls.files import read_result
from irer.controls.kept_hunts import renew_hunt
from irer.controls.reading import facts_of, read_reading
from irer.controls.reading.keeping import ReadingKeeper
from irer.controls.reading.text import lines_of
from irer.hunt.observer import SilentObserver
from settings import Settings
from tests.fake_engine import FakeEngine, leave_report
from tests.hunts import home, order, run_canned


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    settings = home(tmp_path_factory.mktemp("finished"))
    plan = core_engine.plan_hunt(order(num_generations=4, population_size=6), settings)
    run_canned(settings, plan)
    return settings.home.folder, plan.hunt_id


@pytest.fixture
def hunted(finished: tuple[Path, str], tmp_path: Path) -> tuple[Settings, str]:
    folder, hunt_id = finished
    shutil.copytree(folder, tmp_path / "home")
    return home(tmp_path / "home"), hunt_id


def client_of(hub: RunningHub) -> FlaskClient:
    return create_app(hub.hub, "T" * 43).test_client()


def test_the_engine_keeps_a_reading_of_a_finished_hunt(hunted: tuple[Settings, str]) -> None:
    settings, hunt_id = hunted
    reading = read_reading(settings.home, hunt_id)
    assert reading is not None
    assert reading.complete
    assert reading.n_runs == 24
    assert reading.best is not None
    best = read_json(settings.home.verdict_file(hunt_id))["result"]
    assert reading.best.job_uuid == best["job_uuid"]
    assert [gauge.value for gauge in reading.best.gauges] == [
        best["metrics"][name]
        for name in (
            "log_prime_sse", "sdg_h_norm_l2", "sdg_h_norm_relative", "n_targets_resolved",
        )
    ]  # fmt: skip
    assert reading.verdict == best["verdict"]["scientific"]


def test_every_source_of_evidence_names_a_file_of_the_home(hunted: tuple[Settings, str]) -> None:
    settings, hunt_id = hunted
    reading = read_reading(settings.home, hunt_id)
    assert reading is not None
    sources = {item.source for finding in reading.findings for item in finding.evidence}
    missing = {name for name in sources if not settings.home.path(name).exists()}
    # What nobody has measured yet is evidence of that.
    assert missing <= {
        settings.home.sensitivity_file(hunt_id).relative_to(settings.home).as_posix(),
        settings.home.null_report_file(hunt_id).relative_to(settings.home).as_posix(),
        settings.home.control_report_file(hunt_id).relative_to(settings.home).as_posix(),
    }


def test_a_reading_is_there_after_each_generation(tmp_path: Path) -> None:
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(num_generations=3, population_size=4), settings)
    seen: list[int] = []

    class Looks(SilentObserver):
        def generation_started(self, generation: int) -> None:
            reading = read_reading(settings.home, plan.hunt_id)
            seen.append(reading.n_runs if reading else 0)

    run_canned(settings, plan, observer=Looks())
    assert seen == [0, 4, 8]
    final = read_reading(settings.home, plan.hunt_id)
    assert final is not None
    assert final.n_runs == 12


def test_a_long_hunt_has_fewer_readings(
    hunted: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, _ = hunted
    plan = core_engine.load_plan(settings.home)
    assert plan is not None
    made: list[HuntPlan] = []
    monkeypatch.setattr(
        "irer.controls.reading.keeping.make_reading", lambda _home, plan, _n: made.append(plan)
    )
    keeper = ReadingKeeper(settings.home, 1)
    for generation in range(1, 21):
        now = {"first_generation": 1, "generation": generation, "population_size": 20}
        keeper.after_generation(plan.model_copy(update=now))
    assert [plan.generation for plan in made] == [*range(1, 7), 8, 10, 13, 17]


def test_what_is_expected_is_that_of_an_ended_hunt(hunted: tuple[Settings, str]) -> None:
    settings, hunt_id = hunted
    plan = core_engine.load_plan(settings.home)
    assert plan is not None
    result = read_result(settings.home, hunt_id)
    assert isinstance(result, BestRun)
    assert facts_of(settings.home, plan).recommended == result.recommended is not None
    goes_on = plan.model_copy(update={"state": "Running"})  # beyond what the result knows
    assert facts_of(settings.home, goes_on).recommended is None


def test_a_confirmation_renews_the_reading(hunted: tuple[Settings, str]) -> None:
    settings, hunt_id = hunted
    before = read_reading(settings.home, hunt_id)
    assert before is not None
    assert before.best is not None
    assert "confirm" in {finding.rule for finding in before.findings}
    leave_report(settings, before.best.job_uuid)
    renew_hunt(settings.home, hunt_id)
    after = read_reading(settings.home, hunt_id)
    assert after is not None
    assert after.best is not None
    assert "confirm" not in {finding.rule for finding in after.findings}
    assert after.best.gauges[0].band == pytest.approx((1.4, 1.75))


def test_decoy_hunts_come_into_the_reading(hunted: tuple[Settings, str]) -> None:
    settings, hunt_id = hunted
    bests = [2.0] * 39
    kinds = {"decoys": {"n": 39, "p_hunt": 0.025, "bests": bests}}
    report = {
        "hunt_id": hunt_id, "design_sha256": "", "measure_version": 2, "p_hunt": 0.025,
        "statistic": "smallest log_prime_sse of the hunt", "best": 1.0, "kinds": kinds,
    }  # fmt: skip
    write_json(settings.home.null_report_file(hunt_id), report)
    renew_hunt(settings.home, hunt_id)
    reading = read_reading(settings.home, hunt_id)
    assert reading is not None
    assert reading.chance is not None
    assert (reading.chance.n, reading.chance.low, reading.chance.high) == (39, 2.0, 2.0)
    assert reading.chance.p_hunt == reading.chance.p_holm == 0.025
    assert "39 decoy hunts: 2.00 to 2.00; as good in 0%; p_hunt 0.025" in reading.sentence


def test_the_hub_gives_the_reading_and_makes_one_that_is_not_kept(
    hunted: tuple[Settings, str],
) -> None:
    settings, hunt_id = hunted
    kept = read_json(settings.home.reading_file(hunt_id))
    hub = RunningHub(settings, FakeEngine().as_engine())
    with hub:
        client = client_of(hub)
        route = f"/api/hunts/{hunt_id}/reading"
        assert client.get(route).json == kept
        settings.home.reading_file(hunt_id).unlink()
        made = client.get(route)
        assert made.status_code == 200
        assert made.json["sentence"] == kept["sentence"]
        assert not settings.home.reading_file(hunt_id).exists()
        unknown = client.get("/api/hunts/98ab2812-0000-4000-8000-000000000000/reading")
        assert unknown.status_code == 404
        write_json(settings.home.reading_file(hunt_id), kept | {"schema_version": 1, "n_runs": 1})
        assert client.get(route).json["n_runs"] == kept["n_runs"]  # an earlier one is made anew
        settings.home.reading_file(hunt_id).unlink()
        settings.home.reading_file(hunt_id).write_text("{}")
        broken = client.get(route)
        assert broken.status_code == 500
        assert "reading.json" in broken.text


def test_the_command_line_says_the_reading_and_leaves_standard_output_to_the_result(
    hunted: tuple[Settings, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settings, hunt_id = hunted
    say_reading(settings.home, hunt_id)
    told = capsys.readouterr()
    reading = read_reading(settings.home, hunt_id)
    assert reading is not None
    assert told.out == ""
    assert told.err.splitlines() == list(lines_of(reading))
    assert told.err.startswith("Not reached. The best run's score is")
    assert "core_engine.py --home" in told.err
    assert "--decoy-hunts 39" in told.err
