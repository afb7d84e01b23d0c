"""The command line of a headless hunt, turned into an order."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from irer.base.commandline import Parser, named_uuid_argument
from irer.base.errors import ConfigError, ConflictError, FieldError
from irer.base.files import json_or_text
from irer.base.goals import NULL_KINDS
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.words import nearest
from irer.home import Home
from irer.home.registry import unfinished_plan
from irer.hunt.loading import joined
from irer.hunt.order import EVERY_NAME, read_order
from irer.hunt.parameter_files import Parameters, read_parameters
from irer.hunt.resuming import check_same
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
    "seeds_per_candidate": "--seeds-per-candidate",
}

_MOST_NULL_HUNTS = 10_000


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; values stay text until `order_of` checks them all at once."""
    parser = Parser("core_engine.py", "Run a hunt without the hub: best run as JSON on stdout.")
    _add_order(parser)
    parser.add_argument("--home", help="folder of all data (default IRER_HOME, else ./irer_home)")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the hunt in hunt.json; an order beside it must be the same",
    )
    _add_controls(parser)
    parser.add_argument(
        "--set",
        dest="assignments",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="simulation.N_grid=64, params.kappa=0.2, params.c1=[-1,2]; may be repeated",
    )
    return parser.parse_args(argv)


def _add_order(parser: Parser) -> None:
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
        help="the last G generations descend from the Pareto front by gradients (default 0)",
    )
    parser.add_argument(
        "--seeds-per-candidate",
        metavar="K",
        help="run every candidate under K seeds; 1: again where that is worth it (default 1)",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="begin with golden parameters, a run's record, a hunt.json, a row of a ledger "
        "(FILE#UUID) or a draft's parameters; what is given beside it wins",
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave out what a file of --from has without counterpart here, instead of refusing it",
    )


def _add_controls(parser: Parser) -> None:
    parser.add_argument(
        "--confirm",
        type=named_uuid_argument,
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
        "--positive-control",
        action="store_true",
        help="a find made on purpose, in positive_control/ of the home: hunt, decoy hunts, verdict",
    )
    parser.add_argument(
        "--control",
        choices=("random",),
        help="random draws with the budget and the seeds of the home's complete hunt, compared",
    )
    parser.add_argument(
        "--sensitivity",
        action="store_true",
        help="what the home's complete hunt would have seen, by rescoring; --seed draws others",
    )


def _number_of_hunts(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _MOST_NULL_HUNTS):
        message = f"must be an integer from 1 to {_MOST_NULL_HUNTS:,}, got {text!r:.40}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def order_of(arguments: argparse.Namespace, settings: Settings) -> HuntOrder:
    """Return the order that the command line gives. Raises ConfigError naming every flag."""
    given = {name: getattr(arguments, name) for name in _FLAGS}
    data: dict[str, Any] = {n: json_or_text(text) for n, text in given.items() if text is not None}
    flags = (
        "--resume",
        "--null-hunts",
        "--decoy-hunts",
        "--positive-control",
        "--control",
        "--confirm",
        "--sensitivity",
    )
    asked = [flag for flag in flags if _given(arguments, flag)]
    if len(asked) > 1:
        raise ConfigError.of_field(asked[1], f"cannot be given together with {asked[0]}")
    others = data.keys() - ({"seed"} if asked == ["--sensitivity"] else set())
    given_one = bool(others or arguments.assignments)
    if arguments.source is not None and asked:
        raise ConfigError.of_field("--from", f"cannot be given together with {asked[0]}")
    if arguments.ignore_unknown and arguments.source is None:
        raise ConfigError.of_field("--ignore-unknown", "says what to do with a file: give --from")
    if arguments.null_kind is not None and asked != ["--null-hunts"]:
        raise ConfigError.of_field("--null-kind", "goes with --null-hunts N")
    if given_one and asked == ["--positive-control"]:
        raise ConfigError.of_field(asked[0], "has an order of its own, give no other")
    if given_one and asked not in ([], ["--resume"]):
        raise ConfigError.of_field(asked[0], "goes on with the order in hunt.json, give no other")
    try:
        given = data | _objects(arguments.assignments)
        if arguments.source is not None:
            given = joined(_read(arguments, given), given, settings)
        order = read_order(given, settings, what="the order")
        if given_one and asked:
            check_same(order, _plan_to_resume(settings.home))
    except ConfigError as error:
        raise _naming_flags(error) from error
    return order


def _read(arguments: argparse.Namespace, given: Mapping[str, Any]) -> Parameters:
    """Read the file of --from and list on stderr what was taken from it."""
    try:
        found = read_parameters(
            arguments.source,
            ignore_unknown=arguments.ignore_unknown,
            fmia=given.get("model") == "fmia",
        )
    except ConfigError as error:
        raise ConfigError.of_field("--from", error.message) from error
    print("\n".join(found.in_words()), file=sys.stderr)
    return found


def _plan_to_resume(home: Home) -> HuntPlan:
    try:
        return unfinished_plan(home)
    except ConflictError as error:
        message = f"goes on with the order in hunt.json; {error.message}"
        raise ConfigError.of_field("--resume", message) from error


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
            near = nearest(path.rpartition(".")[2], [each for each in EVERY_NAME if "." in each])
            meant = f"; did you mean {near}?" if near else ""
            raise ConfigError.of_field("--set", message + meant)
        objects.setdefault(part, {})[name] = json_or_text(text)
    return objects


def _naming_flags(error: ConfigError) -> ConfigError:
    if not error.errors:
        return error
    named = tuple(FieldError(_flag(wrong.field), wrong.message) for wrong in error.errors)
    return ConfigError("; ".join(str(wrong) for wrong in named), named)


def _flag(field: str) -> str:
    """Return the flag for a field of the order; a flag is returned as it is."""
    return field if field.startswith("--") else _FLAGS.get(field, f"--set {field}")
