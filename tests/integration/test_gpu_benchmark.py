"""The small form of the GPU's benchmark, on a CPU: it runs, and its figures fit together."""

import json
import os
import subprocess
import sys

import pytest

from tests.docs.blocks import ROOT
from tests.kept_programs import environment as kept_programs


def lines(*options: str) -> list[dict[str, object]]:
    command = [sys.executable, ROOT / "benchmarks" / "gpu.py", "--small", *options]
    environment = os.environ | kept_programs() | {"JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(900)
def test_one_line_a_case_whose_figures_fit_together() -> None:
    found = lines("--limit", "1000")
    assert [(line["d"], line["N"], line["batch"]) for line in found] == [
        (2, 16, 1), (2, 16, 2), (3, 16, 1),
    ]  # fmt: skip
    for line in found:
        assert (line["platform"], line["device"]) == ("cpu", "cpu")
        share = line["transforms_ms"] / line["step_ms"]  # type: ignore[operator]
        assert line["transforms_share"] == pytest.approx(share, rel=1e-2)
        jobs = 1e3 * line["batch"] / (200 * line["step_ms"])  # type: ignore[operator]
        assert line["jobs_per_s"] == pytest.approx(jobs, rel=1e-2)
        over = line["host_core_step_ms"] * line["batch"] / line["step_ms"]  # type: ignore[operator]
        assert line["jobs_over_one_core"] == pytest.approx(over, rel=1e-2)
        assert line["peak_mib"] > 50  # type: ignore[operator]
    assert [line["lane_bits_equal"] is None for line in found] == [True, False, True]
    assert found[1]["lane_difference"] < 1e-4  # type: ignore[operator]


def test_what_the_limit_leaves_out_is_named() -> None:
    found = lines("--limit", "0")
    assert [line["left_out"] for line in found] == ["the limit was reached"] * 3
