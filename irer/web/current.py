"""The hub that a request is for."""

from flask import current_app

from irer.hub.hub import Hub

EXTENSION = "irer_hub"  # of the Flask application: the key under which create_app puts its hub


def the_hub() -> Hub:
    """Return the hub that the current request belongs to."""
    hub = current_app.extensions[EXTENSION]
    assert isinstance(hub, Hub)  # noqa: S101 - for the type checker
    return hub
