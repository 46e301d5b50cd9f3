"""TOE_LOG_DIRECTORY: where a script keeps what it makes with the logs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import toe

DOCUMENT = """\
name: Keeps a file
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Keep
        action: ExecuteBash
        inputs:
          commands:
            - set -e
            - test -n "$TOE_LOG_DIRECTORY" || { echo none; exit; }
            - echo kept > "$TOE_LOG_DIRECTORY/report.txt"
            - echo '{{ env:TOE_LOG_DIRECTORY }}'
"""


def test_what_a_script_writes_there_lies_with_the_logs(tmp_path: Path) -> None:
    Path("keeps.yml").write_text(DOCUMENT)
    command = [sys.executable, "-m", "toe", "run", "-q", "-l", "logs", "keeps.yml"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    (folder,) = Path("logs").iterdir()
    assert (folder / "report.txt").read_text() == "kept\n"
    assert f"Stdout: {folder.absolute()}\n" in (folder / "console.log").read_text()


def test_a_run_without_logs_has_no_such_folder() -> None:
    Path("keeps.yml").write_text(DOCUMENT.replace("{{ env:TOE_LOG_DIRECTORY }}", "never"))
    result = toe.run("keeps.yml", log_directory=None, state_directory=None)
    assert result.documents[0].phases[0].steps[0].outputs[0]["stdout"] == "none"
