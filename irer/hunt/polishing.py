"""Candidates by gradient descent from the best runs, in a process of its own: JAX stays there."""

import logging
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from irer.base.errors import IrerError
from irer.base.files import parse_json, write_json
from irer.base.hunt_records import HuntPlan
from irer.base.records import SncglParams
from irer.runners.processes import (
    child_environment,
    how_it_ended,
    python_path,
    run_process,
)
from settings import SOURCE_ROOT, Settings

STEPS = 12  # of each descent; one costs a few simulations

_log = logging.getLogger("irer.engine.polish")


def polished(
    plan: HuntPlan,
    starts: Sequence[tuple[SncglParams, int]],
    settings: Settings,
    cancelled: threading.Event,
) -> list[dict[str, float]]:
    """Return the parameter sets to which gradient descents from `starts` (parameters, seed) lead.

    A start from which nothing was gained yields none. A crash or a time limit yields none at all;
    it is logged and the hunt goes on.
    """
    if not starts:
        return []
    request = {
        "starts": [
            plan.simulation.model_dump(mode="json")
            | {"model": plan.model, "global_seed": seed, "sncgl_params": params.model_dump()}
            for params, seed in starts
        ],
        "space": plan.search_space,
        "steps": STEPS,
    }
    with tempfile.TemporaryDirectory(prefix="irer-polish-") as folder:
        path = Path(folder) / "request.json"
        write_json(path, request)
        script = SOURCE_ROOT / "irer" / "physics" / "polish.py"
        ended = run_process(
            [sys.executable, "-m", "irer.runners.launch", script, path],
            timeout_s=settings.worker_timeout_s * len(starts),
            env=child_environment(settings.home) | python_path(SOURCE_ROOT),
            cancelled=cancelled,
        )
    if ended.returncode != 0:
        how = "at its time limit" if ended.timed_out else how_it_ended(ended.returncode)
        _log.warning("no polished candidates: %s: %s", how, ended.last_error_line)
        for line in ended.last_lines:
            _log.warning("polish | %s", line)
        return []
    try:
        found = parse_json(ended.stdout.strip().splitlines()[-1])
        return [
            SncglParams(**params.model_dump() | better).model_dump()
            for (params, _), better in zip(starts, found, strict=True)
            if better is not None
        ]
    except (ValueError, IndexError, TypeError, IrerError) as error:
        _log.warning("no polished candidates: %s", error)
        return []
