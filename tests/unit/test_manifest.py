"""Manifests: what is right, and every way to be wrong, named by file, field and reason."""

import json
from pathlib import Path
from typing import Any

import pytest

import settings as settings_module
from irer import components
from irer.base.errors import ConfigError, ConflictError, ContractError, NotFoundError
from irer.base.files import read_json
from irer.components.__main__ import main
from irer.components.manifest import json_schema
from settings import SOURCE_ROOT, Settings


def manifest(**changes: Any) -> dict[str, Any]:
    right = {
        "name": "Counter",
        "version": "1.0.0",
        "description": "Counts.",
        "script_to_run": "counter.py",
        "dependencies": ["numpy"],
        "inputs": [{"name": "job_uuid", "type": "string:uuid"}],
        "outputs": [{"name": "count", "type": "path:json", "path": "counts/{job_uuid}.json"}],
        "tunable_variables": [
            {"name": "n", "label": "N", "type": "int", "default": 3, "min": 1, "max": 9},
            {"name": "word", "label": "Word", "type": "str", "default": "a", "choices": ["a", "b"]},
            {"name": "loud", "label": "Loud", "type": "bool", "default": False},
            {"name": "x", "label": "X", "type": "float", "default": 1, "option": "--ex"},
        ],
    }
    return right | changes


def tunable(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "n", "label": "N", "type": "int", "default": 3} | changes]


def output(**changes: Any) -> list[dict[str, Any]]:
    return [{"name": "count", "type": "path:json", "path": "a.json"} | changes]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings_module.load(home=tmp_path / "home", components_dir=tmp_path / "components")


def put(home: Settings, content: Any, folder: str = "counter") -> Path:
    place = home.components_dir / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "counter.py").write_text("print('counted')\n")
    file = place / components.MANIFEST_NAME
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"version": None}, "version", "three numbers"),
        ({"version": "1.0"}, "version", "three numbers"),
        ({"colour": "red"}, "colour", "unknown field"),
        ({"name": "a/b"}, "name", "letters, digits"),
        ({"description": ""}, "description", "1 to 1,000 characters"),
        ({"script_to_run": "../counter.py"}, "script_to_run", "below the manifest's folder"),
        ({"script_to_run": "a/../../counter.py"}, "script_to_run", "must lie in the manifest's"),
        ({"script_to_run": "/bin/ls.py"}, "script_to_run", "below the manifest's folder"),
        ({"script_to_run": "other.py"}, "script_to_run", "there is no file 'other.py'"),
        ({"dependencies": ["no-such-thing"]}, "dependencies", "no-such-thing is not installed"),
        ({"dependencies": "numpy"}, "dependencies", "a list of names"),
        ({"inputs": {"job_uuid": "string:uuid"}}, "inputs", "a list of objects"),
        ({"inputs": [{"name": "job_uuid", "type": "uuid"}]}, "inputs.0.type", "string:uuid"),
        ({"inputs": [{"name": "Job", "type": "string:uuid"}]}, "inputs.0.name", "lower-case"),
        ({"inputs": [{"name": "a", "type": "path:json", "source": "run"}]}, "inputs.0.source", ""),
        ({"outputs": output(path="/etc/passwd")}, "outputs.0.path", "below the home folder"),
        ({"outputs": output(path="a/../../b")}, "outputs.0.path", "without .."),
        ({"outputs": output(path="{job}.json")}, "outputs", "names no input: job"),
        ({"outputs": output(path="{job_uuid.__class__}")}, "outputs.0.path", "alone in braces"),
        ({"outputs": output(type="path:exe")}, "outputs.0.type", "one of path:csv"),
        ({"tunable_variables": tunable(default=True)}, "tunable_variables.0.default", "an integer"),
        ({"tunable_variables": tunable(default="3")}, "tunable_variables.0.default", "an integer"),
        ({"tunable_variables": tunable(default=3, max=2)}, "tunable_variables.0.default", "most 2"),
        ({"tunable_variables": tunable(min=5, max=2)}, "tunable_variables.0.max", "at least min"),
        ({"tunable_variables": tunable(type="str", min=1)}, "tunable_variables.0.min", "alone"),
        ({"tunable_variables": tunable(label=None)}, "tunable_variables.0.label", "1 to 1,000"),
        ({"tunable_variables": tunable() * 2}, "tunable_variables", "n stands for two things"),
        ({"tunable_variables": tunable(name="job_uuid")}, "tunable_variables", "two things"),
        ({"triggers": ["on monday"]}, "triggers", "a list of on provenance"),
        ({"triggers": ["on provenance"]}, "triggers", "exactly one input, a run or its provenance"),
        ({"timeout_s": 0}, "timeout_s", "from 1 to"),
    ],
)  # fmt: skip
def test_a_wrong_manifest_is_listed_and_never_run(
    home: Settings, changes: dict[str, Any], field: str, reason: str
) -> None:
    file = put(home, manifest(**changes))
    registry = components.find(home)
    found = [problem for problem in registry.problems if problem.file == str(file)]
    assert field in [problem.field for problem in found]
    assert reason in " ".join(problem.reason for problem in found)
    with pytest.raises((ConflictError, NotFoundError)):
        registry.get(str(manifest(**changes)["name"]))


