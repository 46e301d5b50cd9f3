"""Whole runs: what no log tells although nobody named it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import toe

Run = Callable[..., toe.RunResult]

HIDES = """
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Get
        action: ExecuteBash
        disableLogging: true
        inputs: {commands: ['printf "t0ken-%s\\nsecond l%sne\\n" 42 1']}
      - name: Use
        action: ExecuteBash
        inputs:
          commands: ["echo 'using {{ build.Get.outputs.stdout }}'", "echo 'second l''1ne' | base64"]
      - name: Keep
        action: CreateFile
        inputs: [{path: kept, content: "{{ build.Get.outputs.stdout }}"}]
"""


def told_in(folder: Path, *texts: str) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"console.log", "application.log", "chaining.json", "detailedoutput.json", "events.jsonl"} <= {
        path.name for path in files
    }
    return [path.name for path in files for text in texts if text.encode() in path.read_bytes()]


def test_what_a_hidden_step_returned_is_in_no_log(tmp_path: Path, run_document: Run) -> None:
    heard: list[object] = []
    result = run_document(HIDES, log_directory="logs", on_event=heard.append)
    assert result.status is toe.Status.SUCCESS
    assert (tmp_path / "kept").read_text() == "t0ken-42\nsecond l1ne"
    assert told_in(tmp_path / "logs", "t0ken-42", "second l1ne", "c2Vjb25kIGwxbm") == []
    assert "t0ken-42" not in repr(heard)


def test_later_steps_get_what_a_hidden_step_returned_after_a_reboot(tmp_path: Path, run_document: Run) -> None:
    rebooting = HIDES.replace("      - name: Use\n", "      - {name: Boot, action: Reboot}\n      - name: Use\n")
    environment = {**os.environ, "TOE_NO_REBOOT": "0"}
    first = run_document(
        rebooting, log_directory="logs", state_directory="state", execution_id="one", environment=environment
    )
    assert first.reboot
    result = toe.resume("one", state_directory="state", environment=environment)
    assert result.status is toe.Status.SUCCESS
    assert (tmp_path / "kept").read_text() == "t0ken-42\nsecond l1ne"
    assert told_in(tmp_path / "logs", "t0ken-42", "second l1ne") == []


ADDRESSES = """
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Clone
        action: ExecuteBash
        inputs:
          commands: ["echo https://user:pa55word@example.com/a.git", "printf 'https://h/?X-Amz-Signat'; sleep 0; echo 'ure=5''ign'"]
      - {name: Use, action: ExecuteBash, onFailure: Continue, inputs: {commands: ["echo '{{ build.Clone.outputs.stdout }}' >&2; exit 1"]}}
"""  # noqa: E501


@pytest.mark.parametrize("option", ["--trace", "--quiet"])
def test_the_credentials_of_addresses_are_in_no_log(tmp_path: Path, option: str) -> None:
    (tmp_path / "doc.yml").write_text(ADDRESSES)
    done = _toe(["run", "doc.yml", option, "--log-directory", "logs", "--state-directory", "state"], {})
    assert done.returncode == 1
    (tmp_path / "logs" / "streams").write_bytes(done.stdout + done.stderr)
    assert told_in(tmp_path / "logs", "pa55word", "5ign") == []
    assert "https://user:***@example.com/a.git" in next(tmp_path.rglob("console.log")).read_text()


def test_the_secrets_of_aws_in_the_environment_are_in_no_log(tmp_path: Path) -> None:
    (tmp_path / "doc.yml").write_text(
        "schemaVersion: 1.0\nphases:\n- name: build\n  steps:\n"
        "  - {name: S, action: ExecuteBash, inputs: {commands: ['env; env >&2; exit 1']}}\n"
    )
    keys = {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPx", "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEJ//"}
    done = _toe(["run", "doc.yml", "--trace", "--log-directory", "logs", "--state-directory", "state"], keys)
    (tmp_path / "logs" / "streams").write_bytes(done.stdout + done.stderr)
    assert told_in(tmp_path / "logs", *keys.values()) == []
    assert "AWS_SESSION_TOKEN=***" in next(tmp_path.rglob("console.log")).read_text()


def test_a_stand_in_for_the_secrets_of_aws_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "doc.yml").write_text(
        "schemaVersion: 1.0\n"
        "phases: [{name: test, steps: [{name: S, action: ExecuteBash, inputs: {commands: ['echo a test']}}]}]\n"
    )
    done = _toe(
        ["run", "doc.yml", "--log-directory", "logs", "--state-directory", "state"], {"AWS_SESSION_TOKEN": "test"}
    )
    assert json.loads(done.stdout)["status"] == "success"
    assert "Stdout: a test\n" in next(tmp_path.rglob("console.log")).read_text()


def _toe(arguments: list[str], extra: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": "/bin:/usr/bin", "PYTHONPATH": str(Path(toe.__file__).parent.parent), **extra}
    return subprocess.run(
        [sys.executable, "-m", "toe", *arguments], env=environment, capture_output=True, cwd=os.getcwd()
    )
