"""The plain parser and click read the same command lines in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.cli import commands
from toe.cli.command import Command, plain_values
from toe.cli.options import COMMANDS

WORDS = st.one_of(
    st.sampled_from(
        [
            *(f"--{option.name}" for command in COMMANDS.values() for option in command.options),
            *(f"--{option.alias}" for command in COMMANDS.values() for option in command.options if option.alias),
            *(f"-{option.short}" for command in COMMANDS.values() for option in command.options if option.short),
            "--help",
            "--",
            "-",
            "--phases=build",
            "--trace=1",
            "-pbuild",
            "-tq",
            "a.yml",
            "",
        ]
    ),
    st.text(max_size=5),
)


def read_by_click(command: Command, arguments: list[str]) -> Mapping[str, Any] | None:
    try:
        answer = commands.group().main([command.name, *arguments], standalone_mode=False)
    except (click.ClickException, click.exceptions.Exit):
        return None
    return answer[1] if isinstance(answer, tuple) else None


def both_read_alike(command: Command, arguments: list[str]) -> None:
    values = plain_values(command, arguments)
    if values is not None:
        assert read_by_click(command, arguments) == values


each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
lines = given(arguments=st.lists(WORDS, max_size=5))


@each_command
@settings(max_examples=20)
@lines
def test_what_the_plain_parser_accepts_click_reads_alike(command: Command, arguments: list[str]) -> None:
    both_read_alike(command, arguments)


@pytest.mark.slow
@each_command
@settings(max_examples=300)
@lines
def test_all_that_the_plain_parser_accepts_click_reads_alike(command: Command, arguments: list[str]) -> None:
    both_read_alike(command, arguments)


def test_usual_command_lines_are_plain() -> None:
    run = COMMANDS["run"]
    assert plain_values(run, ["a.yml", "-p", "build", "--parameters", "A=b", "--trace", "-d", "b.yml"]) is not None
    assert plain_values(run, ["--help"]) is None
    assert plain_values(run, ["--no-such"]) is None
    assert plain_values(run, ["--phases"]) is None


def test_an_option_has_a_second_name() -> None:
    build = COMMANDS["build"]
    spelled = ["--parameter", "A=b", "--parameters=C=d"]
    values = plain_values(build, spelled)
    assert values is not None
    assert values["parameters"] == ("A=b", "C=d")
    assert read_by_click(build, spelled) == values
