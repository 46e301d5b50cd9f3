"""`toe validate --fix` and `--diff`: what is mechanical is mended, and nothing else changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from forked_toe import forked_toe

from toe.document.suggest import only_slip

TOE = [sys.executable, "-m", "toe", "validate"]
WRONG = """\
name: Slips   # kept
schemaVersion: 1.0
parameters:
  - Who:
      type: string
      default: mé
phases:
  - Name: build
    steps:
      - name: One
        action: CreatFile # here
        inputs:
          - path: {{ Who }}/x # there
            "Content": {{ Who }} "and" more
      - name: Two
        action: 'ExecuteBsh'
        if:
          StringEquals: a
          value: {{ Who }}
        inputs:
          commands:
            - {{ Who }}
"""
RIGHT = """\
name: Slips   # kept
schemaVersion: 1.0
parameters:
  - Who:
      type: string
      default: mé
phases:
  - name: build
    steps:
      - name: One
        action: CreateFile # here
        inputs:
          - path: "{{ Who }}/x" # there
            "content": '{{ Who }} "and" more'
      - name: Two
        action: 'ExecuteBash'
        if:
          stringEquals: a
          value: "{{ Who }}"
        inputs:
          commands:
            - "{{ Who }}"
"""
STEPS = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"


def validate(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return forked_toe("validate", *arguments, stdin=stdin)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_only_the_spots_change_and_a_second_time_none(end: str, encoding: str, last: str) -> None:
    def encoded(text: str) -> bytes:
        return (text.rstrip("\n") + last).replace("\n", end).encode(encoding)

    path = Path("a.yml")
    path.write_bytes(encoded(WRONG))
    path.chmod(0o640)
    done = validate("a.yml", "--fix")
    assert (done.returncode, path.read_bytes()) == (0, encoded(RIGHT))
    assert b"toe: a.yml: 9 spots mended\n" in done.stderr
    assert path.stat().st_mode & 0o777 == 0o640
    before = path.stat()
    assert b"mended" not in validate("a.yml", "--fix").stderr
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_diff_changes_nothing_and_can_be_applied() -> None:
    for text in (WRONG, WRONG.rstrip("\n")):
        Path("a.yml").write_text(text, encoding="utf-8")
        done = validate("a.yml", "--diff")
        assert done.returncode == 1
        assert Path("a.yml").read_text(encoding="utf-8") == text
        assert done.stdout.startswith(b"--- a.yml\n+++ a.yml\n@@ ")
        subprocess.run(["git", "apply", "-p0"], input=done.stdout, check=True)
        assert validate("a.yml", "--diff").stdout == b""
        assert validate("a.yml", "--diff").returncode == 0


def test_standard_input_is_printed_fixed_and_nothing_else() -> None:
    done = validate("--fix", "-", stdin=WRONG.encode())
    assert (done.returncode, done.stdout) == (0, RIGHT.encode())
    done = validate("--fix", "-", stdin=RIGHT.encode())
    assert (done.returncode, done.stdout) == (0, RIGHT.encode())
    assert validate("--fix", "-", "a.yml").returncode == 2


@pytest.mark.parametrize(
    "steps",
    [
        # becomes an action whose inputs are wrong
        "      - name: One\n        action: CreatFile\n        inputs:\n          - pfad: /a\n",
        # becomes a duplicate key
        "      - name: One\n        Action: CreateFile\n        ACTION: CreateFile\n        inputs: [{path: /a}]\n",
    ],
)
def test_a_document_that_would_have_new_errors_stays_as_it_was(steps: str) -> None:
    Path("a.yml").write_text(STEPS + steps)
    done = validate("a.yml", "--fix")
    assert (done.returncode, Path("a.yml").read_text()) == (1, STEPS + steps)
    assert b"a.yml is left as it was" in done.stderr
    assert validate("a.yml", "--diff").stdout == b""


@pytest.mark.parametrize(
    "steps",
    [
        "      - name: One\n        action: &a Creat\n        inputs: [{path: /a}]\n",  # no slip
        # where is its end?
        "      - name: One\n        action: CreateFile\n        inputs: [{path: {{ a }}, content: b}]\n",
        "      - name: One\n        action: CreateFile\n        inputs:\n          - path: {{ a }}\n              on\n",
        "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n            - |\n"
        "              - {{ a }}\n           x: {{ b }}: [\n",
    ],
)
def test_what_is_not_certain_is_left_alone(steps: str) -> None:
    Path("a.yml").write_text(STEPS + steps)
    assert validate("a.yml", "--fix").returncode == 1
    assert Path("a.yml").read_text() == STEPS + steps


def test_other_errors_stay_and_are_told() -> None:
    text = STEPS + "      - name: One\n        action: CreateFile\n        Onfailure: Abort\n"
    Path("a.yml").write_text(text)
    done = validate("a.yml", "--fix")
    assert done.returncode == 1
    assert "onFailure: Abort" in Path("a.yml").read_text()
    assert b"TOE210" in done.stderr


def test_what_the_project_ignores_is_not_mended() -> None:
    Path(".toe.toml").write_text("ignore = ['TOE216']\n")
    Path("a.yml").write_text(RIGHT.replace("stringEquals", "STRINGEQUALS"))
    assert validate("a.yml", "--fix").returncode == 0
    assert "STRINGEQUALS" in Path("a.yml").read_text()


def test_all_documents_of_a_large_folder_are_mended() -> None:
    Path("many").mkdir()
    for name in "abcd":
        Path(f"many/{name}.yml").write_text(WRONG + "# " + "x" * 100_000 + "\n")
    assert validate("many", "--fix").returncode == 0
    assert {path.read_text()[: len(RIGHT)] for path in Path("many").iterdir()} == {RIGHT}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written() -> None:
    path = Path("a.yml")
    path.write_text(WRONG)
    path.chmod(0o400)
    done = validate("a.yml", "--fix")
    assert done.returncode == 2
    assert b"a.yml: error: cannot write the fixed document" in done.stderr


def test_what_cannot_be_fixed_is_refused_before_anything_is_read() -> None:
    done = validate("https://127.0.0.1:9/a.yml", "--fix")
    assert (done.returncode, b"cannot be fixed where it is" in done.stderr) == (2, True)
    assert validate("a.yml", "--diff", "--format", "sarif").returncode == 2
    done = validate("missing.yml", "--diff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"missing.yml: error: " in done.stderr


@pytest.mark.parametrize(
    ("word", "meant"),
    [("CreatFile", "CreateFile"), ("executebash", "ExecuteBash"), ("ExecuteBsah", "ExecuteBash"), ("Insert", "")],
)
def test_a_slip_has_one_candidate(word: str, meant: str) -> None:
    assert only_slip(word, ["CreateFile", "CreateFolder", "ExecuteBash", "Assert", "CopyFile", "MoveFile"]) == meant


def test_two_candidates_are_none() -> None:
    assert only_slip("MopyFile", ["CopyFile", "MoveFile", "NopyFile"]) == ""
