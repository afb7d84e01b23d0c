"""What may be asked of the table of runs: the query string of `GET /api/runs`."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from irer.base.checking import Record
from irer.base.uuids import PATTERN
from irer.base.words import unknown_name
from irer.hub.brushes import corners_of, ranges_of
from irer.hub.run import number_names

HuntChoice = Annotated[
    str,
    Field(
        pattern=f"^(current|all|{PATTERN[1:-1]})$",
        description="current, all, or the id of a hunt or its beginning",
    ),
]


def _sort_key(name: str) -> str:
    keys = ("generation", "job_uuid", "state", *number_names())
    if name not in keys:
        raise ValueError(unknown_name("column", name[:60], keys))
    return name


def _names(text: str) -> str:
    for name in filter(None, text.split(",")):
        if name not in number_names():
            raise ValueError(unknown_name("number", name[:60], number_names()))
    return text


def _checked(parse: Callable[[str], object]) -> AfterValidator:
    """Return a check that leaves the text as it is. Its ValueError is the message."""

    def check(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(check)


class RunQuery(Record):
    """The query string of `GET /api/runs`."""

    page: int = Field(1, ge=1, le=10**9, strict=False)
    per_page: int = Field(25, ge=1, le=500, strict=False)
    sort: Annotated[str, AfterValidator(_sort_key)] = Field(
        "generation", max_length=100, description="a column of the table or a number of its runs"
    )
    order: Literal["asc", "desc"] = "desc"
    state: Literal["all", "COMPLETE", "FAILED"] = "all"
    hunt: HuntChoice = "all"
    hidden: Literal["no", "yes", "only"] = "no"
    search: str = Field(
        "", max_length=100, description="the first characters of a run's uuid, or part of its note"
    )
    columns: Annotated[str, AfterValidator(_names)] = Field(
        "",
        max_length=2000,
        description="numbers to give of each run in `values`, with commas between their names",
    )
    ranges: Annotated[str, _checked(ranges_of)] = Field(
        "",
        max_length=4000,
        description="of name:low:high, with commas between them: only runs with these numbers "
        "between these ends; an end left out is open",
    )
    lasso: Annotated[str, _checked(corners_of)] = Field(
        "",
        max_length=4000,
        description="x,y of 3 to 100 corners: only runs inside, x and y being the decimal "
        "logarithms of log_prime_sse and constraint_violation",
    )
