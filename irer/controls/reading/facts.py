"""The facts that a reading rests on, read from a home's files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from irer.base.errors import ConfigError
from irer.base.hunt_records import HuntPlan, Recommended, VarianceShare
from irer.base.machine import usable_cores
from irer.base.records import Provenance
from irer.base.results import BestRun, Verdict
from irer.controls.cost import estimated_seconds, hunt_seconds
from irer.controls.estimate import estimate_s
from irer.controls.files import (
    current_report,
    missing_runs,
    read_control,
    read_null_report,
    read_result,
    read_sensitivity,
)
from irer.controls.records import ConfirmationReport, ControlReport, NullReport
from irer.controls.sensitivity_records import Sensitivity
from irer.controls.verdict import verdict_on
from irer.home import Home
from irer.home.home_ledger import rows_of_home
from irer.home.ledger_row import LedgerRow
from irer.home.provenance import read_provenance
from irer.home.registry import load_kept_plan, load_plan
from irer.search.listing import rank


@dataclass(frozen=True)
class HuntFacts:
    """What is known of a hunt. Times are estimates in seconds; None: not known."""

    home: Home
    plan: HuntPlan
    rows: Sequence[LedgerRow]  # of the hunt, in (generation, index) order
    best: LedgerRow | None  # with the highest fitness
    verdict: Verdict | None  # on the best run
    report: ConfirmationReport | None = None  # of the best run
    decoy_bests: Sequence[float | None] = ()  # of the decoy hunts of the same measure
    sensitivity: Sensitivity | None = None
    control: ControlReport | None = None  # random draws beside the hunt
    recommended: Recommended | None = None  # of a hunt that has ended, as the next
    variance_share: Mapping[str, VarianceShare] = field(default_factory=dict)  # by objective
    p_hunts: Mapping[str, float] = field(default_factory=dict)  # of the home's hunts, by hunt id
    workers: int = 1
    current: bool = True  # decoy hunts and sensitivity are of the home's current hunt alone
    confirmation_s: float | None = None
    confirmation_problem: str | None = None  # why there can be none
    sensitivity_s: float | None = None

    @property
    def complete(self) -> bool:
        """Whether the hunt has reached its end."""
        return self.plan.state == "Completed"

    @property
    def ledger(self) -> str:
        """The path of the ledger below the home."""
        return self.source(self.home.ledger_file)

    @property
    def scored(self) -> list[LedgerRow]:
        """The runs that have a score."""
        return [row for row in self.rows if row.fitness is not None]

    @property
    def hunt_s(self) -> float | None:
        """About how long the whole hunt would take again."""
        known = [row.seconds for row in self.rows if row.seconds]
        if not known:
            return None
        plan = self.plan
        return hunt_seconds(plan.num_generations, plan.population_size, self.workers, median(known))

    def source(self, file: Path) -> str:
        """Return the path of a file of the home below it, as evidence names it."""
        return file.relative_to(self.home.folder).as_posix()


def facts_of(home: Home, plan: HuntPlan, workers: int | None = None) -> HuntFacts:
    """Read the facts of a hunt. Raises ContractError for a broken file.

    Times are estimated for so many `workers`, by default one a core.
    """
    hunt_id, workers = plan.hunt_id, workers or usable_cores()
    rows = [row for row in rows_of_home(home) if row.hunt_id == hunt_id]
    scored = [row for row in rows if row.fitness is not None]
    best = max(scored, key=rank, default=None)
    sensitivity = read_sensitivity(home, hunt_id)
    found: dict[str, Any] = {}
    if best is not None and best.metrics is not None:
        file = home.provenance_file(best.job_uuid)
        found = {
            "verdict": verdict_on(best.job_uuid, hunt_id, best.metrics, home),
            "report": current_report(home, best.job_uuid),
            **_confirmation(read_provenance(file), home, workers),
        }
        if sensitivity is None:
            found["sensitivity_s"] = estimate_s(home, [row.job_uuid for row in scored])
    return HuntFacts(
        home=home,
        plan=plan,
        rows=rows,
        best=best,
        decoy_bests=_decoy_bests(home, plan),
        sensitivity=sensitivity,
        control=read_control(home, hunt_id),
        p_hunts=_p_hunts(home),
        workers=workers,
        current=_is_current(home, hunt_id),
        **{"verdict": None, **found, **_expected(home, plan)},
    )


def _is_current(home: Home, hunt_id: str) -> bool:
    plan = load_plan(home)
    return plan is not None and plan.hunt_id == hunt_id


def _confirmation(record: Provenance, home: Home, workers: int) -> dict[str, Any]:
    """Return how long a confirmation takes, or why the grid's limits allow none."""
    missing = missing_runs(home, record.job_uuid)
    try:
        return {"confirmation_s": estimated_seconds(record, missing, workers)}
    except ConfigError as error:
        return {"confirmation_problem": error.message}


def _expected(home: Home, plan: HuntPlan) -> dict[str, Any]:
    """Return what the result of an ended hunt says of its candidates; nothing of another."""
    result = None if plan.state in ("Running", "Paused") else read_result(home, plan.hunt_id)
    if not isinstance(result, BestRun):
        return {}
    return {"recommended": result.recommended, "variance_share": result.variance_share}


def _decoy_bests(home: Home, plan: HuntPlan) -> Sequence[float | None]:
    report = _report_of(home, plan)
    found = report.kinds.get("decoys") if report else None
    return found.bests if found else ()


def _p_hunts(home: Home) -> dict[str, float]:
    """Return p_hunt of each hunt of the home that has one and is of its plan's measure."""
    found = {}
    for folder in sorted(home.hunts_dir.glob("*-*")):
        plan = load_kept_plan(home, folder.name)
        report = _report_of(home, plan) if plan else None
        if report is not None and report.p_hunt is not None:
            found[folder.name] = report.p_hunt
    return found


def _report_of(home: Home, plan: HuntPlan) -> NullReport | None:
    """Return the report on a hunt's null hunts, if it is of the plan's measure."""
    report = read_null_report(home, plan.hunt_id)
    same = report is not None and report.measure_version == plan.measure_version
    return report if same else None
