"""What the README lists is what there is."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import toe
from toe.cli.options import COMMANDS
from toe.events import Event

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text()
SHOWN = re.findall(r"```console\n\$ toe (.*?)\n(.*?)```", README, re.S)

HEAD = """name: Install a package
schemaVersion: 1.0
{}phases:
  - name: build
    steps:
      - name: Download
        action: {}
{}        inputs:
          commands:
            - {}
"""
DOCUMENTS = {
    "install.yml": HEAD.format("", "ExecuteBash", "", "curl -fsSLO http://127.0.0.1:9/tool.tgz"),
    "typo.yml": HEAD.format("", "ExecuteBsh", "        onFailur: Continue\n", "echo {{ build.Fetch.outputs.stdout }}")
    + """      - name: Install
        action: ExecuteBash
        inputs:
          commands:
            - echo '{{ build.Instal.outputs.stdout }}'
""",
    "tool.yml": HEAD.format(
        "parameters:\n  - Version:\n      type: string\n      default: '1.0'\n", "ExecuteBash", "", "|"
    )
    + """              curl -fsSLO https://example.com/tool-{{ Version }}.tgz
              tar -xzf tool-*.tgz -C /opt
""",
    "components/base.yml": HEAD.format("", "ExecuteBash", "", "':'"),
    "components/web.yml": """name: A web server
schemaVersion: 1.0
phases:
  - name: test
    steps:
      - name: Port  # toe: expect 50ms
        action: ExecuteBash
        inputs: {commands: [sleep 0.06]}
      - name: Certificate
        action: ExecuteBash
        inputs: {commands: [exit 77]}
""",
}


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("function", ["run", "resume", "validate", "load"])
def test_every_argument_of_the_library_is_listed(function: str) -> None:
    arguments = inspect.signature(getattr(toe, function)).parameters.values()
    (listed,) = re.findall(rf"`{function}`:(.*?)\.(?:\s|$)", section("As a library"), re.S)
    keywords = [argument.name for argument in arguments if argument.kind is argument.KEYWORD_ONLY]
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(keywords)


def test_every_event_is_listed() -> None:
    listed = section("As a library").split("`on_event` gets")[1].split("\n\n")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", listed)) == {event.__name__ for event in get_args(Event)}


def test_every_command_and_every_option_of_run_is_listed() -> None:
    shown = section("Command line")
    assert {command for command in COMMANDS if f"\ntoe {command} " not in shown} == set()
    usage = shown.split("\ntoe resume")[0]
    options = COMMANDS["run"].options
    assert [
        option.name for option in options if not re.search(rf"\[(--{option.name}|-{option.short or '-'})\b", usage)
    ] == []


def without_chance(text: str) -> str:
    """A transcript without its durations, ids and log folders, and without what is told of the machine."""
    text = re.sub(r"\d+\.\d+ s\b|\d+ ms\b", "TIME", text)
    text = re.sub(r"\((linux|darwin), (not )?root\)", "(HOST)", text)
    text = re.sub(r"[^\s\"]*/TOE_[-_\w]+", "LOGS", text)
    return re.sub(r'"executionId": "[-\w]+"', '"executionId": "ID"', text)


@pytest.mark.parametrize(("arguments", "shown"), SHOWN, ids=[arguments for arguments, _ in SHOWN])
def test_what_is_shown_is_printed(arguments: str, shown: str) -> None:
    if "curl:" in shown and not shutil.which("curl"):
        pytest.skip("curl is not installed")
    Path("components").mkdir()
    for name, text in DOCUMENTS.items():
        Path(name).write_text(text)
    Path("examples").symlink_to(REPOSITORY / "examples")
    words = arguments.removesuffix(" > /dev/null")
    command = [sys.executable, "-m", "toe", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    printed = done.stderr + (done.stdout if words == arguments else "")
    assert without_chance(printed) == without_chance(shown)
