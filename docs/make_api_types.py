"""Make the types of the hub's answers for the pages' scripts, from the models of the answers.

usage: python docs/make_api_types.py [--check]     (writes static/js/parts/answers.d.ts)

With --check nothing is written: the exit status is 1 when the file is not what would be written.
An answer holds every field of its model, also those that have a default.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from irer.controls.reading import Reading
from irer.web import (
    component_api,
    constants,
    hunt_models,
    models,
    queue_api,
    sensitivity_api,
)
from settings import SOURCE_ROOT

FILE = SOURCE_ROOT / "static" / "js" / "parts" / "answers.d.ts"
HEAD = "// What the hub tells the pages: made by docs/make_api_types.py, not by hand.\n"
READ: tuple[type[BaseModel], ...] = (  # what the pages ask for; their parts come with them
    Reading,
    models.ConfirmationState,
    models.HuntDetails,
    models.Hunts,
    models.LoadedParameters,
    models.Problem,
    models.RunDetails,
    models.RunDiagnostics,
    models.RunLog,
    models.RunSpectrum,
    models.RunsPage,
    models.Status,
    component_api.ComponentRunList,
    component_api.Components,
    constants.PageConstants,
    hunt_models.FindingBegun,
    hunt_models.HuntTime,
    queue_api.Queue,
    sensitivity_api.HuntSensitivity,
)
WORDS = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean"}


def type_of(schema: dict[str, Any]) -> str:
    """Return the TypeScript type of a JSON schema. Raises KeyError for an unknown type."""
    if "$ref" in schema:
        return str(schema["$ref"])
    if "enum" in schema or "const" in schema:
        return " | ".join(map(json.dumps, schema.get("enum") or [schema["const"]]))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_of(each) for each in schema["anyOf"]))
    match schema.get("type"):
        case None:
            return "unknown"
        case "null":
            return "null"
        case "array":
            return _list(schema)
        case "object":
            return _dictionary(schema)
        case word:
            return WORDS[word]


def _list(schema: dict[str, Any]) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(map(type_of, schema['prefixItems']))}]"
    held = type_of(schema["items"]) if "items" in schema else "unknown"
    return f"({held})[]" if " | " in held else f"{held}[]"


def _dictionary(schema: dict[str, Any]) -> str:
    """Return the type of a dictionary; one with named keys may lack some of them."""
    values = schema.get("additionalProperties")
    held = type_of(values) if isinstance(values, dict) else "unknown"
    keys = schema.get("propertyNames")
    return f"Partial<Record<{type_of(keys)}, {held}>>" if keys else f"Record<string, {held}>"


def declaration(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that declare a model."""
    if "description" in schema:
        yield f"/** {schema['description'].splitlines()[0]} */"
    if "properties" not in schema:
        yield f"export type {name} = {type_of(schema)};"
        return
    yield f"export interface {name} {{"
    for field, kind in schema["properties"].items():
        if "description" in kind:
            yield f"  /** {kind['description']} */"
        yield f"  {field}: {type_of(kind)};"
    yield "}"


def declarations() -> str:
    """Return the whole file."""
    _, schema = models_json_schema(
        [(model, "serialization") for model in READ], ref_template="{model}"
    )
    declared = ("\n".join(declaration(*named)) for named in schema["$defs"].items())
    return "\n".join((HEAD, *(f"{text}\n" for text in declared)))[:-1]


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is up to date; return the exit status."""
    text = declarations()
    if arguments != ["--check"]:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        print(f"{FILE.name} is not that of the models: python docs/make_api_types.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
