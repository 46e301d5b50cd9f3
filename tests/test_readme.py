"""What the README lists is what there is."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

import toe
from toe.cli.options import COMMANDS
from toe.events import Event

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()


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
