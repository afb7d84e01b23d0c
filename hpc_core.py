"""The hunt as a component: what `component_manifest.json` describes.

    python hpc_core.py --job_uuid UUID [--num_generations 10] [--population_size 10]

The hunt has a home of its own below the home folder, so it can run beside a hub. Its id is the
given uuid; called again with the same uuid, it is resumed.
Exit 0 when both outputs are written, 2 on bad input, 1 otherwise.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfileobj

import core_engine
from irer.base.checking import check
from irer.base.commandline import Parser, run_program, say, uuid_argument
from irer.base.errors import ConfigError, ConflictError, FieldError, IrerError, NotFoundError
from irer.base.files import json_or_text, write_atomic
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.results import NoBestRun
from irer.components import MANIFEST_NAME, Component, read_component
from irer.controls.commands import hunt, saying_how_to_go_on, why_unfinished
from irer.home.homelock import hold_home
from irer.home.logs import attach_rotating
from irer.hunt.control import HuntControl
from settings import RESOURCES, Settings
from settings import load as load_settings

_GO_ON = "; the same --job_uuid goes on"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the hunt; return the exit code."""
    try:
        component = read_component(RESOURCES / MANIFEST_NAME)
        given = _parser(component).parse_args(argv)
        order = _order(component, given)
        outputs = component.output_files(load_settings().home, {"job_uuid": given.job_uuid})
        _run(given.job_uuid, order, outputs)
    except IrerError as error:
        print(f"hpc_core.py: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def _parser(component: Component) -> Parser:
    parser = Parser("hpc_core.py", component.manifest.description)
    parser.add_argument("--job_uuid", type=uuid_argument, required=True, help="the id of this hunt")
    for tunable in component.manifest.tunable_variables:
        text = f"{tunable.label}, {tunable.in_words} (default {tunable.default})"
        parser.add_argument(tunable.flag, dest=tunable.name, default=tunable.default, help=text)
    return parser


def _order(component: Component, given: argparse.Namespace) -> HuntOrder:
    """Check the command line against the manifest. Raises ConfigError naming every wrong flag."""
    tunables = component.manifest.tunable_variables
    values = {each.name: each.taken(json_or_text(getattr(given, each.name))) for each in tunables}
    errors = tuple(
        FieldError(tunable.flag, problem)
        for tunable in tunables
        if (problem := tunable.problem(values[tunable.name]))
    )
    if errors:
        raise ConfigError("; ".join(str(error) for error in errors), errors)
    return check(HuntOrder, values, what="the order")


def _run(job_uuid: str, order: HuntOrder, outputs: dict[str, Path]) -> None:
    """Run the hunt to its end and put its outputs where the manifest says."""
    home = load_settings().home.component_hunt(job_uuid)
    settings = load_settings(home=home)
    with hold_home(home):
        plan = _plan(job_uuid, order, settings)
        attach_rotating("irer.engine", home.hunt_log)
        control = HuntControl(attended=False)
        with saying_how_to_go_on(plan, home, _GO_ON):
            result = hunt(plan, settings, control, core_engine.run_hunt)
        why = why_unfinished(plan, home)
        if home.ledger_file.exists():
            _copy(home.ledger_file, outputs["final_ledger"])
        if isinstance(result, NoBestRun):
            raise NotFoundError(f"stopped: {why}{_GO_ON}" if why else result.error)
        _copy(home.provenance_file(result.job_uuid), outputs["best_run_provenance"])
    for name, path in outputs.items():
        say(f"{name}: {path}")
    if why:
        raise ConflictError(f"stopped: {why}{_GO_ON}")


def _plan(job_uuid: str, order: HuntOrder, settings: Settings) -> HuntPlan:
    """Return the plan of the hunt with this uuid: as it was left, or a new one."""
    known = core_engine.load_plan(settings.home)
    if known is None:
        return core_engine.plan_hunt(order, settings).model_copy(update={"hunt_id": job_uuid})
    if known.state == "Completed":
        raise ConflictError(f"the hunt {job_uuid} is complete; give another --job_uuid")
    for name in ("num_generations", "population_size"):
        if getattr(order, name) != getattr(known, name):
            message = f"must be {getattr(known, name)} to go on with the hunt {job_uuid}"
            raise ConfigError.of_field(f"--{name}", message)
    return known


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file:
        write_atomic(target, lambda copy: copyfileobj(file, copy))


if __name__ == "__main__":
    run_program(main)
