"""The types of the hub's answers, as the pages' scripts are checked against them."""

import pytest

from docs.make_api_types import declaration, type_of

A_LIST = {"type": "array", "items": {"anyOf": [{"type": "number"}, {"type": "null"}]}}


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({}, "unknown"),
        ({"$ref": "Run"}, "Run"),
        ({"enum": ["a", "b"], "type": "string"}, '"a" | "b"'),
        ({"const": 2, "type": "integer"}, "2"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]}, "number | null"),
        (A_LIST, "(number | null)[]"),
        ({"type": "array"}, "unknown[]"),
        ({"type": "array", "prefixItems": [A_LIST, {"$ref": "Run"}]}, "[(number | null)[], Run]"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": A_LIST}, "Record<string, (number | null)[]>"),
        (
            {"type": "object", "additionalProperties": True, "propertyNames": {"enum": ["a"]}},
            'Partial<Record<"a", unknown>>',
        ),
    ],
)
def test_a_schema_as_a_type(schema, written) -> None:
    assert type_of(schema) == written


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="text"):
        type_of({"type": "text"})


def test_a_model_is_an_interface_whose_fields_are_all_there() -> None:
    schema = {
        "description": "One run.\n\nMore of it.",
        "properties": {
            "note": {"type": "string", "default": "", "description": "of a person"},
            "n": {"type": "integer"},
        },
        "required": ["n"],
    }
    assert list(declaration("Run", schema)) == [
        "/** One run. */",
        "export interface Run {",
        "  /** of a person */",
        "  note: string;",
        "  n: number;",
        "}",
    ]
    assert list(declaration("State", {"enum": ["ON"], "type": "string"})) == [
        'export type State = "ON";'
    ]
