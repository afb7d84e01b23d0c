"""The options of `irer-score` and `validation_pipeline.py --field`, which every validator reads."""

import argparse
import re

from irer.base.commandline import Parser

MOST_NULLS = 100_000
FILE = "a field: .npy, .npz, HDF5, NetCDF, Dedalus 3, The Well, PDEBench 2-D"
_NAMES = (
    "dataset", "box_length", "dealias", "null", "seed", "kappa", "u", "precision", "axes",
    "dimensions", "sample", "channel", "snapshots",
)  # fmt: skip


def add_options(parser: Parser, title: str) -> None:
    """Add what goes with a field, under a title."""
    group = parser.add_argument_group(title)
    add = group.add_argument
    add("--dataset", metavar="NAME", help="which field of the file")
    add("--box-length", type=_positive, metavar="L", help="the side of the periodic box; required")
    add(
        "--dealias",
        type=float,
        metavar="SHARE",
        help="share of the band that its solver kept (default 0.5)",
    )
    add("--null", type=_count, default=1000, metavar="N", help="draws of each null (default 1000)")
    add("--seed", type=_seed, default=0, metavar="S", help="of those draws (default 0)")
    add("--kappa", type=float, help="of a complex psi: judge its Hamiltonian constraint, too")
    add("--u", metavar="NAME", help="the dataset of ln Omega for it (default 0)")
    add("--precision", choices=("float32", "float64"), help="of its solver (default: as stored)")
    add("--axes", type=_names, metavar="A,B,...", help="what its axes are, as time,y,x,channel")
    add("--dimensions", type=int, choices=(2, 3), help="of a cube, else taken for one field in 3-D")
    add("--sample", type=int, default=0, metavar="I", help="which of several samples (default 0)")
    add("--channel", type=int, metavar="I", help="which of several channels")
    add("--snapshots", type=_slice, metavar="START:STOP", help="some of them; =-4: the last 4")


def refuse_stray(arguments: argparse.Namespace, parser: Parser) -> None:
    """Refuse what only goes with --field beside another task. Ends the program."""
    given = [name for name in _NAMES if getattr(arguments, name) != parser.get_default(name)]
    if given:
        parser.error(f"argument --{given[0].replace('_', '-')}: goes with --field")


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a finite number above 0, got {text!r:.80}")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_NULLS:
        text = f"must be an integer from 0 to {MOST_NULLS:,}, got {text!r:.80}"
        raise argparse.ArgumentTypeError(text)
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        text = f"must be an integer from 0 to {2**32 - 1:,}, got {text!r:.80}"
        raise argparse.ArgumentTypeError(text)
    return int(text)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError(f"must be names with commas between, got {text!r:.80}")
    return names


def _slice(text: str) -> slice:
    if not re.fullmatch(r"-?\d*:(-?\d*)(:[1-9]\d*)?", text):
        raise argparse.ArgumentTypeError(f"must be START:STOP or START:STOP:STEP, got {text!r:.80}")
    return slice(*(int(part) if part not in ("", "-") else None for part in text.split(":")))
