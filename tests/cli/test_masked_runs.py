"""Whole runs by the command line and by the library: no artefact tells a secret."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import toe
from toe.events import Event

Run = Callable[..., toe.RunResult]

PASSWORD = "c0rrect \"horse\"/'battery' & st\u00e4ple"
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTU\n-----END KEY-----"

TELLS = r"""
schemaVersion: 1.0
parameters:
  - Password: {type: string, default: "none given"}
  - Words: {type: stringList, default: ["first word", "other word"]}
phases:
  - name: build
    steps:
      - name: Tells
        action: ExecuteBash
        onFailure: Continue
        loop: {forEach: ["{{ Password }}", "{{ env:KEY }}"]}
        inputs:
          commands:
            - 'value=$(cat <<"EOF"'
            - "{{ loop.value }}"
            - 'EOF'
            - ')'
            - 'for out in 1 2; do'
            - '  printf "%s\n" "$value" >&$out'
            - '  printf "%q\n" "$value" >&$out'
            - '  printf "%s" "$value" | base64 >&$out'
            - '  printf "user:%s" "$value" | base64 -w0 >&$out; echo >&$out'
            - '  printf "%s" "$value" | head -c 8 >&$out; printf "%s\n" "$value" | tail -c +9 >&$out'
            - '  while IFS= read -r line; do echo "$line"; done <<< "$value" >&$out'
            - 'done'
            - '"$PYTHON" quotes.py "$value" | tee /dev/stderr'
            - 'set -x; : "$value"'
            - '[ -z "$FAIL" ] || exit 3'
      - name: Repeats
        action: ExecuteBinary
        onFailure: Continue
        inputs: {path: echo, arguments: ["{{ build.Tells.outputs.stdout }}", "{{ Words }}"]}
      - name: Fails
        action: CreateFile
        inputs:
          - {path: "/dev/null/{{ Password }}", content: "{{ env:KEY }}"}
"""


QUOTES = """
import html, json, sys, urllib.parse
for quote in json.dumps, html.escape, urllib.parse.quote, urllib.parse.quote_plus, repr:
    print(quote(sys.argv[1]), flush=True)
"""


def forms(value: str) -> list[str]:
    encoded = [base64.b64encode(before + value.encode()).decode()[4:60] for before in (b"", b"user:")]
    return [value, *value.split("\n"), json.dumps(value)[1:-1], quote(value), *encoded]


FORBIDDEN = [*forms(PASSWORD), *forms(KEY), "first word", "battery", "BAQEFAASC"]


def told(data: bytes) -> list[str]:
    text = data.decode()
    return [form for form in FORBIDDEN if form in text or json.dumps(form)[1:-1] in text]


@pytest.mark.parametrize(("option", "fails"), [("--trace", ""), ("--quiet", "1"), (None, "1")])
def test_no_artefact_of_a_run_tells_a_secret(tmp_path: Path, option: str | None, fails: str) -> None:
    (tmp_path / "tells.yml").write_text(TELLS)
    (tmp_path / "quotes.py").write_text(QUOTES)
    argv = [
        sys.executable,
        "-m",
        "toe",
        "run",
        "tells.yml",
        "--parameters",
        f"Password={PASSWORD}",
        "--mask",
        "Password",
    ]
    argv += ["--state-directory", "state"]
    environment = {
        "PATH": "/bin:/usr/bin",
        "PYTHON": sys.executable,
        "KEY": KEY,
        "TOE_MASK": "KEY, Words",
        "FAIL": fails,
    }
    environment["PYTHONPATH"] = str(Path(toe.__file__).parent.parent)
    done = subprocess.run([*argv, *([option] if option else [])], env=environment, capture_output=True)
    assert done.returncode == 1
    (tmp_path / "stdout").write_bytes(done.stdout)
    (tmp_path / "stderr").write_bytes(done.stderr)
    (tmp_path / "tells.yml").unlink()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"console.log", "chaining.json", "stdout"} <= {path.name for path in files}
    assert {path.name: told(path.read_bytes()) for path in files if told(path.read_bytes())} == {}
    assert "***" in json.loads(done.stdout)["failureMessage"]
    console = next(path for path in files if path.name == "console.log").read_text()
    assert "Stdout: ***\n" in console
    assert "Stdout: user" not in console


def test_scripts_and_later_steps_get_the_true_value(tmp_path: Path, run_document: Run) -> None:
    heard: list[Event] = []
    document = """
