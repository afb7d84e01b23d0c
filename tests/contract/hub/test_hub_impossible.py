"""Actions that are no longer possible: 409 with the reason, and nothing begins."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import core_engine
from app import RunningHub, create_app
from irer.base.goals import MEASURE_VERSION
from irer.base.records import JobConfig, Provenance
from irer.home.ledger import LedgerRow, read_rows
from irer.home.registry import save_plan
from irer.hub.component_runs import ComponentRun, ComponentRuns
from irer.hub.hub import Hub
from settings import Settings
from tests.canned import CannedRunner, canned_record
from tests.fake_engine import FakeEngine, make_plan
from tests.hunts import home, order, run_canned

CONTROLS = ("Null hunts", "Random control", "Sensitivity")


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def hub(settings: Settings) -> Iterator[Hub]:
    with RunningHub(settings, FakeEngine(gated=True).as_engine()) as hub:
        yield hub


@pytest.fixture
def client(hub: Hub) -> FlaskClient:
    return create_app(hub, "T" * 43).test_client()


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note which components would run instead of running them."""
    found: list[str] = []

    def work(self: ComponentRuns, active: Any, call: Any) -> None:
        found.append(call.component.name)

    monkeypatch.setattr(ComponentRuns, "_work", work)
    return found


@pytest.fixture
def ledger_reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note how often the ledger is read for the runs that count."""
    found: list[Path] = []

    def noted(path: Path) -> Iterator[LedgerRow]:
        found.append(path)
        return read_rows(path)

    monkeypatch.setattr("irer.controls.counted.read_rows", noted)
    return found


def hunted(settings: Settings, **changes: Any) -> str:
    plan = core_engine.plan_hunt(order(num_generations=2, population_size=4, **changes), settings)
    run_canned(settings, plan)
    return plan.hunt_id


def refused(client: FlaskClient, path: str, body: Any = None) -> str:
    answer = client.post(path, json=body or {})
    assert answer.status_code == 409, answer.json
    assert answer.json["errors"] == []
    return str(answer.json["message"])


def act(hunt_id: str, rule: str) -> str:
    return f"/api/hunts/{hunt_id}/findings/{rule}/act"


def test_a_finding_begins_its_control(
    client: FlaskClient, hub: Hub, settings: Settings, begun: list[str]
) -> None:
    hunt_id = hunted(settings)
    answer = client.post(act(hunt_id, "chance"))
    assert answer.status_code == 202
    assert answer.json["status"] == "Component Started"
    run: ComponentRun = hub.component_runs.get(answer.json["run_uuid"])
    assert (run.component, run.values["n"], run.values["kind"]) == ("Null hunts", 39, "decoys")
    assert begun == ["Null hunts"]


def test_a_finding_of_a_hunt_that_another_has_followed_begins_nothing(
    client: FlaskClient, settings: Settings, begun: list[str]
) -> None:
    first = hunted(settings)
    client.get(f"/api/hunts/{first}/reading")  # as a page that still shows it
    second = hunted(settings, seed=5)
    for rule in ("chance", "random", "sensitivity"):
        said = refused(client, act(first, rule))
        assert said == f"the hunt {first} is not the last hunt of the home; that is {second} by now"
    assert begun == []


def test_a_finding_that_is_gone_or_is_none_for_the_hub_begins_nothing(
    client: FlaskClient, settings: Settings, begun: list[str]
) -> None:
    hunt_id = hunted(settings)
    assert "has no such finding now" in refused(client, act(hunt_id, "failures"))
    assert "cannot pass" in refused(client, act(hunt_id, "confirm"))
    assert client.post(act(hunt_id, "nonsense")).status_code == 404
    assert client.post(act(str(uuid.uuid4()), "chance")).status_code == 404
    assert begun == []


def test_a_finding_that_fills_the_form_is_not_begun_by_the_hub(
    client: FlaskClient, settings: Settings
) -> None:
    def transient(job: JobConfig) -> Provenance:
        record = canned_record(job)
        if record.metrics is None or job.index % 2:
            return record
        changes = {"settled": False, "transient": "the mean density drifts"}
        return record.model_copy(update={"metrics": record.metrics.model_copy(update=changes)})

    plan = core_engine.plan_hunt(order(num_generations=3, population_size=6), settings)
    run_canned(settings, plan, runner=CannedRunner(settings, transient))
    said = refused(client, act(plan.hunt_id, "unscored"))
    assert said.startswith("the hub does not begin this by itself; use: ")


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_of_no_complete_hunt_begins_nothing(
    client: FlaskClient, settings: Settings, begun: list[str], name: str
) -> None:
    path = f"/api/components/{name}/run"
    assert "there is no hunt" in refused(client, path)
    save_plan(settings.home, make_plan(state="Stopped"))
    assert "the hunt is Stopped" in refused(client, path)
    save_plan(settings.home, make_plan(state="Completed", measure_version=1))
    assert f"this program has version {MEASURE_VERSION}" in refused(client, path)
    assert begun == []


def test_a_control_needs_runs_that_count_and_their_fields(
    client: FlaskClient, settings: Settings, begun: list[str], ledger_reads: list[Path]
) -> None:
    def nothing(job: JobConfig) -> Provenance:
        changes = {"settled": False, "transient": "the mean density drifts"}
        record = canned_record(job)
        assert record.metrics is not None
        return record.model_copy(update={"metrics": record.metrics.model_copy(update=changes)})

    given = order(num_generations=1, population_size=2, params={"c1": 0.0, "c3": 0.0})
    plan = core_engine.plan_hunt(given, settings)
    run_canned(settings, plan, runner=CannedRunner(settings, nothing))
    for name in CONTROLS:
        assert "has no complete run that counts" in refused(client, f"/api/components/{name}/run")
    hunted(settings)
    ledger_reads.clear()
    said = refused(client, "/api/components/Sensitivity/run")
    assert "(keep_artifacts)" in said
    assert ledger_reads == [settings.home.ledger_file]
    assert begun == []


@pytest.mark.parametrize(
    ("name", "given", "state", "why"),
    [
        ("Confirmation", "run", "FAILED", "failed; this is for complete runs"),
        ("BSSN check", "file", "COMPLETE", "has no fields any more"),
        ("TDA analysis", "file", "COMPLETE", "has no fields any more"),
    ],
)
def test_an_analysis_of_a_run_that_lacks_what_it_needs_begins_nothing(
    client: FlaskClient,
    settings: Settings,
    begun: list[str],
    name: str,
    given: str,
    state: str,
    why: str,
) -> None:
    given_params = {"c1": [2.0, 3.0], "c3": [-1.0, 1.0]}  # some of them diverge
    hunted(settings, params=given_params)
    runs = client.get(f"/api/runs?state={state}").json["runs"]
    said = refused(client, f"/api/components/{name}/run", {given: runs[0]["job_uuid"]})
    assert said == f"the run {runs[0]['job_uuid']} {why}"
    assert begun == []


def test_a_hunt_of_another_measure_is_not_resumed(settings: Settings) -> None:
    save_plan(settings.home, make_plan(state="Stopped", measure_version=1))
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        said = refused(create_app(hub, "T" * 43).test_client(), "/api/resume-hunt")
    assert said.endswith("it cannot be resumed")
