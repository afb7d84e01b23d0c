"""Dead code, long modules, the file names of a home, findings: `make check` runs this.

Vulture finds what nothing in the program names. Fields of records are exempt: they are used through
JSON.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from vulture import Vulture
from vulture.config import make_config

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES = 400
JUDGED = {"function", "method", "class", "property", "import", "unreachable_code"}


def dead_code() -> list[str]:
    """Return a line for each function, method, class or property that nothing names."""
    config = make_config(["--config", str(ROOT / "pyproject.toml")])
    found = Vulture(
        ignore_names=config["ignore_names"], ignore_decorators=config["ignore_decorators"]
    )
    found.scavenge([str(ROOT / path) for path in config["paths"]])
    return [
        f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: {item.message}"
        for item in found.get_unused_code(min_confidence=config["min_confidence"])
        if item.typ in JUDGED
    ]


def modules() -> list[Path]:
    """Return the modules of the program."""
    globs = ("*.py", "irer/**/*.py", "components/**/*.py")
    return sorted(path for pattern in globs for path in ROOT.glob(pattern))


def long_modules() -> list[str]:
    """Return a line for each module of more than 400 lines, tests and benchmarks too."""
    others = ("static/js/*/*.js", "tests/**/*.py", "benchmarks/*.py", "docs/*.py")
    files = [*modules(), *(path for pattern in others for path in sorted(ROOT.glob(pattern)))]
    lengths = {path: len(path.read_text().splitlines()) for path in files}
    return [
        f"{path.relative_to(ROOT)}: {length} lines, at most {MOST_LINES}: split it"
        for path, length in lengths.items()
        if length > MOST_LINES
    ]


HOME = ROOT / "irer" / "home"
# A name with an ending is a file's wherever it stands. One without may be any word: it counts as a
# folder's name where it follows a slash of pathlib.
FILE_NAME = re.compile(r"[\w.-]+\.(json|csv|h5|html|log|png|txt)")


def names_of_a_home() -> tuple[set[str], set[str]]:
    """Return the names of files and those of folders that irer/home/paths.py spells.

    Of a name with a uuid only the part before the uuid counts.
    """
    texts = {text for _, text in _texts(ast.parse((HOME / "paths.py").read_text()))}
    files = {text for text in texts if FILE_NAME.fullmatch(text)}
    files -= {path.name for path in ROOT.glob("templates/*.html")}  # also the name of a page
    made = {text for text in texts if re.fullmatch(r"[a-z]+(_[a-z]+)*_", text)}
    folders = {text for text in texts if re.fullmatch(r"\.?[a-z]+([_-][a-z]+)*", text)}
    return files | made, folders


def names_outside_the_home() -> list[str]:
    """Return a line for each module outside irer/home that spells a file name of a home."""
    files, folders = names_of_a_home()
    found = []
    for path in modules():
        if path.is_relative_to(HOME):
            continue
        tree = ast.parse(path.read_text())
        lines = [node.lineno for node, text in _texts(tree) if _spells(text, files, folders)]
        lines += [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and isinstance(node.right, ast.Constant)
            and node.right.value in files | folders
        ]
        where = path.relative_to(ROOT)
        found += [f"{where}:{n}: a name of the home's: ask irer.home for it" for n in sorted(lines)]
    return found


def _spells(text: str, files: set[str], folders: set[str]) -> bool:
    """Say whether a text holds a path of a home: a folder with its slash, or a file's name.

    File names in prose, as in an error message, do not count.
    """
    below = (rf"(?<!\w){name}/(\S|$)|/{name}(?!\w)" for name in folders if "_" in name)
    if any(re.search(pattern, text) for pattern in below):
        return True
    return " " not in text and any(
        re.search(rf"(?<![\w-]){re.escape(name)}" + ("$" if name[-1] == "_" else r"(?!\w)"), text)
        for name in files
    )


def _texts(tree: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    """Yield the strings of a module but for its docstrings."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str):
            yield node, node.value


def homes_that_are_none() -> list[str]:
    """Return a line for each parameter called `home` that is not a `Home`."""
    return [
        f"{path.relative_to(ROOT)}:{each.lineno}: a parameter called home that is no Home"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.arguments)
        for each in (*node.posonlyargs, *node.args, *node.kwonlyargs)
        if each.arg == "home" and ast.unparse(each.annotation or ast.Constant("none")) != "Home"
    ]


def findings_that_do_not_run() -> list[str]:
    """Return a line for each finding that cannot be started by its name."""
    return [
        f"{path.relative_to(ROOT)}: may not be run: chmod +x"
        for path in sorted(ROOT.glob("findings/*.sh"))
        if not os.access(path, os.X_OK)
    ]


if __name__ == "__main__":
    problems = [
        *dead_code(),
        *long_modules(),
        *names_outside_the_home(),
        *homes_that_are_none(),
        *findings_that_do_not_run(),
    ]
    print("\n".join(problems) or "no dead code, no module over 400 lines, one Home")
    sys.exit(bool(problems))
