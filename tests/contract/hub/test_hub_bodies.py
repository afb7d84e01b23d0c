"""What a start accepts and refuses."""

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

import core_engine
from irer.base.records import SimulationConfig
from irer.hub.hub import Hub
from irer.hunt.order import read_order
from tests.fake_engine import FakeEngine

JSON = "application/json"


def start(client: FlaskClient, data: bytes | None, content_type: str | None = JSON) -> Any:
    return client.post("/api/start-hunt", data=data, content_type=content_type)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (None, None),
        (b"", JSON),
        (b"", "text/plain"),
        (b" \n", JSON),
        (b"{}", JSON),
        (b"{}", "application/json; charset=utf-8"),
        (b'{"num_generations":null,"population_size":null,"seed":null,"sampler":null}', JSON),
        (b'{"simulation":null,"params":null,"model":null,"runner":null}', JSON),
    ],
)
def test_nothing_and_null_mean_the_defaults(
    client: FlaskClient, hub: Hub, data: bytes | None, content_type: str | None
) -> None:
    answer = start(client, data, content_type)
    assert answer.status_code == 202
    assert answer.json["status"] == "Hunt Started"
    assert answer.json["hunt_id"] == hub.board.hunt_id
    assert client.get("/api/get-status").json["progress"]["total"] == 100


def test_rings_of_the_source_are_accepted_and_the_page_offers_them(
    client: FlaskClient, hub: Hub
) -> None:
    assert 'id="option-source_rings"' in client.get("/").text
    body = b'{"simulation":{"source_rings":[0,0.69]},"params":{"source_amplitude":0.1}}'
    assert start(client, body).status_code == 202


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (b"null", []),
        (b"[1]", []),
        (b'"go"', []),
        (b"3", []),
        (b"true", []),
        (b"{", []),
        (b"\xff\xfe\xfd", []),
        (b'{"num_generations":NaN}', []),
        (b'{"num_generations":1e999}', []),
        (b'{"num_generations":' + b"9" * 5000 + b"}", []),
        (b"[" * 20_000, []),
        (b'{"num_generations":"3"}', ["num_generations"]),
        (b'{"num_generations":true}', ["num_generations"]),
        (b'{"num_generations":2.5}', ["num_generations"]),
        (b'{"num_generations":0,"population_size":-1}', ["num_generations", "population_size"]),
        (b'{"num_generations":100001}', ["num_generations"]),
        (b'{"population_size":10001}', ["population_size"]),
        (b'{"seed":-1}', ["seed"]),
        (b'{"seed":4294967296}', ["seed"]),
        (b'{"sampler":"magic"}', ["sampler"]),
        (b'{"simulation":[]}', ["simulation"]),
        (b'{"generations":3}', ["generations"]),
        (b'{"simulation":{"T_steps":2.5}}', ["simulation.T_steps"]),
        (b'{"simulation":{"dimensions":4.0}}', ["simulation.dimensions"]),
        (b'{"\\ud800":3}', [""]),  # half a character names no field
        (b'{"simulation":{"N_grid":33}}', ["simulation.N_grid"]),
        (b'{"simulation":{"source_rings":[0.5,-1]}}', ["simulation.source_rings.1"]),
        (b'{"simulation":{"source_rings":"0.5"}}', ["simulation.source_rings"]),
        (
            b'{"simulation":{"source_rings":[0,9]},"params":{"source_amplitude":1}}',
            ["simulation.source_rings"],
        ),
        (
            b'{"seed":-1,"simulation":{"N_grid":33,"nix":1},"params":{"c1":[2,1]}}',
            ["seed", "simulation.N_grid", "simulation.nix", "params.c1"],
        ),
        (b'{"seed":-1,"simulation":3,"params":{"c1":"x"}}', ["seed", "simulation", "params.c1"]),
    ],
)
def test_bad_bodies_name_each_wrong_field(
    client: FlaskClient, engine: FakeEngine, data: bytes, fields: list[str]
) -> None:
    answer = start(client, data)
    assert answer.status_code == 400
    assert answer.json["message"]
    assert [error["field"] for error in answer.json["errors"]] == fields
    assert all(error["message"] for error in answer.json["errors"])
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"
    assert engine.started == 0


@pytest.mark.parametrize(
    ("body", "field", "told"),
    [
        ({"generations": 3}, "generations", "did you mean num_generations? allowed are num_gen"),
        ({"N_grid": 64}, "N_grid", "did you mean simulation.N_grid? allowed are num_generations"),
        ({"kappa": 1}, "kappa", "did you mean params.kappa?"),
        ({"simulation": {"n_grid": 64}}, "simulation.n_grid", "did you mean N_grid? allowed are"),
        ({"params": {"sigma": 1}}, "params.sigma", "did you mean sigma_k? allowed are epsilon, c1"),
        ({"params": {"c1": "5,1"}}, "params.c1", "to search between two numbers, give [5,1]"),
        ({"params": {"c1": "-1 to 2"}}, "params.c1", "give [-1,2]"),
    ],
)
def test_an_unknown_name_is_told_the_nearest_and_all(
    client: FlaskClient, body: Any, field: str, told: str
) -> None:
    answer = client.post("/api/start-hunt", json=body)
    assert answer.status_code == 400
    (error,) = answer.json["errors"]
    assert error["field"] == field
    assert told in error["message"]


