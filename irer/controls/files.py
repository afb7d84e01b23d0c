"""The results of a home's null hunts, sensitivity and confirmations, read from its files."""

from pathlib import Path

from irer.base.files import move_file, read_json
from irer.base.goals import GROUPS, GroupName
from irer.base.record_files import find_record, read_record
from irer.base.results import BestRun, FinalResult, KeptResult
from irer.controls.groups import RUNS
from irer.controls.records import (
    ConfirmationPlan,
    ConfirmationReport,
    ControlReport,
    FormerReport,
    NullReport,
)
from irer.controls.sensitivity_records import Sensitivity
from irer.home import Home
from irer.home.registry import load_kept_plan
from settings import Settings


def read_null_report(home: Home, hunt_id: str) -> NullReport | None:
    """Return the report on a hunt's null hunts, None without any. Raises ContractError."""
    return find_record(NullReport, home.null_report_file(hunt_id), "the report on null hunts")


def read_control(home: Home, hunt_id: str) -> ControlReport | None:
    """Return the comparison of a hunt with random draws, None without. Raises ContractError."""
    return find_record(ControlReport, home.control_report_file(hunt_id), "the control hunt")


def read_result(home: Home, hunt_id: str) -> FinalResult | None:
    """Return the stored final result of a hunt, None without one. Raises ContractError.

    Version 11.2 kept a share of variance of every hunt; it is left out where the sampler chose what
    to repeat (`irer.search.recommendation.recommend`), or where no plan tells.
    """
    kept = find_record(KeptResult, home.verdict_file(hunt_id), "the verdict")
    result = kept.result if kept else None
    if not isinstance(result, BestRun) or not result.variance_share:
        return result
    plan = load_kept_plan(home, hunt_id)
    if plan is not None and plan.seeds_per_candidate > 1:
        return result
    return result.model_copy(update={"variance_share": {}})


def read_sensitivity(home: Home, hunt_id: str) -> Sensitivity | None:
    """Return a hunt's sensitivity, None if it was not measured. Raises ContractError."""
    return find_record(Sensitivity, home.sensitivity_file(hunt_id), "the sensitivity")


def confirmation_settings(settings: Settings, job_uuid: str) -> Settings:
    """Return the settings for the runs of a confirmation, in its own home."""
    own = settings.home.confirmation(job_uuid)
    return settings.model_copy(update={"home": own, "keep_artifacts": "all"})


def read_plan(home: Home) -> ConfirmationPlan | None:
    """Return the plan of a confirmation's own home; None without one of this version.

    Raises ContractError for a broken one.
    """
    file = home.confirmation_plan_file
    if _version(file) in (None, 1):
        return None
    return read_record(ConfirmationPlan, file, "the plan")


def read_report(home: Home, job_uuid: str) -> ConfirmationReport | FormerReport | None:
    """Return the report on a run's complete confirmation, if any. Raises ContractError."""
    file = home.confirmation(job_uuid).confirmation_file
    version = _version(file)
    if version is None:
        return None
    if version == 1:
        return read_record(FormerReport, file, "the report")
    return read_record(ConfirmationReport, file, "the report")


def current_report(home: Home, job_uuid: str) -> ConfirmationReport | None:
    """Return the report on a run's complete confirmation if it is of this version."""
    report = read_report(home, job_uuid)
    return None if isinstance(report, FormerReport) else report


def set_former_aside(home: Home) -> None:
    """Rename the files of a confirmation of version 1, so that it can begin anew.

    The report is renamed before the plan, so that after a kill between them the rest is found.
    """
    for file in (home.confirmation_file, home.confirmation_plan_file):
        if _version(file) != 1:
            continue
        pages = [home.confirmation_page] if file == home.confirmation_file else []
        for former in (*pages, file):
            if former.exists():
                move_file(former, former.with_stem(f"{former.stem}_v1"))


def missing_runs(home: Home, job_uuid: str) -> dict[GroupName, int]:
    """Return how many runs of each group a confirmation has yet to make. Raises ContractError."""
    own = home.confirmation(job_uuid)
    plan = read_plan(own)
    if plan is None:
        return dict.fromkeys(GROUPS, RUNS)
    return {
        name: sum(not own.provenance_file(job).exists() for job in jobs)
        for name, jobs in plan.job_uuids.items()
    }


def _version(file: Path) -> int | None:
    """Return the version that a file says it has; None without the file."""
    if not file.exists():
        return None
    found = read_json(file)
    version = found.get("schema_version") if isinstance(found, dict) else None
    return version if isinstance(version, int) else 0
