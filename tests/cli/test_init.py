"""`toe init`: what a repository of components gets, and what is left alone."""

from __future__ import annotations

import json
import subprocess
import sys
from difflib import ndiff
from pathlib import Path

import pytest
import yaml
from forked_toe import toe_says

from toe.cli.command import plain_values
from toe.cli.init import HOOK, with_hook
from toe.cli.options import COMMANDS

FILES = [".pre-commit-config.yaml", ".github/workflows/components.yml", "components/example.yml"]


def toe(*arguments: str) -> subprocess.CompletedProcess[str]:
    return toe_says(*arguments)


def test_an_empty_folder_gets_all_three_and_they_work() -> None:
    done = toe("init", "repo")
    assert (done.returncode, done.stdout.splitlines()) == (0, [f"repo/{name}" for name in FILES])
    assert toe("validate", "repo/components", "--strict", "--profile", "imagebuilder").returncode == 0
    ran = toe("run", "repo/components/example.yml")
    assert json.loads(ran.stdout)["executedStepCount"] == 3  # build, validate and test
    (repo,) = yaml.safe_load(Path("repo/.pre-commit-config.yaml").read_text())["repos"]
    (hook,) = repo["hooks"]
    program, command, *arguments = hook["entry"].split()
    assert program == "toe"
    assert plain_values(COMMANDS[command], [*arguments, "a.yml"]) is not None
    steps = yaml.safe_load(Path("repo/.github/workflows/components.yml").read_text())["jobs"]["components"]["steps"]
    commands = [step["run"].split() for step in steps if step.get("run", "").startswith("toe ")]
    assert len(commands) == 2
    for _, command, *arguments in commands:
        assert (
            subprocess.run([sys.executable, "-m", "toe", command, *arguments], cwd="repo", check=False).returncode == 0
        )


def test_a_second_call_changes_nothing_and_names_what_is_there() -> None:
    toe("init")
    before = {name: Path(name).read_bytes() for name in FILES}
    done = toe("init")
    assert (done.returncode, done.stdout) == (0, "")
    assert all(f"'{name}'" in done.stderr for name in FILES)
    assert {name: Path(name).read_bytes() for name in FILES} == before


def test_a_file_of_somebody_else_is_never_replaced() -> None:
    Path("components").mkdir()
    Path("components/example.yml").write_text("mine")
    Path(".pre-commit-config.yaml").write_text("# mine\nrepos:\n- repo: meta\n  hooks: [{id: identity}]\n")
    done = toe("init")
    assert done.stdout.splitlines() == FILES[:2]
    assert Path("components/example.yml").read_text() == "mine"
    assert Path(".pre-commit-config.yaml").read_text().startswith("# mine\nrepos:\n- repo: meta\n")
    assert "toe-validate" in Path(".pre-commit-config.yaml").read_text()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "text",
    [
        "repos:\n  - repo: meta\n    hooks:\n      - id: identity\n",
        "repos:   # all\n- repo: meta\n  hooks:\n  - id: identity\n\n# behind\nfail_fast: true\n",
        "ci:\n  skip: [a]\nrepos:\n    - repo: meta\n      hooks:\n      - {id: identity}",
    ],
)
def test_the_hook_is_added_and_all_else_stays(text: str, end: str) -> None:
    old = text.replace("\n", end)
    added = with_hook(old)
    assert added is not None
    assert yaml.safe_load(added)["repos"][1:] == yaml.safe_load(HOOK)
    changes = {line[0] for line in ndiff(old.splitlines(), added.splitlines())}
    assert changes == {" ", "+"}
    assert ("\r\n" in added) == (end == "\r\n")


@pytest.mark.parametrize(
    "text", ["repos: []\n", "repos: [{repo: meta, hooks: []}]\n", "{}\n", "", "repos:\n  - a\n -b: [\n"]
)
def test_what_cannot_be_added_to_is_left_and_shown(text: str) -> None:
    Path(".pre-commit-config.yaml").write_text(text)
    done = toe("init")
    assert done.returncode == 0
    assert Path(".pre-commit-config.yaml").read_text() == text
    assert "add this to its 'repos':\n- repo: local\n" in done.stderr


def test_wrong_usage_and_what_cannot_be_written() -> None:
    Path("file").write_text("")
    for arguments in (("a", "b"), ("",), ("file",)):
        done = toe("init", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("toe: error: ")
