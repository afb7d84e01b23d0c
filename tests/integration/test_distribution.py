"""The distribution, built and installed into a folder of its own, and used from another one.

Its dependencies are those of the tests; tests/soak/test_distribution.py installs them too.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import irer
from tests.hub_process import ROOT, HubProcess

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that pip has installed the program into."""
    wheels, place = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", wheels, ROOT]
    subprocess.run([*PIP, *build], check=True, cwd=wheels)
    (wheel,) = wheels.glob("*.whl")
    put = ["install", "--no-deps", "--no-warn-script-location", "--target", place, wheel]
    subprocess.run([*PIP, *put], check=True, cwd=wheels)
    return place


def call(site: Path, script: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [site / "bin" / script, *arguments],
        cwd=cwd, env=elsewhere(site), capture_output=True, text=True, timeout=250,
    )  # fmt: skip


def elsewhere(site: Path) -> dict[str, str]:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("IRER_")}
    return inherited | {"PYTHONPATH": str(site)}


def test_the_scripts_say_their_version(site: Path, tmp_path: Path) -> None:
    for script in ("irer-hub", "irer-hunt", "irer-score"):
        assert call(site, script, "--version", cwd=tmp_path).stdout == f"{irer.__version__}\n"


def test_a_hunt_runs_its_jobs_in_the_installed_copy(site: Path, tmp_path: Path) -> None:
    small = ("simulation.N_grid=32", "simulation.T_steps=600", "simulation.box_length=12.0")
    hunted = call(
        site, "irer-hunt", "--generations", "1", "--population", "2", "--seed", "7",
        *(f"--set={each}" for each in small), cwd=tmp_path,
    )  # fmt: skip
    assert hunted.returncode == 0, hunted.stderr
    best = json.loads(hunted.stdout)
    home = tmp_path / "irer_home"
    record = json.loads(
        (home / f"provenance_reports/provenance_{best['job_uuid']}.json").read_text()
    )
    assert record["state"] == "COMPLETE"
    assert "git_commit" not in record["versions"]  # of whatever project it is installed in
    assert f"{sys.executable} -m worker_sncgl_sdg" in json.loads(
        (home / "golden_parameters.json").read_text()
    )["reproduce"]  # fmt: skip


def test_a_density_is_scored(site: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "rho.npy", np.random.default_rng(3).exponential(size=(128, 128)))
    scored = call(site, "irer-score", "rho.npy", "--box-length", "60", cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    expected = irer.score(np.load(tmp_path / "rho.npy"), box_length=60.0)
    assert json.loads(scored.stdout)["log_prime_sse"] == expected.log_prime_sse


def test_the_hub_finds_its_pages_and_components(site: Path, tmp_path: Path) -> None:
    script = site / "bin" / "irer-hub"
    with HubProcess(tmp_path / "home", script=script, **elsewhere(site)) as hub:
        pages = ("/", "/docs/", "/docs/metrics.html", "/static/hub.css", "/static/js/pages/hunt.js")
        for path in pages:
            assert urllib.request.urlopen(hub.url + path).status == 200
        listed = json.load(urllib.request.urlopen(hub.url + "/api/components"))
    there = len(list(ROOT.glob("components/*/component_manifest.json"))) + 1
    assert len(listed["components"]) == there
    assert listed["problems"] == []
