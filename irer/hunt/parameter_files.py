"""Orders from files: golden parameters, a record, a registration, a hunt, a ledger row, a draft.

`read_parameters` says what a file holds in the words of an order; `irer.hunt.loading` joins that
with what a person gives beside it.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from irer.base.checking import check
from irer.base.errors import ConfigError, FieldError, IrerError
from irer.base.files import parse_json
from irer.base.hunt_records import HuntPlan
from irer.base.records import Provenance, SimulationOptions, SncglParams
from irer.home import Home
from irer.home.ledger_row import LedgerRow
from irer.home.provenance import read_provenance
from irer.hunt.draft_names import Taken, read_draft

MOST_BYTES = 4 * 1024 * 1024
_OF_PLAN = (
    *("num_generations", "population_size", "seed", "sampler", "model"),
    *("max_wall_s", "max_stagnation", "polish_generations", "seeds_per_candidate"),
)


@dataclass(frozen=True)
class Parameters:
    """What a file holds: fields of an order, and for a single run its point."""

    kind: str
    order: dict[str, Any]
    point: dict[str, float] | None = None  # the parameters of a single run
    taken: tuple[Taken, ...] = ()
    left_out: tuple[FieldError, ...] = field(default=())

    def in_words(self) -> list[str]:
        """Return a line for what was taken and for each name that was left out."""
        return [
            f"{self.kind}: {len(self.taken)} values",
            *(f"  {each}" for each in self.taken),
            *(f"  left out: {each}" for each in self.left_out),
        ]


def read_parameters(
    source: "str | Path | Mapping[str, Any]", *, ignore_unknown: bool = False, fmia: bool = False
) -> Parameters:
    """Read a file, named `FILE` or, of a ledger with several rows, `FILE#UUID`; or its content.

    Raises ConfigError naming the file and every name without counterpart; with `ignore_unknown`
    these are left out and listed instead.
    """
    if isinstance(source, Mapping):
        return parameters_of(source, ignore_unknown=ignore_unknown, fmia=fmia)
    name, _, wanted = str(source).partition("#")
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        return parameters_in(
            text, wanted, Home(path.parent), ignore_unknown=ignore_unknown, fmia=fmia
        )
    except OSError as error:
        raise ConfigError.of_field(name, f"cannot be read: {error.strerror or error}") from error
    except ConfigError as error:
        raise ConfigError(f"{name}: {error.message}", error.errors) from error


def parameters_in(
    content: bytes,
    wanted: str = "",
    beside: Home | None = None,
    *,
    ignore_unknown: bool = False,
    fmia: bool = False,
) -> Parameters:
    """Return what the content of a file holds: a JSON object, or CSV with a header.

    Of a CSV with several rows `wanted` begins the job_uuid of the one that is meant; the home
    `beside` it may have its record. Raises as `read_parameters`.
    """
    if len(content) > MOST_BYTES:
        raise ConfigError(f"must have at most {MOST_BYTES:,} bytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise ConfigError("must be a text file, JSON or CSV") from error
    if not text.strip():
        raise ConfigError("is empty")
    if text.lstrip()[0] in "{[":
        try:
            data = parse_json(text)
        except ValueError as error:
            raise ConfigError(f"is no JSON: {error}") from error
        if not isinstance(data, dict):
            raise ConfigError("must be a JSON object, got a list")
        return parameters_of(data, ignore_unknown=ignore_unknown, fmia=fmia)
    cells = _row(text, wanted)
    if "simulation_sha256" in cells:
        return _of_ledger(cells, beside, ignore_unknown=ignore_unknown)
    numbers = {name: _number(text) for name, text in cells.items()}
    return _of_draft(numbers, ignore_unknown=ignore_unknown, fmia=fmia)


def parameters_of(
    data: Mapping[str, Any], *, ignore_unknown: bool = False, fmia: bool = False
) -> Parameters:
    """Return what a JSON object holds. Raises as `read_parameters`."""
    if "search_space" in data:
        return _of_plan(check(HuntPlan, dict(data), what="the hunt"))
    if {"sncgl_params", "simulation", "model"} <= data.keys():
        kind = "a run's record" if "config_sha256" in data and "state" in data else "a registration"
        kind = "golden parameters" if "parameters" in data else kind
        params = check(SncglParams, data["sncgl_params"], what="sncgl_params")
        options = check(SimulationOptions, data["simulation"], what="simulation")
        return _of_run(kind, str(data["model"]), options, params)
    return _of_draft(data, ignore_unknown=ignore_unknown, fmia=fmia)


def of_record(record: Provenance) -> Parameters:
    """Return the parameters of a committed run."""
    return _of_run("a run's record", record.model, record.simulation, record.sncgl_params)


def _of_run(kind: str, model: str, options: SimulationOptions, params: SncglParams) -> Parameters:
    point, simulation = params.model_dump(), options.model_dump(mode="json")
    taken = [Taken("model", "model", model)]
    taken += [Taken(name, f"simulation.{name}", value) for name, value in simulation.items()]
    taken += [Taken(name, f"params.{name}", value) for name, value in point.items()]
    return Parameters(kind, {"model": model, "simulation": simulation}, point, tuple(taken))


def _of_plan(plan: HuntPlan) -> Parameters:
    """Return the order that a hunt was; where it ran and how far it came is no part of it."""
    if plan.comb is not None:
        message = "is that of a decoy hunt, which no order can ask for"
        raise ConfigError.of_field("comb", message)
    order = {name: getattr(plan, name) for name in _OF_PLAN if getattr(plan, name) is not None}
    fixed: dict[str, Any] = plan.fixed_params.model_dump()
    params = fixed | {name: list(ends) for name, ends in plan.search_space.items()}
    order |= {"simulation": plan.simulation.model_dump(mode="json"), "params": params}
    if plan.points:
        order["points"] = [dict(point) for point in plan.points]
    taken = [Taken(name, name, value) for name, value in order.items()]
    return Parameters(f"the hunt {plan.hunt_id}", order, taken=tuple(taken))


def _row(text: str, wanted: str) -> dict[str, str]:
    """Return the cells of the one row that is meant. Raises ConfigError."""
    reader = csv.DictReader(io.StringIO(text), strict=True)
    try:
        rows = [row for row in reader if None not in row and None not in row.values()]
    except csv.Error as error:
        raise ConfigError(f"is neither JSON nor CSV: {error}") from error
    if wanted:
        rows = [row for row in rows if row.get("job_uuid", "").startswith(wanted)]
    if len(rows) != 1:
        what = f"rows of {wanted!r:.60}" if wanted else "rows"
        raise ConfigError(f"has {len(rows)} {what}; name the run: FILE#UUID")
    return rows[0]


def _of_ledger(
    cells: Mapping[str, str], beside: Home | None, *, ignore_unknown: bool
) -> Parameters:
    """Return the parameters of a ledger's row; its options from the record, if that is there."""
    try:
        params = check(SncglParams, {n: _number(cells[n]) for n in SncglParams.model_fields})
        if beside is not None:
            record = beside.provenance_file(cells["job_uuid"])
            if record.is_file():
                return of_record(read_provenance(record))
    except (KeyError, IrerError) as error:
        raise ConfigError(f"is no row of a ledger: {error}") from error
    return _of_row(params, cells["model"], cells["simulation_sha256"], ignore_unknown)


