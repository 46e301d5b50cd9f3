"""What a failing step printed reaches people, and does nothing to their terminal or their CI system."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import toe
from toe.cli.summary import nothing_run

HARMFUL = (
    "\x1b[2Jcleared",
    "\x1b]52;c;aGk=\x07clipboard",
    "\x9b31mred",
    "re\u202eversed\u2066 \u061cmark\x7f",
    "::error::command",
    "  ::stop-commands::x",
    "say ##[error]group",
    "say ##vso[task.complete]azure",
    "##teamcity[message]",
    "a\u2028b\x08\x07",
    "line\r::warning::return",
)
#: What must be nowhere, in the lines of a text.
ACTS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|^\s*::|##\w*\[", re.MULTILINE
)

DOCUMENT = """
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - {name: Cats, action: ExecuteBash, onFailure: Continue, inputs: {commands: ["cat harm; cat harm >&2; exit 3"]}}
      - {name: Says, action: ExecuteBash, onFailure: Continue, inputs: {commands: ["cat harm; exit 4"]}}
      - {name: Lists, action: ListFiles, inputs: [{path: "nowhere\\e[31m\\u202e##[error]x"}]}
"""


@pytest.mark.parametrize("options", [[], ["--trace"], ["--show-output"], ["--quiet"]], ids=str)
def test_no_text_for_people_acts_on_whoever_shows_it(tmp_path: Path, options: list[str]) -> None:
    harm = "\n".join(HARMFUL) + "\n"
    (tmp_path / "harm").write_bytes(harm.encode())
    (tmp_path / "doc.yml").write_text(DOCUMENT.replace("\\e", "\\x1b"))
    environment = {"PATH": "/bin:/usr/bin", "PYTHONPATH": str(Path(toe.__file__).parent.parent)}
    argv = [sys.executable, "-m", "toe", "run", "doc.yml", "--log-directory", "logs", "--state-directory", "state"]
    done = subprocess.run([*argv, *options], env=environment, capture_output=True)
    said, summary = done.stderr.decode(), done.stdout.decode()
    assert done.returncode == 1
    assert ACTS.findall(said) == []
    assert "cleared" in said
    assert ": :error::command" in said
    assert ACTS.findall(summary) == []
    assert "##teamcity[message]" in json.loads(summary)["failureMessage"]
    (console,) = tmp_path.glob("logs/*/console.log")
    assert HARMFUL[1].encode() in console.read_bytes()


def test_the_summary_shows_no_character_that_is_not_seen() -> None:
    message = "".join(HARMFUL) + "\x7f\x85\u2069"
    text = nothing_run(message)
    assert ACTS.findall(text) == []
    assert json.loads(text)["failureMessage"] == message


def test_a_line_for_people_is_harmless_whatever_it_was_made_of(tmp_path: Path) -> None:
    environment = {"PATH": "/bin:/usr/bin", "PYTHONPATH": str(Path(toe.__file__).parent.parent)}
    argv = [sys.executable, "-m", "toe", "run", "no\x1b[31m\u202e\n::error::x.yml", "--log-directory", "logs"]
    done = subprocess.run(argv, env=environment, capture_output=True)
    assert done.returncode == 2
    assert ACTS.findall(done.stderr.decode() + done.stdout.decode()) == []


def test_the_problems_of_a_document_give_no_orders(tmp_path: Path) -> None:
    (tmp_path / "doc.yml").write_text("schemaVersion: 1.0\nphases:\n- name: build\n  ::error::x: '##vso[task]'\n")
    environment = {"PATH": "/bin:/usr/bin", "PYTHONPATH": str(Path(toe.__file__).parent.parent)}
    argv = [sys.executable, "-m", "toe", "validate", "doc.yml"]
    done = subprocess.run(argv, env=environment, capture_output=True)
    assert done.returncode == 1
    assert ": :error::x: '# #vso[task]'" in done.stdout.decode() + done.stderr.decode()
    assert ACTS.findall(done.stdout.decode() + done.stderr.decode()) == []
