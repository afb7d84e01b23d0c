"""The ledger's rows as a pandas DataFrame: one row a run, one column for each of the ledger's.

pandas is imported when a frame is made: neither the hub nor a hunt makes one.
"""

import io
import types
from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from irer.base.clock import as_text
from irer.base.errors import ConfigError
from irer.base.records import Metrics, SncglParams
from irer.home.ledger_row import COLUMNS, LedgerRow

if TYPE_CHECKING:
    import pandas as pd

_CATEGORIES = ("model", "origin")  # whose values no type lists
_TIMES = ("started_at", "ended_at")


def frame_of(rows: Iterable[LedgerRow]) -> "pd.DataFrame":
    """Return rows of the ledger as a DataFrame, in their order, its columns those of the ledger.

    Categories: `state`, `reason`, `no_score`, `degenerate`, `model`, `origin`. Nullable numbers
    (`Float64`, `Int64`, `boolean`): the metrics and all that follows from them, missing for a run
    without them. `float64`: the parameters and `seconds`. `int64`: `generation`, `index`,
    `global_seed`. `datetime64[ms, UTC]`: `started_at`, `ended_at`. All else is text.
    """
    import pandas as pd

    values: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in rows:
        flat = row.flat()
        for name, column in values.items():
            column.append(flat[name])
    types_of = column_types()
    made = {name: _series(column, types_of[name]) for name, column in values.items()}
    return pd.DataFrame(made)


def csv_of(frame: "pd.DataFrame") -> bytes:
    """Return a frame as CSV: the bytes that the ledger has for the same runs."""
    times = {name: frame[name].map(_moment, na_action="ignore") for name in _TIMES}
    return frame.assign(**times).to_csv(index=False, lineterminator="\n").encode()


def _moment(moment: "pd.Timestamp") -> str:
    return as_text(moment.to_pydatetime())


def parquet_of(frame: "pd.DataFrame") -> bytes:
    """Return a frame as Parquet, its types kept. Raises ConfigError where pyarrow is missing."""
    buffer = io.BytesIO()
    try:
        frame.to_parquet(buffer, engine="pyarrow", index=False)
    except ImportError as error:
        message = 'parquet needs pyarrow: pip install pyarrow, or "irer[notebook]"'
        raise ConfigError.of_field("--format", message) from error
    return buffer.getvalue()


def _series(values: list[Any], kind: Any) -> "pd.Series[Any]":
    import pandas as pd

    if isinstance(kind, tuple):
        return pd.Series(pd.Categorical(values, categories=list(kind) or None))
    if kind == "time":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype="str"), utc=True)).dt.as_unit("ms")
    made: pd.Series[Any] = pd.Series(values, dtype=kind)
    return made


@cache
def column_types() -> dict[str, Any]:
    """Return for each column its dtype, `time`, or the tuple of its categories (empty: found)."""
    fields = LedgerRow.model_fields | SncglParams.model_fields | Metrics.model_fields
    return {name: _type_of(name, fields[name].annotation) for name in COLUMNS}


def _type_of(name: str, annotation: Any) -> Any:
    if name in _TIMES:
        return "time"
    if name in _CATEGORIES:
        return ()
    options = [_bare(option) for option in _options(annotation)]
    may_miss = type(None) in options or name in Metrics.model_fields
    for option in options:
        if get_origin(option) is Literal:
            return get_args(option)
        if isinstance(option, type) and issubclass(option, Enum):
            return tuple(each.value for each in option)
        if option in (bool, int, float):
            plain = {bool: "bool", int: "int64", float: "float64"}
            nullable = {bool: "boolean", int: "Int64", float: "Float64"}
            return (nullable if may_miss else plain)[option]
    return "str"


def _options(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return (annotation,)


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
