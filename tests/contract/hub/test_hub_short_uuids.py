"""A run or hunt may be named by a beginning of its uuid wherever one is asked for."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from irer.base.errors import ConfigError, NotFoundError
from irer.controls.groups import read_run
from irer.home.finding import find_job, find_run
from irer.home.registry import keep_plan
from settings import Settings
from tests.fake_engine import commit, make_plan, make_record

HUNT = "abcd1234-1111-4111-8111-111111111111"
RUN, TWIN, OTHER = (
    f"{each}-1111-4111-8111-111111111111" for each in ("12345678", "12349999", "beef0000")
)


@pytest.fixture(autouse=True)
def runs(client: FlaskClient, settings: Settings, wait_until: Callable) -> None:
    keep_plan(settings.home, make_plan(hunt_id=HUNT, state="Completed"))
    for job_uuid in (RUN, TWIN, OTHER):
        record = make_record(hunt_id=HUNT)
        commit(settings, record.model_copy(update={"job_uuid": job_uuid}))
    wait_until(lambda: len(client.get("/api/runs").json["runs"]) == 3)


@pytest.mark.parametrize(
    "path",
    ["/api/runs/beef", "/api/runs/beef0000-11/log", "/runs/beef", "/compare?run=beef&run=12345",
     "/api/hunts/abcd", "/api/runs?hunt=abcd1234", "/api/figures/pareto?hunt=abcd"],
)  # fmt: skip
def test_a_beginning_names_its_run_or_hunt(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    if path.startswith("/api/runs/"):
        assert answer.json["job_uuid"] == OTHER
    elif path.startswith("/api/hunts/"):
        assert answer.json["hunt_id"] == HUNT
    elif path.startswith("/api/runs?"):
        assert answer.json["total"] == len((RUN, TWIN, OTHER))
    elif path.startswith("/compare?"):
        assert OTHER in answer.text
        assert RUN in answer.text
    elif path.startswith("/runs/"):
        assert OTHER in answer.text
    else:
        whole = client.get(path.replace("abcd", HUNT))
        assert answer.json == whole.json
        assert RUN in answer.text


@pytest.mark.parametrize("path", ["/api/runs/1234", "/runs/1234", "/compare?run=beef&run=1234"])
def test_what_begins_two_runs_says_so_in_one_line(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 400
    assert f"1234 begins 2 runs, {RUN}, {TWIN} among them" in answer.text


@pytest.mark.parametrize(
    ("path", "code"),
    [("/api/runs/fade", 404), ("/runs/fade", 404), ("/compare?run=fade&run=beef", 404),
     ("/api/hunts/fade", 404), ("/api/runs?hunt=fade", 404), ("/api/figures/pareto?hunt=fade", 404),
     (f"/api/runs?hunt={RUN}", 404), ("/api/component-runs/fade", 404),
     ("/api/runs/bee", 400), ("/api/hunts/abc", 400), ("/api/runs?hunt=abc", 400),
     ("/runs/bee", 400), ("/api/component-runs/bee", 400)],
)  # fmt: skip
def test_what_begins_none_is_missing_and_what_is_too_short_is_wrong(
    client: FlaskClient, path: str, code: int
) -> None:
    assert client.get(path).status_code == code


def test_a_component_takes_a_beginning(client: FlaskClient, settings: Settings) -> None:
    settings.home.data_dir.mkdir(exist_ok=True)
    settings.home.artifact_file(OTHER).write_bytes(b"fields")
    (component,) = (
        each
        for each in client.get("/api/components").json["components"]
        if each["name"] == "BSSN check"
    )
    (given,) = component["inputs"]
    for text, said in (("1234", "begins 2 runs"), ("fade", "a committed run, got fade")):
        answer = client.post("/api/components/BSSN check/run", json={given["name"]: text})
        assert answer.status_code == 400
        assert said in answer.json["errors"][0]["message"]
    answer = client.post("/api/components/BSSN check/run", json={given["name"]: "beef"})
    assert answer.status_code == 202, answer.json
    assert answer.json["values"] == {given["name"]: OTHER}
    run = answer.json["run_uuid"]
    ended = client.post(f"/api/component-runs/{run[:13]}/cancel", json={})
    assert ended.status_code in (202, 409)  # 409: it was faster


def test_the_command_lines_find_runs_and_jobs(settings: Settings) -> None:
    home = settings.home
    assert read_run(home, find_run(home, "beef", "--confirm")).job_uuid == OTHER
    with pytest.raises(ConfigError, match="--confirm: 1234 begins 2 runs"):
        find_run(home, "1234", "--confirm")
    with pytest.raises(NotFoundError, match="there is no run fade"):
        find_run(home, "fade")
    with pytest.raises(NotFoundError, match="there is no job beef"):
        find_job(home, "beef", "--job_uuid")  # committed, but registered nowhere
    home.config_dir.mkdir(exist_ok=True)
    home.config_file(OTHER).write_text("{}")
    assert find_job(home, "beef", "--job_uuid") == OTHER
