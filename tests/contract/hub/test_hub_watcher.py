"""Every committed record is found, once, whatever becomes of the events."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app import ProvenanceWatcher, RunningHub
from irer.base.files import dump_json, write_json
from irer.base.records import Provenance
from irer.home.ledger import LedgerRow, append_rows
from irer.home.provenance import read_provenance
from settings import Settings
from tests.fake_engine import FakeEngine, commit, make_record

Wait = Callable[[Callable[[], Any]], None]


class Found(list[str]):
    def take(self, record: Provenance) -> None:
        self.append(record.job_uuid)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "provenance_reports"


@pytest.fixture
def found() -> Found:
    return Found()


@pytest.fixture
def watcher(folder: Path, found: Found) -> Iterator[ProvenanceWatcher]:
    """A watcher that rescans only when told, so that what comes by itself came by an event."""
    watcher = ProvenanceWatcher(folder, found.take, rescan_s=3600)
    yield watcher
    watcher.stop()


def write(folder: Path, record: Provenance) -> Path:
    path = folder / f"provenance_{record.job_uuid}.json"
    write_json(path, record.model_dump(mode="json"))
    return path


def text_of(record: Provenance) -> str:
    return dump_json(record.model_dump(mode="json"))


def write_unsynced(folder: Path, record: Provenance) -> None:
    """Put a record in place as `write` does, without waiting for the disk."""
    aside = folder / f".tmp-{record.job_uuid}"
    aside.write_text(text_of(record))
    aside.rename(folder / f"provenance_{record.job_uuid}.json")


def kill_observer(watcher: ProvenanceWatcher) -> None:
    observer = watcher._events._observer
    assert observer is not None
    observer.stop()
    observer.join()


def test_files_from_before_the_start(
    folder: Path, watcher: ProvenanceWatcher, found: Found
) -> None:
    records = [make_record() for _ in range(5)]
    for record in records:
        write(folder, record)
    watcher.start()
    assert found == [r.job_uuid for r in records]


def test_a_burst_arrives_by_events_alone(
    folder: Path, watcher: ProvenanceWatcher, found: Found, wait_until: Wait
) -> None:
    watcher.start()
    records = [make_record() for _ in range(300)]
    for record in records:
        write(folder, record)
    wait_until(lambda: len(found) >= 300)
    watcher.rescan()
    assert sorted(found) == sorted(r.job_uuid for r in records)


def test_a_rename_into_place(
    folder: Path, watcher: ProvenanceWatcher, found: Found, wait_until: Wait
) -> None:
    watcher.start()
    record = make_record()
    aside = folder / "other-name"
    aside.write_text(text_of(record))
    aside.rename(folder / f"provenance_{record.job_uuid}.json")
    wait_until(lambda: found == [record.job_uuid])


def test_a_dead_observer_loses_nothing(
    folder: Path, watcher: ProvenanceWatcher, found: Found
) -> None:
    watcher.start()
    kill_observer(watcher)
    records = [make_record() for _ in range(20)]
    for record in records:
        write(folder, record)
    assert found == []
    watcher.rescan()
    assert sorted(found) == sorted(r.job_uuid for r in records)


def test_five_thousand_of_which_some_were_there_and_none_is_lost_with_the_observer(
    folder: Path, found: Found, wait_until: Wait
) -> None:
    """As in a hub: events until the observer dies in mid-burst, rescans all along."""
    records = [make_record() for _ in range(5000)]
    folder.mkdir()
    for record in records[:1000]:
        write_unsynced(folder, record)
    watcher = ProvenanceWatcher(folder, found.take, rescan_s=0.2)
    watcher.start()
    assert len(found) == 1000
    for number, record in enumerate(records[1000:]):
        write_unsynced(folder, record)
        if number == 2000:
            kill_observer(watcher)
    wait_until(lambda: len(found) >= 5000)
    watcher.rescan()
    watcher.stop()
    assert sorted(found) == sorted(r.job_uuid for r in records)


def removed(folder: Path, _: ProvenanceWatcher) -> None:
    shutil.rmtree(folder)


def moved(folder: Path, _: ProvenanceWatcher) -> None:
    folder.rename(folder.with_name("moved"))


def removed_and_looked_for(folder: Path, watcher: ProvenanceWatcher) -> None:
    shutil.rmtree(folder)
    watcher.rescan()


def left_alone(_: Path, watcher: ProvenanceWatcher) -> None:
    kill_observer(watcher)


@pytest.mark.parametrize("lose", [removed, moved, removed_and_looked_for, left_alone])
def test_a_folder_made_again_and_a_dead_observer_are_watched_anew(
    folder: Path, watcher: ProvenanceWatcher, found: Found, wait_until: Wait, lose: Any
) -> None:
    watcher.start()
    for _ in range(3):  # not only once
        lose(folder, watcher)
        folder.mkdir(exist_ok=True)
        if lose is not moved:  # the folder that was moved is watched on
            wait_until(lambda: not any(e.is_alive() for e in watcher._events._observer.emitters))
        watcher.rescan()
        record = make_record()
        write(folder, record)
        wait_until(lambda job=record.job_uuid: job in found)  # by its event: nobody rescans
        if lose is moved:
            shutil.rmtree(folder.with_name("moved"))


def test_trouble_with_the_folder_is_told_once(
    folder: Path, watcher: ProvenanceWatcher, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.start()
    shutil.rmtree(folder)
    for _ in range(3):
        watcher.rescan()
    told = [record.message for record in caplog.records if str(folder) in record.message]
    assert told == [f"cannot read {folder}: No such file or directory"]


def test_the_rescan_comes_by_itself(folder: Path, found: Found, wait_until: Wait) -> None:
    watcher = ProvenanceWatcher(str(folder), found.take, rescan_s=0.05)
    watcher.start()
    kill_observer(watcher)
    record = make_record()
    write(folder, record)
    wait_until(lambda: found == [record.job_uuid])
    watcher.stop()


def test_torn_and_foreign_files_are_left_out(
    folder: Path, watcher: ProvenanceWatcher, found: Found
) -> None:
    folder.mkdir()
    good, other = make_record(), make_record()
    text = text_of(good)
    for name, content in {
        f"provenance_{good.job_uuid}.json": text[:-40],  # torn
        f"provenance_{make_record().job_uuid}.json": text_of(other),  # another's record
        f"provenance_{make_record().job_uuid}.json.bak": text,
        "provenance_not-a-uuid.json": text,
        f"provenance_{'-' * 36}.json": text,
        "notes.txt": "hello",
    }.items():
        (folder / name).write_text(content)
    (folder / f"provenance_{make_record().job_uuid}.json").mkdir()
    watcher.start()
    watcher.rescan()
    assert found == []
    (folder / f"provenance_{good.job_uuid}.json").write_text(text)  # made whole
    watcher.rescan()
    assert found == [good.job_uuid]


def test_a_torn_file_made_whole_is_found_by_its_event(
    folder: Path, watcher: ProvenanceWatcher, found: Found, wait_until: Wait
) -> None:
    watcher.start()
    record = make_record()
    path = folder / f"provenance_{record.job_uuid}.json"
    path.write_text(text_of(record)[:100])
    path.write_text(text_of(record))
    wait_until(lambda: found == [record.job_uuid])


def test_a_removed_file_stays_counted(
    folder: Path, watcher: ProvenanceWatcher, found: Found
) -> None:
    folder.mkdir()
    path = write(folder, make_record())
    watcher.start()
    path.unlink()
    watcher.rescan()
    assert len(found) == 1


def test_a_hub_starts_from_the_ledger_and_reads_what_it_does_not_say(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, wrong, untold, gone = (make_record(index=n) for n in range(4))
    for record in (told, wrong, untold):
        commit(settings, record)
    rows = [LedgerRow.of_provenance(record) for record in (told, wrong, gone)]
    append_rows(settings.home.ledger_file, rows)
    text = settings.home.ledger_file.read_text()
    broken = text.replace(f"{wrong.job_uuid},{wrong.hunt_id},1", f"{wrong.job_uuid},x,one")
    settings.home.ledger_file.write_text(broken + f"{untold.job_uuid},torn")
    read: list[str] = []

    def noting(path: Path) -> Provenance:
        read.append(path.name)
        return read_provenance(path)

    monkeypatch.setattr("irer.hub.provenance_watcher.read_provenance", noting)
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        assert {run.job_uuid for run in hub.index.runs()} == {
            told.job_uuid, wrong.job_uuid, untold.job_uuid
        }  # fmt: skip
    assert sorted(read) == sorted(f"provenance_{r.job_uuid}.json" for r in (wrong, untold))


@pytest.mark.parametrize("content", [b"another,header\n", b"\xff\xfe\n", b""])
def test_a_ledger_that_is_none_costs_nothing(settings: Settings, content: bytes) -> None:
    record = make_record()
    commit(settings, record)
    settings.home.ledger_file.write_bytes(content)
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        assert [run.job_uuid for run in hub.index.runs()] == [record.job_uuid]
