"""The routes as their OpenAPI document describes them, tried with what it allows and forbids."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from jsonschema_rs import validator_for
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

import settings as settings_module
from app import RunningHub, create_app
from irer.base.hunt_records import HuntOrder
from irer.home.artifacts import write_artifact
from irer.web.models import StartBody
from settings import Settings
from tests.contract.hub.conftest import TOKEN
from tests.contract.hub.test_hub_views import OPTIONS, artifact_of
from tests.fake_engine import FakeEngine, commit, make_plan, make_record

DOCUMENT = "/api/openapi.json"
START = "/api/start-hunt"
EXAMPLES = 40  # a route and mode
SAME_BODY = ("/api/queue", "/api/estimate-hunt")  # as the start, where it is tried in full
FEW = 5  # examples of it, which are dear to make
# An order can be refused for what no schema says: low < high, a source that the grid holds. So can
# the text of a file.
SAYS_MORE = (START, *SAME_BODY, "/api/load-parameters")
# What is known of a query by the names of numbers and by how they are written.
NOT_IN_THE_SCHEMA = {"/api/runs": ("ranges", "columns", "sort", "lasso")}
MORE_THAN_A_SCHEMA = {"positive_data_acceptance"}
load_all_checks()


class Lively:
    """A hub with something behind every route: measured, failed and bare runs, a hunt."""

    def __init__(self, settings: Settings) -> None:
        plan = make_plan()
        runs = [
            make_record(hunt_id=plan.hunt_id, index=0).model_copy(update={"simulation": OPTIONS}),
            make_record(hunt_id=plan.hunt_id, index=1, failed="NONFINITE"),
            make_record(hunt_id=plan.hunt_id, index=2),
        ]
        for record in runs:
            commit(settings, record)
        write_artifact(settings.home.artifact_file(runs[0].job_uuid), artifact_of(runs[0]))
        settings.home.ledger_file.write_text("job_uuid\n")
        self.uuids = [record.job_uuid for record in runs]
        self.engine = FakeEngine(gated=True)
        self.running = RunningHub(settings, self.engine.as_engine())
        with self.running as hub:
            pass
        hub.board.restore(plan, "Stopped", hub.best(plan.hunt_id))
        self.app = create_app(hub, TOKEN)
        self.schema = schemathesis.openapi.from_wsgi(DOCUMENT, self.app)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lively]:
    home = tmp_path_factory.mktemp("lively") / "home"
    lively = Lively(settings_module.load(home=home))
    yield lively
    lively.running.hub.hunts.shutdown()


@functools.cache
def document() -> Any:
    app = create_app(RunningHub(settings_module.load(home=Path("unused"))).hub, TOKEN)
    return app.test_client().get(DOCUMENT).json


def routes() -> dict[tuple[str, str], Any]:
    """The document's operations by (method, path)."""
    return {
        (method.upper(), path): operation
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }


def test_the_document_is_that_of_all_json_routes(lively: Lively) -> None:
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in lively.app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in ("GET", "POST") and rule.rule.startswith(("/api/", "/healthz"))
    }
    assert routes().keys() == served


@pytest.mark.parametrize(("method", "path"), routes())
def test_every_route_says_what_it_answers_with_an_error_and_an_example(
    method: str, path: str
) -> None:
    route = routes()[method, path]
    assert route["summary"]
    good = [code for code in route["responses"] if code.startswith("2")]
    assert len(good) == 1
    for code, answer in route["responses"].items():
        if code in ("304", *good):
            continue
        assert example_of(answer["content"]["application/json"])["errors"]
    (content,) = route["responses"][good[0]]["content"].values()
    assert content["schema"].get("format") == "binary" or example_of(content)
    if method == "POST":
        assert route["requestBody"]["required"] is False
        assert example_of(route["requestBody"]["content"]["application/json"]) is not None


def example_of(content: Any) -> Any:
    """The example of a content's model, held against the model."""
    name = content["schema"]["$ref"].removeprefix("#/components/schemas/")
    schemas = document()["components"]["schemas"]
    assert "examples" in schemas[name], f"{name} has none: python docs/make_api_examples.py"
    (example,) = schemas[name]["examples"]
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    wrong = [error.message for error in validator_for(schema).iter_errors(example)]
    assert not wrong, f"{name}: {wrong}: python docs/make_api_examples.py"
    return example


def test_the_documented_order_is_the_real_one() -> None:
    assert set(StartBody.model_fields) == set(HuntOrder.model_fields)


def trials() -> list[tuple[str, str, GenerationMode]]:
    """Every route with what its document allows, and with what it forbids where it can."""
    return [
        (method, path, mode)
        for (method, path), operation in routes().items()
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or operation["parameters"] or "requestBody" in operation
    ]


# The client leaves files that it was sent open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("method", "path", "mode"), trials())
def test_no_server_error_and_every_answer_fits_its_model(
    lively: Lively, method: str, path: str, mode: GenerationMode
) -> None:
    skipped = [
        c for c in CHECKS.get_all() if path in SAYS_MORE and c.__name__ in MORE_THAN_A_SCHEMA
    ]
    positive = mode is GenerationMode.POSITIVE

    @given(
        case=lively.schema[path][method].as_strategy(mode),
        job_uuid=st.sampled_from([*lively.uuids, None]),
    )
    @examples(
        max_examples=FEW if path in SAME_BODY else EXAMPLES,
        deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def hold(case: Case, job_uuid: str | None) -> None:
        if positive and job_uuid and "job_uuid" in case.path_parameters:
            case.path_parameters["job_uuid"] = job_uuid
        for name in NOT_IN_THE_SCHEMA.get(path, ()) if positive else ():
            case.query.pop(name, None)
        case.call_and_validate(excluded_checks=skipped)

    hold()
    assert lively.engine.started <= 1
