"""Two hunts beside each other: the route, and what the page of the same name shows."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Response
from pydantic import Field

from irer.base.checking import Record
from irer.base.files import parse_json
from irer.base.uuids import PATTERN
from irer.hub.compared import ComparedHunt, compared_hunt, differences
from irer.hub.hub import Hub
from irer.web.answers import answer, json_bytes, tag_of
from irer.web.describe import describe
from irer.web.figures.beside import best_beside, hypervolume_beside, last_hypervolume
from irer.web.hunt_api import hunt_row, reading_of_hunt, with_hunt
from irer.web.models import Figure, HuntSummary

comparison_api = Blueprint("comparison_api", __name__)


class OtherHunt(Record):
    """The hunt that stands beside the one in the address."""

    other: str = Field(pattern=PATTERN, description="the id of a hunt, or the beginning of one")


class HuntBeside(HuntSummary):
    """One of two hunts that are compared."""

    sentence: str | None = Field(description="what it means; null where its plan was not kept")
    hypervolume: float | None = Field(description="square decades; null without a score")
    random_runs: int = Field(description="of its control hunt")
    decoy_hunts: int = Field(description="complete ones, as far as they are drawn")


class Difference(Record):
    """A setting in which two hunts differ; a searched parameter has its range."""

    name: str
    values: list[Any] = Field(description="one a hunt, null where it is not known")


class HuntComparison(Record):
    """Two hunts beside each other."""

    hunts: list[HuntBeside]
    differences: list[Difference]
    best: Figure = Field(description="the smallest SSE so far")
    hypervolume: Figure


@comparison_api.get("/api/hunts/<hunt_id>/comparison")
@describe(HuntComparison, errors=(503,))
def compare_hunts(hunt_id: str, query: OtherHunt) -> Response:
    """Return a hunt beside another: counts, bests, what differs, and their curves."""
    hub = with_hunt(hunt_id)
    other = hub.hunt_named(query.other, "other")
    with_hunt(other)
    return answer(comparison(hub, hunt_id, other))


def comparison(hub: Hub, *hunt_ids: str) -> dict[str, Any]:
    """Return hunts beside each other in the shape of `HuntComparison`; the curves are kept."""
    home = hub.settings.home
    controls = [home.control_hunt(hunt_id).ledger_file for hunt_id in hunt_ids]
    controls += [home.null_report_file(hunt_id) for hunt_id in hunt_ids]
    names = [hub.kept.label(hunt_id).name for hunt_id in hunt_ids]
    key = tag_of("comparison", hunt_ids, names, hub.index.size, [*map(_version, controls)])
    drawn = parse_json(hub.views.get(key, lambda: json_bytes(_drawn(hub, hunt_ids))))
    found = differences([hub.plan_of(hunt_id) for hunt_id in hunt_ids])
    return {
        "hunts": [
            hunt_row(hub, hunt_id, hub.index.tally(hunt_id))
            | {"sentence": _sentence(hub, hunt_id), **figures}
            for hunt_id, figures in zip(hunt_ids, drawn.pop("hunts"), strict=True)
        ],
        "differences": [{"name": name, "values": values} for name, values in found.items()],
        **drawn,
    }


def _drawn(hub: Hub, hunt_ids: tuple[str, ...]) -> dict[str, Any]:
    hunts = [compared_hunt(hub, hunt_id) for hunt_id in hunt_ids]
    return {
        "hunts": [_numbers(hunt) for hunt in hunts],
        "best": best_beside(hunts),
        "hypervolume": hypervolume_beside(hunts),
    }


def _numbers(hunt: ComparedHunt) -> dict[str, Any]:
    return {
        "hypervolume": last_hypervolume(hunt.runs),
        "random_runs": len(hunt.random),
        "decoy_hunts": len(hunt.decoys),
    }


def _sentence(hub: Hub, hunt_id: str) -> str | None:
    found = reading_of_hunt(hub, hunt_id)
    return found.sentence if found else None


def _version(file: Path) -> tuple[int, int] | None:
    """Return what changes with the content of a file; None without one."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
