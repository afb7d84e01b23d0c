"""Routes that say what they take and give: one declaration checks the request and documents it.

    @api.get("/api/runs/<job_uuid>/spectrum")
    @describe(SpectrumAnswer, errors=(404, 422))
    def spectrum(job_uuid: str, query: SomeQuery) -> Response:
        '''First line: the summary. The rest: the description.'''

A parameter named `query` or `json` is checked against its model with exact types, every wrong
field named; a `job_uuid` or `hunt_id` in the address must be a UUID, or begin the UUID of one run
or hunt alone. The errors that follow from that are documented by themselves; `errors` names the
rest. Examples are kept answers of a real hub, by model (`api_examples.json`). SpecTree collects it
all into `/api/openapi.json`. Its own checking is replaced: it takes a body that it cannot parse
for an empty one.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from flask import Response, request
from pydantic import BaseModel
from spectree import Response as Answers
from spectree import SecurityScheme, SecuritySchemeData, SpecTree
from spectree.models import SecureType
from spectree.plugins.flask_plugin import FlaskPlugin

from irer import __version__
from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.files import read_json
from irer.base.uuids import PATTERN
from irer.web.answers import body
from irer.web.current import the_hub
from irer.web.models import Problem

View = TypeVar("View", bound=Callable[..., Response])

EXAMPLES_FILE = Path(__file__).with_name("api_examples.json")  # docs/make_api_examples.py
_PATH_PARAMETERS = {
    name: {"type": "string", "pattern": PATTERN} for name in ("job_uuid", "hunt_id")
}
_TITLE = "IRER Control Hub"
_ABOUT = (
    "JSON in, JSON out, never NaN or Infinity. Types are exact, 2.0 being an integer. A request "
    "needs the token unless the hub is bound to loopback and the Host is a loopback name "
    "(docs/http-api.md)."
)


@dataclass(frozen=True)
class File:
    """An answer that is not JSON."""

    mimetype: str


class _Answers(Answers):
    """SpecTree's answers by code, which may include a file."""

    def __init__(
        self, code: int, given: type[BaseModel] | File, errors: Iterable[int], *, tagged: bool
    ) -> None:
        self._file = (str(code), given) if isinstance(given, File) else None
        good = None if isinstance(given, File) else given
        super().__init__(
            *(["HTTP_304"] if tagged else []),
            **{f"HTTP_{code}": good},
            **{f"HTTP_{error}": Problem for error in errors},
        )

    def generate_spec(self, *naming: Any) -> dict[str, Any]:
        """Return the document's `responses` of a route."""
        found = super().generate_spec(*naming)
        if self._file:
            code, file = self._file
            schema = {"type": "string", "format": "binary"}
            found[code]["content"] = {file.mimetype: {"schema": schema}}
        return found


class _Checking(FlaskPlugin):
    """Checks input by our own rules and words, and leaves answers alone."""

    def validate(
        self, func: Callable[..., Any], query: Any, json: Any, *_: Any, **given: Any
    ) -> Any:
        """Call the view with its checked parameters. Raises ConfigError."""
        named = func.__annotations__
        for name in _PATH_PARAMETERS.keys() & given.keys():
            given[name] = _whole(name, given[name], func.__name__)
        if "query" in named:
            given["query"] = check(query, _query_fields(), what="the query")
        if "json" in named:
            given["json"] = check(json, body())
        return func(**given)

    def parse_path(self, *arguments: Any) -> tuple[str, list[Any]]:
        """Return the address as OpenAPI writes it, and its parameters."""
        path, parameters = super().parse_path(*arguments)
        for parameter in parameters:
            parameter["schema"] = _PATH_PARAMETERS.get(parameter["name"], parameter["schema"])
        return path, parameters

    def get_func_operation_id(self, func: Callable[..., Any], path: str, method: str) -> str:  # noqa: ARG002
        """Return the name that a generated client gives the route."""
        return func.__name__


