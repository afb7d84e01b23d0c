"""What can be seen in a run: spectrum, fields, diagnostics, log."""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from irer.base.records import JobConfig, Outcome, Provenance, SimulationOptions
from irer.home.artifacts import Artifact, write_artifact
from irer.home.logs import attach_rotating
from irer.hub.hub import Hub
from irer.hub.views import MOST_AT_ONCE, MOST_FRAMES, ViewCache
from irer.validation import decoy_combs, log_prime_fidelity
from irer.web import run_api
from settings import Settings
from tests.fake_engine import commit, make_record

Wait = Callable[[Callable[[], Any]], None]
OPTIONS = SimulationOptions(N_grid=64, box_length=50.0, T_steps=10, n_snapshots=3)
VIEWS = ("spectrum", "diagnostics", "field.png")


def artifact_of(record: Provenance) -> Artifact:
    """Fields that no solver made, for the job of `record`."""
    rng, shape = np.random.default_rng(0), (record.simulation.N_grid,) * 2
    return Artifact(
        job=JobConfig(**{name: getattr(record, name) for name in JobConfig.model_fields}),
        outcome=Outcome.OK,
        last_good_time=1.0,
        psi=(rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64),
        u=0.1 * rng.normal(size=shape),
        snapshot_t=np.array([0.6, 0.8, 1.0]),
        snapshot_rho=rng.gamma(2.0, size=(3, *shape)),
        diagnostics={"t": np.array([0.5, 1.0]), "rho_mean": np.array([0.4, 0.5])},
    )


@pytest.fixture
def run(settings: Settings, hub: Hub, wait_until: Wait) -> Provenance:
    """A committed run without an artifact."""
    record = make_record().model_copy(update={"simulation": OPTIONS})
    commit(settings, record)
    wait_until(lambda: hub.index.get(record.job_uuid))
    return record


@pytest.fixture
def artifact(settings: Settings, run: Provenance) -> Artifact:
    made = artifact_of(run)
    write_artifact(settings.home.artifact_file(run.job_uuid), made)
    return made


def get(client: FlaskClient, run: Provenance, view: str, **headers: str) -> Any:
    return client.get(f"/api/runs/{run.job_uuid}/{view}", headers=headers)


def test_the_spectrum_is_the_validators(
    client: FlaskClient, run: Provenance, artifact: Artifact
) -> None:
    shown = get(client, run, "spectrum").json
    expected = log_prime_fidelity(artifact.snapshot_rho, OPTIONS.box_length, n_null=0)
    assert expected.spectrum is not None
    for name in ("k", "power", "background", "noise", "excess"):
        assert shown[name] == getattr(expected.spectrum, name).tolist()
    assert shown["log_prime_sse"] == expected.sse
    assert [match["prime"] for match in shown["matches"]] == [m.prime for m in expected.matches]
    assert len(shown["candidates"]) == expected.n_candidates > 0
    resolved = [target["resolved"] for target in shown["targets"]]
    assert sum(resolved) == expected.n_targets_resolved == 4
    assert [round(float(np.exp(t["k"]))) for t in shown["targets"]] == [2, 3, 5, 7, 11, 13, 17, 19]


def test_a_run_of_a_decoy_hunt_is_shown_beside_its_own_targets(
    client: FlaskClient, settings: Settings, hub: Hub, wait_until: Wait
) -> None:
    comb = tuple(decoy_combs(1, np.random.default_rng(3))[0].tolist())
    record = make_record().model_copy(update={"simulation": OPTIONS, "comb": comb})
    commit(settings, record)
    wait_until(lambda: hub.index.get(record.job_uuid))
    made = artifact_of(record)
    write_artifact(settings.home.artifact_file(record.job_uuid), made)
    shown = get(client, record, "spectrum").json
    expected = log_prime_fidelity(made.snapshot_rho, OPTIONS.box_length, n_null=0, comb=comb)
    assert shown["log_prime_sse"] == expected.sse
    assert [target["k"] for target in shown["targets"]] == list(comb)
    assert {target["prime"] for target in shown["targets"]} == {None}
    assert {match["target"] for match in shown["matches"]} <= set(comb)


