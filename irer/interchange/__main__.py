"""Hand a run on to other programs.

python -m irer.interchange --job_uuid UUID [--home DIR] [--out NAME.xdmf]    # for ParaView
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from irer.base.commandline import Parser, existing_folder, named_uuid_argument, run_program, say
from irer.base.errors import IrerError
from irer.home.finding import find_run
from irer.home.provenance import read_provenance
from irer.interchange.xdmf import export_run
from settings import load as load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = Parser("irer.interchange", "Write a run's fields as XDMF, for ParaView and its kin.")
    parser.add_argument("--job_uuid", type=named_uuid_argument, required=True, help="the run")
    parser.add_argument(
        "--home",
        type=existing_folder,
        help="folder of all data (default IRER_HOME, else ./irer_home)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="NAME.xdmf",
        help="the file to write, with its numbers beside it (default: here, named after the run)",
    )
    given = parser.parse_args(argv)
    try:
        home = load_settings(home=given.home).home
        job_uuid = find_run(home, given.job_uuid, "--job_uuid")
        record = read_provenance(home.provenance_file(job_uuid))
        for written in export_run(home, record, given.out, "--out"):
            say(str(written))
    except IrerError as error:
        print(f"irer.interchange: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    run_program(main)
