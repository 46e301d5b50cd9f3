"""CONTRIBUTING.md's walk-through, followed word for word in a copy of the repository: the new action is all there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SECTION = (REPOSITORY / "CONTRIBUTING.md").read_text().split("## How to add an action\n")[1].split("\n## ")[0]
#: A code block for a file, whose path ends the paragraph before it.
FILES = dict(re.findall(r"`([\w/.]+)`:\n\n```\w+\n(.*?)```\n", SECTION, re.S))
TABLE = "toe/actions/__init__.py"
(COMMANDS,) = re.findall(r"```sh\n(.*?)```\n", SECTION, re.S)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which each step of the walk-through was done."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("toe", "tests", "schemas", "examples"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    for path, text in FILES.items():
        file = copy / path
        if path == TABLE:
            file.write_text(file.read_text().replace("\n}\n", f"\n{text}}}\n", 1))
            continue
        assert not file.exists(), f"{path} is there already: the walk-through needs another name"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    for command in COMMANDS.splitlines():
        python, *module, into, schema = command.split()
        assert (python, into) == ("python", ">")
        done = run(copy, *module)
        (copy / schema).write_text(done.stdout)
    return copy


def run(copy: Path, *arguments: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
    """Run Python on the copy. It must end well."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [sys.executable, *arguments]
    done = subprocess.run(argv, cwd=copy / folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_walk_through_is_one_file_one_line_a_test_and_an_example() -> None:
    actions = [path for path in FILES if path.startswith("toe/") and path != TABLE]
    assert len(actions) == 1
    assert len(FILES[TABLE].splitlines()) == 1
    assert sorted(Path(path).parts[0] for path in FILES) == ["examples", "tests", "toe", "toe"]


def test_the_example_is_valid_and_runs(copy: Path) -> None:
    assert run(copy, "-m", "toe", "validate", "component.yml", folder="examples/waiting").stderr.count("error") == 0
    done = run(
        copy, "-m", "toe", "run", "--log-directory", str(copy / "logs"), "component.yml", folder="examples/waiting"
    )
    assert json.loads(done.stdout)["status"] == "success"
    (log,) = (copy / "logs").glob("TOE_*/console.log")
    assert "WaitForFile: 'ready.txt' is not there yet\n" in log.read_text()
    assert "Stdout: 8 bytes\n" in log.read_text()


def test_what_the_definition_refuses_is_found_before_a_run(copy: Path) -> None:
    wrong = FILES["examples/waiting/component.yml"].replace("path: ready.txt", "path: a/\n            pollSeconds: 0")
    (copy / "wrong.yml").write_text(wrong)
    argv = [sys.executable, "-m", "toe", "validate", "wrong.yml"]
    done = subprocess.run(
        argv, cwd=copy, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(copy)}
    )
    assert done.returncode != 0
    assert "'a/' ends in a separator, but 'path' is a file" in done.stdout + done.stderr
    assert "'pollSeconds' is 1 or more, not 0" in done.stdout + done.stderr


def test_the_action_is_listed_and_explained(copy: Path) -> None:
    assert re.search(
        r"^WaitForFile +Wait until a file is there", run(copy, "-m", "toe", "actions").stdout, re.MULTILINE
    )
    explained = run(copy, "-m", "toe", "actions", "WaitForFile").stdout
    assert "  pollSeconds (integer, default 1)\n      Seconds between two looks.\n" in explained


def test_the_schema_and_the_page_have_the_action(copy: Path) -> None:
    schema = json.loads((copy / "schemas/component.schema.json").read_text())
    assert set(schema["$defs"]["WaitForFileInputs"]["properties"]) == {"path", "pollSeconds"}
    assert "\n## WaitForFile\n" in (copy / "schemas/actions.md").read_text()


def test_the_tests_of_the_action_pass(copy: Path) -> None:
    run(
        copy,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "tests/actions/test_wait_for_file.py",
        "tests/check/test_component_schema.py",
    )
