"""docs/http-api.md describes the hub that there is."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from irer.base.hunt_records import HuntOrder
from tests.hub_process import ROOT

TEXT = (ROOT / "docs" / "http-api.md").read_text()


def test_every_route_is_described_and_no_other(flask_app: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in flask_app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in ("GET", "POST")
    }
    described = set(re.findall(r"`((?:GET|POST) /[^`?]*)`", TEXT))
    assert described == routes


def test_every_field_of_an_order_is_described() -> None:
    rows = " ".join(line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `"))
    assert set(HuntOrder.model_fields) <= set(re.findall(r"`(\w+)`", rows))


def test_every_key_of_the_status_is_described(client: FlaskClient) -> None:
    status: dict[str, Any] = client.get("/api/get-status").json or {}
    for name in (*status, *status["progress"], *status["progress"]["states"]):
        assert f"`{name}`" in TEXT, name
