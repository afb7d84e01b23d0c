"""The sensitivity of the home's hunt as a component; `irer.controls.sensitivity` does the work.

Exit 0 when the report is written, 2 on bad input, 1 otherwise.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from irer.base.commandline import Parser, run_program, say, uuid_argument
from irer.base.errors import IrerError
from irer.base.files import write_json
from irer.components import read_component
from irer.controls import commands
from irer.hunt.control import HuntControl
from settings import load as load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    component = read_component(Path(__file__).with_name("component_manifest.json"))
    parser = Parser("sensitivity.py", component.manifest.description)
    parser.add_argument("--job_uuid", type=uuid_argument, required=True, help="of this call")
    given = parser.parse_args(argv)
    control = HuntControl(attended=False)
    try:
        settings = load_settings()
        report = commands.sensitivity(None, settings.home, control)
        outputs = component.output_files(settings.home, {"job_uuid": given.job_uuid})
        write_json(outputs["report"], report.model_dump(mode="json"))
    except IrerError as error:
        print(f"sensitivity.py: {error.message}", file=sys.stderr)
        return error.exit_code
    say(f"p_position of the hunt = {report.p_position:.3g}")
    return 0


if __name__ == "__main__":
    run_program(main)
