"""The common part of `run_bssn_check.py` and `run_tda_analysis.py`.

Each takes the provenance file of a committed run, prints a table, and writes its results to
`analyses/{job_uuid}/` of the home that the file lies in.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import settings
from irer.base.commandline import Parser, say
from irer.base.errors import ArtifactError, ConfigError, IrerError
from irer.base.records import JobConfig, Provenance
from irer.home.artifacts import Artifact, read_recorded
from irer.home.provenance import read_provenance


@dataclass(frozen=True)
class CommittedRun:
    """A COMPLETE run: its record, its artifact, and the folder for results about it."""

    record: Provenance
    artifact: Artifact
    folder: Path


def read_run(file: Path) -> CommittedRun:
    """Read the run of a provenance file and the artifact that lies in the same home.

    Raises ConfigError if the file is not the provenance of a COMPLETE run, ArtifactError if the
    artifact is missing, torn, changed since, or of another job or configuration.
    """
    try:
        record = read_provenance(file)
    except IrerError as error:
        text = f"must be a provenance file ({error.message})"
        raise ConfigError.of_field("--file", text) from error
    if record.error is not None:
        text = f"must be of a COMPLETE run, this one FAILED with {record.error.reason}"
        raise ConfigError.of_field("--file", text)
    home = settings.load(home=file.resolve().parent.parent).home
    artifact = read_recorded(home.artifact_file(record.job_uuid), record)
    for name in JobConfig.model_fields:
        if getattr(artifact.job, name) != getattr(record, name):
            raise ArtifactError(f"{name} of the artifact is not that of {file.name}")
    return CommittedRun(record, artifact, home.analyses_dir(record.job_uuid))


def run_analysis(
    prog: str, description: str, analyse: Callable[[CommittedRun], str], argv: Sequence[str] | None
) -> int:
    """Run an analysis' command line: print what `analyse` returns; return the exit code."""
    parser = Parser(prog, description)
    parser.add_argument(
        "--file", type=Path, required=True, metavar="PROVENANCE.json", help="of a committed run"
    )
    try:
        say(analyse(read_run(parser.parse_args(argv).file)))
    except IrerError as error:
        print(f"{prog}: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def table(rows: Iterable[Sequence[object]]) -> str:
    """Return rows of cells as aligned text, the first column to the left, floats rounded."""
    cells = [[f"{c:.6g}" if isinstance(c, float) else str(c) for c in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for first, *others in cells:
        padded = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *padded]))
    return "\n".join(lines)
