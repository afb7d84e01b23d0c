"""The control hunt of the home's hunt as a component; `irer.controls.random_control` does the work.

Exit 0 when the report is written, 2 on bad input, 1 otherwise.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import core_engine
from irer.base.commandline import Parser, run_program, say, uuid_argument
from irer.base.errors import ConflictError, IrerError
from irer.base.files import write_json
from irer.components import read_component
from irer.controls import commands
from irer.hunt.control import HuntControl
from settings import load as load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    component = read_component(Path(__file__).with_name("component_manifest.json"))
    parser = Parser("random_control.py", component.manifest.description)
    parser.add_argument("--job_uuid", type=uuid_argument, required=True, help="of this call")
    given = parser.parse_args(argv)
    control = HuntControl(attended=False)
    try:
        settings = load_settings()
        report, unfinished = commands.random_control(settings, control, core_engine)
        outputs = component.output_files(settings.home, {"job_uuid": given.job_uuid})
        write_json(outputs["report"], report.model_dump(mode="json"))
        if unfinished:
            raise ConflictError(f"stopped: {unfinished}")
    except IrerError as error:
        print(f"random_control.py: {error.message}", file=sys.stderr)
        return error.exit_code
    if report.beside is not None:
        say(f"hypervolume beside random draws = {report.beside.difference:+.3g}")
    return 0


if __name__ == "__main__":
    run_program(main)