class _Tree(SpecTree):
    """Makes the schemas with the document: made at every route they take half of the start."""

    def __init__(self, **options: Any) -> None:
        self._models_by_key: dict[
            str, tuple[type[BaseModel], Literal["validation", "serialization"]]
        ] = {}
        super().__init__(**options)

    def _add_model(
        self, model: type[BaseModel], mode: Literal["validation", "serialization"] = "validation"
    ) -> str:
        key: str = self.naming_strategy(model)
        self._models_by_key[key] = model, mode
        return key

    def document(self) -> dict[str, Any]:
        """Return the document without what SpecTree cannot know; `document` makes it once."""
        while self._models_by_key:
            super()._add_model(*self._models_by_key.popitem()[1])
        found: dict[str, Any] = self.spec
        return found


def _query_fields() -> dict[str, str]:
    """Return the query as an object. Raises ConfigError for a field given twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise ConfigError.of_field(name, f"must be given once, got {len(values)} values")
    return request.args.to_dict()


def _whole(name: str, text: str, view: str) -> str:
    """Return the whole uuid that a beginning in the address stands for. Raises IrerError."""
    if name == "hunt_id":
        return the_hub().hunt_named(text)
    if view in _of_component_runs:
        return the_hub().component_run_named(text)
    return the_hub().run_named(text)


_making = threading.Lock()  # nobody may see a half-made document
_of_component_runs: set[str] = set()  # operations whose job_uuid is one of a component's runs
_choices: dict[str, Mapping[str, Iterable[str]]] = {}  # by operation, then by parameter
_tree = _Tree(
    backend=_Checking,
    title=_TITLE,
    description=_ABOUT,
    version=__version__,
    mode="strict",
    validation_error_status=401,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme("bearer", SecuritySchemeData(type=SecureType.HTTP, scheme="bearer")),
    ],
    security=[{}, {"bearer": []}],
)


def describe(
    given: type[BaseModel] | File,
    *,
    code: int = 200,
    errors: Iterable[int] = (),
    tagged: bool = False,
    body: type[BaseModel] | None = None,
    choices: Mapping[str, Iterable[str]] | None = None,
    of_component_run: bool = False,
) -> Callable[[View], View]:
    """Declare that a view answers `code` with `given`, or a Problem with one of `errors`.

    A `tagged` view answers 304 to a client that has its answer (`irer.web.answers.tagged`). `body`
    documents the body of a view that reads it itself instead of taking `json`, and `choices` the
    values of a parameter in the address. Its `job_uuid` is that of a run, or `of_component_run`.
    """

    def declare(view: View) -> View:
        takes, known = view.__annotations__, {*errors}
        named = _PATH_PARAMETERS.keys() & takes.keys()
        if {"query", "json"} & set(takes) or named or body:
            known.add(400)
        if named:
            known.add(404)
        if "json" in takes or body:
            known |= {403, 413, 415}
        _choices[view.__name__] = dict(choices or {})
        if of_component_run:
            _of_component_runs.add(view.__name__)
        answers = _Answers(code, given, sorted(known), tagged=tagged)
        declared: View = _tree.validate(json=body, resp=answers)(view)
        return declared

    return declare


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the described routes, made at the first call."""
    with _making:
        return _document()


@cache
def _document() -> dict[str, Any]:
    found = _tree.document()
    schemas = found["components"]["schemas"]
    for name, example in read_json(EXAMPLES_FILE).items():
        if name in schemas:
            schemas[name]["examples"] = [example]
    for operations in found["paths"].values():
        for operation in operations.values():
            if "requestBody" in operation:  # an empty body means an empty object
                operation["requestBody"]["required"] = False
            for parameter in operation["parameters"]:
                if values := _choices[operation["operationId"]].get(parameter["name"]):
                    parameter["schema"] = {"type": "string", "enum": [*values]}
    return found
