"""Every address that a hub serves, with something in the place of each parameter."""

import functools
import re
from pathlib import Path

import settings as settings_module
from app import RunningHub, create_app

UUID = "11111111-1111-4111-8111-111111111111"
_FILLED = {"job_uuid": UUID, "hunt_id": UUID, "name": "pareto", "path:filename": "hub.css"}


@functools.cache
def every_route() -> list[tuple[str, str]]:
    """(method, path) of every route there is, and of one that is not."""
    app = create_app(RunningHub(settings_module.load(home=Path("unused"))).hub, "T" * 43)
    found = [
        (method, re.sub("<(.*?)>", lambda m: _FILLED.get(m[1], "x"), rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods or ())
        if method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ]
    return sorted([*found, ("GET", "/nix")], key=lambda route: route[1])


def every_change() -> list[str]:
    """The paths of the routes that change something."""
    return [path for method, path in every_route() if method != "GET"]
