"""`toe run`, `toe test` and `toe follow` as a step of GitHub Actions."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCUMENT = """schemaVersion: 1.0
phases:
  - name: test
    steps:
      - {name: Talks, action: ExecuteBash, inputs: {commands: ['echo ::error::mine']}}
      - {name: Fails, action: ExecuteBash, inputs: {commands: ['echo why >&2; exit 3']}}
"""
ANNOTATION = "::error file=parts/a.yml,line=6,col=9,title=test.Fails (ExecuteBash)%3A FAILED::exit status 3%0Awhy"


def said(*arguments: str, workspace: Path) -> list[str]:
    """The lines of stderr of a failing run."""
    environment = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace)}
    done = subprocess.run([sys.executable, "-m", "toe", *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    return done.stderr.splitlines()


@pytest.fixture(autouse=True)
def _document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a.yml").write_text(DOCUMENT)
    monkeypatch.chdir(tmp_path / "parts")


def test_every_command_that_runs_documents_groups_and_annotates(tmp_path: Path) -> None:
    for arguments in (["run", "a.yml", "--events", "events"], ["follow", "events"], ["test", "a.yml"]):
        lines = said(*arguments, workspace=tmp_path)
        assert lines.count(ANNOTATION) == 1
        assert lines.count("::group::Output of Talks (ExecuteBash)") == 1
        assert "      | ::error::mine" in lines or "      | : :error::mine" in lines


def test_quiet_and_trace_annotate_as_well(tmp_path: Path) -> None:
    for option in ("--quiet", "--trace"):
        lines = said("run", "a.yml", option, workspace=tmp_path)
        assert lines.count(ANNOTATION) == 1
        assert not any(line.startswith("::group") for line in lines)
