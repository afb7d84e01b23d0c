"""The example of docs/howto/equation.md as a package of its own: nothing is written in ours."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

import settings
from irer.base.records import RunState
from irer.home.ledger import read_rows
from irer.home.provenance import read_provenance
from tests.docs.blocks import ROOT, blocks
from tests.packages import install, on_the_path

MODEL = "swift_hohenberg"
SMALL = ("simulation.N_grid=32", "simulation.box_length=25.0", "simulation.T_steps=40")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of packages with the example in it, as pip would leave it."""
    place = tmp_path_factory.mktemp("packages")
    page = blocks(ROOT / "docs" / "howto" / "equation.md")
    (text,) = (block.text for block in page if block.about.endswith(f"added/{MODEL}.py"))
    points = {"irer.equations": {MODEL: "elsewhere:equation"}}
    install(place, "elsewhere", {"elsewhere.py": text}, points)
    return place


def run(installed: Path | None, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IRER_")}
    environment |= {"PYTHONPATH": str(installed)} if installed else {}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


def hunt(installed: Path | None, home: Path) -> subprocess.CompletedProcess[str]:
    options = [part for value in SMALL for part in ("--set", value)]
    return run(
        installed, "core_engine.py", "--home", str(home), "--model", MODEL,
        "--generations", "1", "--population", "2", "--seed", "3", *options,
    )  # fmt: skip


@pytest.fixture
def known(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package is installed in this process too, which reads what the hunt left."""
    with on_the_path(installed, monkeypatch):
        yield


@pytest.mark.usefixtures("known")
def test_a_hunt_goes_through_worker_and_validator(installed: Path, tmp_path: Path) -> None:
    ended = hunt(installed, tmp_path)
    home = settings.load(home=tmp_path).home
    records = [read_provenance(path) for path in home.provenance_dir.glob("*.json")]
    assert len(records) == 2, ended.stderr
    assert {record.state for record in records} == {RunState.COMPLETE}
    assert {record.model for record in records} == {MODEL}
    assert len(list(read_rows(home.ledger_file))) == 2
    plan = json.loads(home.hunt_file.read_text())
    assert plan["search_space"] == {"epsilon": [0.1, 1.0], "lambda_cubic": [0.5, 2.0]}
    for record in records:
        assert record.metrics is not None
        with h5py.File(home.artifact_file(record.job_uuid)) as file:
            assert file["field"][()].dtype.kind == "f"
            assert abs(file["momentum"][()]).max() > 0
            assert "psi" not in file


def test_without_its_package_the_model_is_unknown(tmp_path: Path) -> None:
    ended = hunt(None, tmp_path)
    assert ended.returncode == 2
    assert f"model: must be one of sncgl_sdg, sncgl_flat, fmia, got '{MODEL}'" in ended.stderr


def test_engine_and_hub_know_its_name_and_space_without_jax(installed: Path) -> None:
    code = (
        "import sys, app, core_engine, settings; from irer.base.models import models; "
        f"print(models(), settings.load().search_space('{MODEL}'), 'jax' in sys.modules)"
    )
    known = f"('sncgl_sdg', 'sncgl_flat', 'fmia', '{MODEL}')"
    space = "{'epsilon': (0.1, 1.0), 'lambda_cubic': (0.5, 2.0)}"
    answer = run(installed, "-c", code)
    assert answer.stdout == f"{known} {space} False\n", answer.stderr
