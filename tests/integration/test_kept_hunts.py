"""What a hunt was is kept for ever: the next one overwrites nothing of it."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import core_engine
from app import RunningHub, create_app
from irer.base.files import read_json, write_json
from irer.base.hunt_records import HuntPlan
from irer.controls.files import read_result
from irer.controls.kept_hunts import bring_up_to_date, judge_anew, renew_hunt
from irer.home.registry import keep_plan, load_plan, save_plan
from irer.hub.hub import Hub
from settings import Settings
from tests.fake_engine import FakeEngine, leave_report
from tests.fake_engine import make_plan as fake_plan
from tests.hunts import home, order, run_canned


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return home(tmp_path / "home", rescan_s=0.05)


def run_one(settings: Settings, **changes: Any) -> HuntPlan:
    small = order(num_generations=2, population_size=3, sampler="random", **changes)
    plan = core_engine.plan_hunt(small, settings)
    run_canned(settings, plan)
    return plan


@pytest.fixture
def two(settings: Settings) -> tuple[HuntPlan, HuntPlan]:
    """Two hunts in other ranges, one after the other."""
    first = run_one(settings, params={"c1": [0.0, 1.0], "epsilon": [0.5, 1.0], "kappa": 0.2})
    second = run_one(settings, seed=5, params={"c1": [-1.0, 2.0]})
    return first, second


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_hunt_leaves_the_folder_of_the_one_before_as_it_was(settings: Settings) -> None:
    first = run_one(settings, params={"c1": [0.0, 1.0]})
    root = read_json(settings.home.hunt_file), read_json(settings.home.golden_file)
    kept = files_of(settings.home.hunt_dir(first.hunt_id))
    assert set(kept) == {"plan.json", "verdict.json", "reading.json", "golden_parameters.json"}
    second = run_one(settings, seed=5)
    assert files_of(settings.home.hunt_dir(first.hunt_id)) == kept
    folder = settings.home.hunt_dir(first.hunt_id)
    assert (read_json(folder / "plan.json"), read_json(folder / "golden_parameters.json")) == root
    assert read_json(settings.home.hunt_file)["hunt_id"] == second.hunt_id
    assert read_json(settings.home.hunt_dir(second.hunt_id) / "plan.json") == read_json(
        settings.home.hunt_file
    )


def test_a_broken_copy_of_a_plan_is_written_anew(settings: Settings) -> None:
    plan = run_one(settings)
    copy = settings.home.hunt_dir(plan.hunt_id) / "plan.json"
    for broken in ("{", "3"):
        copy.write_text(broken)
        bring_up_to_date(settings.home)
        assert copy.read_bytes() == settings.home.hunt_file.read_bytes()


def test_what_is_kept_is_what_the_hunt_returned(settings: Settings) -> None:
    plan = core_engine.plan_hunt(order(sampler="random"), settings)
    result = run_canned(settings, plan)
    kept = read_json(settings.home.verdict_file(plan.hunt_id))
    assert kept == {"schema_version": 1, "hunt_id": plan.hunt_id, "result": result}
    assert result["verdict"]["engineering_passed"]


def test_a_hunt_without_a_measured_run_keeps_that(settings: Settings) -> None:
    bad = {"c1": [2.6, 3.0], "c3": [0.5, 1.0]}
    plan = run_one(settings, params=bad)
    assert read_json(settings.home.verdict_file(plan.hunt_id))["result"] == {
        "error": "No successful runs completed."
    }
    assert not (settings.home.hunt_dir(plan.hunt_id) / "golden_parameters.json").exists()


def test_a_later_confirmation_renews_the_kept_verdict_of_its_hunt_alone(
    settings: Settings, two: tuple[HuntPlan, HuntPlan]
) -> None:
    first, second = two
    job_uuid = read_json(settings.home.verdict_file(first.hunt_id))["result"]["job_uuid"]
    other = files_of(settings.home.hunt_dir(second.hunt_id))
    report = leave_report(settings, job_uuid)
    renew_hunt(settings.home, first.hunt_id)
    result = read_json(settings.home.verdict_file(first.hunt_id))["result"]
    told = report.outcome
    assert result["verdict"]["confirmation"] == told
    assert result["verdict"]["engineering_passed"]
    golden = read_json(settings.home.hunt_dir(first.hunt_id) / "golden_parameters.json")
    assert golden["job_uuid"] == job_uuid
    assert golden["seed_to_seed"]
    assert files_of(settings.home.hunt_dir(second.hunt_id)) == other
    assert read_json(settings.home.golden_file)["provenance"]["hunt_id"] == second.hunt_id


@pytest.fixture
def hub(settings: Settings, two: tuple[HuntPlan, HuntPlan]) -> Iterator[Hub]:
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        yield hub


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return create_app(hub, "T" * 43).test_client()


def test_the_list_of_hunts(client: FlaskClient, two: tuple[HuntPlan, HuntPlan]) -> None:
    hunts = client.get("/api/hunts").json["hunts"]
    assert [hunt["hunt_id"] for hunt in hunts] == [plan.hunt_id for plan in reversed(two)]
    assert [hunt["current"] for hunt in hunts] == [True, False]
    for hunt in hunts:
        assert hunt["status"] == "Completed"
        assert hunt["verdict"] == "not reached"
        assert hunt["complete"] + hunt["failed"] == hunt["total"] == 6
        began, ended = (datetime.fromisoformat(hunt[n]) for n in ("started_at", "ended_at"))
        assert began.tzinfo is not None
        assert began <= ended


def test_one_hunt(client: FlaskClient, settings: Settings, two: tuple[HuntPlan, HuntPlan]) -> None:
    for plan in two:
        shown = client.get(f"/api/hunts/{plan.hunt_id}").json
        folder = settings.home.hunt_dir(plan.hunt_id)
        assert shown["plan"] == read_json(folder / "plan.json")
        assert shown["golden"] == read_json(folder / "golden_parameters.json")
        assert shown["result"] == read_json(folder / "verdict.json")["result"]
        with client.get(f"/api/hunts/{plan.hunt_id}/golden/golden_parameters.json") as file:
            assert file.json == shown["golden"]
        assert client.get(f"/api/hunts/{plan.hunt_id}/golden/plan.json").status_code == 404
        missing = client.get(f"/api/hunts/{plan.hunt_id}/golden/golden_density.png")
        assert missing.status_code == 404
    assert client.get(f"/api/hunts/{uuid.uuid4()}").status_code == 404
    assert client.get("/api/hunts/mine").status_code == 400


def test_charts_of_an_earlier_hunt_show_the_ranges_that_it_searched(
    client: FlaskClient, hub: Hub, two: tuple[HuntPlan, HuntPlan]
) -> None:
    for plan in two:
        assert hub.hunted(plan.hunt_id, "log_prime_sse").space == plan.search_space
        figure = client.get(f"/api/figures/parallel?hunt={plan.hunt_id}").json
        names = figure["layout"]["xaxis"]["ticktext"]
        assert names[:-2] == list(plan.search_space)
        ends = [note["text"] for note in figure["layout"]["annotations"]]
        at = names.index("c1")
        low, high = plan.search_space["c1"]
        assert ends[2 * at : 2 * at + 2] == [f"{low:.3g}", f"{high:.3g}"]


def test_a_hunt_that_was_left_is_interrupted_and_one_without_runs_is_listed(
    settings: Settings, two: tuple[HuntPlan, HuntPlan]
) -> None:
    left = fake_plan(first_generation=5, generation=5)
    write_json(settings.home.hunt_dir(left.hunt_id) / "plan.json", left.model_dump(mode="json"))
    broken = settings.home.hunt_dir(str(uuid.uuid4())) / "plan.json"
    write_json(broken, {"hunt_id": 3})
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        hunts = create_app(hub, "T" * 43).test_client().get("/api/hunts").json["hunts"]
    shown = {hunt["hunt_id"]: hunt for hunt in hunts}
    assert len(shown) == 4
    assert shown[left.hunt_id]["status"] == "Interrupted"
    assert (shown[left.hunt_id]["first_generation"], shown[left.hunt_id]["complete"]) == (5, 0)
    assert shown[broken.parent.name]["status"] is None
    assert hunts[0]["hunt_id"] == left.hunt_id


def test_started_by_the_hub_the_earlier_hunt_is_kept_too(
    settings: Settings, two: tuple[HuntPlan, HuntPlan]
) -> None:
    second = two[1]
    kept = files_of(settings.home.hunt_dir(second.hunt_id))
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        assert client.post("/api/start-hunt", json={"num_generations": 1}).status_code == 202
        hub.hunts.shutdown()
        hunts = client.get("/api/hunts").json["hunts"]
    assert len(hunts) == 3
    assert files_of(settings.home.hunt_dir(second.hunt_id)) == kept


def test_what_a_hunt_recommends_outlasts_a_judgement_anew_and_the_hub(settings: Settings) -> None:
    plan = core_engine.plan_hunt(order(num_generations=4, population_size=6), settings)
    run_canned(settings, plan)
    kept = read_result(settings.home, plan.hunt_id)
    assert kept.recommended is not None
    judge_anew(settings.home)
    assert read_result(settings.home, plan.hunt_id) == kept
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        assert hub.best(plan.hunt_id).recommended == kept.recommended


def test_a_share_of_chosen_repeats_is_told_nowhere(settings: Settings) -> None:
    asked = order(num_generations=4, population_size=6, seeds_per_candidate=2)
    plan = core_engine.plan_hunt(asked, settings)
    run_canned(settings, plan)
    share = read_result(settings.home, plan.hunt_id).variance_share
    assert share
    judge_anew(settings.home)
    assert read_result(settings.home, plan.hunt_id).variance_share == share
    # As if the sampler had chosen what to repeat: 11.2 kept the share of that, too.
    save_plan(settings.home, load_plan(settings.home).model_copy(update={"seeds_per_candidate": 1}))
    keep_plan(settings.home, load_plan(settings.home))
    for _ in range(2):
        assert read_result(settings.home, plan.hunt_id).variance_share == {}
        with RunningHub(settings, FakeEngine().as_engine()) as hub:
            assert hub.best(plan.hunt_id).variance_share == {}
        judge_anew(settings.home)
    kept = read_json(settings.home.verdict_file(plan.hunt_id))
    assert kept["result"]["variance_share"] == {}