def test_no_contrast_has_targets_and_no_shells(
    client: FlaskClient, settings: Settings, run: Provenance, artifact: Artifact
) -> None:
    flat = replace(artifact, snapshot_rho=np.ones_like(artifact.snapshot_rho))
    write_artifact(settings.home.artifact_file(run.job_uuid), flat)
    shown = get(client, run, "spectrum").json
    assert (shown["degenerate"], shown["log_prime_sse"]) == ("no_contrast", 2)
    assert (shown["k"], shown["candidates"], len(shown["targets"])) == ([], [], 8)


def test_diagnostics_are_thinned_and_end_at_the_end(
    client: FlaskClient, settings: Settings, run: Provenance, artifact: Artifact
) -> None:
    assert get(client, run, "diagnostics").json == {
        "job_uuid": run.job_uuid, "t": [0.5, 1.0], "series": {"rho_mean": [0.4, 0.5]}, "frames": 2,
        "last_good_time": 1.0, "end_time": 1.0,
    }  # fmt: skip
    t = np.arange(1, 5002, dtype=float)
    long = replace(artifact, diagnostics={"t": t, "rho_mean": 2 * t})
    write_artifact(settings.home.artifact_file(run.job_uuid), long)
    shown = get(client, run, "diagnostics").json
    assert (shown["frames"], shown["t"][-1], len(shown["t"])) == (5001, 5001, 1667)
    assert len(shown["t"]) <= MOST_FRAMES
    assert shown["series"]["rho_mean"] == [2 * t for t in shown["t"]]


def test_the_fields_are_pictures(client: FlaskClient, run: Provenance, artifact: Artifact) -> None:
    seen = set()
    for query in ("", "?field=phase", "?field=omega", "?field=hamiltonian&theme=dark"):
        answer = get(client, run, f"field.png{query}")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.data.startswith(b"\x89PNG")
        seen.add(answer.data)
    assert len(seen) == 4
    assert get(client, run, "field.png?field=density").data in seen
    refused = get(client, run, "field.png?field=psi&theme=red")
    assert refused.status_code == 400
    assert {error["field"] for error in refused.json["errors"]} == {"field", "theme"}


