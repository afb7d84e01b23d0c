"""JSON in and out: strict bodies, one error shape."""

import hashlib
import json
import logging
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_file
from werkzeug.exceptions import HTTPException, NotFound, UnsupportedMediaType
from werkzeug.wrappers import Request as AnyRequest

from irer import __version__
from irer.base.errors import BusyError, ConfigError, IrerError
from irer.base.files import finite_or_null, json_in

log = logging.getLogger("irer.hub")

MAX_BODY_BYTES = 64 * 1024


def json_bytes(value: Any) -> bytes:
    """Return `value` as strict JSON; NaN and Infinity become null."""
    # ASCII only: an error may quote a lone surrogate, which UTF-8 cannot hold.
    text = json.dumps(finite_or_null(value), allow_nan=False, ensure_ascii=True)
    return text.encode() + b"\n"


def answer(value: Any, status: int = 200) -> Response:
    """Return `value` as a JSON answer."""
    return Response(json_bytes(value), status, mimetype="application/json")


def tag_of(*parts: object) -> str:
    """Return the entity tag of `parts` as this version of the program answers them."""
    return hashlib.sha256(repr((__version__, parts)).encode()).hexdigest()[:32]


def tagged(
    data: bytes, tag: str, mimetype: str = "application/json", *, asked: AnyRequest = request
) -> Response:
    """Return `data` with its entity tag, or 304 to a client that has it."""
    response = Response(data, mimetype=mimetype, headers={"Cache-Control": "no-cache"})
    response.set_etag(tag)
    return response.make_conditional(asked.environ)  # type: ignore[return-value]


def file_answer(path: Path, mimetype: str) -> Response:
    """Return a file to be saved under its own name."""
    return send_file(path, mimetype=mimetype, as_attachment=True, download_name=path.name)


def bytes_answer(data: bytes, mimetype: str, name: str) -> Response:
    """Return bytes to be saved as a file of that name."""
    return send_file(BytesIO(data), mimetype=mimetype, as_attachment=True, download_name=name)


def body() -> Any:
    """Return the request's JSON; an empty object for no body.

    Raises RequestEntityTooLarge (413), UnsupportedMediaType (415) and ConfigError (400).
    """
    data = request.get_data()
    if not data.strip():
        return {}
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Content-Type: must be application/json")
    return json_in(data, "the body", ConfigError)


def install_error_answers(app: Flask) -> None:
    """Answer every error of `app` as {"message", "errors"}."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(IrerError, _known)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _unforeseen)


def _known(error: IrerError) -> Response:
    if error.http_status >= 500:
        log.error("%s %s: %s", request.method, request.path, error.message)
    result = answer(error.as_json(), error.http_status)
    if isinstance(error, BusyError):
        result.headers["Retry-After"] = "1"
    return result


def _of_http(error: HTTPException) -> Response:
    message = error.description or error.name
    if request.routing_exception is error and isinstance(error, NotFound):
        message = f"there is nothing at {request.path}"
    result = answer({"message": message, "errors": []}, error.code or 500)
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            result.headers[name] = value
    return result


def _unforeseen(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    message = "The hub made an error; control_hub.log has the details."
    return answer({"message": message, "errors": []}, 500)
