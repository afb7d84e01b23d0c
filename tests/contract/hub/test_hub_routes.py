"""What the routes answer."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from irer.base.records import Provenance
from irer.home.artifact_policy import COLUMNS
from irer.hub.hub import Hub
from irer.web.api import LOG_TAIL_BYTES
from settings import SOURCE_ROOT, Settings
from tests.fake_engine import commit, make_plan, make_record

HUNT = "33333333-3333-4333-8333-333333333333"
ALL_GETS = [
    "/", "/api/get-status", "/api/runs", "/api/figures/pareto", "/api/best",
    "/api/get-constants", "/api/openapi.json", "/healthz",
]  # fmt: skip


@pytest.fixture
def runs(
    settings: Settings, hub: Hub, wait_until: Callable[[Callable[[], Any]], None]
) -> list[Provenance]:
    """Three runs of the current hunt: two measured, one failed."""
    records = [
        make_record(hunt_id=HUNT, index=0, sse=1.5),
        make_record(hunt_id=HUNT, index=1, sse=0.5),
        make_record(hunt_id=HUNT, index=2, failed="NONFINITE"),
    ]
    for record in records:
        commit(settings, record)
    hub.board.restore(make_plan(hunt_id=HUNT), "Stopped", None)
    wait_until(lambda: len(hub.index.runs()) == 3)
    return records


@pytest.mark.parametrize("path", ALL_GETS)
def test_every_page_answers_on_an_empty_home(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_page_names_all_modules_that_its_script_imports(client: FlaskClient) -> None:
    named = set(re.findall(r'modulepreload" href="static/js/(\w+)\.js', client.get("/").text))
    found, left = set(), {"main"}
    while left:
        script = (SOURCE_ROOT / "static" / "js" / f"{left.pop()}.js").read_text()
        new = set(re.findall(r'from "\./(\w+)\.js"', script)) - found
        found |= new
        left |= new
    assert named == found


def test_names_on_the_page(client: FlaskClient) -> None:
    page = client.get("/").text
    for text in (
        "<title>IRER V11.0 | Dynamic Control Hub</title>", "Layer 1: HPC Core Control",
        "Live Hunt Status", "Layer 2: Live Analysis Dashboard", "Final Best Run (JSON)",
        "Start New Hunt", "LAST EVENT", "LAST SSE (FIDELITY)", "LAST H-NORM (STABILITY)",
    ):  # fmt: skip
        assert text in page
    for name in (
        "hunt-form", "generations", "population", "start-hunt-btn", "btn-text", "btn-spinner",
        "hunt-status", "status-event", "status-sse", "status-h-norm", "provenance-box",
    ):  # fmt: skip
        assert page.count(f'id="{name}"') == 1


def test_the_form_shows_the_defaults_of_the_settings(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'data-field="num_generations"' in page
    assert 'title="an integer from 1 to 100,000"' in page
    assert 'value="256"' in page


def test_status_is_not_sent_twice(client: FlaskClient, hub: Hub) -> None:
    first = client.get("/api/get-status")
    tag = first.headers["ETag"]
    again = client.get("/api/get-status", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    hub.board.begin(make_plan())
    changed = client.get("/api/get-status", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_the_table(client: FlaskClient, runs: list[Provenance]) -> None:
    table = client.get("/api/runs?sort=log_prime_sse&order=asc&per_page=2").json
    assert [run["log_prime_sse"] for run in table["runs"]] == [0.5, 1.5]
    assert (table["page"], table["pages"], table["total"]) == (1, 2, 3)
    assert table["summary"] == {
        "complete": 2, "failed": 1, "best_run": runs[1].job_uuid, "best_sse": 0.5,
        "best_h_norm": 0.02, "median_seconds": 1.5, "unscored": {},
        "without_score": "1 of 3 runs has no score and is in no chart: 1 failed (1 NONFINITE: "
        "narrower ranges, or a smaller simulation.dt).",
    }  # fmt: skip
    failed = client.get("/api/runs?state=FAILED").json["runs"]
    assert [run["reason"] for run in failed] == ["NONFINITE"]


def test_a_wrong_query_names_its_fields(client: FlaskClient) -> None:
    answer = client.get("/api/runs?page=-1&sort=x&nix=1")
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json["errors"]} == {"page", "sort", "nix"}


def test_a_run(client: FlaskClient, runs: list[Provenance]) -> None:
    shown = client.get(f"/api/runs/{runs[0].job_uuid}").json
    assert shown["job_uuid"] == runs[0].job_uuid
    assert shown["metrics"]["log_prime_sse"] == 1.5
    assert shown["fitness"] == pytest.approx(1 / (1.5 / 0.01 + 0.02 / 0.001))
    assert shown["verdict"] == {
        "scientific": "not reached", "engineering": None, "engineering_passed": None,
        "confirmation": None, "p_position": None, "p_matched": None, "p_lines": None,
        "p_hunt": None, "p_flat": None,
        "n_null_hunts": {}, "a95": None, "a_upper_limit": None,
        "missing": ["no confirmation", "no p_hunt"],
    }  # fmt: skip
    assert shown["has_artifact"] is False
    failed = client.get(f"/api/runs/{runs[2].job_uuid}").json
    assert (failed["metrics"], failed["fitness"], failed["verdict"]) == (None, None, None)
    assert failed["error"]["reason"] == "NONFINITE"


def test_the_artifact(client: FlaskClient, settings: Settings, runs: list[Provenance]) -> None:
    path = f"/api/runs/{runs[0].job_uuid}/artifact"
    assert client.get(path).status_code == 404
    settings.home.data_dir.mkdir()
    settings.home.artifact_file(runs[0].job_uuid).write_bytes(b"\x89HDF content")
    with client.get(path) as answer:
        assert answer.data == b"\x89HDF content"
        assert runs[0].job_uuid in answer.headers["Content-Disposition"]


def test_an_artifact_removed_by_policy(
    client: FlaskClient, settings: Settings, runs: list[Provenance]
) -> None:
    job_uuid = runs[0].job_uuid
    assert client.get(f"/api/runs/{job_uuid}").json["artifact_removed"] is None
    header = ",".join(COLUMNS)
    row = f"{job_uuid},1,not among the best 1,5000"
    settings.home.removed_file.write_text(f"{header}\n{row}\n")
    shown = client.get(f"/api/runs/{job_uuid}").json
    assert (shown["has_artifact"], shown["artifact_removed"]) == (False, "not among the best 1")
    answer = client.get(f"/api/runs/{job_uuid}/artifact")
    assert answer.status_code == 404
    assert "removed by policy (not among the best 1)" in answer.json["message"]
    assert client.get(f"/api/runs/{runs[1].job_uuid}").json["artifact_removed"] is None


@pytest.mark.parametrize(
    "rest", ["", "/artifact", "/spectrum", "/diagnostics", "/field.png", "/log"]
)
def test_unknown_and_malformed_ids(client: FlaskClient, runs: list[Provenance], rest: str) -> None:
    assert client.get(f"/api/runs/{uuid.uuid4()}{rest}").status_code == 404
    known = runs[0].job_uuid
    for wrong in ("x", "%00", "0" * 400, known.upper(), f"{{{known}}}", known.replace("-", "")):
        answer = client.get(f"/api/runs/{wrong}{rest}")
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "job_uuid")


@pytest.mark.parametrize(
    "evil", ["../hub_token", "..%2f..%2fetc%2fpasswd", "....//hub_token", "%2e%2e/hub_token",
             "%2fetc%2fpasswd", "..\\hub_token", "..%5chub_token", "%c0%ae%c0%ae/hub_token"]
)  # fmt: skip
def test_no_path_leaves_the_home(client: FlaskClient, settings: Settings, evil: str) -> None:
    (settings.home.folder / "hub_token").write_text("secret")
    for path in (f"/api/runs/{evil}", f"/api/runs/{evil}/artifact", f"/api/figures/{evil}",
                 f"/static/{evil}"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code in (400, 404)
        assert b"secret" not in answer.data


def test_the_pareto_figure_links_its_points(client: FlaskClient, runs: list[Provenance]) -> None:
    figure = client.get("/api/figures/pareto").json
    assert set(figure["layout"]["meta"]["runs"]) == {runs[0].job_uuid, runs[1].job_uuid}
    assert client.get("/api/figures/nix").status_code == 404


def test_the_best_run(client: FlaskClient, hub: Hub) -> None:
    assert client.get("/api/best").json == {"error": "No successful runs completed."}


def test_the_best_of_runs(client: FlaskClient, runs: list[Provenance]) -> None:
    best = client.get("/api/best").json
    assert (best["job_uuid"], best["log_prime_sse"]) == (runs[1].job_uuid, 0.5)


def test_the_ledger(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/api/ledger.csv").status_code == 404
    settings.home.ledger_file.write_text("job_uuid\n")
    with client.get("/api/ledger.csv") as answer:
        assert (answer.text, answer.mimetype) == ("job_uuid\n", "text/csv")


def test_constants_are_those_of_this_hub(client: FlaskClient, settings: Settings) -> None:
    constants = client.get("/api/get-constants").json
    assert constants["HASH_KEY"] == "job_uuid"
    assert constants["LEDGER_FILE"] == str(settings.home.ledger_file)
    assert constants["PARAM_SPACE"]["kappa"] == [0.1, 1.0]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/nix", 404), ("GET", "/api/start-hunt", 405), ("DELETE", "/api/runs", 405)],
)
def test_every_error_has_the_same_shape(
    client: FlaskClient, method: str, path: str, code: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == code
    assert set(answer.json) == {"message", "errors"}
    assert ("Allow" in answer.headers) is (code == 405)


def test_an_unforeseen_error_has_it_too(flask_app: Flask, hub: Hub, settings: Settings) -> None:
    @flask_app.get("/bang")
    def bang() -> str:
        raise RuntimeError("a secret detail")

    answer = flask_app.test_client().get("/bang")
    assert answer.status_code == 500
    assert answer.json["errors"] == []
    assert "secret" not in answer.text


def test_a_note_and_a_hide_on_a_run(
    client: FlaskClient, runs: list[Provenance], settings: Settings
) -> None:
    uuid_ = runs[0].job_uuid
    before = settings.home.provenance_file(uuid_).read_bytes()
    answer = client.post(f"/api/runs/{uuid_}/note", json={"note": "odd", "hidden": True})
    assert (answer.status_code, answer.json) == (200, {"note": "odd", "hidden": True})
    assert client.post(f"/api/runs/{uuid_}/note", json={}).json == answer.json
    assert client.get(f"/api/runs/{uuid_}").json["note"] == "odd"
    assert client.get("/api/runs").json["total"] == 2
    assert client.get("/api/runs?hidden=yes").json["total"] == 3
    assert settings.home.provenance_file(uuid_).read_bytes() == before
    assert client.post(f"/api/runs/{uuid.uuid4()}/note", json={}).status_code == 404
    wrong = client.post(f"/api/runs/{uuid_}/note", json={"note": "x" * 2001, "hidden": "yes"})
    assert {error["field"] for error in wrong.json["errors"]} == {"note", "hidden"}


def test_the_hunts_of_the_home(client: FlaskClient, runs: list[Provenance]) -> None:
    (hunt,) = client.get("/api/hunts").json["hunts"]
    assert (hunt["hunt_id"], hunt["current"]) == (HUNT, True)
    assert (hunt["complete"], hunt["failed"], hunt["best_sse"]) == (2, 1, 0.5)
    assert hunt["best_run"] == runs[1].job_uuid


@pytest.mark.parametrize("hunt", ["current", "all", HUNT])
def test_figures_of_a_hunt(client: FlaskClient, runs: list[Provenance], hunt: str) -> None:
    figure = client.get(f"/api/figures/history?hunt={hunt}&objective=constraint_violation").json
    assert len(figure["data"][0]["x"]) == 2
    assert client.get("/api/figures/history?hunt=mine").status_code == 400


def test_the_end_of_the_log(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/api/log").text == ""
    settings.home.hunt_log.write_text("".join(f"line {n}\n" for n in range(20_000)))
    tail = client.get("/api/log")
    assert tail.mimetype == "text/plain"
    assert tail.text.endswith("line 19999\n")
    assert tail.text.startswith("line ")
    assert len(tail.data) <= LOG_TAIL_BYTES


def test_golden_parameters_once_there_are_any(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/api/golden.json").status_code == 404
    settings.home.golden_file.write_text("{}")
    with client.get("/api/golden.json") as answer:
        assert answer.json == {}
