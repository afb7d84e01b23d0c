"""`irer-score FILE --box-length L`: the score of a density that lies in a .npy file."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from irer.api.scoring import score
from irer.base.commandline import Parser, run_program, say
from irer.base.errors import ConfigError, IrerError
from irer.base.files import dump_json
from irer.validation import Fidelity


def main(argv: Sequence[str] | None = None) -> int:
    """Print the score as JSON; return the exit code."""
    parser = Parser("irer-score", "Score a density, or a complex field's density, at k = ln p.")
    parser.add_argument("file", type=Path, help="a .npy file: (N,)*d, or S snapshots (S,)+(N,)*d")
    parser.add_argument("--box-length", type=float, required=True, help="side of the periodic box")
    parser.add_argument("--dealias", type=float, default=0.5, help="retained share of the band")
    parser.add_argument("--null", type=int, default=1000, help="draws of each null (default 1000)")
    given = parser.parse_args(argv)
    try:
        found = score(
            read_npy(given.file),
            box_length=given.box_length,
            dealias=given.dealias,
            n_null=given.null,
        )
    except IrerError as error:
        print(f"irer-score: {error.message}", file=sys.stderr)
        return error.exit_code
    say(dump_json(_summary(found)))
    return 0


def read_npy(path: Path) -> np.ndarray[Any, Any]:
    """Return the array in a .npy file, not yet read as a whole; pickled ones are never loaded.

    Raises ConfigError naming what is wrong with the file.
    """
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ConfigError.of_field(str(path), f"must be a .npy file of numbers: {error}") from error
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iufc":
        raise ConfigError.of_field(str(path), "must be a .npy file of one array of numbers")
    return values


def _summary(found: Fidelity) -> dict[str, Any]:
    return {
        "log_prime_sse": found.sse,
        "n_targets_resolved": found.n_targets_resolved,
        "n_candidates": found.n_candidates,
        "degenerate": found.degenerate,
        "p_position": found.p_position,
        "p_lines": found.p_lines,
        "matched_filter": found.matched_filter,
        "p_matched": found.p_matched,
        "matches": [
            {"prime": m.prime, "target": m.target, "k": m.k, "excess": m.excess, "cost": m.cost}
            for m in found.matches
        ],
    }


if __name__ == "__main__":
    run_program(main)
