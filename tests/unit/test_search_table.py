"""The table of runs to the target goes on after an interruption and tells no gap as a median."""

import json
from pathlib import Path

import pytest

from benchmarks.search_hunts import Case, Outcome
from benchmarks.search_table import parser_of, table


def lines(
    capsys: pytest.CaptureFixture[str], keep: Path, ran: list[int], broken: int = -1
) -> list[dict[str, object]]:
    """Make a table of four hunts that need as many runs as their seed says."""

    def run(case: Case) -> Outcome:
        if case.seed == broken:
            raise KeyboardInterrupt
        ran.append(case.seed)
        return Outcome(float(case.seed), {}, 0.01)

    options = ["--problems", "zdt1", "--noise", "0.5", "--seeds", "4", "--first-seed", "10"]
    given = parser_of("", runs=50).parse_args([*options, "--keep", str(keep)])
    table("search", given, ["gp"], run)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_table_goes_on_where_it_was_cut_off(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep, ran = tmp_path / "kept", list[int]()
    with pytest.raises(KeyboardInterrupt):
        lines(capsys, keep, ran, broken=12)
    with keep.open("a") as file:
        file.write('{"case": {"problem": "zd')  # torn while it was written
    (line,) = lines(capsys, keep, ran)
    assert ran == [10, 11, 12, 13]
    assert (line["seeds"], line["runs_to_target"], line["reached"]) == (4, 11.5, 4)
    (again,) = lines(capsys, keep, ran)
    assert again == line
    assert ran == [10, 11, 12, 13]


def test_a_median_is_that_of_the_first_seeds_without_a_gap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep = tmp_path / "kept"
    lines(capsys, keep, [])
    kept = keep.read_text().splitlines(keepends=True)
    keep.write_text("".join(line for line in kept if '"seed": 12' not in line))
    options = ["--problems", "zdt1", "--noise", "0.5", "--seeds", "4", "--first-seed", "10"]
    given = parser_of("", 50).parse_args([*options, "--keep", str(keep), "--limit", "-1"])
    table("search", given, ["gp"], lambda case: pytest.fail(f"{case} runs after the limit"))
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["seeds"], line["runs_to_target"]) == (2, 10.5)
