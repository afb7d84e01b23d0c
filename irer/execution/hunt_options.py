"""The command line of a headless hunt, turned into an order."""

import argparse
from collections.abc import Sequence
from typing import Any

from irer.commandline import Parser, uuid_argument
from irer.errors import ConfigError, FieldError
from irer.execution.order import read_order
from irer.files import parse_json
from irer.records import HuntOrder
from settings import Settings

_FLAGS = {
    "num_generations": "--generations",
    "population_size": "--population",
    "seed": "--seed",
    "sampler": "--sampler",
    "model": "--model",
    "max_wall_s": "--max-wall-s",
    "max_stagnation": "--max-stagnation",
    "polish_generations": "--polish-generations",
}

NULL_KINDS = ("decoys", "flat")
_MOST_NULL_HUNTS = 10_000


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; values stay text until `order_of` checks them all at once."""
    parser = Parser("core_engine.py", "Run a hunt without the hub: best run as JSON on stdout.")
    parser.add_argument("--generations", dest="num_generations", help="how many (default 10)")
    parser.add_argument("--population", dest="population_size", help="jobs each (default 10)")
    parser.add_argument("--seed", help="0 to 4,294,967,295 (default random)")
    parser.add_argument("--sampler", help="gp, tpe, nsga2, nsga3 or random (default gp)")
    parser.add_argument("--model", help="sncgl_sdg, sncgl_flat or fmia (default sncgl_sdg)")
    parser.add_argument(
        "--max-wall-s", metavar="S", help="stop after so many seconds (default never)"
    )
    parser.add_argument(
        "--max-stagnation",
        metavar="G",
        help="end when the hypervolume has not grown for G generations (default never)",
    )
    parser.add_argument(
        "--polish-generations",
        metavar="G",
        help="the last G generations descend from the Pareto set by gradients (default 0)",
    )
    parser.add_argument("--home", help="folder of all data (default IRER_HOME, else ./irer_home)")
    parser.add_argument("--resume", action="store_true", help="go on with the hunt in hunt.json")
    parser.add_argument(
        "--confirm",
        type=uuid_argument,
        metavar="UUID",
        help="repeat a run with fresh seeds and refinements; the report as JSON on stdout",
    )
    parser.add_argument(
        "--null-hunts",
        type=_number_of_hunts,
        metavar="N",
        help="repeat the home's complete hunt N times where it can find nothing but chance; p_hunt",
    )
    parser.add_argument(
        "--null-kind",
        choices=NULL_KINDS,
        help="decoys: other targets, same physics; flat: sncgl_flat uncoupled (default both)",
    )
    parser.add_argument(
        "--decoy-hunts",
        type=_number_of_hunts,
        metavar="N",
        help="the same as --null-hunts N --null-kind decoys; below N = 20 no p is under 0.05",
    )
    parser.add_argument(
        "--sensitivity",
        action="store_true",
        help="what the home's complete hunt would have seen, by rescoring; --seed draws others",
    )
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="simulation.N_grid=64, params.kappa=0.2, params.c1=[-1,2]; may be repeated",
    )
    return parser.parse_args(argv)


def _number_of_hunts(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_NULL_HUNTS):
        message = f"must be an integer from 1 to {_MOST_NULL_HUNTS:,}, got {text!r:.40}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def order_of(arguments: argparse.Namespace, settings: Settings) -> HuntOrder:
    """Return the order that the command line gives. Raises ConfigError naming every flag."""
    given = {name: getattr(arguments, name) for name in _FLAGS}
    data: dict[str, Any] = {n: _value(text) for n, text in given.items() if text is not None}
    flags = ("--resume", "--null-hunts", "--decoy-hunts", "--confirm", "--sensitivity")
    asked = [flag for flag in flags if _given(arguments, flag)]
    if len(asked) > 1:
        raise ConfigError.of_field(asked[1], f"cannot be given together with {asked[0]}")
    others = data.keys() - ({"seed"} if asked == ["--sensitivity"] else set())
    if asked and (others or arguments.assignments):
        raise ConfigError.of_field(asked[0], "goes on with the order in hunt.json, give no other")
    try:
        return read_order(data | _objects(arguments.assignments), settings, what="the order")
    except ConfigError as error:
        raise _naming_flags(error) from error


def _given(arguments: argparse.Namespace, flag: str) -> bool:
    return bool(getattr(arguments, flag.lstrip("-").replace("-", "_")))


def _objects(assignments: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Turn `simulation.N_grid=64` and the like into the order's two objects."""
    objects: dict[str, dict[str, Any]] = {}
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        part, dot, name = path.partition(".")
        if not (equals and dot and name) or part not in {"simulation", "params"}:
            message = f"must be simulation.NAME=VALUE or params.NAME=VALUE, got {assignment!r:.80}"
            raise ConfigError.of_field("--set", message)
        objects.setdefault(part, {})[name] = _value(text)
    return objects


def _value(text: str) -> Any:
    """Read a value as JSON where it is JSON, else as the text it is."""
    try:
        return parse_json(text)
    except ValueError:
        return text


def _naming_flags(error: ConfigError) -> ConfigError:
    named = tuple(
        FieldError(_FLAGS.get(wrong.field, f"--set {wrong.field}"), wrong.message)
        for wrong in error.errors
    )
    return ConfigError("; ".join(str(wrong) for wrong in named), named)
