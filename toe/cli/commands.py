"""The command line by click: help, mistakes, and every spelling that the plain parser leaves to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from toe.cli.dispatch import call, nothing_run, say_error
from toe.cli.options import COMMANDS, Command, Option
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, ToeError
from toe.version import __version__


def command_line(arguments: Sequence[str]) -> int:
    """Run `toe` with these arguments and return the exit code; expected errors become one message on stderr."""
    try:
        code = group().main(args=list(arguments), prog_name="toe", standalone_mode=False)
    except click.UsageError as error:
        message = error.format_message()
        path = error.ctx.command_path if error.ctx else "toe"
        usage = ToeError(message[:1].lower() + message[1:].rstrip("."), hint=f"see '{path} --help'")
        say_error(usage)
        if list(arguments[:1]) == ["run"]:
            nothing_run(usage)
        return EXIT_NOTHING_RUN
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except OSError as error:
        say_error(ToeError(f"cannot write to stdout: {error.strerror}"))
        return EXIT_FAILED
    return code if isinstance(code, int) else 0


def group() -> click.Group:
    """`toe` with all its subcommands."""
    version = click.version_option(__version__, "-v", "--version", prog_name="toe", message="%(prog)s %(version)s")
    commands = [version(_click_command(command)) for command in COMMANDS.values()]
    toe = click.Group(
        "toe",
        commands=commands,
        help="Run and validate EC2 Image Builder component documents on any host, as AWSTOE does.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    return version(toe)


def _click_command(command: Command) -> click.Command:
    return click.Command(
        command.name,
        callback=lambda **values: call(command, values),
        params=[
            click.Argument(["paths"], nargs=-1, metavar=command.arguments),
            *(_click_option(option) for option in command.options),
        ],
        help=command.help,
        short_help=command.short_help,
    )


def _click_option(option: Option) -> click.Option:
    spellings = [f"--{option.name}", *([f"-{option.short}"] if option.short else [])]
    if option.flag:
        return click.Option(spellings, is_flag=True, default=None, help=option.help)
    extra: dict[str, Any] = {"multiple": True} if option.many else {}
    return click.Option(spellings, metavar=option.metavar, help=option.help, **extra)
