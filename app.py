"""The Control Hub: `python app.py` serves the page and runs hunts. Importing it does nothing.

No heavy library is imported before the first hunt, so the first answer takes well under a second.
"""

import errno
import functools
import logging
import secrets
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

from flask import Flask

import core_engine
import settings as settings_module
from irer import __version__
from irer.base.commandline import Parser, run_program
from irer.base.errors import ConfigError, ConflictError, IrerError
from irer.base.gc_pause import collector_paused
from irer.base.records import Provenance
from irer.controls.kept_hunts import bring_up_to_date
from irer.home.homelock import hold_home
from irer.home.ledger import unchecked_rows
from irer.home.live import remove_live
from irer.home.logs import attach_rotating
from irer.hub.activity import Places
from irer.hub.component_runs import ComponentRuns
from irer.hub.confirmations import Confirmations
from irer.hub.hub import Hub
from irer.hub.hunt_queue import HuntQueue
from irer.hub.hunts import Engine, HuntController, hunt_status_of
from irer.hub.job_times import JobTimes
from irer.hub.kept_hunts import KeptHunts
from irer.hub.layer2 import Layer2
from irer.hub.notes import RunNotes
from irer.hub.provenance_watcher import ProvenanceWatcher
from irer.hub.run import Run
from irer.hub.runs import RunIndex
from irer.hub.status import StatusBoard
from irer.web.addresses import install_relative_addresses
from irer.web.answers import install_error_answers
from irer.web.asgi import AsgiApp
from irer.web.blueprints import BLUEPRINTS
from irer.web.current import EXTENSION
from irer.web.help import install_help
from irer.web.security import Gate, token_of_home
from irer.web.server import close, listen, server_of
from irer.web.tunnel import TUNNELS, check_tunnel, tunnel
from settings import Settings

log = logging.getLogger("irer.hub")

SERVER_THREADS = 24  # more than views in the making (irer.hub.views)
_TURN_S = 0.001  # how long a busy thread runs before the one that answers the status gets its turn


ENGINE = Engine(
    core_engine.plan_hunt,
    core_engine.run_hunt,
    core_engine.load_plan,
    core_engine.new_id,
    core_engine.confirm_run,
)


class RunningHub:
    """A hub with its watcher: `with RunningHub(settings) as hub` keeps both at work."""

    def __init__(self, settings: Settings, engine: Engine = ENGINE) -> None:
        index, kept = RunIndex(), KeptHunts(settings.home)
        times = JobTimes(settings, index, kept)
        board = StatusBoard(settings.home.status_file, index, settings.workers, times.opening)
        self._engine = engine
        folder = settings.home.provenance_dir
        self.watcher = ProvenanceWatcher(folder, self._count, settings.rescan_s)
        queue = HuntQueue(settings, engine.new_id, board)
        places = Places(failed=queue.place_is_free)
        hunts = HuntController(settings, engine, board, self.watcher.rescan, places, queue)
        confirmations = Confirmations(settings, engine.confirm_run, places, self._confirmed)
        runs = ComponentRuns(settings, engine.new_id, self._judge_anew)
        notes, layer2 = RunNotes(settings.home), Layer2(settings)
        self.hub = Hub(
            settings, index, board, hunts, queue, notes, runs, layer2, confirmations, kept, times
        )

    def __enter__(self) -> Hub:
        self.hub.notes.load()
        self._open_home()
        self._read_ledger()
        self.watcher.start()
        self.hub.layer2.start()
        self._restore()
        self.hub.queue.open(self.hub.hunts.start)
        self.hub.board.open()
        return self.hub

    def __exit__(self, *_: object) -> None:
        self.hub.queue.close()
        self.hub.layer2.stop()
        self.hub.component_runs.shutdown()
        self.hub.confirmations.shutdown()
        self.hub.hunts.shutdown()
        self.watcher.stop()
        self.hub.board.close()
        remove_live(self.hub.settings.home)

    def _open_home(self) -> None:
        """Bring the home up to date, without what a kill left; log what is broken in it."""
        remove_live(self.hub.settings.home)
        try:
            bring_up_to_date(self.hub.settings.home)
        except IrerError as error:
            log.error("%s", error.message)

    def _read_ledger(self) -> None:
        """Count the records that are there by their ledger rows, instead of reading each.

        That takes a tenth of the time. Records without a row, or with a wrong one, are read.
        """
        there, counted = self.watcher.present(), []
        try:
            with collector_paused():
                for cells in unchecked_rows(self.hub.settings.home.ledger_file):
                    job_uuid = cells["job_uuid"]
                    with suppress(ValueError):
                        if job_uuid in there and self.hub.index.add_run(Run.of_cells(cells)):
                            counted.append(job_uuid)
        except IrerError as error:
            log.warning("%s; the records are read instead", error.message)
        self.watcher.skip(counted)

    def _count(self, record: Provenance) -> None:
        if self.hub.index.add(record):
            self.hub.board.touch()
            self.hub.layer2.notice(record)

    def _judge_anew(self) -> None:
        """Update the final result after a confirmation or null hunts."""
        self.hub.board.renew_final(self.hub.best(self.hub.board.hunt_id))

    def _confirmed(self) -> None:
        """Judge anew after a confirmation, then let the next hunt begin."""
        try:
            self._judge_anew()
        finally:
            self.hub.queue.place_is_free()

    def _restore(self) -> None:
        """Show how the last hunt of this home ended, or that its plan or record is broken."""
        board = self.hub.board
        try:
            plan = self._engine.load_plan(self.hub.settings.home)
            if plan is not None:
                status = hunt_status_of(plan)
                final = None if status == "Interrupted" else self.hub.best(plan.hunt_id)
                board.restore(plan, status, final)
        except IrerError as error:
            log.error("%s", error.message)
            board.restore(None, f"Error: {error.message}", None)


