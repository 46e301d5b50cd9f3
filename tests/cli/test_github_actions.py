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


def said(*arguments: str, workspace: Path, code: int = 1, stream: str = "stderr") -> list[str]:
    """The lines of stderr or stdout of what ends with the code."""
    environment = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(workspace)}
    done = subprocess.run([sys.executable, "-m", "toe", *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return str(getattr(done, stream)).splitlines()


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


def test_what_is_refused_is_annotated_as_well(tmp_path: Path) -> None:
    Path("bad.yml").write_text(DOCUMENT.replace("ExecuteBash", "ExecuteBsh", 1))
    lines = said("run", "bad.yml", workspace=tmp_path, code=2)
    (annotation,) = [line for line in lines if line.startswith("::")]
    assert annotation.startswith(
        "::error file=parts/bad.yml,line=5,col=31,endLine=5,endColumn=41,title=TOE204::unknown"
    )
    assert said("validate", "bad.yml", "--format", "github", workspace=tmp_path, code=1, stream="stdout") == [
        annotation
    ]
    assert "::error title=toe::no documents to run%0Ahint: name at least one: toe run component.yml" in said(
        "run", workspace=tmp_path, code=2
    )


def test_quiet_and_trace_annotate_as_well(tmp_path: Path) -> None:
    for option in ("--quiet", "--trace"):
        lines = said("run", "a.yml", option, workspace=tmp_path)
        assert lines.count(ANNOTATION) == 1
        assert not any(line.startswith("::group") for line in lines)