def test_a_missing_field_is_named(home: Settings) -> None:
    for name in manifest():
        put(home, {key: value for key, value in manifest().items() if key != name})
        problems = components.find(home).problems
        assert [(p.field, p.reason) for p in problems] == [(name, "required")]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"name": NaN}', "\x00"])
def test_what_is_no_json_object_is_listed(home: Settings, text: str) -> None:
    file = put(home, text)
    (problem,) = components.find(home).problems
    assert problem.file == str(file)
    with pytest.raises((ConfigError, ContractError)):
        components.read_component(file)


def test_a_script_behind_a_link_lies_outside(home: Settings, tmp_path: Path) -> None:
    file = put(home, manifest())
    (tmp_path / "evil.py").write_text("")
    (file.parent / "counter.py").unlink()
    (file.parent / "counter.py").symlink_to(tmp_path / "evil.py")
    (problem,) = components.find(home).problems
    assert problem.field == "script_to_run"


def test_of_two_of_one_name_none_is_run(home: Settings) -> None:
    put(home, manifest(), "first")
    put(home, manifest(), "second")
    registry = components.find(home)
    assert [problem.field for problem in registry.problems] == ["name", "name"]
    assert "second" in registry.problems[0].reason
    with pytest.raises(ConflictError, match="is the name in"):
        registry.get("Counter")


def test_check_prints_file_field_and_reason(
    home: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IRER_COMPONENTS_DIR", str(home.components_dir))
    assert main(["check"]) == 0
    file = put(home, manifest(version="x"))
    assert main(["check"]) == 2
    printed = capsys.readouterr()
    assert printed.err == f"{file}: version: must be three numbers with dots, like 1.0.0, got 'x'\n"
    assert "SNCGL-SDG HPC Core 12.0.0" in printed.out


def test_values_become_a_command_line(home: Settings) -> None:
    put(home, manifest())
    counter = components.find(home).get("Counter")
    job_uuid = "00000000-0000-4000-8000-000000000001"
    call = components.make_call(
        counter, {"n": 5, "loud": True, "word": None}, home, lambda: job_uuid
    )
    assert call.arguments == (f"--job_uuid={job_uuid}", "--n=5", "--word=a", "--loud", "--ex=1")
    files = counter.output_files(home.home, call.uuids)
    assert files == {"count": home.home.folder / "counts" / f"{job_uuid}.json"}


def test_every_wrong_value_is_named_at_once(home: Settings) -> None:
    put(home, manifest())
    counter = components.find(home).get("Counter")
    given = {"n": 10, "word": "c", "loud": 1, "x": "1", "y": 2, "job_uuid": "../x"}
    with pytest.raises(ConfigError) as caught:
        components.make_call(counter, given, home, str)
    wrong = {error.field: error.message for error in caught.value.errors}
    assert wrong.keys() == given.keys()
    assert wrong["n"] == "must be an integer from 1 to 9, got 10"
    assert wrong["word"] == "must be one of a, b, got 'c'"
    assert wrong["y"] == "unknown field; allowed are job_uuid, loud, n, word, x"


def test_only_a_committed_run_is_handed_on(home: Settings) -> None:
    put(home, manifest(inputs=[{"name": "job_uuid", "type": "path:json"}]))
    counter = components.find(home).get("Counter")
    for given in ({}, {"job_uuid": "00000000-0000-4000-8000-000000000001"}, {"job_uuid": 3}):
        with pytest.raises(ConfigError, match="job_uuid: "):
            components.make_call(counter, given, home, str)


def test_the_published_schema_is_the_model() -> None:
    published = read_json(SOURCE_ROOT / "docs" / "component_manifest.schema.json")
    assert published == json.loads(json.dumps(json_schema()))


def test_the_core_describes_itself_as_agreed() -> None:
    core = read_json(SOURCE_ROOT / components.MANIFEST_NAME)
    assert (core["name"], core["version"]) == ("SNCGL-SDG HPC Core", "12.0.0")
    assert core["script_to_run"] == "hpc_core.py"
    assert [(i["name"], i["type"]) for i in core["inputs"]] == [("job_uuid", "string:uuid")]
    assert [(o["name"], o["type"]) for o in core["outputs"]] == [
        ("final_ledger", "path:csv"),
        ("best_run_provenance", "path:json"),
    ]
    shown = [(t["name"], t["label"], t["type"], t["default"]) for t in core["tunable_variables"]]
    assert shown == [
        ("num_generations", "Generations", "int", 10),
        ("population_size", "Population Size", "int", 10),
    ]


def test_this_programs_own_components_are_right() -> None:
    registry = components.find(settings_module.load())
    assert registry.problems == ()
