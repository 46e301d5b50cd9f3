"""The command line of `toe`, from its words to the exit code. Made for a quick start; the work is elsewhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module

from toe.cli.command import COMPLETION, plain_values
from toe.cli.options import COMMANDS
from toe.cli.terminal import say_error
from toe.errors import ToeError
from toe.quick_typing import Any
from toe.system.host import fault_of_surroundings


def command_line(arguments: Sequence[str]) -> int:
    """Run `toe` with these arguments and return the exit code; an expected error becomes one message on stderr."""
    command = COMMANDS.get(arguments[0]) if arguments and COMPLETION not in os.environ else None
    values: Mapping[str, Any] | None = plain_values(command, arguments[1:]) if command else None
    if command is None or values is None:
        from toe.cli.commands import read

        understood = read(arguments)
        if isinstance(understood, int):
            return understood
        command, values = understood
    try:
        name = command.name.replace("-", "_")
        carry_out = getattr(import_module(f"toe.cli.{command.module or name}"), name)
        code: int = carry_out(values)
    except ToeError as error:
        say_error(error)
        return error.exit_code
    except (OSError, ImportError) as fault:
        cause = fault_of_surroundings(fault)
        if cause is None:
            raise
        say_error(cause)
        if command.name in ("run", "resume"):
            from toe.cli.summary import nothing_run, tell_machines

            # a run that did not come about has a summary too (reference, section 2)
            tell_machines(nothing_run(cause.message), values["summary"], to_stdout=values["events"] != "-")
        return cause.exit_code
    return code
