"""What is kept of every hunt for ever: `hunts/{hunt_id}/`.

`plan.json` is the hunt's order with its defaults, how far it came, and its times; `verdict.json`
its final result with the whole verdict; the golden files are those of its best run. `hunt.json`
and the golden files at the root of the home are those of the current hunt.
"""

import logging
from pathlib import Path
from typing import Any

from irer.base.errors import IrerError
from irer.base.files import read_json, write_bytes, write_json
from irer.base.fitness import NO_BEST_RUN, best_run
from irer.base.hunt_records import HuntPlan
from irer.base.jobs import INFRASTRUCTURE
from irer.base.records import canonical_uuid
from irer.controls.golden import FILES, GOLDEN, golden_lock, renew_golden
from irer.controls.verdict import engineering, judged
from irer.home.home_ledger import rows_of_home, settle
from irer.home.ledger_row import LedgerRow
from irer.home.provenance import read_provenance
from irer.home.registry import keep_plan, load_kept_plan, load_plan
from irer.search.listing import rank
from settings import Settings

_log = logging.getLogger("irer.engine.hunts")


def open_home(settings: Settings) -> None:
    """Bring a home up to date before work begins in it; nothing is done twice.

    The ledger gets the rows that a killed process left out, and the schema of this program; the
    current hunt of a home from before 11.1 gets its folder. Raises ContractError for a broken
    file, StorageError; it can then be done again.
    """
    settle(settings)
    _take_over(settings)


def verdict_file(settings: Settings, hunt_id: str) -> Path:
    """Return the file of a hunt's final result with its verdict."""
    return settings.hunt_folder(hunt_id) / "verdict.json"


def write_verdict(settings: Settings, hunt_id: str, result: dict[str, Any]) -> None:
    """Keep the final result of a hunt. Raises StorageError."""
    kept = {"schema_version": 1, "hunt_id": hunt_id, "result": result}
    write_json(verdict_file(settings, hunt_id), kept)


def read_result(settings: Settings, hunt_id: str) -> dict[str, Any] | None:
    """Return the final result that is kept of a hunt, None without. Raises ContractError."""
    path = verdict_file(settings, hunt_id)
    if not path.exists():
        return None
    found: dict[str, Any] = read_json(path)["result"]
    return found


def renew_hunt(settings: Settings, hunt_id: str) -> None:
    """Let what is kept of a hunt say what confirmations and null hunts have come to by now.

    Raises ContractError for a broken record or report, StorageError.
    """
    renew_golden(settings, hunt_id)
    if not verdict_file(settings, hunt_id).exists():
        return
    with golden_lock(settings):
        result = read_result(settings, hunt_id)
        if result is not None and "job_uuid" in result:
            known = result["verdict"]
            told = known["engineering_passed"], known["engineering"]
            write_verdict(settings, hunt_id, judged(result, settings, told))


def judge_anew(settings: Settings) -> None:
    """Let what is kept of every hunt say what its runs are worth now, as after a rescoring.

    Raises ContractError for a broken file, StorageError.
    """
    for folder in sorted((settings.home / "hunts").glob("*-*")):
        plan = load_kept_plan(settings, folder.name)
        if plan is not None and plan.state not in ("Running", "Paused"):
            write_verdict(settings, plan.hunt_id, _result_of(settings, plan))
        renew_golden(settings, folder.name)


def _take_over(settings: Settings) -> None:
    """Give the current hunt what its folder lacks, and the golden files to the hunt they are of."""
    plan = load_plan(settings)
    if plan is None:
        return
    keep_plan(settings, plan)
    _take_over_golden(settings)
    ended = plan.state not in ("Running", "Paused")
    if ended and not verdict_file(settings, plan.hunt_id).exists():
        write_verdict(settings, plan.hunt_id, _result_of(settings, plan))
        _log.info("hunt %s: its verdict is kept in hunts/%s", plan.hunt_id, plan.hunt_id)


def _take_over_golden(settings: Settings) -> None:
    if not settings.golden_file.exists():
        return
    try:
        hunt_id = canonical_uuid(read_json(settings.golden_file)["provenance"]["hunt_id"])
    except (IrerError, KeyError, TypeError, ValueError) as error:
        _log.warning("%s is left where it is: %r", settings.golden_file, error)
        return
    folder = settings.hunt_folder(hunt_id)
    if (folder / GOLDEN).exists():
        return
    for name in (*FILES, GOLDEN):  # the one that says it is done comes last
        if (settings.home / name).exists():
            write_bytes(folder / name, (settings.home / name).read_bytes())


def _result_of(settings: Settings, plan: HuntPlan) -> dict[str, Any]:
    """Return the final result of a hunt that has ended, from the ledger."""
    best: LedgerRow | None = None
    committed = stalled = 0
    for row in rows_of_home(settings):
        if row.hunt_id == plan.hunt_id:
            committed += 1
            stalled += row.reason in INFRASTRUCTURE
            if row.fitness is not None:
                best = row if best is None else max(best, row, key=rank)
    if best is None:
        return dict(NO_BEST_RUN)
    result = best_run(read_provenance(settings.provenance_file(best.job_uuid)))
    return judged(result, settings, engineering(plan, committed, stalled))
