"""Components over HTTP: listed as they are, run in processes of their own, triggered harmlessly."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import settings as settings_module
from app import RunningHub, create_app
from irer.base.records import Provenance
from irer.components import MANIFEST_NAME
from irer.hub import component_runs
from irer.hub.hub import Hub
from irer.hub.layer2 import Layer2
from settings import Settings
from tests.contract.hub.conftest import TOKEN
from tests.fake_engine import FakeEngine, commit, make_record
from tests.unit.test_manifest import manifest

WaitUntil = Callable[[Callable[[], Any]], None]

COUNT = """
import argparse, json, os, pathlib, sys, time
parser = argparse.ArgumentParser()
for name in ("--job_uuid", "--n", "--word"):
    parser.add_argument(name)
given, _ = parser.parse_known_args()
print("counting to", given.n, flush=True)
while given.word == "b":
    time.sleep(0.05)
if given.n == "9":
    sys.exit("nine is too many")
path = pathlib.Path(os.environ["IRER_HOME"], "counts", given.job_uuid + ".json")
path.parent.mkdir(exist_ok=True)
path.write_text(json.dumps(int(given.n)))
"""
LOOK = """
import os, pathlib, sys
record = next(arg for arg in sys.argv if arg.startswith("--file=")).removeprefix("--file=")
assert pathlib.Path(record).exists()
if "fail" in os.listdir(os.environ["IRER_HOME"]):
    sys.exit("looked away")
