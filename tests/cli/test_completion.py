"""Completion in real shells: what they are offered at a place of the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from built_images import image_id, record

from toe.images.store import store_in

DOCUMENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        inputs: {commands: [echo]}
      - name: Configure
        action: CreatFile
  - name: test
    steps:
      - name: Starts
        action: ExecuteBash
        inputs: {commands: [echo]}
"""
#: Calls the function that the script has registered, as bash does at a TAB.
BASH = """
eval "$(toe completion bash)"
COMP_WORDS=("$@" "$WORD") COMP_CWORD=$#
complete -p toe awstoe > /dev/null || exit 9
_toe_completion toe 2> /dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""
#: zsh's own functions that take the candidates are replaced by what prints them.
ZSH = """
compdef() { :; }
_describe() { print -l -- "${(@)completions_with_descriptions%%:*}"; }
compadd() { print -l -- "${completions[@]}"; }
_path_files() { print files; }
eval "$(toe completion zsh)"
words=("$@" "$WORD") CURRENT=$(( $# + 1 ))
_toe_completion
"""
FISH = """
toe completion fish | source
complete --do-complete (string join ' ' -- $argv "$WORD") | string replace --regex '\\t.*' ''
"""


def ask(shell: str, script: str, words: list[str]) -> list[str]:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    folder = Path("bin")
    folder.mkdir(exist_ok=True)
    for name in ("toe", "awstoe"):
        (folder / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -m toe "$@"\n')
        (folder / name).chmod(0o755)
    plain = {"bash": ["--norc", "-c", script, "bash"], "zsh": ["-f", "-c", script, "zsh"], "fish": ["-N", "-c", script]}
    *before, word = words
    environment = {**os.environ, "PATH": f"{folder.resolve()}:{os.environ['PATH']}", "WORD": word, "HOME": os.getcwd()}
    command = [shell, *plain[shell], *before]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.returncode in (0, 1)
    return [line for line in done.stdout.splitlines() if line]


SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
#: The words are split alike, whatever is behind them: one shell shows that.
bash_alone = pytest.mark.parametrize(
    "offered",
    ["bash", *(pytest.param(name, marks=pytest.mark.slow) for name in ("zsh", "fish"))],
    indirect=True,
)


@pytest.fixture(params=SHELLS)
def offered(request: pytest.FixtureRequest) -> Callable[..., list[str]]:
    shell = request.param
    return lambda *words: sorted(ask(shell, SHELLS[shell], list(words)))


def test_commands_options_and_values(offered: Callable[..., list[str]]) -> None:
    assert offered("toe", "va") == ["validate"]
    assert offered("toe", "validate", "--no-l") == ["--no-lint"]
    assert offered("toe", "run", "--reboot", "e") == ["exit"]
    assert offered("toe", "completion", "") == ["bash", "fish", "zsh"]


@bash_alone
def test_phases_and_steps_of_the_document_on_the_line(offered: Callable[..., list[str]]) -> None:
    Path("a.yml").write_text(DOCUMENT)
    assert offered("toe", "run", "a.yml", "--phases", "") == ["build", "test"]
    assert offered("toe", "run", "-d", "a.yml", "-p", "build,t") == ["build,test"]
    assert offered("toe", "test", "a.yml", "--keyword", "build.") == ["build.Configure", "build.Install"]
    assert offered("toe", "run", "a.yml", "--only", "build.Install,build.C") == ["build.Install,build.Configure"]
    assert offered("toe", "plan", "a.yml", "--start-at", "build.I") == ["build.Install"]
    Path("a.yml").write_text("phases: [\n")
    assert offered("toe", "run", "a.yml", "--phases", "") == []


def test_actions_and_codes(offered: Callable[..., list[str]]) -> None:
    assert offered("toe", "actions", "executeb") == ["ExecuteBash", "ExecuteBinary"]
    assert offered("toe", "explain", "TOE50")[:2] == ["TOE501", "TOE502"]
    assert offered("toe", "run", "--blocked-action-modules", "Reboot,Upd") == ["Reboot,UpdateOS"]


@bash_alone
def test_images_that_were_built(offered: Callable[..., list[str]]) -> None:
    store = store_in(os.environ["TOE_STATE_DIRECTORY"])
    store.put_image(record("web", "1.0.0/1", image_id("web")))
    store.put_image(record("db", "2.0.0/1", image_id("db")))
    assert offered("toe", "images", "s") == ["show"]
    assert offered("toe", "images", "show", "w") == ["web/1.0.0/1"]


def test_the_document_may_stand_behind_the_cursor() -> None:
    Path("a.yml").write_text(DOCUMENT)
    script = BASH.replace("COMP_CWORD=$#", "COMP_CWORD=3").replace('"$@" "$WORD"', '"$@" "$WORD" a.yml')
    assert ask("bash", script, ["toe", "run", "--phases", "b"]) == ["build"]


def test_a_key_press_in_a_terminal_completes() -> None:
    pty = pytest.importorskip("pty")

    Path("a.yml").write_text(DOCUMENT)
    ask("bash", BASH, ["toe", "va"])  # which makes the commands
    child, terminal = pty.fork()
    if child == 0:
        os.environ["PATH"] = f"{os.getcwd()}/bin:{os.environ['PATH']}"
        os.execvp("bash", ["bash", "--norc", "-i"])
    os.write(terminal, b'eval "$(toe completion bash)"\nawstoe run a.yml --phases bu\t; echo do""ne\n')
    shown = b""
    while b"done" not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, b"exit\n")
    os.close(terminal)
    os.waitpid(child, 0)
    assert b"--phases build ;" in shown


@pytest.mark.parametrize("arguments", [[], ["bash", "zsh"], ["zhs"]])
def test_another_shell_is_refused(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "toe", "completion", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "shells: bash, zsh, fish" in done.stderr
