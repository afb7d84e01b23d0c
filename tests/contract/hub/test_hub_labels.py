"""What people call a hunt, and a hunt as a zip file."""

import csv
import io
import uuid
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import core_engine
from app import RunningHub, create_app
from irer.base.files import read_json
from settings import Settings
from tests.fake_engine import FakeEngine
from tests.hunts import home, order, run_canned


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[str]]:
    settings, ids = home(tmp_path_factory.mktemp("two")), []
    for seed in (1, 2):
        plan = core_engine.plan_hunt(
            order(seed=seed, num_generations=1, population_size=3), settings
        )
        run_canned(settings, plan)
        ids.append(plan.hunt_id)
    return settings, ids


@pytest.fixture
def client(two: tuple[Settings, list[str]]) -> FlaskClient:
    with RunningHub(two[0], FakeEngine().as_engine()) as hub:
        yield create_app(hub, "T" * 43).test_client()


def listed(client: FlaskClient, hunt_id: str) -> dict[str, object]:
    return next(h for h in client.get("/api/hunts").json["hunts"] if h["hunt_id"] == hunt_id)


def test_a_hunt_is_named_and_tagged(client: FlaskClient, two: tuple[Settings, list[str]]) -> None:
    settings, (first, second) = two
    name = "<script>alert(1)</script> \u00e4"
    change = {"name": f"  {name} ", "tags": ["wide", " wide", "", "\u03ba > 0.5"]}
    answer = client.post(f"/api/hunts/{first}/label", json=change)
    assert answer.status_code == 200
    assert answer.json == {"name": name, "tags": ["wide", "\u03ba > 0.5"], "note": ""}
    assert listed(client, first)["name"] == name
    assert listed(client, first)["tags"] == ["wide", "\u03ba > 0.5"]
    assert listed(client, second)["name"] == ""
    client.post(f"/api/hunts/{first}/label", json={"note": "see the paper"})
    kept = read_json(settings.home.label_file(first))
    assert kept == {"name": name, "tags": ["wide", "\u03ba > 0.5"], "note": "see the paper"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "x" * 201}, "name"),
        ({"tags": ["x" * 201]}, "tags"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": "wide"}, "tags"),
        ({"title": "x"}, "title"),
    ],
)
def test_a_wrong_label_is_one_clear_line_and_changes_nothing(
    client: FlaskClient, two: tuple[Settings, list[str]], body: dict[str, object], field: str
) -> None:
    settings, (_, second) = two
    answer = client.post(f"/api/hunts/{second}/label", json=body)
    assert answer.status_code == 400
    assert answer.json["errors"][0]["field"].split(".")[0] == field
    assert not settings.home.label_file(second).exists()


def test_unknown_hunts_and_broken_labels(
    client: FlaskClient, two: tuple[Settings, list[str]]
) -> None:
    settings, (_, second) = two
    unknown = str(uuid.uuid4())
    assert client.post(f"/api/hunts/{unknown}/label", json={"name": "x"}).status_code == 404
    assert client.get(f"/api/hunts/{unknown}/export").status_code == 404
    settings.home.label_file(second).write_text("[]")
    assert listed(client, second)["name"] == ""  # a broken one hides no hunt
    broken = client.post(f"/api/hunts/{second}/label", json={"name": "x"})
    assert broken.status_code == 500
    assert settings.home.label_file(second).read_text() == "[]"
    settings.home.label_file(second).unlink()


def test_a_hunt_is_exported_with_its_rows_and_records(
    client: FlaskClient, two: tuple[Settings, list[str]]
) -> None:
    settings, (first, second) = two
    with client.get(f"/api/hunts/{second}/export") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/zip"
        data = answer.data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {Path(name) for name in archive.namelist()}
        text = archive.read(f"{second}/simulation_ledger.csv").decode()
        plan = archive.read(f"{second}/plan.json")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["hunt_id"] for row in rows} == {second}
    assert len(rows) == 3
    assert plan == settings.home.plan_file(second).read_bytes()
    kept = {"plan.json", "verdict.json", "reading.json"}
    assert kept <= {path.name for path in names}
    records = {path.name for path in names if path.parent.name == "provenance_reports"}
    assert records == {f"provenance_{row['job_uuid']}.json" for row in rows}
    assert not any(first in str(path) for path in names)
