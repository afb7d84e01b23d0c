"""Doing what a finding of a reading asks for, if that is still possible."""

from dataclasses import dataclass

from irer.base.errors import ConflictError
from irer.controls.possible import refuse_another_hunt
from irer.controls.reading.reading_records import Action, Reading
from irer.hub.hub import Hub


@dataclass(frozen=True)
class Begun:
    """What was begun: the confirmation of a run, or the run of a component."""

    job_uuid: str | None = None
    run_uuid: str | None = None


def act_on(hub: Hub, reading: Reading, rule: str) -> Begun:
    """Begin what the finding of a rule asks for.

    Raises ConflictError where the finding is gone, its action is none for the hub, or the home has
    changed so that it cannot be done; otherwise as what is begun.
    """
    found = (finding.action for finding in reading.findings if finding.rule == rule)
    action = next((action for action in found if action is not None), None)
    if action is None:
        raise ConflictError(f"the reading of the hunt {reading.hunt_id} has no such finding now")
    if action.kind in ("hunt", "rescore"):
        raise ConflictError(f"the hub does not begin this by itself; use: {action.command}")
    if action.kind == "confirm":
        return _confirm(hub, action)
    refuse_another_hunt(hub.settings.home, reading.hunt_id)
    name, values = (
        ("Null hunts", {"n": action.number, "kind": "decoys"})
        if action.kind == "decoy_hunts"
        else ("Sensitivity", {})
    )
    return Begun(run_uuid=hub.component_runs.start(name, values).run_uuid)


def _confirm(hub: Hub, action: Action) -> Begun:
    job_uuid = action.job_uuid or ""
    hub.known(job_uuid)
    if not action.can_succeed:
        raise ConflictError(f"the confirmation of the run {job_uuid} cannot pass")
    hub.confirmations.start(job_uuid)
    return Begun(job_uuid=job_uuid)