schemaVersion: 1.0
parameters: [{Password: {type: string}}]
phases:
  - name: build
    steps:
      - {name: Says, action: ExecuteBash, inputs: {commands: ['echo "{{ Password }}"']}}
      - {name: Keeps, action: CreateFile, inputs: [{path: kept, content: "{{ build.Says.outputs.stdout }}"}]}
"""
    result = run_document(document, parameters={"Password": "s3cret"}, mask=["Password"], on_event=heard.append)
    assert (tmp_path / "kept").read_text() == "s3cret"
    assert "s3cret" not in repr(result) + repr(heard)
    assert "***" in repr(result)


def test_the_state_that_a_reboot_leaves_does_not_tell(tmp_path: Path) -> None:
    (tmp_path / "doc.yml").write_text(
        "schemaVersion: 1.0\nparameters: [{Password: {type: string}}]\nphases:\n  - name: build\n    steps:\n"
        "      - {name: Says, action: ExecuteBash, inputs: {commands: ['echo {{ Password }}']}}\n"
        "      - {name: Boots, action: ExecuteBash, inputs: {commands: ['exit 194']}}\n"
    )
    environment = {"PATH": "/bin:/usr/bin"}
    parameters = {"Password": "s3cret"}
    options: Any = {"state_directory": tmp_path / "state", "environment": environment}
    result = toe.run("doc.yml", parameters=parameters, mask=["Password"], **options)
    assert result.reboot
    state = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert b"Says" in state
    assert b"***" in state
    assert b"s3cret" not in state
    with pytest.raises(toe.ToeError, match="'Password' is masked"):
        toe.resume(result.execution_id, **options)
    assert toe.resume(result.execution_id, parameters=parameters, **options).reboot


def test_errors_before_the_run_do_not_tell_either(run_document: Run) -> None:
    document = """
schemaVersion: 1.0
parameters: [{Password: {type: string, allowedValues: [other]}}]
phases: [{name: build, steps: [{name: Says, action: ExecuteBash, inputs: {commands: ["echo"]}}]}]
"""
    with pytest.raises(toe.ToeError) as caught:
        run_document(document, parameters={"Password": "s3cret"}, mask=["Password"])
    error: BaseException | None = caught.value
    while error is not None:
        assert "s3cret" not in f"{error} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_a_short_value_is_warned_about(tmp_path: Path) -> None:
    (tmp_path / "doc.yml").write_text(
        "schemaVersion: 1.0\nparameters: [{Pin: {type: string}}]\n"
        "phases: [{name: build, steps: [{name: Says, action: ExecuteBash, inputs: {commands: [echo]}}]}]\n"
    )
    argv = [sys.executable, "-m", "toe", "run", "doc.yml", "--parameters", "Pin=123", "--mask", "Pin"]
    environment = {"PATH": "/bin:/usr/bin", "PYTHONPATH": str(Path(toe.__file__).parent.parent)}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "warning: the value of 'Pin' is not masked: it has fewer than 4 characters" in done.stderr


def test_output_that_is_cut_does_not_end_in_half_a_secret(run_document: Run) -> None:
    line = "x" * 1019 + "s3cret"
    document = f"""
schemaVersion: 1.0
parameters: [{{Password: {{type: string}}}}]
phases:
  - name: build
    steps:
      - name: Says
        action: ExecuteBash
        inputs: {{commands: ['yes {line} | head -c 17000000', 'yes {line} | head -c 70000 >&2', 'exit 3']}}
"""
    result = run_document(document, parameters={"Password": "s3cret"}, mask=["Password"])
    (step,) = result.documents[0].phases[0].steps
    assert step.failure is not None
    for text in (str(step.outputs[0]["stdout"]), step.failure.stderr):
        lines = text.splitlines()
        assert lines[0] == "x" * 1019 + "***"
        assert not [part for part in lines if "s3" in part or part.startswith(("3cret", "cret", "ret"))]