path = pathlib.Path(os.environ["IRER_HOME"], "looks", pathlib.Path(record).stem[11:] + ".txt")
path.parent.mkdir(exist_ok=True)
path.write_text("seen")
"""
TRIGGERED = {
    "name": "Look",
    "inputs": [{"name": "file", "type": "path:json"}],
    "outputs": [{"name": "look", "type": "path:txt", "path": "looks/{file}.txt"}],
    "tunable_variables": [],
    "triggers": ["on provenance"],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_module.load(
        home=tmp_path / "home", rescan_s=0.05, components_dir=tmp_path / "components"
    )


def put(settings: Settings, folder: str, script: str, **changes: Any) -> None:
    place = settings.components_dir / folder
    place.mkdir(parents=True)
    (place / "counter.py").write_text(script)
    (place / MANIFEST_NAME).write_text(json.dumps(manifest(**changes)))


def named(client: FlaskClient, name: str) -> Any:
    found = client.get("/api/components").json
    return next((each for each in found["components"] if each["name"] == name), None)


def ended(client: FlaskClient, run_uuid: str, wait_until: WaitUntil) -> Any:
    wait_until(lambda: client.get(f"/api/component-runs/{run_uuid}").json["state"] != "running")
    return client.get(f"/api/component-runs/{run_uuid}").json


def test_a_new_component_appears_without_a_restart(client: FlaskClient, settings: Settings) -> None:
    assert named(client, "Counter") is None
    put(settings, "counter", COUNT)
    counter = named(client, "Counter")
    assert [each["name"] for each in counter["tunable_variables"]] == ["n", "word", "loud", "x"]
    assert counter["tunable_variables"][0]["allowed"] == "an integer from 1 to 9"
    core = named(client, "SNCGL-SDG HPC Core")
    assert [each["default"] for each in core["tunable_variables"]] == [10, 10]


def test_a_run_leaves_its_record_log_and_outputs(
    client: FlaskClient, settings: Settings, wait_until: WaitUntil
) -> None:
    put(settings, "counter", COUNT)
    begun = client.post("/api/components/Counter/run", json={"n": 5})
    assert begun.status_code == 202, begun.json
    run_uuid = begun.json["run_uuid"]
    run = ended(client, run_uuid, wait_until)
    assert (run["state"], run["message"], run["values"]["n"]) == ("done", None, 5)
    assert run["outputs"] == [
        {"name": "count", "type": "path:json", "path": f"counts/{run_uuid}.json", "there": True}
    ]
    with client.get(f"/api/component-runs/{run_uuid}/outputs/count") as output:
        assert (output.mimetype, output.json) == ("application/json", 5)
    log = client.get(f"/api/component-runs/{run_uuid}/log")
    assert (log.mimetype, log.text) == ("text/plain", "counting to 5\n")
    assert [each["run_uuid"] for each in client.get("/api/component-runs").json["runs"]] == [
        run_uuid
    ]
    again = client.post("/api/components/Counter/run", json={"job_uuid": run_uuid})
    assert again.status_code == 409
    assert client.get(f"/api/component-runs/{run_uuid}/outputs/other").status_code == 404


def test_a_run_that_fails_says_why_and_goes_on_under_its_id(
    client: FlaskClient, settings: Settings, wait_until: WaitUntil
) -> None:
    put(settings, "counter", COUNT)
    run_uuid = str(uuid.uuid4())
    asked = {"job_uuid": run_uuid, "n": 9}
    assert client.post("/api/components/Counter/run", json=asked).status_code == 202
    run = ended(client, run_uuid, wait_until)
    assert (run["state"], run["message"]) == ("failed", "exit code 1: nine is too many")
    assert not run["outputs"][0]["there"]
    assert client.post("/api/components/Counter/run", json=asked | {"n": 8}).status_code == 202
    assert ended(client, run_uuid, wait_until)["state"] == "done"


def test_a_run_is_cancelled_and_only_so_many_run(
    client: FlaskClient, settings: Settings, wait_until: WaitUntil
) -> None:
    put(settings, "counter", COUNT)
    running = [
        client.post("/api/components/Counter/run", json={"word": "b"})
        for _ in range(component_runs.MOST_AT_ONCE)
    ]
    assert [answer.status_code for answer in running] == [202] * len(running)
    one_more = client.post("/api/components/Counter/run", json={"word": "b"})
    assert one_more.status_code == 409
    assert "4 components run already" in one_more.json["message"]
    for answer in running:
        path = f"/api/component-runs/{answer.json['run_uuid']}"
        assert client.post(f"{path}/cancel").status_code == 202
        assert ended(client, answer.json["run_uuid"], wait_until)["state"] == "cancelled"
        assert client.post(f"{path}/cancel").status_code == 409


def test_a_run_that_a_hub_left_behind_is_interrupted(
    settings: Settings, wait_until: WaitUntil
) -> None:
    put(settings, "counter", COUNT)
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, TOKEN).test_client()
        run_uuid = client.post("/api/components/Counter/run", json={}).json["run_uuid"]
        ended(client, run_uuid, wait_until)
    file = settings.home.folder / "component_runs" / run_uuid / "run.json"
    file.write_text(file.read_text().replace('"done"', '"running"'))
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, TOKEN).test_client()
        found = client.get(f"/api/component-runs/{run_uuid}").json
        assert found["state"] == "interrupted"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"n": 0}, "n"),
        ({"n": "5"}, "n"),
        ({"n": True}, "n"),
        ({"word": "c"}, "word"),
        ({"word": "--loud"}, "word"),
        ({"loud": 1}, "loud"),
        ({"m": 1}, "m"),
        ({"job_uuid": "../../etc"}, "job_uuid"),
        ([], None),
        ("n", None),
    ],
)
def test_bad_input_names_the_field_and_starts_nothing(
    client: FlaskClient, settings: Settings, body: Any, field: str | None
) -> None:
    put(settings, "counter", COUNT)
    answer = client.post("/api/components/Counter/run", json=body)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json["errors"]] == ([field] if field else [])
    assert client.get("/api/component-runs").json == {"runs": []}


def test_a_refused_manifest_is_listed_and_not_run(client: FlaskClient, settings: Settings) -> None:
    put(settings, "counter", COUNT, script_to_run="../evil.py")
    problems = client.get("/api/components").json["problems"]
    assert [problem["field"] for problem in problems] == ["script_to_run"]
    assert problems[0]["file"].endswith(f"counter/{MANIFEST_NAME}")
    answer = client.post("/api/components/Counter/run", json={})
    assert answer.status_code == 409
    assert "script_to_run" in answer.json["message"]
    assert client.post("/api/components/Nothing/run", json={}).status_code == 404


def test_an_output_that_points_elsewhere_is_not_there(
    client: FlaskClient, settings: Settings, wait_until: WaitUntil, tmp_path: Path
) -> None:
    put(settings, "counter", COUNT)
    run_uuid = client.post("/api/components/Counter/run", json={}).json["run_uuid"]
    ended(client, run_uuid, wait_until)
    (tmp_path / "secret").write_text("42")
    output = settings.home.folder / "counts" / f"{run_uuid}.json"
    output.unlink()
    output.symlink_to(tmp_path / "secret")
    assert client.get(f"/api/component-runs/{run_uuid}/outputs/count").status_code == 404


@pytest.fixture
def looking(client: FlaskClient, settings: Settings) -> Iterator[FlaskClient]:
    """A hub with a triggered component, still off."""
    put(settings, "look", LOOK, **TRIGGERED)
    yield client
    client.post("/api/components/Look/trigger", json={"on": False})


def commit_one(settings: Settings, **changes: Any) -> Provenance:
    record = make_record(**changes)
    commit(settings, record)
    return record


def test_layer_2_looks_at_every_new_run_once_it_is_on(
    looking: FlaskClient, hub: Hub, settings: Settings, wait_until: WaitUntil
) -> None:
    before = commit_one(settings)
    wait_until(lambda: hub.index.get(before.job_uuid))
    assert named(looking, "Look")["trigger"] == {"on": False, "done": 0, "failed": 0}
    assert looking.post("/api/components/Look/trigger", json={"on": True}).json["on"]
    failed, new = commit_one(settings, failed="NONFINITE"), commit_one(settings)
    wait_until(lambda: named(looking, "Look")["trigger"]["done"] == 1)
    looks = {path.stem for path in (settings.home.folder / "looks").iterdir()}
    assert looks == {new.job_uuid}
    found = looking.get(f"/api/runs/{new.job_uuid}/analyses").json["analyses"]
    assert found == [{"component": "Look", "outputs": ["look"]}]
    path = f"/api/runs/{new.job_uuid}/analyses/Look/look"
    with looking.get(path) as output:
        assert (output.mimetype, output.text) == ("text/plain", "seen")
    assert looking.get(f"/api/runs/{failed.job_uuid}/analyses").json["analyses"] == []
    assert looking.get(path.replace(new.job_uuid, failed.job_uuid)).status_code == 404


def test_a_failure_of_layer_2_is_seen_and_harms_nothing(
    looking: FlaskClient, hub: Hub, settings: Settings, wait_until: WaitUntil
) -> None:
    looking.post("/api/components/Look/trigger", json={"on": True})
    (settings.home.folder / "fail").touch()
    record = commit_one(settings)
    wait_until(lambda: named(looking, "Look")["trigger"]["failed"] == 1)
    (failure,) = looking.get("/api/components").json["layer2"]["failures"]
    assert (failure["component"], failure["job_uuid"]) == ("Look", record.job_uuid)
    assert failure["message"] == "exit code 1: looked away"
    (settings.home.folder / "fail").unlink()
    commit_one(settings)
    wait_until(lambda: named(looking, "Look")["trigger"]["done"] == 1)
    assert hub.index.size == 2


def test_the_switch_outlives_the_hub(settings: Settings) -> None:
    put(settings, "look", LOOK, **TRIGGERED)
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        hub.layer2.switch("Look", True)
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        assert hub.layer2.is_on("Look")


def test_what_comes_too_fast_is_dropped_and_counted(settings: Settings) -> None:
    put(settings, "look", "import time\ntime.sleep(60)\n", **TRIGGERED)
    layer2 = Layer2(settings, most_waiting=3)
    layer2.start()
    layer2.switch("Look", True)
    for _ in range(50):  # one look lasts longer than this loop
        layer2.notice(make_record())
    status = layer2.status()
    assert status["waiting"] <= 3
    assert status["skipped"] >= 46
    layer2.stop()


def test_only_a_triggered_component_has_a_switch(client: FlaskClient, settings: Settings) -> None:
    put(settings, "counter", COUNT)
    answer = client.post("/api/components/Counter/trigger", json={"on": True})
    assert answer.status_code == 400
    assert client.post("/api/components/Nothing/trigger", json={"on": True}).status_code == 404
    assert client.post("/api/components/Counter/trigger", json={"on": 1}).status_code == 400
