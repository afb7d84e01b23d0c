"""What a component needs of the home, held before its process begins."""

from collections.abc import Callable, Mapping

from irer.base.errors import ConflictError
from irer.base.records import RunState
from irer.components.calls import Call
from irer.components.manifest import Need
from irer.controls.possible import hunt_that_counts, refuse_hunt_without_fields
from irer.home import Home
from irer.home.provenance import read_provenance


def refuse_in_vain(call: Call, home: Home) -> None:
    """Raise ConflictError where a component lacks what it needs, which its process would find out.

    Raises ContractError for a broken file of the home.
    """
    for need in call.component.manifest.needs:
        _NEEDS[need](call, home)


def _runs(call: Call) -> list[str]:
    inputs = call.component.manifest.inputs
    return [call.uuids[each.name] for each in inputs if each.source != "new"]


def _complete_run(call: Call, home: Home) -> None:
    for job_uuid in _runs(call):
        if read_provenance(home.provenance_file(job_uuid)).state is RunState.FAILED:
            raise ConflictError(f"the run {job_uuid} failed; this is for complete runs")


def _fields_of_run(call: Call, home: Home) -> None:
    for job_uuid in _runs(call):
        if not home.artifact_file(job_uuid).exists():
            raise ConflictError(f"the run {job_uuid} has no fields any more")


def _complete_hunt(_call: Call, home: Home) -> None:
    hunt_that_counts(home)


def _fields_of_hunt(_call: Call, home: Home) -> None:
    refuse_hunt_without_fields(home)


_NEEDS: Mapping[Need, Callable[[Call, Home], object]] = {
    "complete hunt": _complete_hunt,
    "fields of the hunt": _fields_of_hunt,
    "complete run": _complete_run,
    "fields of the run": _fields_of_run,
}
