"""Where null hunts, sensitivity and confirmations lie under a home, and what they came to."""

from pathlib import Path
from typing import Any

from irer.checking import check
from irer.controls.records import ConfirmationReport
from irer.controls.sensitivity_records import Sensitivity
from irer.errors import ConfigError, ContractError
from irer.files import read_json
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


def read_report(settings: Settings, job_uuid: str) -> ConfirmationReport | None:
    """Return the report on a run's complete confirmation, if there is one; ContractError."""
    file = report_file(confirmation_home(settings, job_uuid))
    if not file.exists():
        return None
    try:
        return check(ConfirmationReport, read_json(file), what="the report")
    except ConfigError as error:
        raise ContractError(f"{file}: {error.message}", error.errors) from error