def of_ledger_row(row: LedgerRow, *, ignore_unknown: bool = False) -> Parameters:
    """Return the parameters of a row alone. Raises ConfigError for options other than default."""
    return _of_row(row.params, row.model, row.simulation_sha256, ignore_unknown)


def _of_row(
    params: SncglParams, model: str, simulation_sha256: str, ignore_unknown: bool
) -> Parameters:
    found = _of_run("a ledger row", model, SimulationOptions(), params)
    if simulation_sha256 == SimulationOptions().fingerprint():
        return found
    message = "a row has only the digest of its options, and they are not the default ones"
    wrong = FieldError("simulation", f"{message}: take the run's provenance file")
    if not ignore_unknown:
        raise ConfigError(str(wrong), (wrong,))
    taken = tuple(each for each in found.taken if not each.becomes.startswith("simulation."))
    return Parameters(found.kind, {"model": model}, found.point, taken, (wrong,))


def _of_draft(data: Mapping[str, Any], *, ignore_unknown: bool, fmia: bool) -> Parameters:
    draft = read_draft(data, fmia=fmia)
    if draft.unknown and not ignore_unknown:
        listed = "; ".join(str(each) for each in draft.unknown)
        raise ConfigError(f"{listed} (--ignore-unknown leaves them out)", draft.unknown)
    if not draft.taken:
        raise ConfigError("holds no parameters that this program knows")
    order = draft.values("")
    if simulation := draft.values("simulation."):
        order["simulation"] = simulation
    point = draft.values("params.")
    if point:
        point = check(SncglParams, point, what="the parameters").model_dump()
    return Parameters(
        "parameters of an earlier draft", order, point or None, draft.taken, draft.unknown
    )


def _number(text: str) -> Any:
    """Return the number in a cell, else its text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
