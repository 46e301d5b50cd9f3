import subprocess
from pathlib import Path

import pytest

from toe.expressions.binaries import BUILTINS, DEFAULT_PATH, KEYWORDS, binary_exists


def make_program(path: Path, mode: int = 0o755) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def exists(name: str, path: str | None = None) -> bool:
    return binary_exists(name, {} if path is None else {"PATH": path}, "linux")


def test_binary_exists_looks_along_path(tmp_path: Path) -> None:
    make_program(tmp_path / "my-tool")
    assert exists("my-tool", f"/nowhere:{tmp_path}")
    assert not exists("my-tool", "/nowhere")
    assert not exists("other-tool", str(tmp_path))


def test_binary_exists_wants_a_file_that_may_be_executed(tmp_path: Path) -> None:
    make_program(tmp_path / "plain", 0o644)
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "missing")
    (tmp_path / "link").symlink_to(make_program(tmp_path / "real"))
    for name in ("plain", "folder", "dangling"):
        assert not exists(name, str(tmp_path))
    assert exists("link", str(tmp_path))


def test_binary_exists_takes_a_name_with_a_slash_as_a_path(tmp_path: Path) -> None:
    program = make_program(tmp_path / "tool")
    assert exists(str(program), "")
    assert not exists(f"{tmp_path}/missing", str(tmp_path))
    assert not exists(f"{tmp_path.name}/tool", str(tmp_path.parent))


def test_binary_exists_reads_an_empty_part_of_path_as_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(tmp_path / "here-tool")
    monkeypatch.chdir(tmp_path)
    assert exists("here-tool", "/nowhere:")
    assert not exists("here-tool", "/nowhere")


def test_binary_exists_has_a_path_when_the_environment_has_none() -> None:
    assert exists("env")
    assert "/usr/bin" in DEFAULT_PATH


@pytest.mark.parametrize("name", ["", "\0", "no such", "\ud800", "-x", "x" * 5000])
def test_binary_exists_is_false_for_what_can_be_no_command(name: str) -> None:
    assert not exists(name, "/usr/bin:/bin")


@pytest.mark.parametrize("name", ["cd", "[[", "source", "if", ".", "surely-not-there", "ls", "/bin/sh", "/bin", "{"])
def test_binary_exists_agrees_with_bash(name: str) -> None:
    environment = {"PATH": "/usr/bin:/bin"}
    shell = subprocess.run(["bash", "-c", 'type "$1" > /dev/null 2>&1', "bash", name], env=environment, check=False)
    assert binary_exists(name, environment, "linux") == (shell.returncode == 0)


def test_builtins_and_keywords_are_those_of_bash() -> None:
    listed = subprocess.run(["bash", "-c", "compgen -b; compgen -k"], capture_output=True, text=True, check=True)
    assert set(listed.stdout.split()) <= set((BUILTINS + KEYWORDS).split())


def test_binary_exists_tries_the_extensions_on_windows(tmp_path: Path) -> None:
    (tmp_path / "tool.EXE").write_text("")
    (tmp_path / "script.PY").write_text("")
    environment = {"PATH": f"{tmp_path};", "PATHEXT": ".EXE"}
    assert binary_exists("tool", environment, "windows")
    assert binary_exists("tool.EXE", environment, "windows")
    assert not binary_exists("script", environment, "windows")
    assert not binary_exists("cd", environment, "windows")


def test_binary_exists_reads_variables_of_windows_in_any_case(tmp_path: Path) -> None:
    make_program(tmp_path / "tool.odd")
    assert binary_exists("tool", {"Path": str(tmp_path), "PathExt": ".odd"}, "windows")
