"""Checked input: pydantic's findings as one clear line per wrong field, with the allowed range."""

import copy
import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from irer.base.errors import ConfigError, FieldError
from irer.base.help import describe_fields
from irer.base.html import pairs
from irer.base.words import unknown_name

M = TypeVar("M", bound=BaseModel)


class Record(BaseModel):
    """Base of every record: exact types, no unknown fields, no NaN or Infinity, immutable."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        protected_namespaces=(),
        json_schema_extra=describe_fields,
    )

    def _repr_html_(self) -> str:
        """Return a table of the fields, for a notebook."""
        return pairs(type(self).__name__, self.model_dump(mode="json"))


def check(model: type[M], data: Any, *, what: str = "the body") -> M:
    """Validate `data` as `model`. Raises ConfigError naming every wrong field and its range."""
    if not isinstance(data, dict):
        raise ConfigError(f"{what} must be a JSON object, got {_kind(data)}")
    try:
        return validated(model, data)
    except ValidationError as error:
        raise config_error(model, error) from error


def validated(model: type[M], data: Any) -> M:
    """Validate `data` as `model`; 2.0 passes for the integer 2, as in JSON Schema.

    Raises ValidationError.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        whole = with_whole_numbers(data, error)
        if whole is None:
            raise
        return model.model_validate(whole)


def with_whole_numbers(data: Any, error: ValidationError) -> Any:
    """Return a copy of `data` with the whole floats that `error` names made integers, or None."""
    places = [
        [part for part in item["loc"] if not _is_tag(part)]
        for item in error.errors(include_url=False, include_context=False)
        if item["type"] in {"int_type", "literal_error"} and is_whole(item["input"])
    ]
    if not places:
        return None
    whole = copy.deepcopy(data)
    for *way, last in places:
        holder: Any = whole
        for part in way:
            holder = holder[part]
        holder[last] = int(holder[last])
    return whole


def is_whole(value: Any) -> bool:
    """Say whether `value` is a float that stands for an integer, like 2.0."""
    return isinstance(value, float) and value.is_integer()


def config_error(
    model: type[BaseModel],
    error: ValidationError,
    prefix: str = "",
    elsewhere: Iterable[str] = (),
) -> ConfigError:
    """Turn pydantic's findings into a ConfigError with a FieldError each.

    `elsewhere` are names, besides those of the field's own object, to suggest for an unknown field.
    """
    found: dict[str, FieldError] = {}
    for item in error.errors(include_url=False):
        field = prefix + ".".join(str(part) for part in item["loc"] if not _is_tag(part))
        found.setdefault(field, FieldError(field, _message(model, item, elsewhere)))
    errors = tuple(found.values())
    return ConfigError("; ".join(str(e) for e in errors), errors)


def _is_tag(part: int | str) -> bool:
    """Say whether a part of a location names a union's branch rather than a field."""
    return isinstance(part, str) and ("[" in part or part in {"float", "int", "str", "tuple"})


def _message(model: type[BaseModel], item: Any, elsewhere: Iterable[str]) -> str:
    if item["type"] == "extra_forbidden":
        *way, name = item["loc"]
        return unknown_name("field", str(name), _fields_at(model, tuple(way)), elsewhere)
    if item["type"] == "missing":
        return "required"
    got = f", got {shown(item['input'])}"
    if item["type"] in {"value_error", "assertion_error"}:
        return str(item["ctx"]["error"]) if "ctx" in item else str(item["msg"])
    field = _find_field(model, item["loc"])
    if field is not None and (allowed := allowed_values(field)):
        return f"must be {allowed}{got}"
    text = str(item["msg"])
    return text[:1].lower() + text[1:] + got


def _find_field(model: type[BaseModel], location: tuple[int | str, ...]) -> FieldInfo | None:
    """Follow a location down nested models to the field it names."""
    field: FieldInfo | None = None
    current: type[BaseModel] | None = model
    if location and isinstance(location[-1], int):  # an element of a list, not a field
        return None
    for part in location:
        if isinstance(part, int) or _is_tag(part):
            continue
        if current is None or part not in current.model_fields:
            break
        field = current.model_fields[part]
        current = _nested_model(field.annotation)
    return field


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Return the field names of the model at a location."""
    field = _find_field(model, location) if location else None
    place = model if field is None else _nested_model(field.annotation)
    return list(place.model_fields) if place else []


def _nested_model(annotation: Any) -> type[BaseModel] | None:
    for option in (annotation, *get_args(annotation)):
        option = get_args(option)[0] if get_origin(option) is Annotated else option
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def allowed_values(field: FieldInfo) -> str:
    """Say in words what a field accepts: 'an even integer from 16 to 1,024', 'one of a, b'."""
    if field.description:
        return field.description
    options, rules = [], list(field.metadata)
    for option in _options(field.annotation):
        if get_origin(option) is Annotated:
            option, *extra = get_args(option)
            rules += [r for e in extra for r in (e.metadata if isinstance(e, FieldInfo) else [e])]
        options.append(option)
    literals = [str(v) for o in options if get_origin(o) is Literal for v in get_args(o)]
    if literals:
        return ("one of " if len(literals) > 1 else "") + ", ".join(literals)
    kind = "an integer" if int in options else "a finite number" if float in options else ""
    if not kind:
        return "an object" if any(_nested_model(o) for o in options) else ""
    return kind + _range_in_words(rules)


def _options(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _range_in_words(rules: list[Any]) -> str:
    """Put annotated bounds into words; an open bound reads as above or below."""
    low = high = ""
    for rule in rules:
        for name, word in (("ge", ""), ("gt", "above "), ("le", ""), ("lt", "below ")):
            value = getattr(rule, name, None)
            if value is not None and name.startswith("g"):
                low = word + _number(value)
            elif value is not None:
                high = word + _number(value)
    if low and high:
        return f" from {low} to {high}" if not low.startswith("above") else f" {low}, to {high}"
    if low:
        return f" {low}" if low.startswith("above") else f" of at least {low}"
    return f" of at most {high}" if high else ""


def _number(value: float) -> str:
    return f"{value:,.10g}"


def _kind(value: Any) -> str:
    names = {type(None): "null", bool: "a boolean", str: "a string", list: "a list"}
    return names.get(type(value), "a number")


def shown(value: Any) -> str:
    """Return the repr of a value, cut to 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
