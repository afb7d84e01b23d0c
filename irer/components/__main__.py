"""Look after components.

python -m irer.components check         # every manifest; exit 2 if one is wrong
python -m irer.components new NAME      # a working skeleton with a test
python -m irer.components schema        # the JSON Schema of a manifest
"""

import sys
from collections.abc import Sequence

from irer.base.commandline import Parser, run_program, say
from irer.base.errors import ConfigError, IrerError
from irer.base.files import dump_json
from irer.components.manifest import json_schema
from irer.components.registry import Registry, find, shown
from irer.components.skeleton import write_skeleton
from settings import Settings
from settings import load as load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = Parser("irer.components", "Look after components: check them, begin a new one.")
    commands = ("check", "new", "schema")
    parser.add_argument("command", choices=commands, help="check every manifest; begin a new ...")
    parser.add_argument("name", nargs="?", metavar="NAME", help="of a new one, like 'Wall time'")
    given = parser.parse_args(argv)
    if (given.name is None) == (given.command == "new"):
        parser.error("new takes a NAME, check and schema take none")
    try:
        settings = load_settings()
        if given.command == "check":
            return _print_check(find(settings))
        say(dump_json(json_schema()) if given.command == "schema" else _begin(given.name, settings))
    except IrerError as error:
        print(f"irer.components: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


def _print_check(registry: Registry) -> int:
    for problem in registry.problems:
        print(problem, file=sys.stderr)
    for component in registry.components.values():
        say(f"{component.place}: {component.name} {component.manifest.version}")
    return ConfigError.exit_code if registry.problems else 0


def _begin(name: str, settings: Settings) -> str:
    folder = write_skeleton(name, find(settings), settings.components_dir)
    return f"{shown(folder)}: a component with its test; try: python -m pytest {shown(folder)}"


if __name__ == "__main__":
    run_program(main)
