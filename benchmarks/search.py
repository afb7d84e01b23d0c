"""How few runs each sampler needs, on analytic problems in the hunt's own box; no PDE.

    python benchmarks/search.py [--samplers gp,tpe] [--noise 0,0.5] [--runs 300] [--seeds 20]
                                [--workers 16] [--limit 500] [--keep FILE]

How hunts run and are judged: benchmarks/search_hunts.py. With `--noise S` the share S of the
variance of f1 is the seed's (`--varying`: more on one side of the box). Prints one JSON line for
each noise, problem and sampler, medians over the seeds:
  runs_to_target     runs until the target is reached; null when more than half do not reach it
  reached            hunts that reached it
  at_50, at_100, ... without noise: hypervolume after so many runs / the target
  cpu_ms             CPU time of a proposal among the first 100 runs
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy; proposals use small matrices
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.search_hunts import ordinary
from benchmarks.search_table import parser_of, table
from irer.search.samplers import SAMPLERS


def main() -> None:
    """Compare and print."""
    parser = parser_of("Compare samplers on analytic problems.", runs=300)
    parser.add_argument("--samplers", default=",".join(SAMPLERS))
    given = parser.parse_args()
    table("search", given, given.samplers.split(","), ordinary)


if __name__ == "__main__":
    main()
