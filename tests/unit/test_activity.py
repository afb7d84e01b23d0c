"""Places for long activities: taken before anything is done, given up once, by whom they are."""

import threading

import pytest

from irer.base.errors import ConflictError
from irer.hub.activity import Activity, Places, end_all


class Waiting(Activity):
    """Works until it is cancelled."""

    def __init__(self, name: str) -> None:
        self.cancelled = threading.Event()
        super().__init__(name, f"{name} is in progress", self.cancelled.set)

    def work(self) -> None:
        self.cancelled.wait()


def begin(places: Places, name: str) -> Waiting:
    activity = Waiting(name)
    with places.taken(activity):
        places.start(activity, activity.work)
    return activity


def refuse(_thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_who_comes_second_hears_what_is_in_progress() -> None:
    places = Places()
    first = begin(places, "hunt")
    with pytest.raises(ConflictError, match=r"^hunt is in progress$"):
        begin(places, "confirmation")
    assert places.at_work(Waiting) == [first]
    end_all([first], 10)
    assert places.at_work(Waiting) == []
    end_all([begin(places, "confirmation")], 10)


def test_as_many_as_there_are_places_and_none_twice() -> None:
    places = Places(2, "two run already")
    both = [begin(places, "a"), begin(places, "b")]
    with pytest.raises(ConflictError, match=r"^b is in progress$"):
        begin(places, "b")
    with pytest.raises(ConflictError, match=r"^two run already$"):
        begin(places, "c")
    end_all(both, 10)
    assert places.at_work(Activity) == []


def test_what_fails_on_the_way_gives_the_place_up() -> None:
    places = Places()
    with pytest.raises(ValueError, match="no such plan"), places.taken(Waiting("hunt")):
        raise ValueError("no such plan")
    end_all([begin(places, "hunt")], 10)


def test_a_thread_that_cannot_start_gives_the_place_up(monkeypatch: pytest.MonkeyPatch) -> None:
    places, refused = Places(), Waiting("hunt")
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError), places.taken(refused):
            places.start(refused, refused.work)
    assert places.at_work(Activity) == []
    refused.wait(0)  # nobody waits for what never began
    end_all([begin(places, "hunt")], 10)


def test_work_that_raises_frees_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    places, failing, raised = Places(), Waiting("hunt"), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: raised.set())

    def work() -> None:
        raise ZeroDivisionError

    with places.taken(failing):
        places.start(failing, work)
    assert raised.wait(30)
    assert places.at_work(Activity) == []


def test_leaving_twice_never_takes_the_place_of_the_next() -> None:
    places, first = Places(), Waiting("hunt")
    with places.taken(first):
        pass
    places.leave(first)
    second = begin(places, "hunt")
    places.leave(first)  # as the end of its thread would
    assert places.at_work(Activity) == [second]
    end_all([second], 10)
