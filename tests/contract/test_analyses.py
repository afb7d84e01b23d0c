"""run_bssn_check.py and run_tda_analysis.py: a provenance file in, tables and files out."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import irer
import run_bssn_check
import run_tda_analysis
import settings
import validation_pipeline
from irer.base.records import SimulationOptions
from tests.contract.test_validation_pipeline import random_artifact, store

PROGRAMS = {"run_bssn_check.py": run_bssn_check.main, "run_tda_analysis.py": run_tda_analysis.main}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    return settings.load()


def committed(home, artifact):
    """Judge an artifact; return its provenance file."""
    job_uuid = store(home, artifact)
    assert validation_pipeline.main(["--job_uuid", job_uuid]) == 0
    return home.home.provenance_file(job_uuid)


def refusal(capsys, main, file):
    """Hold a refused file to one line on stderr; return the exit code and the line."""
    capsys.readouterr()
    code = main(["--file", str(file)])
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    return code, line


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_classical_check_of_a_run(home, tmp_path, monkeypatch, capsys, dimensions):
    options = SimulationOptions(N_grid=32, box_length=30.0, dimensions=dimensions)
    file = committed(home, random_artifact(options))
    monkeypatch.setenv("IRER_HOME", str(tmp_path / "elsewhere"))  # the file says where its home is
    capsys.readouterr()
    assert run_bssn_check.main(["--file", str(file)]) == 0
    output = capsys.readouterr().out.splitlines()
    record = json.loads(file.read_text())
    folder = home.home.folder / "analyses" / record["job_uuid"]
    report = json.loads((folder / "bssn_check.json").read_text())
    assert report["hamiltonian"]["l2"] == record["metrics"]["bssn_h_norm_l2"]
    assert report["momentum"]["l2"] == record["metrics"]["bssn_momentum_l2"]
    assert report["sdg_hamiltonian"]["l2"] == record["metrics"]["sdg_h_norm_l2"]
    assert (report["job_uuid"], report["t"]) == (record["job_uuid"], 1.0)
    assert output[0] == f"{record['job_uuid']}, t = 1"
    assert output[2].split()[-2:] == [f"{report['hamiltonian'][n]:.6g}" for n in ("l2", "max")]
    assert output[-1] == str(folder / "bssn_check.json")


def test_the_classical_momentum_of_fmia_is_made_of_its_own_momentum(home):
    """At rest nothing flows; the equation of psi would have it change at once."""
    artifact = random_artifact(SimulationOptions(N_grid=32, box_length=30.0))
    rest = np.zeros_like(artifact.u)
    still = replace(
        artifact,
        job=artifact.job.model_copy(update={"model": "fmia"}),
        psi=artifact.psi.real + 0j,
        u=rest,
        momentum=rest,
    )
    file = committed(home, still)
    assert run_bssn_check.main(["--file", str(file)]) == 0
    record = json.loads(file.read_text())
    folder = home.home.folder / "analyses" / record["job_uuid"]
    report = json.loads((folder / "bssn_check.json").read_text())
    assert report["momentum"] == {"l2": 0.0, "max": 0.0}
    assert record["metrics"]["bssn_momentum_l2"] == 0.0
    assert report["hamiltonian"]["l2"] == record["metrics"]["bssn_h_norm_l2"] > 0


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_topology_of_a_run(home, capsys, dimensions):
    """Of the last density: two blobs on noise that is lower than both."""
    options = SimulationOptions(N_grid=24, box_length=30.0, dimensions=dimensions)
    artifact = random_artifact(options)
    artifact.snapshot_rho[-1] *= 1e-3
    artifact.snapshot_rho[-1].flat[0], artifact.snapshot_rho[-1].flat[10] = 3.0, 2.0
    file = committed(home, artifact)
    capsys.readouterr()
    assert run_tda_analysis.main(["--file", str(file)]) == 0
    output = capsys.readouterr().out.splitlines()
    folder = home.home.folder / "analyses" / json.loads(file.read_text())["job_uuid"]
    report = json.loads((folder / "tda_analysis.json").read_text())
    components = report["dimensions"][0]
    middle = np.searchsorted(-np.array(report["levels"]), -1.0)
    assert [each["dimension"] for each in report["dimensions"]] == list(range(dimensions))
    assert components["betti_curve"][middle] == 2
    assert components["essential"] == [3.0]
    assert max(birth for birth, _ in components["diagram"]) == 2.0
    assert len(output) == 3 + dimensions
    assert output[2].split()[:2] == ["H0", str(len(components["diagram"]))]
    assert (folder / "tda_analysis.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("main", PROGRAMS.values(), ids=PROGRAMS)
def test_what_is_no_provenance_is_refused(home, tmp_path, capsys, main):
    file = committed(home, random_artifact())
    whole = json.loads(file.read_text())
    contents = {
        "empty": "",
        "torn": file.read_text()[:500],
        "list": "[1]",
        "other": json.dumps({"hello": 1}),
        "version": json.dumps(whole | {"schema_version": 99}),
        "nan": file.read_text().replace(repr(whole["metrics"]["sdg_h_norm_l2"]), "NaN"),
    }
    for name, text in contents.items():
        path = tmp_path / f"{name}.json"
        path.write_text(text)
        code, line = refusal(capsys, main, path)
        assert code == 2, name
        assert "--file: must be a provenance file" in line
    for path in (tmp_path / "missing.json", tmp_path):
        code, line = refusal(capsys, main, path)
        assert (code, str(path) in line) == (2, True)
    config = home.home.config_file(whole["job_uuid"])
    assert refusal(capsys, main, config)[0] == 2, "a registration is no provenance"
    assert not (home.home.folder / "analyses").exists()


@pytest.mark.parametrize("main", PROGRAMS.values(), ids=PROGRAMS)
def test_a_failed_run_has_nothing_to_analyse(home, capsys, main):
    bad = random_artifact()
    bad.psi[3, 3] = np.nan
    code, line = refusal(capsys, main, committed(home, bad))
    assert code == 2
    assert "FAILED with BAD_ARTIFACT" in line


@pytest.mark.parametrize("main", PROGRAMS.values(), ids=PROGRAMS)
def test_an_artifact_that_cannot_be_used(home, capsys, main):
    first, second = (committed(home, random_artifact(seed=seed)) for seed in (1, 2))
    uuids = [json.loads(file.read_text())["job_uuid"] for file in (first, second)]
    paths = [home.home.artifact_file(job_uuid) for job_uuid in uuids]
    paths[1].write_bytes(paths[0].read_bytes())
    assert refusal(capsys, main, second) == (
        1,
        f"{'run_bssn_check.py' if main is run_bssn_check.main else 'run_tda_analysis.py'}: "
        f"{paths[1].name} holds the job {uuids[0]}",
    )
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    code, line = refusal(capsys, main, second)
    assert (code, "not a whole artifact" in line) == (1, True)
    paths[1].unlink()
    code, line = refusal(capsys, main, second)
    assert (code, "no artifact" in line) == (1, True)
    changed = json.loads(first.read_text())
    changed["sncgl_params"]["kappa"] = 0.9
    first.write_text(json.dumps(changed))
    code, line = refusal(capsys, main, first)
    assert (code, "sncgl_params of the artifact is not that of" in line) == (1, True)


@pytest.mark.parametrize("program", PROGRAMS)
def test_flags(program):
    def call(*arguments):
        command = [sys.executable, settings.SOURCE_ROOT / program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert call("--version").stdout.strip() == irer.__version__
    assert "--file" in call("--help").stdout
    answer = call()
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