def test_where_nothing_is_allowed_that_is_said(client: FlaskClient) -> None:
    message = client.post("/api/stop-hunt", json={"now": True}).json["message"]
    assert message == "now: unknown field; none is allowed here"


def test_a_long_text_gets_no_hint_and_costs_nothing(client: FlaskClient) -> None:
    answer = client.post("/api/start-hunt", json={"params": {"c1": "-" * 60_000}})
    assert answer.status_code == 400
    assert len(answer.json["message"]) < 200


WHOLE = {
    "num_generations": 2.0, "population_size": 3.0, "seed": 7.0, "max_stagnation": 5.0,
    "polish_generations": 0.0, "seeds_per_candidate": 2.0,
    "simulation": {
        "N_grid": 32.0, "dimensions": 3.0, "T_steps": 10.0, "n_frames": 5.0, "n_snapshots": 2.0,
    },
}  # fmt: skip


def test_a_whole_float_is_an_integer_as_in_the_document(client: FlaskClient, hub: Hub) -> None:
    """JSON Schema, and with it OpenAPI, knows no difference between 2.0 and 2."""
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]
    integers = {name for name, field in walk(schemas["StartBody"], schemas) if "integer" in field}
    given = {n for part in (WHOLE, WHOLE["simulation"]) for n, v in part.items() if v != part}
    assert integers <= given
    assert client.post("/api/start-hunt", json=WHOLE).status_code == 202
    plan = core_engine.plan_hunt(read_order(WHOLE, hub.settings), hub.settings)
    assert (plan.num_generations, plan.population_size, plan.seed) == (2, 3, 7)
    assert (plan.simulation.N_grid, plan.simulation.dimensions) == (32, 3)
    assert isinstance(plan.simulation.N_grid, int)
    config = SimulationConfig(N_grid=32.0, dimensions=3.0, global_seed=5.0)
    assert (config.N_grid, config.dimensions, config.global_seed) == (32, 3, 5)
    assert isinstance(config.dimensions, int)


def walk(schema: Any, schemas: Any) -> Any:
    """Yield (name, what it is as text) of each field of an order, those of its parts too."""
    for name, field in schema["properties"].items():
        text = json.dumps(field)
        reference = re.search(r"#/components/schemas/([^\"]+)", text)
        if reference:
            yield from walk(schemas[reference[1]], schemas)
        else:
            yield name, text


def test_a_refused_order_leaves_room_for_a_good_one(client: FlaskClient) -> None:
    assert start(client, b'{"simulation":{"N_grid":33}}').status_code == 400
    assert start(client, b"{}").status_code == 202


def test_the_allowed_range_is_said(client: FlaskClient) -> None:
    message = start(client, b'{"population_size":0}').json["message"]
    assert message == "population_size: must be an integer from 1 to 10,000, got 0"


def test_other_types_and_sizes_are_refused(client: FlaskClient) -> None:
    for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
        answer = start(client, b"num_generations=3", content_type)
        assert (answer.status_code, answer.json["errors"]) == (415, [])
    answer = start(client, b'{"x":"' + b"a" * 1_000_000 + b'"}')
    assert (answer.status_code, answer.json["errors"]) == (413, [])


@pytest.mark.parametrize("route", ["stop-hunt", "cancel-hunt", "resume-hunt"])
def test_the_other_actions_take_no_fields(client: FlaskClient, route: str) -> None:
    assert client.post(f"/api/{route}", json={"force": True}).status_code == 400
    assert client.post(f"/api/{route}").status_code == 409


def _random_value(rng: random.Random, depth: int = 0) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: rng.choice([True, False]),
        lambda: rng.randint(-(10**30), 0),
        lambda: rng.choice(["", "3", "\ud800", "x" * 300, "tpe ", "\x00"]),
        lambda: rng.uniform(-1e300, 1e300),
    ]
    if depth < 3:
        kinds.append(lambda: [_random_value(rng, depth + 1) for _ in range(rng.randint(0, 3))])
        kinds.append(lambda: {"N_grid": _random_value(rng, depth + 1)})
    return rng.choice(kinds)()


def test_a_thousand_random_bodies_start_nothing(client: FlaskClient, engine: FakeEngine) -> None:
    rng = random.Random(20)
    names = ["num_generations", "population_size", "seed", "sampler", "simulation", "params", "é"]
    for _ in range(1000):
        # The unknown name makes each of them wrong, whatever the rest is.
        body = {rng.choice(names): _random_value(rng), "unknown": _random_value(rng)}
        data = json.dumps(body).encode()
        if rng.random() < 0.3:
            data = data[: rng.randint(1, len(data))] + bytes([rng.randrange(256)])
        answer = start(client, data)
        assert answer.status_code == 400, (data, answer.data)
        assert answer.json["message"]
    assert engine.started == 0
    assert client.get("/api/get-status").json["hunt_status"] == "Idle"
