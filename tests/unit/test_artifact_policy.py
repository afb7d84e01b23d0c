"""Which artifacts stay, in what order they go, and that each removal is recorded once."""

import os
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irer.base.errors import ContractError, StorageError
from irer.home.artifact_policy import (
    ArtifactKeeper,
    CommittedRun,
    Kept,
    Policy,
    removal_of,
    removals,
)
from settings import Settings
from tests.hunts import home

MB = 10**6
sizes = st.integers(0, 5 * MB)
ranks = st.tuples(st.floats(-1, 10), st.integers(-9, -1), st.integers(-9, 0))
many = st.lists(st.tuples(ranks, sizes), max_size=20)


def sorted_artifacts(drawn) -> list[Kept]:
    return sorted(
        Kept(rank, str(number), -rank[1], size) for number, (rank, size) in enumerate(drawn)
    )


def names(found) -> set[str]:
    return {item.job_uuid for item in found}


@given(many, st.integers(1, 25), st.sets(st.integers(0, 19).map(str)))
def test_best_n_keeps_the_n_fittest_and_the_protected(drawn, n, never):
    artifacts = sorted_artifacts(drawn)
    gone = names(Policy(best=n).decide(artifacts, sum(a.size for a in artifacts), never))
    assert gone == names(artifacts) - names(artifacts[-n:]) - never


@given(many, st.integers(0, 60 * MB), st.sets(st.integers(0, 19).map(str)))
def test_disk_budget_takes_the_worst_first_and_no_more_than_it_must(drawn, budget, never):
    artifacts = sorted_artifacts(drawn)
    total = sum(a.size for a in artifacts)
    gone = [r.job_uuid for r in Policy(budget=budget).decide(artifacts, total, never)]
    free = [a for a in artifacts if a.job_uuid not in never]
    assert gone == [a.job_uuid for a in free[: len(gone)]]
    left = total - sum(a.size for a in free[: len(gone)])
    assert left <= budget or len(gone) == len(free)
    if gone:
        assert left + free[len(gone) - 1].size > budget


@given(many)
def test_all_removes_nothing(drawn):
    assert Policy().decide(sorted_artifacts(drawn), 10**15, ()) == []


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("all", Policy()),
        ("best:3", Policy(best=3)),
        ("disk:0", Policy(budget=0)),
        ("disk:2.5", Policy(budget=2_500_000_000)),
    ],
)
def test_policies_as_settings_write_them(text, policy, tmp_path):
    assert Policy.parse(home(tmp_path, keep_artifacts=text).keep_artifacts) == policy


def test_failed_runs_go_first_and_of_equals_the_last_proposed():
    runs = [
        CommittedRun("a", 1, 0, 0.5),
        CommittedRun("b", 2, 1, 0.5),
        CommittedRun("c", 2, 0, 0.5),
        CommittedRun("d", 1, 1, None),
        CommittedRun("e", 3, 0, 0.1),
    ]
    assert [k.job_uuid for k in sorted(Kept.of_run(run, 1) for run in runs)] == list("debca")


def make_runs(settings: Settings, *fitnesses: float | None, generation: int = 1, size: int = MB):
    """Commit runs with an artifact of `size` bytes each."""
    runs = []
    for index, fitness in enumerate(fitnesses):
        run = CommittedRun(str(uuid.uuid4()), generation, index, fitness)
        path = settings.home.artifact_file(run.job_uuid)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        runs.append(run)
    return runs


def kept(settings: Settings) -> set[str]:
    return {path.stem.removeprefix("simulation_") for path in settings.home.data_dir.iterdir()}


def test_a_hunt_of_three_generations_ends_with_the_best_and_the_front(tmp_path):
    settings = home(tmp_path, keep_artifacts="best:2")
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: ())
    first = make_runs(settings, 0.9, 0.1, None)
    keeper.add(first)
    front = {first[1].job_uuid}
    assert [r.job_uuid for r in keeper.apply(front)] == [first[2].job_uuid]
    second = make_runs(settings, 0.5, 0.95, generation=2)
    keeper.add(second)
    assert [r.job_uuid for r in keeper.apply(front)] == [second[0].job_uuid]
    assert keeper.apply(front) == []
    third = make_runs(settings, 0.2, generation=3)
    keeper.add(third)
    assert {r.job_uuid for r in keeper.apply(never=set())} == front | {third[0].job_uuid}
    assert kept(settings) == {first[0].job_uuid, second[1].job_uuid}
    recorded = list(removals(settings.home))
    assert [r.generation for r in recorded] == [1, 2, 1, 3]
    assert {r.reason for r in recorded} == {"not among the best 2"}
    assert settings.home.removed_file.read_text().startswith("job_uuid,generation,reason,bytes\n")
    assert removal_of(settings.home, first[2].job_uuid) == recorded[0]
    assert removal_of(settings.home, first[0].job_uuid) is None
    assert keeper.total == 2 * MB


