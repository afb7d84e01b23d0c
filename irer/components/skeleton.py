"""A working component to begin from: manifest, script and test (`irer.components new NAME`)."""

import re
from pathlib import Path

from irer.base.checking import check
from irer.base.errors import ConflictError
from irer.base.files import dump_json, write_text
from irer.components.manifest import Manifest
from irer.components.registry import MANIFEST_NAME, Registry


def write_skeleton(name: str, known: Registry, components_dir: Path) -> Path:
    """Write the skeleton of a component and return its folder.

    Raises ConfigError for a name that a manifest cannot have, ConflictError for one that is
    taken, StorageError when a file cannot be written.
    """
    slug = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_") or "component"
    manifest = _manifest(name, slug)
    check(Manifest, manifest, what="the manifest")
    folder = components_dir / slug
    if folder.exists() or name in known.components:
        raise ConflictError(f"there is a component {name!r} already, or the folder {folder}")
    write_text(folder / f"{slug}.py", _SCRIPT.replace("SLUG", slug))
    write_text(folder / f"test_{slug}.py", _TEST.replace("SLUG", slug))
    write_text(folder / MANIFEST_NAME, dump_json(manifest) + "\n")  # last: now it is found
    return folder


def _manifest(name: str, slug: str) -> dict[str, object]:
    return {
        "name": name,
        "version": "0.1.0",
        "description": "Wall time that a run took for each of its steps. Make it your own.",
        "script_to_run": f"{slug}.py",
        "dependencies": [],
        "inputs": [{"name": "file", "type": "path:json", "description": "a committed run"}],
        "outputs": [{"name": "result", "type": "path:json", "path": f"{slug}/{{file}}.json"}],
        "tunable_variables": [
            {"name": "digits", "label": "Digits", "type": "int", "default": 3, "min": 1, "max": 15}
        ],
        "triggers": ["on provenance"],
        "timeout_s": 300,
    }


_SCRIPT = '''"""Wall time that a run took for each of its steps, from its provenance."""

import sys
from pathlib import Path

import settings
from irer.base.commandline import Parser, run_program, say
from irer.base.errors import IrerError
from irer.base.files import write_json
from irer.components import read_component
from irer.home.provenance import read_provenance


def measure(file: Path, digits: int) -> dict[str, object]:
    """Return the result for one run. Raises NotFoundError or ContractError."""
    record = read_provenance(file)
    seconds = (record.seconds.simulation or 0.0) / record.simulation.T_steps
    return {"job_uuid": record.job_uuid, "seconds_per_step": float(f"{seconds:.{digits}g}")}


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    component = read_component(Path(__file__).with_name("component_manifest.json"))
    parser = Parser("SLUG.py", component.manifest.description)
    parser.add_argument("--file", type=Path, required=True, help="the run's provenance file")
    parser.add_argument("--digits", type=int, default=3, help="significant digits")
    given = parser.parse_args(argv)
    try:
        result = measure(given.file, given.digits)
        outputs = component.output_files(settings.load().home, {"file": str(result["job_uuid"])})
        write_json(outputs["result"], result)
    except IrerError as error:
        print(f"SLUG.py: {error.message}", file=sys.stderr)
        return error.exit_code
    say(str(result))
    return 0


if __name__ == "__main__":
    run_program(main)
'''

_TEST = '''"""The component as the hub runs it: in a process of its own, on a committed run."""

import uuid
from pathlib import Path

import pytest

from irer.base.errors import ConfigError
from irer.base.files import read_json, write_json
from irer.components import make_call, read_component, run
from settings import Settings, load

COMPONENT = read_component(Path(__file__).with_name("component_manifest.json"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(home=tmp_path)


def commit(settings: Settings) -> str:
    """Write the record of a run: 200 steps in 5 seconds."""
    job_uuid = str(uuid.uuid4())
    record = {
        "job_uuid": job_uuid,
        "hunt_id": str(uuid.uuid4()),
        "generation": 1,
        "index": 0,
        "state": "FAILED",
        "metrics": None,
        "error": {"reason": "NONFINITE", "message": "last good time 20"},
        "model": "sncgl_sdg",
        "sncgl_params": {},
        "simulation": {"T_steps": 200},
        "global_seed": 1,
        "seconds": {"simulation": 5.0},
    }
    write_json(settings.home.provenance_file(job_uuid), record)
    return job_uuid


def test_it_writes_what_its_manifest_says(settings: Settings) -> None:
    job_uuid = commit(settings)
    call = make_call(COMPONENT, {"file": job_uuid, "digits": 2}, settings, lambda: job_uuid)
    ended = run(call, settings)
    assert ended.returncode == 0, ended.stderr
    result = read_json(COMPONENT.output_files(settings.home, call.uuids)["result"])
    assert result == {"job_uuid": job_uuid, "seconds_per_step": 0.025}


def test_wrong_input_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="digits: must be an integer from 1 to 15, got 16"):
        make_call(COMPONENT, {"file": commit(settings), "digits": 16}, settings, str)
'''
