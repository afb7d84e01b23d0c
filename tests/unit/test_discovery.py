"""Extensions: found in packages and folders without being imported; what is broken is one line."""

import inspect
import logging
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import settings
from irer.base import discovery, extensions
from irer.base.discovery import Extensions, folders, installed
from irer.base.errors import ConfigError, ExtensionError
from irer.base.extensions import COMPONENT, EQUATION, METRIC, RUNNER, SAMPLER, Kind
from irer.base.models import EQUATIONS
from irer.base.records import METRICS, RUNNERS, SAMPLERS
from irer.hunt.order import read_order
from irer.runners.processes import python_path
from tests.packages import Packages, forget

KNOWN = {each.kind.name: each for each in (EQUATIONS, METRICS, RUNNERS, SAMPLERS)}
SMALLEST = {  # what each kind is called with, and a text that can be
    "equation": "def it(grid): pass",
    "metric": "def it(artifact): pass",
    "runner": "class it:\n    def __init__(self, settings): pass",
    "sampler": "def it(n, history, space, seed): pass",
}
every_kind = pytest.mark.parametrize("kind", KNOWN)


def place(kind: str, package: str = "elsewhere") -> str:
    return f"({KNOWN[kind].kind.group}, package {package} 1.0)"


@every_kind
def test_a_name_is_known_without_an_import_and_loaded_when_it_is_used(
    kind: str, packages: Packages
) -> None:
    known = KNOWN[kind]
    packages.one(known.kind.group, "own", "one_module:it", SMALLEST[kind])
    assert known.names() == (*known.built_in, "own")
    assert known.check("own") == "own"
    assert known.get(known.built_in[0]) is None
    assert "one_module" not in sys.modules
    assert inspect.getmodule(known["own"].load()) is sys.modules["one_module"]


@every_kind
def test_a_module_in_the_folder_is_one_too(
    kind: str, packages: Packages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KNOWN[kind]
    package = import_module(known.kind.folder)
    folder = tmp_path / known.kind.folder.replace(".", "/")
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "own.py").write_text(f"{SMALLEST[kind]}\n\n{known.kind.attribute} = it\n")
    monkeypatch.setattr(discovery, "_ROOT", tmp_path)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    forget()
    assert known.names() == (*known.built_in, "own")
    assert callable(known["own"].load())
    assert str(known["own"]).endswith(
        f"({known.kind.group}, {folder.relative_to(tmp_path)}/own.py)"
    )
    del sys.modules[f"{known.kind.folder}.own"]
    packages.one(known.kind.group, "own", "mine:it", SMALLEST[kind])
    assert known.names() == known.built_in
    assert "own.py and package elsewhere 1.0: none is used" in known.refused()["own"]


@every_kind
def test_of_two_that_have_one_name_neither_is_used(kind: str, packages: Packages) -> None:
    known = KNOWN[kind]
    packages.one(known.kind.group, "own", "first:it", SMALLEST[kind], "first-package")
    packages.one(known.kind.group, "own", "second:it", SMALLEST[kind], "second-package")
    line = (
        f"the {kind} 'own' ({known.kind.group}) is in package first-package 1.0 and package "
        "second-package 1.0: none is used"
    )
    assert known.refused() == {"own": line}
    assert known.names() == known.built_in
    with pytest.raises(ValueError, match="none is used") as caught:
        known.check("own")
    assert str(caught.value) == line


@every_kind
def test_nobody_takes_a_name_from_the_program(kind: str, packages: Packages) -> None:
    known = KNOWN[kind]
    taken = known.built_in[0]
    packages.one(known.kind.group, taken, "mine:it", SMALLEST[kind])
    assert known.names() == known.built_in
    assert known.check(taken) == taken
    assert known.refused() == {
        taken: f"the {kind} {taken!r} {place(kind)} is not used: the program has another {kind} "
        "called so"
    }


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("My Metric", "mine:it", "its name must be 1 to 40 lower-case letters, digits or _"),
        ("x" * 41, "mine:it", "its name must be 1 to 40 lower-case letters, digits or _"),
        ("own", "mine it", "it must name module:object, got 'mine it'"),
    ],
)
def test_a_name_or_a_reference_that_is_none_is_refused(
    name: str, value: str, why: str, packages: Packages
) -> None:
    packages.install("elsewhere", {}, {"irer.metrics": {name: value}})
    assert METRICS.names() == METRICS.built_in
    (line,) = METRICS.refused().values()
    assert line.startswith(f"the metric {name!r} {place('metric')} is not used: {why}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "cannot be loaded: ModuleNotFoundError: No module named 'broken'"),
        ("import nowhere_to_be_found", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
        ("raise ValueError('two\\nlines')", "cannot be loaded: ValueError: two lines"),
        ("def", "cannot be loaded: SyntaxError: invalid syntax"),
        ("other = 1", "cannot be loaded: AttributeError: module 'broken' has no attribute 'it'"),
        ("it = 3", "must be callable as it({}), got 3"),
        ("def it(): pass", "must be callable as it({}): too many positional arguments"),
        (
            "def it(a, b, c, d, e, f): pass",
            "must be callable as it({}): missing a required argument",
        ),
    ],
)
@every_kind
def test_what_is_broken_is_one_line_that_names_it(
    text: str | None, why: str, kind: str, packages: Packages
) -> None:
    known = KNOWN[kind]
    files = {} if text is None else {"broken.py": text}
    packages.install("elsewhere", files, {known.kind.group: {"own": "broken:it"}})
    arguments = {"equation": "grid", "metric": "artifact", "runner": "settings"}
    wanted = why.format(arguments.get(kind, "n, history, space, seed"))
    with pytest.raises(ExtensionError) as caught:
        known["own"].load()
    assert caught.value.message.startswith(f"the {kind} 'own' {place(kind)} {wanted}")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "field", "order"),
    [("sampler", "sampler: ", {"sampler": "own"}), ("runner", "runner: ", {"runner": "own"}),
     ("metric", "", {})],
)  # fmt: skip
def test_an_order_that_needs_a_broken_one_is_refused(
    kind: str, field: str, order: dict[str, str], packages: Packages, tmp_path: Path
) -> None:
    packages.one(KNOWN[kind].kind.group, "own", "broken:it", "it = 3")
    with pytest.raises(ConfigError) as caught:
        read_order(order, settings.load(home=tmp_path))
    assert caught.value.message.startswith(
        f"{field}the {kind} 'own' {place(kind)} must be callable"
    )
    assert list(tmp_path.iterdir()) == []


