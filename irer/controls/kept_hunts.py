"""The folder that is kept of every hunt: `hunts/{hunt_id}/`.

`plan.json` is the hunt's order with its defaults, progress and times; `verdict.json` is its final
result with the whole verdict; the golden files are those of its best run. `hunt.json` at
the root of the home is that of the current hunt; the golden files there are those of the newest
hunt that has a best run.
"""

import logging

from irer.base.errors import IrerError
from irer.base.files import write_bytes, write_json
from irer.base.hunt_records import HuntPlan
from irer.base.jobs import INFRASTRUCTURE
from irer.base.results import NO_BEST_RUN, BestRun, FinalResult, KeptResult, best_run
from irer.controls.files import read_result
from irer.controls.golden import golden_lock, read_golden, renew_golden, write_golden
from irer.controls.reading import renew_reading
from irer.controls.verdict import engineering, judged
from irer.home import Home
from irer.home.home_ledger import rows_of_home, settle
from irer.home.ledger_row import LedgerRow
from irer.home.paths import GOLDEN_FILES
from irer.home.provenance import read_provenance
from irer.home.registry import keep_plan, load_kept_plan, load_plan
from irer.search.history import History
from irer.search.listing import rank

_log = logging.getLogger("irer.engine.hunts")


def bring_up_to_date(home: Home) -> None:
    """Bring a home up to date before work begins in it; a second call changes nothing.

    The ledger gets the rows that a killed process left out, and this program's schema; the
    current hunt of a home from before 11.1 gets its folder. Raises ContractError for a broken
    file, StorageError; the call can then be repeated.
    """
    settle(home)
    _take_over(home)


def keep_result(
    home: Home, hunt_id: str, best: FinalResult, engineering: tuple[bool, str]
) -> FinalResult:
    """Keep what a hunt has come to, its golden files first; return it with its whole verdict.

    A null hunt has no golden files: nobody builds on its best run. Raises StorageError; the call
    can then be repeated.
    """
    result = judged(best, home, engineering)
    if not home.of_null_hunt:
        write_golden(home, result)
        result = judged(result, home, engineering)  # what ended while it drew is in the verdict
    write_verdict(home, hunt_id, result)
    return result


def write_verdict(home: Home, hunt_id: str, result: FinalResult) -> None:
    """Keep the final result of a hunt. Raises StorageError."""
    kept = KeptResult(hunt_id=hunt_id, result=result)
    write_json(home.verdict_file(hunt_id), kept.model_dump(mode="json"))


def renew_hunt(home: Home, hunt_id: str) -> None:
    """Renew what is kept of a hunt with the present results of confirmations and null hunts.

    Raises ContractError for a broken record or report, StorageError.
    """
    renew_golden(home, hunt_id)
    renew_reading(home, hunt_id)  # before the verdict, whose change makes pages ask for both
    _renew_verdict(home, hunt_id)


def _renew_verdict(home: Home, hunt_id: str) -> None:
    if not home.verdict_file(hunt_id).exists():
        return
    with golden_lock(home):
        result = read_result(home, hunt_id)
        if isinstance(result, BestRun):
            write_verdict(home, hunt_id, judged(result, home))


def judge_anew(home: Home) -> None:
    """Renew the verdict of every hunt from its runs' present scores, as after a rescoring.

    Raises ContractError for a broken file, StorageError.
    """
    for folder in sorted(home.hunts_dir.glob("*-*")):
        plan = load_kept_plan(home, folder.name)
        if plan is not None and plan.state not in ("Running", "Paused"):
            write_verdict(home, plan.hunt_id, _result_of(home, plan))
        renew_golden(home, folder.name)
        renew_reading(home, folder.name)


def _take_over(home: Home) -> None:
    """Complete the current hunt's folder, and copy the golden files to the hunt that made them."""
    plan = load_plan(home)
    if plan is None:
        return
    keep_plan(home, plan)
    _take_over_golden(home)
    ended = plan.state not in ("Running", "Paused")
    if ended and not home.verdict_file(plan.hunt_id).exists():
        write_verdict(home, plan.hunt_id, _result_of(home, plan))
        _log.info("hunt %s: its verdict is kept in hunts/%s", plan.hunt_id, plan.hunt_id)


def _take_over_golden(home: Home) -> None:
    try:
        found = read_golden(home.golden_file)
    except IrerError as error:
        _log.warning("%s is left where it is: %r", home.golden_file, error)
        return
    if found is None or found.provenance is None:
        return
    golden = home.hunt_golden_file(found.provenance.hunt_id)
    if golden.exists():
        return
    for name in (*GOLDEN_FILES, golden.name):  # the file that marks completion comes last
        file = home.golden_file.with_name(name)
        if file.exists():
            write_bytes(golden.with_name(name), file.read_bytes())


def _result_of(home: Home, plan: HuntPlan) -> FinalResult:
    """Return the final result of a hunt that has ended, from the ledger."""
    from irer.search.recommendation import recommend  # it imports SciPy: not for the hub

    best: LedgerRow | None = None
    committed = stalled = 0
    history = History()
    for row in rows_of_home(home):
        if row.hunt_id == plan.hunt_id:
            committed += 1
            stalled += row.reason in INFRASTRUCTURE
            history.add(row)
            if row.fitness is not None:
                best = row if best is None else max(best, row, key=rank)
    if best is None:
        return NO_BEST_RUN
    result = best_run(read_provenance(home.provenance_file(best.job_uuid)))
    if isinstance(result, BestRun):
        chosen = plan.seeds_per_candidate == 1
        found = recommend(history.rows(), plan.search_space, chosen=chosen)
        result = result.model_copy(update=found._asdict())
    return judged(result, home, engineering(plan, committed, stalled))
