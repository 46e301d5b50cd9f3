"""Calls a subcommand, and the one way for expected errors to end it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from toe.cli.options import Command
from toe.cli.terminal import STDOUT, say_line, write
from toe.errors import ToeError


def call(command: Command, values: Mapping[str, Any]) -> int:
    """Run a subcommand with the values of its options and return the exit code."""
    try:
        code: int = getattr(import_module(f"toe.cli.{command.name}"), command.name)(values)
    except ToeError as error:
        say_error(error)
        return error.exit_code
    except (OSError, ImportError) as fault:
        from toe.system.surroundings import explained

        cause = explained(fault)
        if cause is None:
            raise
        say_error(cause)
        if command.name in ("run", "resume"):
            nothing_run(cause)
        return cause.exit_code
    return code


def say_error(error: ToeError) -> None:
    """The message of an expected error on stderr, with its hint."""
    say_line(f"toe: error: {error.message}")
    if error.hint:
        say_line(f"  {error.hint}")


def nothing_run(error: ToeError) -> None:
    """The summary of a run that did not come about, on stdout (reference, section 2)."""
    from toe.cli.summary import nothing_run as summary_of_nothing

    write(STDOUT, summary_of_nothing(error.message))
