from irer.runners.jax_cache import compile_cache
from irer.runners.processes import library_environment

FOLDER = "JAX_COMPILATION_CACHE_DIR"


def test_what_is_compiled_is_kept_in_the_users_cache(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "irer"
    assert compile_cache()[FOLDER].startswith(f"{folder}/jax-")
    (made,) = folder.iterdir()
    assert made.stat().st_mode & 0o777 == 0o700
    assert library_environment()[FOLDER] == str(made)


def test_a_folder_that_the_user_chose_stands(monkeypatch):
    monkeypatch.setenv(FOLDER, "/elsewhere")
    assert compile_cache() == {}


def test_without_a_folder_every_process_compiles(tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compile_cache() == {}
