"""A hub beside extensions that are broken, and beside one that works."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.hub.hub import Hub
from settings import SOURCE_ROOT, Settings
from tests.fake_engine import commit, make_record
from tests.hub_process import HubProcess
from tests.packages import Packages, install

BROKEN = "import nowhere_to_be_found\n"
GROUPS = {"sampler": "irer.samplers", "runner": "irer.runners", "metric": "irer.metrics"}


@pytest.mark.parametrize("kind", GROUPS)
def test_a_broken_one_refuses_the_order_and_the_hub_goes_on(
    kind: str, packages: Packages, client: FlaskClient
) -> None:
    packages.one(GROUPS[kind], "own", "broken:it", BROKEN)
    body = {} if kind == "metric" else {kind: "own"}
    refused = client.post("/api/start-hunt", json=body)
    assert refused.status_code == 400
    line = (
        f"the {kind} 'own' ({GROUPS[kind]}, package elsewhere 1.0) cannot be loaded: "
        "ModuleNotFoundError: No module named 'nowhere_to_be_found'"
    )
    if kind == "metric":
        assert refused.json == {"message": line, "errors": []}
    else:
        assert refused.json["errors"] == [{"field": kind, "message": line}]
    assert client.get("/").status_code == 200
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"


@pytest.mark.parametrize("kind", ["sampler", "runner", "model"])
def test_one_that_is_there_twice_is_no_choice_and_says_why(
    kind: str, packages: Packages, client: FlaskClient
) -> None:
    group = GROUPS.get(kind, "irer.equations")
    for package in ("first", "second"):
        packages.one(group, "doubled", f"{package}_doubled:it", BROKEN, package)
    packages.one(group, "single", "single:it", "def it(*given): pass", "third")
    refused = client.post("/api/start-hunt", json={kind: "doubled"})
    assert refused.status_code == 400
    (problem,) = refused.json["errors"]
    assert problem["field"] == kind
    told = f"({group}) is in package first 1.0 and package second 1.0: none is used"
    assert problem["message"].endswith(told)
    page = client.get("/").text
    assert ">single</option>" in page
    assert "doubled" not in page


def test_extra_metrics_are_in_the_answer_and_on_the_pages(
    client: FlaskClient, settings: Settings, hub: Hub, wait_until: Any
) -> None:
    extra = {"density_kurtosis": 2.75, "nothing_found": None}
    with_it = make_record().model_copy(update={"extra_metrics": extra})
    without = make_record(index=1)
    for record in (with_it, without):
        commit(settings, record)
    wait_until(lambda: hub.index.get(with_it.job_uuid) and hub.index.get(without.job_uuid))
    answer = client.get(f"/api/runs/{with_it.job_uuid}").json
    assert answer["extra_metrics"] == extra
    assert answer["metrics"].keys() == with_it.model_dump()["metrics"].keys()
    page = client.get(f"/runs/{with_it.job_uuid}").text
    assert "density_kurtosis" in page
    assert "2.750000" in page
    assert "Extra metrics" not in client.get(f"/runs/{without.job_uuid}").text
    compared = client.get(f"/compare?run={with_it.job_uuid}&run={without.job_uuid}").text
    assert "density_kurtosis" in compared


def test_a_hub_starts_beside_them_and_loads_none(tmp_path: Path) -> None:
    """All of them end the process that imports them."""
    points = {group: {"own": "deadly:it"} for group in (*GROUPS.values(), "irer.equations")}
    points["irer.components"] = {"own": "deadly"}
    place = tmp_path / "packages"
    install(place, "deadly", {"deadly/__init__.py": "import os\nos._exit(7)\n"}, points)
    install(place, "greedy", {}, {"irer.samplers": {"gp": "deadly:it"}})
    with HubProcess(tmp_path / "home", PYTHONPATH=str(place)) as hub:
        assert hub.status()["hunt_status"] == "Idle"
        problems = hub.call("/api/components")[1]["problems"]
        wanted = "the component 'own' (irer.components, package deadly 1.0)"
        assert [problem["file"] for problem in problems] == [wanted]
        assert hub.terminate() == 0


def test_what_the_hub_imports_to_know_them(tmp_path: Path) -> None:
    points = {group: {"own": "deadly:it"} for group in (*GROUPS.values(), "irer.equations")}
    install(tmp_path, "deadly", {"deadly.py": "raise SystemExit(7)\n"}, points)
    code = (
        "import json, sys, app, settings; from irer.base.models import models; "
        "from irer.base.records import METRICS, RUNNERS, SAMPLERS; settings.load(); "
        "print(json.dumps(['own' in names for names in (models(), METRICS.names(), "
        "RUNNERS.names(), SAMPLERS.names())] "
        "+ [name in sys.modules for name in ('deadly', 'jax', 'optuna')]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=SOURCE_ROOT, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert json.loads(ended.stdout) == [True] * 4 + [False] * 3, ended.stderr
