"""The command `toe`: where a process starts and ends. Made for a quick start; the work is elsewhere."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from toe.cli.options import COMMANDS
from toe.cli.plain import plain_values
from toe.cli.signals import die_of_interrupts
from toe.cli.terminal import open_standard_streams


def main() -> NoReturn:
    """Run the command line and end the process with its exit code.

    The interpreter's tear-down is left out: it takes as long as a small run, and everything is written by then.
    """
    gc.set_threshold(100_000)
    die_of_interrupts()
    open_standard_streams()
    code = command_line(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            code = code or 1
    os._exit(code)


def command_line(arguments: Sequence[str]) -> int:
    """Run `toe` with these arguments and return the exit code."""
    command = COMMANDS.get(arguments[0]) if arguments and "_TOE_COMPLETE" not in os.environ else None
    values = plain_values(command, arguments[1:]) if command else None
    if command is None or values is None:
        from toe.cli import commands

        return commands.command_line(arguments)
    from toe.cli.dispatch import call

    return call(command, values)
