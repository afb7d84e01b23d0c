"""What can be done about a finding: buttons of the page, and the same as commands."""

import json
import shlex
from typing import Any

from pydantic import ValidationError

from irer.base.records import SimulationOptions, SncglParams
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Action
from irer.controls.reproducing import program_command

DECOY_HUNTS = 39  # the smallest p_hunt is then 0.025


def _command(facts: HuntFacts, program: str, *options: str) -> str:
    """Return a command on the facts' home, as the shell takes it in the program's folder."""
    words = ("--home", str(facts.home.folder), *options)
    return f"{program_command(program, here=False)} {' '.join(map(shlex.quote, words))}"


def hunt_again(facts: HuntFacts, label: str, changes: dict[str, Any]) -> Action:
    """Return the action of the same hunt with other options or ranges."""
    options = ["--from", str(facts.home.plan_file(facts.plan.hunt_id))]
    for part, values in changes.items():
        if not isinstance(values, dict):
            options += [f"--{part.replace('_', '-')}", str(values)]
            continue
        for name, value in values.items():
            options += ["--set", f"{part}.{name}={json.dumps(value, separators=(',', ':'))}"]
    return Action(
        kind="hunt",
        label=label,
        command=_command(facts, "core_engine", *options),
        changes=changes,
        seconds=facts.hunt_s,
    )


def decoy_hunts(facts: HuntFacts) -> Action:
    """Return the action of decoy hunts, those that are there already counted in."""
    left = max(1, DECOY_HUNTS - len(facts.decoy_bests))
    return Action(
        kind="decoy_hunts",
        label=f"Run {DECOY_HUNTS} decoy hunts",
        command=_command(facts, "core_engine", "--decoy-hunts", str(DECOY_HUNTS)),
        number=DECOY_HUNTS,
        seconds=None if facts.hunt_s is None else left * facts.hunt_s,
        can_succeed=facts.complete and facts.current,
    )


def random_control(facts: HuntFacts) -> Action:
    """Return the action of a control hunt: random draws with the budget of the hunt."""
    return Action(
        kind="random_control",
        label="Run the control hunt",
        command=_command(facts, "core_engine", "--control", "random"),
        seconds=facts.hunt_s,
        can_succeed=facts.complete and facts.current,
    )


def measure_sensitivity(facts: HuntFacts) -> Action:
    """Return the action that finds out what the hunt would have seen."""
    return Action(
        kind="sensitivity",
        label="Measure sensitivity",
        command=_command(facts, "core_engine", "--sensitivity"),
        seconds=facts.sensitivity_s,
        can_succeed=facts.complete and facts.current,
    )


def confirm(facts: HuntFacts, job_uuid: str, *, can_succeed: bool) -> Action:
    """Return the action that confirms a run."""
    return Action(
        kind="confirm",
        label="Confirm the best run",
        command=_command(facts, "core_engine", "--confirm", job_uuid),
        job_uuid=job_uuid,
        seconds=facts.confirmation_s,
        can_succeed=can_succeed,
    )


def rescore(facts: HuntFacts) -> Action:
    """Return the action that scores runs of an earlier measure anew."""
    return Action(
        kind="rescore",
        label="Score the runs anew",
        command=_command(facts, "validation_pipeline", "--rescore"),
    )


def simulation_with(facts: HuntFacts, name: str, value: Any) -> Action | None:
    """Return the action of a hunt with another simulation option; None past its range."""
    options = facts.plan.simulation.model_dump()
    try:
        SimulationOptions.model_validate(options | {name: value})
    except ValidationError:
        return None
    return hunt_again(facts, f"Set {name} to {value}", {"simulation": {name: value}})


def range_with(facts: HuntFacts, label: str, name: str, ends: tuple[float, float]) -> Action | None:
    """Return the action of a hunt with another range of a parameter; None past its limits."""
    try:
        for end in ends:
            SncglParams.model_validate({name: end})
    except ValidationError:
        return None
    return hunt_again(facts, label, {"params": {name: list(ends)}})
