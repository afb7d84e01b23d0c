"""`validation_pipeline.py --field FILE`: judge one field from the command line."""

import argparse
import sys
from pathlib import Path

from irer.base.commandline import say
from irer.base.files import dump_json
from irer.interchange.score import ALL, score_field
from irer.interchange.score_records import FieldScore
from irer.reports.analysis import table


def score_command(arguments: argparse.Namespace) -> None:
    """Print the score as JSON on standard output, as a table on standard error."""
    score = score_field(
        arguments.field,
        box_length=arguments.box_length,
        dataset=arguments.dataset,
        dealias=arguments.dealias,
        n_null=arguments.null,
        kappa=arguments.kappa,
        u=arguments.u,
        precision=arguments.precision,
        axes=arguments.axes,
        sample=arguments.sample,
        channel=arguments.channel,
        snapshots=arguments.snapshots or ALL,
    )
    print(as_table(score), file=sys.stderr)
    say(dump_json(score.model_dump(mode="json")))


def as_table(score: FieldScore) -> str:
    """Return a score for a person: what was judged, the targets, the numbers."""
    name = Path(score.file).name if score.file else "array"
    size = " x ".join([str(score.N_grid)] * score.dimensions)
    snapshots = f"{score.n_snapshots} snapshot{'s' if score.n_snapshots > 1 else ''}"
    head = (
        f"{name}: {score.dataset} ({score.kind}), {score.layout}, axes {', '.join(score.axes)}\n"
        f"{snapshots} of {size} points, box length {score.box_length:.6g}, "
        f"dealias {score.dealias:g}, {score.precision}"
    )
    rows: list[list[object]] = [["target", "k", "resolved", "found at", "excess", "cost"]]
    for target in score.targets:
        cells = (target.found_k, target.excess, target.cost)
        found = ["-" if cell is None else f"{cell:.4f}" for cell in cells]
        resolved = "yes" if target.resolved else "no"
        rows.append([f"ln {target.prime}", f"{target.k:.4f}", resolved, *found])
    resolved = ", ".join(f"ln {prime}" for prime in score.resolved) or "none"
    lines = [
        head,
        table(rows),
        f"the grid resolves {score.n_targets_resolved} of {len(score.targets)} targets: {resolved}",
        table([[key, value] for key, value in _numbers(score).items() if value is not None]),
        *(f"note: {note}" for note in score.notes),
    ]
    return "\n".join(lines)


def _numbers(score: FieldScore) -> dict[str, object]:
    names = (
        "log_prime_sse", "degenerate", "p_position", "p_lines", "p_matched",
        "log_prime_sse_scaled", "log_prime_sse_multi_ray", "floor_limited", "tail_ratio",
        "under_resolved",
    )  # fmt: skip
    numbers = {name: getattr(score, name) for name in names}
    return numbers | (score.constraint.model_dump() if score.constraint else {})
