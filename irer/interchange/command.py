"""`irer-score FILE`, which is `validation_pipeline.py --field FILE`: judge one field."""

import argparse
import sys
from collections.abc import Sequence

from irer.base.commandline import Parser, say
from irer.base.errors import IrerError
from irer.base.files import dump_json
from irer.interchange.options import FILE, add_options
from irer.interchange.score import ALL, score
from irer.interchange.score_records import TARGET_COLUMNS, FieldScore
from irer.reports.analysis import table


def main(argv: Sequence[str] | None = None) -> int:
    """Run `irer-score`; return the exit code."""
    parser = Parser("irer-score", "Score a field of any program by its spectrum at k = ln p.")
    parser.add_argument("field", metavar="FILE", help=FILE)
    add_options(parser, "of the field")
    arguments = parser.parse_args(argv)
    try:
        score_command(arguments)
    except IrerError as error:
        print(f"irer-score: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def score_command(arguments: argparse.Namespace) -> None:
    """Print the score as JSON on standard output, as a table on standard error."""
    found = score(
        arguments.field,
        box_length=arguments.box_length,
        dataset=arguments.dataset,
        dealias=arguments.dealias,
        n_null=arguments.null,
        seed=arguments.seed,
        kappa=arguments.kappa,
        u=arguments.u,
        precision=arguments.precision,
        axes=arguments.axes,
        dimensions=arguments.dimensions,
        sample=arguments.sample,
        channel=arguments.channel,
        snapshots=arguments.snapshots or ALL,
    )
    print(as_table(found), file=sys.stderr)
    say(dump_json(found.model_dump(mode="json")))


def as_table(score: FieldScore) -> str:
    """Return a score for a person: what was judged, the targets, the numbers."""
    lines = [
        *score.heading(),
        table([TARGET_COLUMNS, *score.target_rows()]),
        score.resolution(),
        table(score.numbers()),
        *(f"note: {note}" for note in score.notes),
    ]
    return "\n".join(lines)