def test_each_snapshot_is_a_picture_at_its_time(
    client: FlaskClient, run: Provenance, artifact: Artifact
) -> None:
    assert get(client, run, "spectrum").json["snapshot_t"] == artifact.snapshot_t.tolist()
    seen = {get(client, run, f"field.png?snapshot={n}").data for n in (1, 2, 3)}
    assert len(seen) == 3
    first = get(client, run, "field.png?snapshot=1")
    again = get(client, run, "field.png?snapshot=1", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    missing = get(client, run, "field.png?snapshot=4")
    assert missing.status_code == 404
    assert missing.json["message"] == f"the run {run.job_uuid} has 3 snapshots, not one 4"
    other = get(client, run, "field.png?snapshot=1&field=phase")
    assert (other.status_code, other.json["message"]) == (
        404, "snapshots hold the density, not phase"
    )  # fmt: skip
    wrong = get(client, run, "field.png?snapshot=0")
    assert [error["field"] for error in wrong.json["errors"]] == ["snapshot"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_made_once_and_not_sent_twice(
    client: FlaskClient, settings: Settings, run: Provenance, artifact: Artifact, view: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = get(client, run, view)
    with monkeypatch.context() as patch:
        patch.delattr(run_api.views, "read")
        assert get(client, run, view).data == first.data
        again = get(client, run, view, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    later = replace(artifact, wall_time_s=2.0)
    write_artifact(settings.home.artifact_file(run.job_uuid), later)  # another file: made anew
    assert get(client, run, view).headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize("view", VIEWS)
def test_no_artifact_and_a_torn_one(
    client: FlaskClient, settings: Settings, run: Provenance, view: str
) -> None:
    assert get(client, run, view).status_code == 404
    settings.home.artifact_file(run.job_uuid).parent.mkdir(exist_ok=True)
    settings.home.artifact_file(run.job_uuid).write_bytes(b"\x89HDF torn")
    answer = get(client, run, view)
    assert answer.status_code == 422
    assert "is not a whole artifact" in answer.json["message"]


def test_a_run_that_left_the_finite_numbers_has_pictures_but_no_spectrum(
    client: FlaskClient, settings: Settings, run: Provenance
) -> None:
    made = artifact_of(run)
    early = replace(
        made, outcome=Outcome.NONFINITE, snapshot_t=made.snapshot_t[:0],
        snapshot_rho=made.snapshot_rho[:0],
    )  # fmt: skip
    write_artifact(settings.home.artifact_file(run.job_uuid), early)
    answer = get(client, run, "spectrum")
    assert answer.status_code == 422
    assert "before its first snapshot" in answer.json["message"]
    assert get(client, run, "field.png").status_code == 200
    overflowing = replace(early, u=np.full_like(made.u, 1e4))
    write_artifact(settings.home.artifact_file(run.job_uuid), overflowing)
    assert get(client, run, "field.png?field=omega").status_code == 422


@pytest.fixture
def engine_log(settings: Settings) -> Iterator[logging.Logger]:
    attach_rotating("irer.test_run_log", settings.home.hunt_log)
    logger = logging.getLogger("irer.test_run_log")
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def test_the_log_of_a_run(client: FlaskClient, run: Provenance, engine_log: logging.Logger) -> None:
    assert get(client, run, "log").json == {"job_uuid": run.job_uuid, "lines": [], "total": 0}
    engine_log.info("job %s: try 1", run.job_uuid)
    engine_log.info("of no job")
    engine_log.handlers[0].doRollover()  # type: ignore[attr-defined]
    engine_log.info("job %s: <b>committed</b>", run.job_uuid)
    shown = get(client, run, "log").json
    assert shown["total"] == len(shown["lines"]) == 2
    assert shown["lines"][0].endswith(f"job {run.job_uuid}: try 1")
    assert shown["lines"][1].endswith("<b>committed</b>")
    for _ in range(run_api.MOST_LINES):
        engine_log.info("job %s: again", run.job_uuid)
    shown = get(client, run, "log").json
    assert (shown["total"], len(shown["lines"])) == (run_api.MOST_LINES + 2, run_api.MOST_LINES)


def test_many_who_wait_for_views_keep_nobody_from_the_status(
    flask_app: Flask, hub: Hub, run: Provenance, artifact: Artifact, wait_until: Wait
) -> None:
    made, gate = threading.Semaphore(0), threading.Event()

    def slow() -> bytes:
        made.release()
        gate.wait()
        return b"x"

    waiting = [
        threading.Thread(target=hub.views.get, args=(f"slow {n}", slow))
        for n in range(MOST_AT_ONCE)
    ]
    for thread in waiting:
        thread.start()
    made.acquire()
    client = flask_app.test_client()
    wait_until(lambda: get(client, run, "spectrum").status_code == 503)
    refused = get(client, run, "field.png")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert client.get("/api/get-status").status_code == 200
    gate.set()
    for thread in waiting:
        thread.join()
    assert get(client, run, "spectrum").status_code == 200


def test_the_cache_forgets_the_oldest() -> None:
    cache = ViewCache(room=10)
    calls: list[str] = []

    def make(name: str) -> Callable[[], bytes]:
        return lambda: (calls.append(name), b"12345")[1]

    for name in ("a", "b", "a", "c", "a", "b"):
        cache.get(name, make(name))
    assert calls == ["a", "b", "c", "b"]


def test_a_view_that_fails_is_not_kept() -> None:
    cache = ViewCache()
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: bytes(1 // 0))
    assert cache.get("a", lambda: b"good") == b"good"
