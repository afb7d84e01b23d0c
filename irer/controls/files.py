"""Where null hunts, sensitivity and confirmations lie under a home, and what they came to."""

from pathlib import Path
from typing import Any

from irer.base.checking import M, check
from irer.base.errors import ConfigError, ContractError
from irer.base.files import move_file, read_json
from irer.controls.groups import GROUPS, RUNS
from irer.controls.records import (
    ConfirmationPlan,
    ConfirmationReport,
    FormerReport,
    GroupName,
)
from irer.controls.sensitivity_records import Sensitivity
from settings import Settings


def null_folder(settings: Settings, hunt_id: str) -> Path:
    """Return the folder of a hunt's null hunts."""
    return settings.home / "null_hunts" / hunt_id


def null_report_file(settings: Settings, hunt_id: str) -> Path:
    """Return the file that says what the null hunts of a hunt came to."""
    return null_folder(settings, hunt_id) / "p_hunt.json"


def read_null_report(settings: Settings, hunt_id: str) -> dict[str, Any] | None:
    """Return the report on a hunt's null hunts, None without any. Raises ContractError."""
    file = null_report_file(settings, hunt_id)
    if not file.exists():
        return None
    found = read_json(file)
    if not isinstance(found, dict):
        raise ContractError(f"{file} is not a report on null hunts")
    return found


def sensitivity_file(settings: Settings, hunt_id: str) -> Path:
    """Return the file that says what a hunt would have seen."""
    return settings.home / "hunts" / hunt_id / "sensitivity.json"


def read_sensitivity(settings: Settings, hunt_id: str) -> Sensitivity | None:
    """Return what a hunt would have seen, None where nobody asked. Raises ContractError."""
    file = sensitivity_file(settings, hunt_id)
    if not file.exists():
        return None
    try:
        return check(Sensitivity, read_json(file), what="the sensitivity")
    except ConfigError as error:
        raise ContractError(f"{file}: {error.message}", error.errors) from error


def confirmation_home(settings: Settings, job_uuid: str) -> Settings:
    """Return the settings of a confirmation's own home."""
    home = settings.home / "confirmations" / job_uuid
    return settings.model_copy(update={"home": home, "keep_artifacts": "all"})


def plan_file(home: Settings) -> Path:
    """Return the file that names a confirmation's jobs, in its own home."""
    return home.home / "plan.json"


def report_file(home: Settings) -> Path:
    """Return the file of a complete confirmation's result, in its own home."""
    return home.home / "confirmation.json"


def page_file(home: Settings) -> Path:
    """Return the report as a page to read, in the confirmation's own home."""
    return home.home / "confirmation.html"


def read_plan(home: Settings) -> ConfirmationPlan | None:
    """Return the plan of a confirmation's own home; None without one of this version.

    Raises ContractError for a broken one.
    """
    file = plan_file(home)
    if _version(file) in (None, 1):
        return None
    return _checked(ConfirmationPlan, file, "the plan")


def read_report(settings: Settings, job_uuid: str) -> ConfirmationReport | FormerReport | None:
    """Return the report on a run's complete confirmation, if there is one; ContractError."""
    file = report_file(confirmation_home(settings, job_uuid))
    version = _version(file)
    if version is None:
        return None
    if version == 1:
        return _checked(FormerReport, file, "the report")
    return _checked(ConfirmationReport, file, "the report")


def current_report(settings: Settings, job_uuid: str) -> ConfirmationReport | None:
    """Return the report on a run's complete confirmation if it is of this version."""
    report = read_report(settings, job_uuid)
    return None if isinstance(report, FormerReport) else report


def set_former_aside(home: Settings) -> None:
    """Give the files of a confirmation of version 1 other names, so that it can begin anew.

    The report goes before the plan: after a kill between them the rest is still found.
    """
    for file in (report_file(home), plan_file(home)):
        if _version(file) != 1:
            continue
        pages = [page_file(home)] if file == report_file(home) else []
        for former in (*pages, file):
            if former.exists():
                move_file(former, former.with_stem(f"{former.stem}_v1"))


def missing_runs(settings: Settings, job_uuid: str) -> dict[GroupName, int]:
    """Return how many runs of each group a confirmation has yet to make. Raises ContractError."""
    home = confirmation_home(settings, job_uuid)
    plan = read_plan(home)
    if plan is None:
        return dict.fromkeys(GROUPS, RUNS)
    return {
        name: sum(not home.provenance_file(job).exists() for job in jobs)
        for name, jobs in plan.job_uuids.items()
    }


def _version(file: Path) -> int | None:
    """Return the version that a file says it has; None without the file."""
    if not file.exists():
        return None
    found = read_json(file)
    version = found.get("schema_version") if isinstance(found, dict) else None
    return version if isinstance(version, int) else 0


def _checked(model: type[M], file: Path, what: str) -> M:
    try:
        return check(model, read_json(file), what=what)
    except ConfigError as error:
        raise ContractError(f"{file}: {error.message}", error.errors) from error
