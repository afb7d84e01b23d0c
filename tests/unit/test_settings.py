"""Settings: overridden by the environment, checked at start, wrong ones named."""

from pathlib import Path

import pytest

import settings
from irer.base.errors import ConfigError


def test_every_setting_can_be_overridden(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "HOME": str(tmp_path), "NUM_GENERATIONS": "3", "POPULATION_SIZE": "7", "SAMPLER": "random",
        "RUNNER": "subprocess", "WORKERS": "5", "WORKER_TIMEOUT_S": "12.5",
        "VALIDATOR_TIMEOUT_S": "6", "PARAM_SPACE": '{"c1": [0, 1]}', "PORT": "9001",
        "HOST": "0.0.0.0", "RESCAN_S": "0.5", "DASK_SCHEDULER": "tcp://h:8786",
        "KEEP_ARTIFACTS": "best:5", "MAX_WALL_S": "60", "MAX_STAGNATION": "5",
        "POLISH_GENERATIONS": "1", "BATCH": "4", "PREFIX": "/irer/hub",
        "FRAME_ORIGINS": "self https://lab.example:8888 http://*.example",
        "WORKER_SCRIPT": __file__, "VALIDATOR_SCRIPT": __file__, "COMPONENTS_DIR": str(tmp_path),
    }  # fmt: skip
    assert {name.lower() for name in given} == set(settings.Settings.model_fields)
    for name, value in given.items():
        monkeypatch.setenv(f"IRER_{name}", value)
    found = settings.load()
    assert found.param_space == {"c1": (0.0, 1.0)}
    assert (found.workers, found.port, found.worker_timeout_s) == (5, 9001, 12.5)
    assert found.home.ledger_file == settings.LEDGER_FILE == tmp_path / "simulation_ledger.csv"
    assert found.home.provenance_dir == settings.PROVENANCE_DIR == tmp_path / "provenance_reports"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("IRER_WORKERS", "0", "IRER_WORKERS: must be an integer from 1 to 4,096, got '0'"),
        ("IRER_PORT", "web", "IRER_PORT: must be an integer from 1 to 65,535"),
        ("IRER_WORKER_TIMEOUT_S", "0.5", "IRER_WORKER_TIMEOUT_S: must be a finite number from 1"),
        ("IRER_RUNNER", "magic", "IRER_RUNNER: must be"),
        ("IRER_PARAM_SPACE", "{", "IRER_PARAM_SPACE: must be a JSON object"),
        ("IRER_PARAM_SPACE", '{"c9": [0, 1]}', "'c9' is no parameter"),
        ("IRER_PARAM_SPACE", '{"c1": [1, 0]}', "low < high"),
        ("IRER_PARAM_SPACE", '{"sigma_k": [-1, 1]}', "sigma_k"),
        ("IRER_PARAM_SPACE", "{}", "IRER_PARAM_SPACE: must hold at least one parameter"),
        ("IRER_PARAM_SPACE", '{"kappa": [0.1]}', "IRER_PARAM_SPACE"),
        ("IRER_PARAM_SPACE", "[1]", "IRER_PARAM_SPACE: must be a JSON object"),
        ("IRER_WORKER_SCRIPT", "/nope.py", "IRER_WORKER_SCRIPT: must be a file that exists"),
        ("IRER_HOME", "~nosuchuser/x", "IRER_HOME: must be a path that exists"),
        ("IRER_PREFIX", "irer", "IRER_PREFIX: must be a path like /irer"),
        ("IRER_PREFIX", "/irer/", "IRER_PREFIX: must be a path like /irer"),
        ("IRER_FRAME_ORIGINS", "*", "IRER_FRAME_ORIGINS: must be self, or origins like https://"),
        ("IRER_FRAME_ORIGINS", "https://a.example; script-src *", "IRER_FRAME_ORIGINS: must be"),
        ("IRER_FRAME_ORIGINS", "https://a.example/path", "IRER_FRAME_ORIGINS: must be"),
        ("IRER_PARAM_SPACE", '{"sigma": [0, 1]}', "did you mean sigma_k? allowed are epsilon"),
    ],
)
def test_a_wrong_setting_is_named(
    name: str, value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as error:
        settings.load()
    assert message in error.value.message
    assert "\n" not in error.value.message


def test_variables_of_other_programs_are_warned_of_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "_warned", set())
    monkeypatch.setenv("IRER_BACKEND", "cuda")
    monkeypatch.setenv("IRER_WORKER", "2")
    monkeypatch.setenv("IRER_WORKERS", "3")
    for _ in range(2):
        assert settings.load().workers == settings.WORKERS == 3
    assert [record.getMessage() for record in caplog.records] == [
        "IRER_BACKEND: there is no such setting, it changes nothing; did you mean IRER_BATCH?",
        "IRER_WORKER: there is no such setting, it changes nothing; did you mean IRER_WORKERS?",
    ]


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IRER_HOME", "")
    assert settings.load().home.folder == Path("irer_home").absolute()


def test_an_option_is_named_as_the_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--port: must be an integer from 1 to 65,535"):
        settings.load(home=tmp_path, port=0)


def test_public_names_are_those_of_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    names = settings.public_names(settings.load())
    assert names["WORKER_SCRIPT"] == str(settings.WORKER_SCRIPT)
    assert names["HASH_KEY"] == "job_uuid"
    assert names["SSE_METRIC_KEY"] == "log_prime_sse"
    assert names["STABILITY_METRIC_KEY"] == "sdg_h_norm_l2"
    assert (names["NUM_GENERATIONS"], names["POPULATION_SIZE"]) == (10, 10)
    assert (names["WORKER_TIMEOUT_S"], names["VALIDATOR_TIMEOUT_S"]) == (600, 300)
    with pytest.raises(AttributeError):
        _ = settings.NO_SUCH_NAME


def test_fmia_is_searched_over_its_own_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    found = settings.load()
    assert set(found.search_space("fmia")) == {"epsilon", "diffusion", "lambda_cubic", "eta"}
    assert found.search_space("sncgl_flat") == found.param_space
    monkeypatch.setenv("IRER_PARAM_SPACE", '{"eta": [0.1, 0.2]}')
    assert settings.load().search_space("fmia") == {"eta": (0.1, 0.2)}
