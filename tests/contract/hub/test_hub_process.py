"""The hub as a process: how it starts, what it survives, how it ends."""

import contextlib
import csv
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.hub_process import ROOT, HubProcess, free_port, still_alive

Wait = Callable[[Callable[[], Any]], None]
SLOW_HUNT = {
    "num_generations": 3,
    "population_size": 2,
    "seed": 1,
    "simulation": {"N_grid": 32, "T_steps": 1000000, "box_length": 20.0},
}
SMALL_HUNT = {
    "num_generations": 2,
    "population_size": 3,
    "seed": 1,
    "simulation": {"N_grid": 32, "T_steps": 20, "box_length": 20.0},
}


def run_app(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "app.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_importing_the_app_does_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, threading, app; app.app; "
        "heavy = {'jax', 'optuna', 'pandas', 'plotly', 'scipy'} & set(sys.modules); "
        "assert not heavy, heavy; assert threading.active_count() == 1; print('ok')"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "IRER_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
    )
    assert (result.stdout, result.stderr) == ("ok\n", "")
    assert list(tmp_path.iterdir()) == []


def test_killed_and_restarted(tmp_path: Path, wait_until: Wait) -> None:
    with HubProcess(tmp_path) as hub:
        hunt_id = hub.call("/api/start-hunt", SLOW_HUNT)[1]["hunt_id"]
        wait_until(lambda: hub.descendants())
        orphans = hub.descendants()
        hub.kill()
    wait_until(lambda: not still_alive(orphans))
    with HubProcess(tmp_path) as hub:  # the lock went with the process
        status = hub.status()
        assert (status["hunt_status"], status["hunt_id"]) == ("Interrupted", hunt_id)
        assert status["resumable"]


def test_killed_while_paused_and_gone_on_with(tmp_path: Path, wait_until: Wait) -> None:
    with HubProcess(tmp_path) as hub:
        hunt_id = hub.post("start-hunt", SMALL_HUNT)["hunt_id"]
        hub.post("pause-hunt")
        found = hub.wait_for("Paused")["found_count"]
        orphans = hub.descendants()
        hub.kill()
    wait_until(lambda: not still_alive(orphans))
    with HubProcess(tmp_path) as hub:
        status = hub.status()
        assert (status["hunt_status"], status["resumable"]) == ("Interrupted", True)
        assert (status["reason"], status["found_count"]) == (None, found)
        assert hub.post("resume-hunt")["hunt_id"] == hunt_id
        assert hub.wait_for("Completed")["found_count"] == 6
    with (tmp_path / "simulation_ledger.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["job_uuid"] for row in rows}) == len(rows) == 6


def test_sigterm_ends_hub_and_hunt(tmp_path: Path, wait_until: Wait) -> None:
    with HubProcess(tmp_path) as hub:
        hub.call("/api/start-hunt", SLOW_HUNT)
        wait_until(lambda: hub.descendants())
        children = hub.descendants()
        assert hub.terminate() == 0
    # A worker that was only just starting finds its parent gone once its interpreter is up.
    wait_until(lambda: not still_alive(children))
    with HubProcess(tmp_path) as hub:
        assert hub.status()["hunt_status"] == "Stopped"


def test_one_hub_for_a_home_and_one_for_a_port(tmp_path: Path) -> None:
    with HubProcess(tmp_path / "a") as hub:
        same_home = run_app("--home", tmp_path / "a", "--port", free_port())
        same_port = run_app("--home", tmp_path / "b", "--port", hub.port)
    for result, words in ((same_home, "in use by another hub"), (same_port, f"port {hub.port}")):
        assert result.returncode == 1
        assert result.stdout == ""
        assert words in result.stderr
        assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "0"], "--port: must be an integer from 1 to 65,535, got 0"),
        (["--port", "x"], "--port"),
        (["--nix"], "--nix"),
        (["--home", "/dev/null/x"], "IRER_HOME"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], words: str) -> None:
    result = run_app(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_version_and_help() -> None:
    assert run_app("--version").returncode == 0
    assert "--home" in run_app("--help").stdout


def test_the_token_survives_a_restart_and_opens_the_page(tmp_path: Path) -> None:
    port = free_port()
    with HubProcess(tmp_path, port=port) as hub:
        link = hub.link
    with HubProcess(tmp_path, port=port) as hub:
        assert hub.link == link
        token = link.split("=")[1]
        request = urllib.request.Request(
            f"{hub.url}/api/get-status",
            headers={"Host": "a-tunnel.example", "Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
        del request.headers["Authorization"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        refused.value.close()
        assert refused.value.code == 401


def test_after_the_first_visit_the_token_is_in_no_address_and_in_no_log(tmp_path: Path) -> None:
    with HubProcess(tmp_path) as hub:
        token = hub.link.split("=")[1]
        cookies = urllib.request.HTTPCookieProcessor()
        browser = urllib.request.build_opener(cookies)
        with browser.open(hub.link) as page:
            assert page.url == f"{hub.url}/"  # sent on, without it
            assert token not in page.read().decode()
        assert [cookie.value for cookie in cookies.cookiejar] == [token]
        for address in ("/", "/nix", "/api/runs?nix=1", "/api/get-status", f"/nix?token={token}"):
            with contextlib.suppress(urllib.error.HTTPError):
                browser.open(hub.url + address).close()
        assert hub.call("/api/start-hunt", {"seed": -1})[0] == 400
        hub.terminate()
        assert hub.process.stdout is not None
        assert token not in hub.process.stdout.read()
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "control_hub.log" in left
    assert [p for p in left if token.encode() in p.read_bytes()] == [tmp_path / "hub_token"]
