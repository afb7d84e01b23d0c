"""A home that an earlier version left opens with all its hunts, runs and notes; nothing is lost."""

import csv
import shutil
from pathlib import Path

import pytest

import aste_hunter
import core_engine
from app import RunningHub, create_app
from irer.base.files import read_json
from irer.base.goals import MEASURE_VERSION
from irer.controls.fingerprint import sealed
from irer.home.ledger import COLUMNS, read_rows
from irer.home.registry import load_plan, save_plan
from settings import Settings
from tests.fake_engine import FakeEngine
from tests.hunts import home, ledger, run_canned

LEFT = Path(__file__).resolve().parent.parent / "homes" / "v11_0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    shutil.copytree(LEFT, tmp_path / "home")
    return home(tmp_path / "home")


def left_rows() -> list[dict[str, str]]:
    with (LEFT / "simulation_ledger.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def committed() -> set[str]:
    return {path.stem.partition("_")[2] for path in (LEFT / "provenance_reports").iterdir()}


def test_the_hub_shows_all_its_hunts_runs_and_notes(settings: Settings) -> None:
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        hunts = client.get("/api/hunts").json["hunts"]
        assert [hunt["complete"] + hunt["failed"] for hunt in hunts] == [2, 3, 4]
        assert [hunt["status"] for hunt in hunts] == ["Stopped", None, None]
        runs = client.get("/api/runs?per_page=500").json["runs"]
        assert {run["job_uuid"] for run in runs} == committed()
        assert "worth a second look" in {run["note"] for run in runs}
        text = client.get("/api/ledger.csv").text
        assert {row["job_uuid"] for row in csv.DictReader(text.splitlines())} == committed()
        current = client.get(f"/api/hunts/{hunts[0]['hunt_id']}").json
    left = read_json(LEFT / "hunt.json")
    unknown = {"started_at": None, "ended_at": None, "comb": None, "measure_version": 1}
    unknown["seeds_per_candidate"] = 1
    assert current["plan"] == left | unknown
    golden = read_json(LEFT / "golden_parameters.json")
    assert current["golden"] == golden
    assert current["result"] == {"error": "No successful runs completed."}  # by this measure
    assert current["unscored"] == {"other_measure": 2}


def test_it_is_taken_over_once(settings: Settings) -> None:
    with RunningHub(settings, FakeEngine().as_engine()):
        pass
    folder = settings.home.hunt_dir(read_json(settings.home.hunt_file)["hunt_id"])
    kept = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {path.name for path in kept} == {
        "plan.json",
        "verdict.json",
        "golden_parameters.json",
    }
    before = settings.home.ledger_file.stat().st_mtime_ns
    with RunningHub(settings, FakeEngine().as_engine()):
        pass
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == kept
    assert settings.home.ledger_file.stat().st_mtime_ns == before
    for path in LEFT.rglob("*.json"):  # and what was there is as it was
        if path.name != "simulation_ledger.schema.json":
            assert (settings.home.folder / path.relative_to(LEFT)).read_bytes() == path.read_bytes()


def test_readers_write_nothing_and_leave_nothing_out(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = settings.home.ledger_file.read_bytes()
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 0
    assert "9 runs" in capsys.readouterr().out
    assert settings.home.ledger_file.read_bytes() == before


def test_its_ledger_is_upgraded_and_its_hunt_goes_on(settings: Settings) -> None:
    # Whatever this version's design and measure add.
    plan = load_plan(settings.home).model_copy(update={"measure_version": MEASURE_VERSION})
    save_plan(settings.home, sealed(plan))
    run_canned(settings, core_engine.load_plan(settings.home))
    rows = ledger(settings)
    assert list(rows[0]) == list(COLUMNS)
    assert [(int(row["generation"]), int(row["index"])) for row in rows] == [
        *((1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)),
        *((4, 0), (4, 1), (4, 2), (4, 3)),
    ]
    for row, left in zip(rows, left_rows(), strict=False):
        kept = left.keys() - {"fitness"}  # of runs of another measure there is none
        assert {name: row[name] for name in kept} == {name: left[name] for name in kept}
        assert (row["started_at"], row["ended_at"]) == ("", "")
    assert len(list(read_rows(settings.home.ledger_file))) == 11


def test_the_next_hunt_keeps_the_one_before(settings: Settings) -> None:
    left = load_plan(settings.home)
    run_canned(settings)
    assert read_json(settings.home.hunt_dir(left.hunt_id) / "plan.json") == left.model_dump(
        mode="json"
    )
    golden = read_json(LEFT / "golden_parameters.json")
    kept = read_json(settings.home.hunt_dir(left.hunt_id) / "golden_parameters.json")
    assert kept == golden
    assert read_json(settings.home.golden_file)["job_uuid"] != golden["job_uuid"]
