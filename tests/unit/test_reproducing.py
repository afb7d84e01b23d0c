"""The command that runs a job again: one list of steps, for whoever has the files and for here."""

import sys

from irer.controls.reproducing import reproduce_command
from irer.home import open_home
from settings import SOURCE_ROOT

JOB = "11111111-1111-4111-8111-111111111111"


def test_here_and_anywhere_take_the_same_steps() -> None:
    home = open_home("/data/a home")
    go, *here = reproduce_command(home, JOB, here=True).splitlines()
    assert go == f"cd {SOURCE_ROOT}"
    config = f"input_configs/config_{JOB}.json"
    assert here == [
        "export IRER_HOME=again",
        "mkdir -p again/input_configs",
        f"cp '/data/a home/{config}' again/input_configs/",
        f"{sys.executable} worker_sncgl_sdg.py --job_uuid {JOB} --params again/{config}",
        f"{sys.executable} validation_pipeline.py --job_uuid {JOB}",
    ]
    find, *anywhere = reproduce_command(home, JOB).replace(" && { test", "{ test").split(" && ")
    assert find.startswith('from="${IRER_HOME:-/data/a home}"{ test -d "$from" || ')
    assert anywhere == [
        step.replace(sys.executable, ".venv/bin/python").replace("'/data/a home/", '"$from"/')
        .replace(".json' ", ".json ")
        for step in here
    ]  # fmt: skip
