"""The distribution in an empty environment outside the checkout, with all that it depends on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.docs.test_notebook import SMALLER, read
from tests.hub_process import ROOT

pytestmark = pytest.mark.soak

RUN_NOTEBOOK = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], 4)
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
"""


@pytest.mark.timeout(3000)
def test_pip_install_into_an_empty_environment(tmp_path: Path) -> None:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("IRER_")}
    kept.pop("PYTHONPATH", None)
    kept.pop("VIRTUAL_ENV", None)

    def run(*command: str | Path) -> str:
        ended = subprocess.run(command, cwd=tmp_path, env=kept, capture_output=True, text=True)
        assert ended.returncode == 0, f"{command}\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
        return ended.stdout

    run(sys.executable, "-m", "venv", tmp_path / "env")
    bin_ = tmp_path / "env" / "bin"
    run(bin_ / "pip", "install", "-q", f"{ROOT}[notebook]", "nbclient")
    small = ("simulation.N_grid=32", "simulation.T_steps=600", "simulation.box_length=12.0")
    best = run(
        bin_ / "irer-hunt", "--generations", "1", "--population", "2", "--seed", "7",
        *(f"--set={each}" for each in small),
    )  # fmt: skip
    assert json.loads(best)["simulation"]["N_grid"] == 32
    np.save(tmp_path / "rho.npy", np.random.default_rng(3).exponential(size=(128, 128)))
    scored = run(bin_ / "irer-score", "rho.npy", "--box-length", "60")
    assert 0 <= json.loads(scored)["log_prime_sse"] <= 2
    notebook = read()
    next(cell for cell in notebook.cells if cell.id == "settings").source = SMALLER
    (tmp_path / "analysis.ipynb").write_text(json.dumps(notebook))
    run(bin_ / "python", "-c", RUN_NOTEBOOK, "analysis.ipynb")
