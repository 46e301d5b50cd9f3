"""The command `toe`: its subcommands, imported when they are asked for, and one way for errors to end it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import click

from toe.cli.terminal import STDOUT, open_standard_streams, say, write
from toe.errors import EXIT_NOTHING_RUN, ToeError
from toe.version import __version__

#: subcommand -> module under toe.cli; the command has the module's name.
COMMANDS = {"run": "run", "validate": "validate"}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used: `toe run` does not pay for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"toe.cli.{COMMANDS[cmd_name]}"), COMMANDS[cmd_name])
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-v", "--version", prog_name="toe", message="%(prog)s %(version)s")
def toe() -> None:
    """Run and validate EC2 Image Builder component documents on any host, as AWSTOE does."""


def main() -> NoReturn:
    """Run the command line and end the process with its exit code.

    The interpreter's tear-down is left out: it takes as long as a small run, and everything is written by then.
    """
    gc.set_threshold(100_000)
    closed = open_standard_streams()
    code = command_line(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            code = code if stream is sys.stderr or STDOUT in closed else code or 1
    os._exit(code)


def command_line(arguments: Sequence[str]) -> int:
    """Run `toe` with these arguments and return the exit code; expected errors become one message on stderr."""
    try:
        code = toe.main(args=list(arguments), prog_name="toe", standalone_mode=False)
    except click.UsageError as error:
        message = error.format_message()
        _usage_error(message[:1].lower() + message[1:].rstrip("."), error.ctx)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return 130
    except ToeError as error:
        _tell(error)
        return error.exit_code
    else:
        return code if isinstance(code, int) else 0
    if list(arguments[:1]) == ["run"]:
        from toe.cli.summary import nothing_run

        write(STDOUT, nothing_run(message))
    return EXIT_NOTHING_RUN


def _usage_error(message: str, context: click.Context | None) -> None:
    say(f"toe: error: {message}")
    path = context.command_path if context else "toe"
    say(f"  see '{path} --help'")


def _tell(error: ToeError) -> None:
    say(f"toe: error: {error.message}")
    if error.hint:
        say(f"  {error.hint}")