def test_disk_budget_counts_what_is_added_without_reading_the_folder_again(tmp_path, monkeypatch):
    settings = home(tmp_path, keep_artifacts="disk:0.003")
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: ())
    looks: list[str] = []
    look = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path, **k: looks.append(path.name) or look(path, **k))
    for generation in range(1, 4):
        runs = make_runs(settings, 0.1, 0.2 + generation / 10, generation=generation)
        looks.clear()
        keeper.add(runs)
        keeper.apply(set())
        seen = [name for name in looks if name.startswith("simulation_")]
        assert sorted(seen) == sorted(settings.home.artifact_file(r.job_uuid).name for r in runs)
        assert keeper.total == sum(f.lstat().st_size for f in settings.home.data_dir.iterdir())
        assert keeper.total <= 3 * MB
    assert {r.size for r in removals(settings.home)} == {MB}


def test_confirmed_runs_and_the_front_stay_although_the_budget_is_exceeded(tmp_path):
    settings = home(tmp_path, keep_artifacts="disk:0")
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: ())
    runs = make_runs(settings, 0.1, 0.2, 0.3)
    keeper.add(runs)
    (settings.home.folder / "confirmations" / runs[0].job_uuid).mkdir(parents=True)
    keeper.apply({runs[2].job_uuid})
    assert kept(settings) == {runs[0].job_uuid, runs[2].job_uuid}


def test_all_keeps_everything_and_reads_no_ledger(tmp_path):
    settings = home(tmp_path)

    def refuse():
        raise AssertionError("read")

    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, refuse)
    keeper.add(make_runs(settings, 0.1, None))
    assert keeper.apply(set()) == []
    assert len(kept(settings)) == 2
    assert not settings.home.removed_file.exists()


def test_a_restart_knows_the_earlier_runs_and_leaves_strangers_alone(tmp_path):
    settings = home(tmp_path, keep_artifacts="best:1")
    runs = make_runs(settings, 0.3, 0.2)
    stranger = make_runs(settings, None)[0]
    missing = CommittedRun(str(uuid.uuid4()), 1, 5, 0.9)
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: [*runs, missing])
    assert [r.job_uuid for r in keeper.apply(set())] == [runs[1].job_uuid]
    assert kept(settings) == {runs[0].job_uuid, stranger.job_uuid}


def refuse_to_unlink(patch, error: Exception) -> None:
    """Let no artifact be removed; other files can."""
    unlink = Path.unlink

    def refuse(path, **options):
        if path.suffix == ".h5":
            raise error
        unlink(path, **options)

    patch.setattr(Path, "unlink", refuse)


def test_a_removal_that_a_kill_interrupted_is_finished_and_recorded_once(tmp_path, monkeypatch):
    settings = home(tmp_path, keep_artifacts="best:1")
    runs = make_runs(settings, 0.3, 0.2, 0.1)
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: runs)
    with monkeypatch.context() as patch:
        refuse_to_unlink(patch, ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            keeper.apply(set())
    assert len(kept(settings)) == 3
    with settings.home.removed_file.open("a") as file:
        file.write("torn")
    again = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: runs)
    assert again.apply(set()) == []
    assert kept(settings) == {runs[0].job_uuid}
    assert sorted(names(removals(settings.home))) == sorted(r.job_uuid for r in runs[1:])
    assert len(list(removals(settings.home))) == 2


@pytest.mark.parametrize("where", ["record", "artifact"])
def test_a_refused_write_is_a_storage_error_and_the_next_call_goes_on(tmp_path, where, monkeypatch):
    settings = home(tmp_path, keep_artifacts="best:1")
    runs = make_runs(settings, 0.3, 0.2)
    keeper = ArtifactKeeper(settings.home, settings.keep_artifacts, lambda: runs)

    def refuse(*_args, **_options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if where == "record":
            patch.setattr(os, "fsync", refuse)
        else:
            refuse_to_unlink(patch, OSError(28, "No space left on device"))
        with pytest.raises(StorageError, match="No space left on device"):
            keeper.apply(set())
    assert len(kept(settings)) == 2
    keeper.apply(set())
    assert kept(settings) == {runs[0].job_uuid}
    assert names(removals(settings.home)) == {runs[1].job_uuid}
    assert len(settings.home.removed_file.read_text().splitlines()) == 2


def test_a_broken_record_is_named(tmp_path):
    settings = home(tmp_path)
    settings.home.folder.mkdir(exist_ok=True)
    settings.home.removed_file.write_text("job_uuid,generation,reason,bytes\nx,1,y,2\n")
    with pytest.raises(ContractError, match=r"artifacts_removed\.csv row 2"):
        list(removals(settings.home))
