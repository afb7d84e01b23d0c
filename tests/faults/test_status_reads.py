"""A status that is read while it is written is whole, every time."""

import subprocess
import sys
from pathlib import Path

from irer.base.jobs import JobState
from irer.hub.runs import RunIndex
from irer.hub.status import StatusBoard
from tests.fake_engine import make_plan, make_record

READS = 10_000
READER = f"""
import json, sys

def refuse(constant):
    raise ValueError(constant)

seen = set()
for _ in range({READS}):
    with open(sys.argv[1], "rb") as file:
        text = file.read()
    status = json.loads(text, parse_constant=refuse)
    assert status["hunt_status"] == "Running" and status["progress"]["states"]
    seen.add(text)
print(len(seen))
"""


def test_ten_thousand_reads_while_it_is_written(tmp_path: Path) -> None:
    file, index, plan = tmp_path / "hub_status.json", RunIndex(), make_plan()
    board = StatusBoard(file, index)
    board.begin(plan)
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(file)], stdout=subprocess.PIPE, text=True
    )
    writes = 0
    while reader.poll() is None:
        writes += 1
        if writes <= 1000:
            index.add(make_record(hunt_id=plan.hunt_id, index=writes))
        board.jobs(plan, {JobState.RUNNING.value: writes})
        board.publish()
    assert reader.stdout is not None
    with reader.stdout:
        contents = reader.stdout.read()
    assert reader.returncode == 0
    assert 1 < int(contents) <= writes + 1
    assert list(tmp_path.iterdir()) == [file]