def test_an_order_does_not_load_what_it_does_not_name(packages: Packages, tmp_path: Path) -> None:
    for kind in ("sampler", "runner", "equation"):
        packages.one(KNOWN[kind].kind.group, "own", f"bad_{kind}:it", "it = 3", f"p-{kind}")
    read_order({}, settings.load(home=tmp_path))
    assert not {"bad_sampler", "bad_runner", "bad_equation"} & sys.modules.keys()


def test_a_package_whose_list_is_broken_harms_no_other(packages: Packages) -> None:
    packages.one("irer.metrics", "own", "mine:it", SMALLEST["metric"])
    packages.install("broken", {}, {})
    (file,) = packages.place.glob("broken-*/entry_points.txt")
    file.write_text("[irer.metrics]\nno reference at all\n")
    packages.install("no-list", {}, {})
    (file,) = packages.place.glob("no-list-*/entry_points.txt")
    file.write_bytes(b"[irer.metrics]\n\xff = \xff\n")
    forget()
    assert METRICS.names() == (*METRICS.built_in, "own")
    (line,) = METRICS.refused().values()
    assert line.startswith("the metric 'broken' (irer.metrics, package broken 1.0) is not used")
    assert SAMPLERS.refused() == {}


def test_what_is_refused_is_said_once_by_the_process_that_a_person_started(
    packages: Packages, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.one("irer.samplers", "gp", "mine:it", SMALLEST["sampler"], "greedy")
    with caplog.at_level(logging.WARNING, "irer.settings"), monkeypatch.context() as child:
        child.setenv("_IRER_PROCESS_TREE", "1")
        settings.load()
        assert caplog.messages == []
        child.undo()
        settings.load()
        settings.load()
    line = "the sampler 'gp' (irer.samplers, package greedy 1.0) is not used: the program has"
    assert [message.startswith(line) for message in caplog.messages] == [True]


def test_child_processes_see_what_this_one_sees(packages: Packages) -> None:
    packages.one("irer.samplers", "own", "mine:it", SMALLEST["sampler"])
    assert folders() == [str(packages.place)]
    code = "from irer.base.records import SAMPLERS; print(SAMPLERS['own'].load())"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.SOURCE_ROOT, capture_output=True, text=True,
        env=os.environ | python_path(),
    )  # fmt: skip
    assert ended.stdout.startswith("<function it"), ended.stderr


def test_a_package_that_is_on_the_path_twice_is_one(
    packages: Packages, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages.one("irer.samplers", "own", "mine:it", SMALLEST["sampler"])
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages.place), f"{packages.place}/."])
    assert len(list(installed(SAMPLER))) == 1


def test_its_own_errors_pass_and_others_are_named(packages: Packages) -> None:
    packages.one("irer.metrics", "own", "mine:it", SMALLEST["metric"])
    with pytest.raises(ConfigError, match="as it was"), METRICS["own"].named():
        raise ConfigError("as it was")
    named = r"the metric 'own' \(irer.metrics, package elsewhere 1.0\) failed: KeyError: 'c1'"
    with pytest.raises(ExtensionError, match=named), METRICS["own"].named():
        raise KeyError("c1")


def test_the_page_of_protocols_has_every_kind() -> None:
    kinds = {each for each in vars(extensions).values() if isinstance(each, Kind)}
    assert kinds == {EQUATION, METRIC, SAMPLER, RUNNER, COMPONENT}
    assert {each.group for each in kinds} == {
        f"irer.{word}" for word in ("equations", "metrics", "samplers", "runners", "components")
    }
    assert isinstance(Extensions(COMPONENT, ()).names(), tuple)
