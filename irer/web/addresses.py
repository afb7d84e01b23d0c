"""Addresses that hold behind any proxy: relative to the page that names them.

A proxy serves the hub below a prefix (`/user/NAME/proxy/8080/`) that it may not pass on, so no page
names an address from the root of the host. The scripts do the same (`static/js/parts/address.js`).
"""

from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response


def install_relative_addresses(app: Flask, prefix: str) -> None:
    """Make `url_for` in the templates of `app` return addresses relative to the page.

    A request for `prefix` itself, whose relative addresses would differ, is redirected below it.
    """
    app.jinja_env.globals["url_for"] = _relative_url_for
    app.before_request(partial(_below, prefix))


def _below(prefix: str) -> Response | None:
    """Redirect a request for `prefix` itself to the first page below it."""
    if not prefix or request.path != prefix:
        return None
    query = request.query_string.decode("latin-1")
    return redirect(f"{prefix.rpartition('/')[2]}/{query and '?'}{query}", 308)


def _relative_url_for(endpoint: str, **values: Any) -> str:
    address = url_for(endpoint, **values)
    return seen_from(request.path, address.removeprefix(request.script_root))


def seen_from(page: str, address: str) -> str:
    """Return an address that begins at the hub's root as a link of the page at path `page`.

    >>> seen_from("/runs/1", "/static/hub.css")
    '../static/hub.css'
    """
    up = "../" * (page.count("/") - 1)
    return up + address.lstrip("/") or "./"


def docs_address(section: str) -> str:
    """Return a section of the documentation, as `metrics.md#resolution`, as a link of the page."""
    return seen_from(request.path, f"/docs/{section.replace('.md', '.html', 1)}")


def below(text: str) -> str:
    """Return `text`, an address from a request, as a link from the hub's first page.

    An address outside the hub, as of another site, leads to that page.
    """
    path, mark, query = text.partition("?")
    steps = [step for step in path.split("/") if step]
    if any(step in (".", "..") for step in steps):
        return "./"
    return "./" + "/".join(quote(step) for step in steps) + mark + quote(query, safe="=&%+-._~")
