"""The way into a cluster: connect to its scheduler, and check every worker against the hub."""

import asyncio
import secrets
from collections.abc import Collection
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

from irer.base.errors import ConfigError
from irer.base.files import write_text
from irer.home import Home
from settings import Settings

if TYPE_CHECKING:
    from irer.runners.cluster_worker import Session

ANSWER_S = 5  # how long the scheduler has to answer, and the first worker to appear
_EXAMINE_S = 60  # how long all workers have to compare versions and read the token
_VARIABLE = "IRER_DASK_SCHEDULER"
_NAMED = 5  # workers that a message lists


def connect(settings: Settings) -> Any:
    """Return a `distributed.Client` of the settings' scheduler, which has at least one worker.

    Raises ConfigError, one line: no address, no package, no answer, no worker.
    """
    address = scheduler_of(settings)
    distributed = _import_distributed()
    try:
        asyncio.run(_knock(address))
        client = distributed.Client(
            address, timeout=ANSWER_S, set_as_default=False, name="irer-hub"
        )
    except OSError as error:
        message = f"no scheduler answers at {address} within {ANSWER_S} s"
        raise ConfigError.of_field(_VARIABLE, message) from error
    except (ValueError, TypeError, RuntimeError) as error:
        message = f"cannot connect to {address}: {_one_line(error)}"
        raise ConfigError.of_field(_VARIABLE, message) from error
    try:
        client.wait_for_workers(1, timeout=ANSWER_S)
    except TimeoutError as error:
        client.close()
        message = (
            f"the scheduler at {address} has no worker: start some, "
            f"for example with `dask worker {address} --nthreads 1`"
        )
        raise ConfigError.of_field(_VARIABLE, message) from error
    return client


def scheduler_of(settings: Settings) -> str:
    """Return the scheduler's address. Raises ConfigError if the settings have none."""
    if settings.dask_scheduler is None:
        raise ConfigError.of_field(
            _VARIABLE, "must be the scheduler's address, like tcp://host:8786, for the dask runner"
        )
    return settings.dask_scheduler


def _import_distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise ConfigError(
            f"the dask runner needs packages that are not installed ({error.name}): "
            "pip install -r requirements-cluster.txt"
        ) from error


async def _knock(address: str) -> None:
    """Connect and disconnect: a client that fails would log errors long after it was dropped."""
    distributed = _import_distributed()
    # TLS or not, as Dask's own configuration says.
    arguments = distributed.Security().get_connection_args("client")
    comm = await distributed.comm.connect(address, timeout=ANSWER_S, **arguments)
    await comm.close()


def open_session(settings: Settings) -> "Session":
    """Put a token into the home for the workers to read back. Raises StorageError."""
    from irer.runners.cluster_worker import Session, local_versions

    close_session(settings.home)  # what a killed hub left
    token = secrets.token_hex(16)
    # A name that was never looked up: network file systems remember that a file was missing.
    path = settings.home.cluster_token_file(token)
    write_text(path, token)
    return Session(token, str(path), local_versions())


def close_session(home: Home) -> None:
    """Remove the tokens from the home."""
    for path in home.cluster_token_files():
        with suppress(OSError):  # one that stays opens no session: each has a token of its own
            path.unlink(missing_ok=True)


def check_workers(client: Any, session: "Session", settings: Settings) -> None:
    """Have every worker read the token back and compare versions.

    Raises ConfigError naming the workers that do not see the home, else all that differs.
    """
    from irer.runners.cluster_worker import examine

    try:
        answers = client.sync(
            client.run, examine, session, on_error="return", callback_timeout=_EXAMINE_S
        )
    except TimeoutError as error:
        message = f"not every worker answered within {_EXAMINE_S} s; restart those that hang"
        raise ConfigError.of_field(_VARIABLE, message) from error
    blind = [worker for worker, answer in answers.items() if _blind(answer)]
    if blind:
        raise ConfigError.of_field(
            "IRER_HOME",
            f"{_list(blind)} cannot read the hub's token in {settings.home}: "
            "the home must be on a shared file system, at the same path everywhere",
        )
    wrong: dict[str, list[str]] = {}  # what differs -> the workers where it does
    for worker, answer in answers.items():
        found = [f"unusable, {_one_line(answer)}"] if isinstance(answer, Exception) else answer[1]
        for difference in found:
            wrong.setdefault(difference, []).append(worker)
    if wrong:
        texts = [f"{difference} (worker {_list(who)})" for difference, who in wrong.items()]
        raise ConfigError.of_field(
            _VARIABLE, f"hub and workers must run the same versions: {'; '.join(texts)}"
        )


def _blind(answer: object) -> bool:
    return isinstance(answer, tuple) and not answer[0]


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _list(workers: Collection[str]) -> str:
    named = ", ".join(sorted(workers)[:_NAMED])
    more = len(workers) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
