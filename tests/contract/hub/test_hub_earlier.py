"""Dashboards of earlier versions, and files of parameters that the page loads."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.base.models import DEFAULT_MODEL
from settings import Settings


def test_they_find_the_keys_of_the_status_by_their_names(client: FlaskClient) -> None:
    constants: dict[str, Any] = client.get("/api/get-constants").json or {}
    status: dict[str, Any] = client.get("/api/get-status").json or {}
    names = ("HUNT_STATUS", "LAST_EVENT", "LAST_SSE", "LAST_STABILITY", "FINAL_RESULT")
    read = {name: status[constants[name]] for name in names}
    assert read == {
        "HUNT_STATUS": "Idle", "LAST_EVENT": "-", "LAST_SSE": "-", "LAST_STABILITY": "-",
        "FINAL_RESULT": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("posted", "told"),
    [
        (
            {"generations": 2, "population": 3, "grid_size": 64, "t_steps": 200},
            {
                "generations": "did you mean num_generations",
                "population": "did you mean population_size",
                "grid_size": "did you mean simulation.N_grid",
                "t_steps": "did you mean simulation.T_steps",
            },
        ),
        (
            {
                "evolutionary": {"generations": 2, "population": 3, "mutation_rate": 0.3},
                "physics": {"grid_size": 64, "dt": 0.01, "sncgl_epsilon": 0.2, "sdg_alpha": 1.5},
            },
            {
                "evolutionary.generations": "did you mean num_generations",
                "evolutionary.population": "did you mean population_size",
                "physics.grid_size": "did you mean simulation.N_grid",
                "physics.dt": "did you mean simulation.dt",
                "physics.sncgl_epsilon": "did you mean params.epsilon",
                "physics.sdg_alpha": "it has no counterpart",
            },
        ),
        (
            {"simulation": {"grid_size": 64}, "params": {"sncgl_epsilon": 0.2, "sdg_eta": 1}},
            {
                "simulation.grid_size": "did you mean simulation.N_grid",
                "params.sncgl_epsilon": "did you mean params.epsilon",
                "params.sdg_eta": "it has no counterpart",
            },
        ),
    ],
)
def test_a_start_with_their_names_says_the_right_ones(
    client: FlaskClient, settings: Settings, posted: dict[str, Any], told: dict[str, str]
) -> None:
    answer = client.post("/api/start-hunt", json=posted)
    assert answer.status_code == 400
    said = {error["field"]: error["message"] for error in (answer.json or {})["errors"]}
    assert said.keys() == told.keys()
    for field, part in told.items():
        assert part in said[field], field
    assert not settings.home.hunt_file.exists()


def test_a_draft_is_loaded_into_an_order_that_starts(client: FlaskClient) -> None:
    text = json.dumps({"sncgl_epsilon": 0.7, "sdg_kappa": 0.4, "generations": 1, "population": 2})
    answer = client.post("/api/load-parameters", json={"text": text})
    assert answer.status_code == 200
    loaded: dict[str, Any] = answer.json or {}
    assert loaded["kind"] == "parameters of an earlier draft"
    assert loaded["taken"][0] == {
        "name": "sncgl_epsilon", "becomes": "params.epsilon", "value": 0.7,
    }  # fmt: skip
    assert loaded["left_out"] == []
    (point,) = loaded["order"]["points"]
    assert (point["epsilon"], point["kappa"]) == (0.7, 0.4)
    assert loaded["order"]["num_generations"] == 1
    assert client.post("/api/start-hunt", json=loaded["order"]).status_code == 202


def test_what_has_no_counterpart_is_named_or_left_out(client: FlaskClient) -> None:
    text = json.dumps({"param_D": 1.0, "param_eta": 0.2, "sdg_alpha": 1.5})
    refused = client.post("/api/load-parameters", json={"text": text})
    assert refused.status_code == 400
    fields = [error["field"] for error in (refused.json or {})["errors"]]
    assert fields == ["param_D", "param_eta", "sdg_alpha"]
    given = {"text": text, "model": "fmia", "ignore_unknown": True}
    loaded: dict[str, Any] = client.post("/api/load-parameters", json=given).json or {}
    assert loaded["order"]["model"] == "fmia" != DEFAULT_MODEL
    assert [each["field"] for each in loaded["left_out"]] == ["sdg_alpha"]
    for wrong in ({}, {"text": 3}, {"text": "", "nix": 1}):
        assert client.post("/api/load-parameters", json=wrong).status_code == 400
