"""Every example runs, from a copy of its folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import toe

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
COMPONENTS = sorted(EXAMPLES.glob("*/component.yml"))


def test_there_are_eight_examples() -> None:
    assert len([path for path in EXAMPLES.iterdir() if path.is_dir()]) >= 8


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda path: path.parent.name)
def test_an_example_is_valid_and_succeeds(component: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(component.parent, tmp_path / "example")
    monkeypatch.chdir(tmp_path / "example")
    errors = [problem for problem in toe.validate("component.yml") if problem.severity is toe.Severity.ERROR]
    assert errors == []
    result = toe.run("component.yml", log_directory=tmp_path)
    assert result.failure_message == ""
    assert result.status is toe.Status.SUCCESS


def test_the_library_example_runs(tmp_path: Path) -> None:
    script = EXAMPLES / "library" / "run_component.py"
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "RunFinished" in done.stdout
    assert "test OwnerIsKnown success" in done.stdout
