"""`component_manifest.json`: how a component describes itself.

docs/component_manifest.schema.json is this model as a JSON Schema, for editors and other programs;
`python -m irer.components check` uses the model itself, which also knows what a schema cannot say
(a default inside its range, a script inside its folder).
"""

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationInfo, field_validator, model_validator

from irer.base.checking import Record, is_whole

Trigger = Literal["on provenance"]
Need = Literal["complete hunt", "fields of the hunt", "complete run", "fields of the run"]
Value = bool | int | float | str

Name = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ()_-]{0,59}$",
        description="1 to 60 letters, digits, blanks, ( ) _ or -, beginning with a letter or digit",
    ),
]
Identifier = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$",
        description="1 to 40 lower-case letters, digits or _, beginning with a letter",
    ),
]
Option = Annotated[
    str,
    Field(
        pattern=r"^--[a-z][a-z0-9_-]{0,39}$",
        description="a command-line option like --file, lower-case letters, digits, _ or -",
    ),
]
Distribution = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        description="the name of a Python distribution, without a version",
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=1000, description="1 to 1,000 characters")]
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]*)\}")


class Input(Record):
    """What a component is given beside its tunables.

    `string:uuid` is an id: a `new` one, made by the engine for this run of the component, or
    that of a committed `run`. `path:json` is the provenance file of a committed run.
    """

    name: Identifier
    type: Literal["string:uuid", "path:json"]
    source: Literal["new", "run", "provenance"] = "new"
    option: Option | None = None  # default: --NAME
    description: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _files_come_from_provenance(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("type") == "path:json":
            return {"source": "provenance"} | data
        return data

    @field_validator("source")
    @classmethod
    def _fits_type(cls, source: str, info: ValidationInfo) -> str:
        if (info.data.get("type") == "path:json") != (source == "provenance"):
            raise ValueError("must be new or run for string:uuid, provenance for path:json")
        return source

    @property
    def flag(self) -> str:
        """The command-line option that takes the value."""
        return self.option or f"--{self.name}"


class Output(Record):
    """A file that a component leaves, at `path` below the home folder.

    `{input}` in the path stands for the uuid that the input of that name names.
    """

    name: Identifier
    type: Literal["path:csv", "path:json", "path:png", "path:txt", "path:h5"]
    path: str = Field(
        max_length=200,
        pattern=r"^[A-Za-z0-9{][A-Za-z0-9_.{}/-]*$",
        description="a path below the home folder, of letters, digits, _ . - / and {input}",
    )
    description: Text | None = None

    @field_validator("path")
    @classmethod
    def _below_home(cls, path: str) -> str:
        if any(part in ("", ".", "..") for part in path.split("/")):
            raise ValueError(f"must be a path below the home folder without .., got {path!r}")
        if set(_PLACEHOLDER.sub("", path)) & {"{", "}"}:
            raise ValueError(f"must hold {{input}} alone in braces, got {path!r}")
        return path

    @property
    def placeholders(self) -> set[str]:
        """The inputs that the path names."""
        return set(_PLACEHOLDER.findall(self.path))


class Tunable(Record):
    """One value that a person may choose for a run; a field of the component's form."""

    name: Identifier
    label: Text
    type: Literal["int", "float", "str", "bool"]
    min: float | None = None
    max: float | None = None
    choices: Annotated[tuple[str, ...], Field(strict=False)] = ()
    default: Value
    option: Option | None = None  # default: --NAME; a bool is given by the bare option
    description: Text | None = None

    @field_validator("min", "max")
    @classmethod
    def _only_for_numbers(cls, bound: float | None, info: ValidationInfo) -> float | None:
        if bound is not None and info.data.get("type") not in ("int", "float"):
            raise ValueError("is for int and float alone")
        if info.field_name == "max" and bound is not None:
            low = info.data.get("min")
            if low is not None and bound < low:
                raise ValueError(f"must be at least min, {low:g}, got {bound:g}")
        return bound

    @field_validator("choices")
    @classmethod
    def _only_for_text(cls, choices: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if choices and info.data.get("type") != "str":
            raise ValueError("is for str alone")
        return choices

    @field_validator("default")
    @classmethod
    def _legal_default(cls, default: Value, info: ValidationInfo) -> Value:
        # A field that is itself wrong is not in info.data: its own error says enough.
        if {"type", "min", "max", "choices"} <= set(info.data):
            problem = _problem(default, **{n: info.data[n] for n in _RANGE})
            if problem:
                raise ValueError(problem)
        return default

    @property
    def flag(self) -> str:
        """The command-line option that takes the value."""
        return self.option or f"--{self.name}"

    @property
    def in_words(self) -> str:
        """What the value may be, in words."""
        return _in_words(self.type, self.min, self.max, self.choices)

    def taken(self, value: Any) -> Any:
        """Return `value` as the script gets it: 2.0 becomes 2 where an int is wanted."""
        return int(value) if self.type == "int" and is_whole(value) else value

    def problem(self, value: Any) -> str | None:
        """Say what is wrong with `value`; None for a legal one."""
        return _problem(value, self.type, self.min, self.max, self.choices)


_RANGE = ("type", "min", "max", "choices")
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}
_LONGEST_TEXT = 200


def _problem(
    value: Any, type: str, min: float | None, max: float | None, choices: tuple[str, ...]
) -> str | None:
    legal = isinstance(value, _TYPES[type]) and (type == "bool") == isinstance(value, bool)
    if legal and type in ("int", "float"):
        legal = (min is None or min <= value) and (max is None or value <= max)
    elif legal and type == "str":
        whole = len(value) <= _LONGEST_TEXT and value.isprintable()
        legal = whole and (not choices or value in choices)
    return None if legal else f"must be {_in_words(type, min, max, choices)}, got {value!r:.60}"


def _in_words(type: str, min: float | None, max: float | None, choices: tuple[str, ...]) -> str:
    if type == "bool":
        return "true or false"
    if type == "str":
        plain = f"a text of at most {_LONGEST_TEXT} printable characters"
        return "one of " + ", ".join(choices) if choices else plain
    kind = "an integer" if type == "int" else "a number"
    if min is not None and max is not None:
        return f"{kind} from {min:,.10g} to {max:,.10g}"
    if min is not None:
        return f"{kind} of at least {min:,.10g}"
    return kind if max is None else f"{kind} of at most {max:,.10g}"


def _list_of(things: str) -> Any:
    """Return a field without a default; JSON has lists, the record a tuple."""
    return Field(strict=False, description=f"a list of {things}")


class Manifest(Record):
    """The whole manifest of a component."""

    name: Name
    version: str = Field(
        pattern=r"^\d+\.\d+\.\d+$", description="three numbers with dots, like 1.0.0"
    )
    description: Text
    script_to_run: str = Field(
        max_length=200,
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*\.py$",
        description="a Python file below the manifest's folder",
    )
    dependencies: tuple[Distribution, ...] = _list_of("names of Python distributions")
    inputs: tuple[Input, ...] = _list_of("objects")
    outputs: tuple[Output, ...] = _list_of("objects")
    tunable_variables: tuple[Tunable, ...] = _list_of("objects")
    triggers: Annotated[tuple[Trigger, ...], Field(strict=False)] = ()
    needs: Annotated[tuple[Need, ...], Field(strict=False)] = ()
    timeout_s: float = Field(86_400, ge=1, le=30 * 86_400)

    @field_validator("triggers", "needs", mode="before")
    @classmethod
    def _known_words(cls, words: Any, info: ValidationInfo) -> Any:
        known = get_args(Trigger if info.field_name == "triggers" else Need)
        if not isinstance(words, list | tuple) or any(word not in known for word in words):
            raise ValueError(f"must be a list of {', '.join(known)}, got {words!r:.60}")
        return words

    @field_validator("inputs", "outputs", "tunable_variables")
    @classmethod
    def _each_name_once(cls, parts: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
        given = info.data.get("inputs", ()) if info.field_name == "tunable_variables" else ()
        everything = (*given, *parts)
        for names in ([p.name for p in everything], [getattr(p, "flag", p) for p in everything]):
            double = sorted({str(name) for name in names if names.count(name) > 1})
            if double:
                raise ValueError(f"{', '.join(double)} stands for two things")
        return parts

    @field_validator("outputs")
    @classmethod
    def _inputs_in_paths(
        cls, outputs: tuple[Output, ...], info: ValidationInfo
    ) -> tuple[Output, ...]:
        known = {each.name for each in info.data.get("inputs", ())}
        for output in outputs:
            if "inputs" in info.data and (lost := output.placeholders - known):
                names = ", ".join(sorted(lost))
                raise ValueError(f"the path of {output.name} names no input: {names}")
        return outputs

    @field_validator("triggers")
    @classmethod
    def _triggered_by_a_run(
        cls, triggers: tuple[Trigger, ...], info: ValidationInfo
    ) -> tuple[Trigger, ...]:
        inputs = info.data.get("inputs")
        if triggers and inputs is not None and (len(inputs) != 1 or inputs[0].source == "new"):
            raise ValueError("need exactly one input, a run or its provenance")
        return triggers


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a manifest."""
    schema = Manifest.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "component_manifest.json",
        "description": "How a component of the IRER Control Hub describes itself.",
    }
    return head | {name: part for name, part in schema.items() if name not in head}
