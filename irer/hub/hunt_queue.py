"""The queue of hunts: what waits begins by itself, one hunt at a time, in the order of the queue.

The next begins when the hunt before is complete, or has ended by its own limit of time. After any
other end (a person stopped it, it failed, the hub was ended) nothing begins by itself: the next
hunt would take the place of one that can be resumed, or fail for the same reason. The queue is
then held until somebody resumes that hunt, starts another, or lets the queue go on. It is held
after a restart of the hub too. A hunt that has become impossible is set aside with its reason.

A hunt that has begun stays in the file until its plan is stored. If it ends before that, it is put
back in front.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from irer.base.clock import now
from irer.base.errors import (
    ConfigError,
    ConflictError,
    ContractError,
    IrerError,
    NotFoundError,
    StorageError,
)
from irer.base.hunt_records import HuntOrder
from irer.home import Home
from irer.hub.queue_file import QueuedHunt, read_queue, write_queue
from irer.hub.status import ACTIVE, StatusBoard
from irer.hunt.order import read_order
from settings import Settings

log = logging.getLogger("irer.hub.queue")

MOST_WAITING = 100
STARTED_ANEW = "the hub was started anew"

BeginHunt = Callable[[HuntOrder, str], object]


@dataclass(frozen=True)
class QueueState:
    """The queue at one moment; `held` says why it does not go on by itself, None where it does."""

    hunts: tuple[QueuedHunt, ...] = ()
    held: str | None = None


class HuntQueue:
    """The hunts of a home that wait, in memory and in its `hunt_queue.json`; thread-safe."""

    def __init__(self, settings: Settings, new_id: Callable[[], str], board: StatusBoard) -> None:
        """`new_id` is the engine's."""
        self._settings = settings
        self._new_id = new_id
        self._board = board
        self._lock = threading.RLock()  # its owner may begin a hunt, which tells the queue
        self._state = QueueState()
        self._begun: dict[str, QueuedHunt] = {}  # in progress; their plans may not be stored yet
        self._beginning = False
        self._broken: ContractError | None = None
        self._begin: BeginHunt | None = None  # None before `open` and after `close`

    def open(self, begin: BeginHunt) -> None:
        """Read the queue; `begin` starts a hunt. Nothing begins until somebody says so."""
        with self._lock:
            self._begin = begin
            try:
                found = read_queue(self._settings.home)
            except ContractError as error:
                log.error("%s", error.message)
                self._broken = error
                self._show(QueueState(held=error.message))
                return
            waiting = tuple(hunt for hunt in found if not self._has_begun(hunt.hunt_id))
            status = self._board.state.hunt_status
            held = STARTED_ANEW if waiting else None
            if status not in ("Idle", "Completed"):
                held = _after(status)
            self._show(QueueState(waiting, held))

    def close(self) -> None:
        """Begin no hunt any more."""
        with self._lock:
            self._begin = None

    @property
    def state(self) -> QueueState:
        """The queue at this moment."""
        with self._lock:
            return self._state

    def add(self, order: HuntOrder) -> tuple[str, bool]:
        """Let an order wait, or begin it if nothing else does; return its hunt id, and whether.

        Raises ConflictError when the queue is full, StorageError, ContractError over a broken file.
        """
        with self._lock:
            if len(self._state.hunts) >= MOST_WAITING:
                message = f"the queue is full: it holds at most {MOST_WAITING} hunts; remove one"
                raise ConflictError(message)
            asked = order.model_dump(mode="json", exclude_none=True)
            hunt = QueuedHunt(hunt_id=self._new_id(), order=asked, queued_at=now())
            self._keep((*self._state.hunts, hunt))
            self._begin_next()
            return hunt.hunt_id, self._has_begun(hunt.hunt_id)

    def move(self, hunt_id: str, by: int) -> None:
        """Move a hunt by so many places, at most to an end; negative is towards the front.

        Raises NotFoundError, ConflictError for one that has begun, StorageError.
        """
        with self._lock:
            place = self._place_of(hunt_id)
            hunts = list(self._state.hunts)
            hunts.insert(max(0, place + by), hunts.pop(place))
            self._keep(tuple(hunts))

    def remove(self, hunt_id: str) -> None:
        """Take a hunt out of the queue. Raises as `move`."""
        with self._lock:
            place = self._place_of(hunt_id)
            hunts = self._state.hunts
            self._keep(hunts[:place] + hunts[place + 1 :])

    def clear(self) -> None:
        """Take every hunt out of the queue. Raises StorageError."""
        with self._lock:
            self._keep(())

    def go_on(self) -> None:
        """Release the queue, and begin its first hunt if nothing else runs.

        Raises ConflictError when nothing waits that could begin, or when the queue is not held and
        something else runs.
        """
        with self._lock:
            self._refuse_broken()
            if self._first() is None:
                raise ConflictError("No hunt waits in the queue.")
            was_held = self._state.held is not None
            if was_held:
                self._show(replace(self._state, held=None))
            if not self._begin_next() and not was_held:
                raise ConflictError("The queue goes on by itself when nothing else runs.")

    def hunt_began(self) -> None:
        """Release the queue: it goes on after that hunt."""
        with self._lock:
            if self._state.held and not self._broken:
                self._show(replace(self._state, held=None))

    def hunt_ended(self, hunt_id: str, hunt_status: str, *, by_request: bool) -> None:
        """Begin the next hunt, or hold the queue and say why (see above).

        A hunt that began after this one has released the queue: then it is not held.
        """
        with self._lock:
            if self._begin is None or self._broken:
                return
            begun = self._begun.pop(hunt_id, None)
            lost = begun is not None and not self._is_stored(hunt_id)
            if begun is not None:
                self._bring_up_to_date((begun, *self._state.hunts) if lost else self._state.hunts)
            by_itself = hunt_status == "Stopped" and not by_request
            if not lost and (hunt_status == "Completed" or by_itself):
                self._begin_next()
            elif not self._is_overtaken(hunt_id):
                held = _before_its_plan(hunt_status) if lost else _after(hunt_status)
                self._show(replace(self._state, held=held))

    def place_is_free(self) -> None:
        """Begin the next hunt after something else than a hunt has ended, as a confirmation.

        Also after a hunt or a confirmation has failed to start, unless the queue itself began it.
        """
        with self._lock:
            if not self._beginning:
                self._begin_next()

    def _begin_next(self) -> bool:
        """Begin the first hunt that can begin, unless the queue is held or something runs.

        Return False only when something else runs.
        """
        while self._begin is not None and self._state.held is None:
            hunt = self._first()
            if hunt is None:
                break
            try:
                self._start(self._begin, hunt)
            except ConfigError as error:
                log.error("hunt %s is set aside: %s", hunt.hunt_id, error.message)
                self._replace(hunt, hunt.model_copy(update={"problem": error.message}))
            except ConflictError:
                return False  # whatever is in progress tells when it ends
            except (IrerError, RuntimeError) as error:  # no fault of the order
                log.error("the queue is held: %s", error)
                self._show(replace(self._state, held=str(error)))
            else:
                log.info("hunt %s begins from the queue", hunt.hunt_id)
                self._begun[hunt.hunt_id] = hunt
                self._replace(hunt, None)
                break
        return True

    def _start(self, begin: BeginHunt, hunt: QueuedHunt) -> None:
        self._beginning = True
        try:
            begin(read_order(hunt.order, self._settings, what="the order"), hunt.hunt_id)
        finally:
            self._beginning = False

    def _first(self) -> QueuedHunt | None:
        return next((hunt for hunt in self._state.hunts if hunt.problem is None), None)

    def _replace(self, hunt: QueuedHunt, other: QueuedHunt | None) -> None:
        """Put another in a hunt's place."""
        changed = (other if each is hunt else each for each in self._state.hunts)
        self._bring_up_to_date(tuple(each for each in changed if each is not None))

    def _bring_up_to_date(self, hunts: tuple[QueuedHunt, ...]) -> None:
        """Show the hunts; a file that refuses them is brought up to date later."""
        try:
            self._write(hunts)
        except StorageError as error:
            log.error("%s", error.message)
        self._show(replace(self._state, hunts=hunts))

    def _keep(self, hunts: tuple[QueuedHunt, ...]) -> None:
        """Write the hunts, then show them."""
        self._refuse_broken()
        self._write(hunts)
        self._show(replace(self._state, hunts=hunts))

    def _write(self, hunts: tuple[QueuedHunt, ...]) -> None:
        """Write the hunts, after those that have begun and whose plan is not stored yet."""
        begun = (each for each in self._begun.values() if not self._is_stored(each.hunt_id))
        write_queue(self._settings.home, (*begun, *hunts))

    def _show(self, state: QueueState) -> None:
        self._state = state
        waiting = sum(hunt.problem is None for hunt in state.hunts)
        self._board.queue(waiting, len(state.hunts) - waiting, state.held)

    def _refuse_broken(self) -> None:
        if self._broken:
            raise self._broken

    def _place_of(self, hunt_id: str) -> int:
        for place, hunt in enumerate(self._state.hunts):
            if hunt.hunt_id == hunt_id:
                return place
        if self._has_begun(hunt_id):
            raise ConflictError(f"the hunt {hunt_id} does not wait any more: it has begun")
        raise NotFoundError(f"there is no hunt {hunt_id} in the queue")

    def _has_begun(self, hunt_id: str) -> bool:
        return self._board.hunt_id == hunt_id or self._is_stored(hunt_id)

    def _is_stored(self, hunt_id: str) -> bool:
        home: Home = self._settings.home
        return home.plan_file(hunt_id).exists()

    def _is_overtaken(self, hunt_id: str) -> bool:
        """Say whether a hunt has begun, or gone on, after the one that has ended."""
        state = self._board.state
        return self._board.hunt_id != hunt_id or state.hunt_status in ACTIVE


def _after(hunt_status: str) -> str:
    return f"the hunt before is not complete ({hunt_status})"


def _before_its_plan(hunt_status: str) -> str:
    return f"the first hunt ended before its plan was stored ({hunt_status})"
