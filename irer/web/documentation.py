"""The documentation below `/docs/`: the built pages, or their Markdown where they were not built.

Both have the same addresses and anchors (`docs/metrics.html#resolution`), so that a help mark
leads to its place in either.
"""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, send_file
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

import settings as settings_module
from irer.base.errors import NotFoundError
from irer.web.markdown import Page, render
from irer.web.pages import rendered
from irer.web.security import GATE, Gate

documentation = Blueprint("documentation", __name__)
FOLDER = settings_module.RESOURCES / "docs"
BUILT = Path("_build") / "html"  # below it
_FILES = {  # of the folder itself, beside its pages
    ".png": "image/png",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
}
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.S)


@documentation.errorhandler(NotFoundError)
def no_page(error: NotFoundError) -> Response:
    """Return a page that says what there is not."""
    heading = "There is no such page"
    return rendered("problem.html", status=404, heading=heading, message=error.message)


@documentation.get("/docs")
def docs() -> AnyResponse:
    """Redirect to the first page, by an address that holds behind any proxy."""
    return redirect("docs/", 308)


@documentation.get("/docs/")
def first_page() -> Response:
    """Return the first page of the documentation."""
    return page("index.html")


@documentation.get("/docs/<path:name>")
def page(name: str) -> Response:
    """Return a page of the documentation, or a file that belongs to one."""
    if not FOLDER.is_dir():
        return _missing()
    built = FOLDER / BUILT
    if built.is_dir():
        return _built(_within(built, name))
    if name.endswith(".html"):
        return _of_markdown(_within(FOLDER, f"{name.removesuffix('.html')}.md"))
    wanted = _within(FOLDER, name)
    if wanted.suffix not in _FILES or not wanted.is_file():
        raise _no_page(name)
    return send_file(wanted, mimetype=_FILES[wanted.suffix])


def _within(folder: Path, name: str) -> Path:
    """Return a path below a folder. Raises NotFoundError for one that leaves it."""
    path = safe_join(str(folder), name)
    try:
        if path is None or not Path(path).resolve(strict=True).is_relative_to(folder.resolve()):
            raise _no_page(name)
    except (OSError, ValueError) as error:  # none, a name too long, or one that no file has
        raise _no_page(name) from error
    return Path(path)


def _no_page(name: str) -> NotFoundError:
    return NotFoundError(f"the documentation has no page {name!r:.80}; docs/ has its contents")


def _built(file: Path) -> Response:
    """Return a built file; the scripts inside a page are those that may run in it."""
    if not file.is_file():
        raise _no_page(file.name)
    answer = send_file(file)
    if file.suffix == ".html":
        answer.headers["Content-Security-Policy"] = _policy(file)
    return answer


def _policy(file: Path) -> str:
    gate: Gate = current_app.extensions[GATE]
    return gate.policy(_scripts_in(file, file.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _scripts_in(file: Path, _changed: int) -> tuple[str, ...]:
    """Return the sources of the scripts inside a page, as a policy names them."""
    digests = {hashlib.sha256(text).digest() for text in _INLINE_SCRIPT.findall(file.read_bytes())}
    return tuple(sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))


def _of_markdown(file: Path) -> Response:
    if not file.is_file():
        raise _no_page(file.with_suffix(".html").name)
    found = _rendered(file, file.stat().st_mtime_ns)
    return rendered("docs.html", title=found.title, text=found.html)


@lru_cache(maxsize=64)
def _rendered(file: Path, _changed: int) -> Page:
    return render(file)


def _missing() -> Response:
    """Say where the documentation is, for a copy without it."""
    return rendered("docs_missing.html", status=404, folder=FOLDER)
