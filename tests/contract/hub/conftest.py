"""A hub on an empty home, with an engine that simulates nothing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import settings as settings_module
from app import RunningHub, create_app
from irer.hub.hub import Hub
from settings import Settings
from tests.contract.hub.asking import ORDER
from tests.fake_engine import FakeEngine

TOKEN = "T" * 43


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_module.load(home=tmp_path / "home", rescan_s=0.05)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(gated=True)


@pytest.fixture
def hub(settings: Settings, engine: FakeEngine) -> Iterator[Hub]:
    with RunningHub(settings, engine.as_engine()) as hub:
        yield hub


@pytest.fixture
def flask_app(hub: Hub) -> Flask:
    return create_app(hub, TOKEN)


@pytest.fixture
def client(flask_app: Flask) -> FlaskClient:
    return flask_app.test_client()


@pytest.fixture
def running(client: FlaskClient) -> str:
    """The id of a hunt that runs; its engine waits for `release`."""
    return str(client.post("/api/start-hunt", json=ORDER).json["hunt_id"])


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any]], None]:
    """Wait for a condition; fail after a generous while."""

    def wait(condition: Callable[[], Any]) -> None:
        pause = threading.Event()
        for _ in range(3000):
            if condition():
                return
            pause.wait(0.01)
        pytest.fail("the condition did not come true in 30 s")

    return wait