def create_app(hub: Hub, token: str) -> Flask:
    """Return the WSGI application of `hub`, for callers that have `token` (irer.web.security)."""
    app = Flask(
        __name__,
        template_folder=settings_module.RESOURCES / "templates",
        static_folder=settings_module.RESOURCES / "static",
    )
    app.extensions[EXTENSION] = hub
    app.url_map.merge_slashes = False  # an unknown address gets 404, not a redirect to a known one
    for routes in BLUEPRINTS:
        app.register_blueprint(routes)
    install_error_answers(app)
    install_relative_addresses(app, hub.settings.prefix)
    install_help(app)
    Gate(token, hub.settings).install(app)
    return app


@functools.cache
def _idle_app() -> Flask:
    return create_app(RunningHub(settings_module.load()).hub, secrets.token_urlsafe(32))


def __getattr__(name: str) -> Any:
    """Make `app.app`, a hub at rest, when it is first asked for; `main` serves one at work."""
    if name == "app":
        return _idle_app()
    raise AttributeError(f"module 'app' has no attribute {name!r}")


def main(argv: list[str] | None = None) -> int:
    """Serve the hub until Ctrl-C or SIGTERM; return the exit code."""
    arguments = vars(_parser().parse_args(argv))
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        through = arguments.pop("tunnel")
        check_tunnel(through)
        settings = settings_module.load(**arguments)
        with hold_home(settings.home):
            _serve(settings, through)
    except IrerError as error:
        print(f"app.py: {error.message}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        log.info("ended while it was starting or stopping")
    return 0


def _parser() -> Parser:
    parser = Parser("app.py", "Serve the IRER Control Hub: the page, its API, and the hunts.")
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 1 to 65,535 (default 8080)")
    parser.add_argument("--home", help="folder of all data (default ./irer_home)")
    parser.add_argument("--tunnel", choices=TUNNELS, help="make the hub reachable from anywhere")
    return parser


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(settings: Settings, through: str | None) -> None:
    sys.setswitchinterval(_TURN_S)
    attach_rotating("irer.hub", settings.home.hub_log)
    logging.getLogger("uvicorn").handlers = log.handlers  # the server writes to the same file
    attach_rotating("irer.engine", settings.home.hunt_log)
    token = token_of_home(settings.home)
    running = RunningHub(settings)
    sockets = _listen(settings)
    app = AsgiApp(create_app(running.hub, token), SERVER_THREADS)
    try:
        with running, tunnel(through, settings.host, settings.port) as public:
            log.info("hub %s on %s port %d", __version__, settings.host, settings.port)
            for address in filter(None, (_address(settings), public)):
                print(f"IRER Control Hub: {address}/?token={token}", flush=True)
            with suppress(KeyboardInterrupt):  # the server ends first, then passes it on
                server_of(app).run(sockets=sockets)
            log.info("hub ends")
        if running.hub.board.state.resumable:
            message = "the hunt is not complete (go on: start the hub again and press Resume)"
            print(f"app.py: {message}", file=sys.stderr)
    finally:
        close(sockets)
        app.close()


def _listen(settings: Settings) -> list[socket.socket]:
    """Return sockets that take connections already. Raises ConfigError, ConflictError."""
    try:
        return listen(settings.host, settings.port)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        unknown = isinstance(error, socket.gaierror | UnicodeError)
        if unknown or number == errno.EADDRNOTAVAIL:
            wanted = f"must be an address of this machine, got {settings.host!r}"
            raise ConfigError.of_field("--host", wanted) from error
        reason = "is in use" if number == errno.EADDRINUSE else str(error)
        raise ConflictError(
            f"cannot listen on {settings.host}: port {settings.port} {reason}; try --port"
        ) from error


def _address(settings: Settings) -> str:
    """Return where a browser on this machine finds the hub."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{name}]:{settings.port}" if ":" in name else f"http://{name}:{settings.port}"


if __name__ == "__main__":
    run_program(main)
