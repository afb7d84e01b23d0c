"""The hand-over of a best run: whole, with units, and repeated by its own command."""

import csv
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import core_engine
from irer.base.files import read_json
from irer.base.records import SncglParams
from irer.controls.golden import renew_golden
from irer.home.paths import GOLDEN_FILES
from irer.home.provenance import read_provenance
from tests.docs.blocks import copy_of_the_program
from tests.hunts import home as settings_of
from tests.hunts import order, run_canned

SMALL = {"N_grid": 64, "T_steps": 300, "box_length": 40.0}


def test_a_real_hunt_hands_over_what_repeats_its_best_run(tmp_path: Path) -> None:
    home = settings_of(tmp_path / "home", runner="subprocess")
    small = order(num_generations=1, population_size=1, seed=7, simulation=SMALL)
    best = core_engine.execute_hunt(order=small, settings=home)
    golden = read_json(home.home.golden_file)
    record = read_provenance(home.home.provenance_file(best["job_uuid"]))

    assert golden["sncgl_params"] == best["sncgl_params"]
    assert set(golden["parameters"]) == set(SncglParams.model_fields)
    for name, described in golden["parameters"].items():
        assert described["value"] == best["sncgl_params"][name]
        assert described["unit"] in ("dimensionless", "radians per unit length")
        assert described["meaning"] != name, f"say what {name} is in irer/base/help.py"
    assert golden["measured"]["log_prime_sse"]["value"] == best["log_prime_sse"]
    assert golden["seed_to_seed"] is None
    assert golden["verdict"]["scientific"] == "not reached"
    kept = read_json(home.home.verdict_file(best["hunt_id"]))["result"]
    assert golden["verdict"] == kept["verdict"]
    assert golden["verdict"]["engineering_passed"] is True
    renew_golden(home.home, best["hunt_id"])
    assert read_json(home.home.golden_file)["verdict"] == kept["verdict"]
    assert golden["provenance"]["artifact_sha256"] == record.artifact_sha256

    assert golden["files"] == list(GOLDEN_FILES)
    with (home.home.folder / "golden_spectrum.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["k"]) for row in rows] == sorted(float(row["k"]) for row in rows)
    density = np.loadtxt(home.home.folder / "golden_density.csv", delimiter=",")
    assert density.shape == (64, 64)
    assert (density >= 0).all()
    for name in ("golden_spectrum.png", "golden_density.png"):
        assert (home.home.folder / name).read_bytes().startswith(b"\x89PNG")

    place = copy_of_the_program(tmp_path / "program")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IRER_")}
    again = subprocess.run(
        ["sh", "-e", "-c", golden["reproduce"]], cwd=place, env=environment,
        capture_output=True, text=True,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    repeated = read_provenance(
        place / "again" / "provenance_reports" / f"provenance_{best['job_uuid']}.json"
    )
    assert repeated.metrics == record.metrics


@pytest.mark.parametrize("named", ["moved", 'a "home" of $USER`s} \\x'])
def test_the_command_works_where_the_home_is_now(tmp_path: Path, named: str) -> None:
    """Unmoved by itself; moved or handed over with IRER_HOME, and without it says what to do."""
    home = settings_of(tmp_path / named)
    best = run_canned(home)
    command = read_json(home.home.golden_file)["reproduce"].replace(".venv/bin/python", "true")
    config = f"input_configs/config_{best['job_uuid']}.json"
    moved = tmp_path / "handed over"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IRER_")}
    for place, more, code in (
        (tmp_path / "unmoved", {}, 0),
        (tmp_path / "told", {"IRER_HOME": str(moved)}, 0),
        (tmp_path / "untold", {}, 1),
    ):
        place.mkdir()
        ended = subprocess.run(
            ["sh", "-c", command], cwd=place, env=environment | more, capture_output=True, text=True
        )
        assert ended.returncode == code, ended.stderr
        assert (place / "again" / config).exists() == (code == 0)
        if place.name == "unmoved":
            home.home.folder.rename(moved)
    assert ended.stderr == "set IRER_HOME to the home that golden_parameters.json lies in\n"


def test_a_best_run_without_its_fields_leaves_no_picture_of_another(tmp_path: Path) -> None:
    home = settings_of(tmp_path)
    (tmp_path / "golden_density.png").write_bytes(b"of an earlier hunt")
    run_canned(home)
    golden = read_json(home.home.golden_file)
    assert golden["files"] == []
    assert not (tmp_path / "golden_density.png").exists()
    before = home.home.golden_file.read_bytes()
    renew_golden(home.home)
    assert home.home.golden_file.read_bytes() == before


def test_without_golden_parameters_there_is_nothing_to_renew(tmp_path: Path) -> None:
    renew_golden(settings_of(tmp_path).home)
    assert list(tmp_path.iterdir()) == []
