"""Null hunts of the home's hunt as a component; `core_engine.run_null_hunts` does the work.

Exit 0 when the report is written, 2 on bad input, 1 otherwise.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import core_engine
from irer.base.commandline import Parser, run_program, say, uuid_argument
from irer.base.errors import ConflictError, IrerError
from irer.base.files import write_json
from irer.base.goals import NULL_KINDS
from irer.components import read_component
from irer.controls import commands
from irer.hunt.control import HuntControl
from settings import load as load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    component = read_component(Path(__file__).with_name("component_manifest.json"))
    parser = Parser("null_hunts.py", component.manifest.description)
    parser.add_argument("--job_uuid", type=uuid_argument, required=True, help="of this call")
    parser.add_argument("--n", type=int, default=39, dest="null_hunts", help="of each kind")
    parser.add_argument("--kind", choices=("both", *NULL_KINDS), default="decoys")
    given = parser.parse_args(argv)
    if problem := component.manifest.tunable_variables[0].problem(given.null_hunts):
        parser.error(f"--n: {problem}")
    given.decoy_hunts = None
    given.null_kind = None if given.kind == "both" else given.kind
    control = HuntControl(attended=False)
    try:
        settings = load_settings()
        report, unfinished = commands.null_hunts(
            given, settings, control, core_engine.run_null_hunts
        )
        outputs = component.output_files(settings.home, {"job_uuid": given.job_uuid})
        write_json(outputs["report"], report.model_dump(mode="json"))
        if unfinished:
            raise ConflictError(f"stopped: {unfinished}")
    except IrerError as error:
        print(f"null_hunts.py: {error.message}", file=sys.stderr)
        return error.exit_code
    say(f"p_hunt = {report.p_hunt}")
    return 0


if __name__ == "__main__":
    run_program(main)
