"""The command line by click: help, mistakes, and every spelling that the plain parser leaves to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import click

from toe.cli.command import COMPLETION, Command, Option
from toe.cli.options import COMMANDS
from toe.cli.summary import nothing_run
from toe.cli.terminal import STDOUT, is_closed, say, say_error, write
from toe.document.suggest import did_you_mean, suggest
from toe.errors import EXIT_FAILED, EXIT_NOTHING_RUN, ToeError
from toe.version import __version__

_ASK_FOR_TEXT = frozenset(("-h", "--help", "-v", "--version"))


def read(arguments: Sequence[str]) -> tuple[Command, Mapping[str, Any]] | int:
    """The subcommand and the values of its options; the exit code when nothing is left to be done: help, mistakes."""
    try:
        if not arguments and COMPLETION not in os.environ:
            arguments = ["--help"]
        answer = group().main(args=list(arguments), prog_name="toe", standalone_mode=False)
    except click.UsageError as error:
        usage = _wrong_usage(error, arguments)
        say_error(usage)
        if list(arguments[:1]) == ["run"] and not _streams_to_stdout(arguments):
            write(STDOUT, nothing_run(usage.message))
        return EXIT_NOTHING_RUN
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except OSError as error:
        say_error(ToeError(f"cannot write to stdout: {error.strerror}"))
        return EXIT_FAILED
    if isinstance(answer, tuple):
        return answer
    if is_closed(STDOUT) and not answer and not _ASK_FOR_TEXT.isdisjoint(arguments):
        say("toe: error: cannot write to stdout")
        return EXIT_FAILED
    return answer if isinstance(answer, int) else 0


def _streams_to_stdout(arguments: Sequence[str]) -> bool:
    """Whether stdout is asked for as JSON lines, among which no summary must stand."""
    return "--events=-" in arguments or ("--events", "-") in pairwise(arguments)


def _wrong_usage(error: click.UsageError, arguments: Sequence[str]) -> ToeError:
    """What click refuses, with suggestions of our own: click's are of names that share some letters."""
    command = COMMANDS.get(arguments[0])
    hint = f"see 'toe {command.name} --help'" if command else "see 'toe --help'"
    if isinstance(error, click.NoSuchOption):
        name = error.option_name.lstrip("-")
        near = _near([option.name for option in command.options] if command else [], name)
        return ToeError(f"no such option '{error.option_name}'{near}", hint=hint)
    if command is None:
        near = did_you_mean(arguments[0], COMMANDS) if not arguments[0].startswith("-") else ""
        return ToeError(f"no such command '{arguments[0]}'{near}", hint=hint)
    message = error.format_message()
    return ToeError(message[:1].lower() + message[1:].rstrip("."), hint=hint)


def _near(options: Sequence[str], name: str) -> str:
    """Options that begin so, or the one that looks like it."""
    begun = [option for option in options if len(name) > 1 and option.startswith(name)]
    near = begun or [option for option in (suggest(name, options),) if option]
    spelled = " or ".join(f"'--{option}'" for option in near)
    return f" (did you mean {spelled}?)" if near else ""


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
        callback=lambda **values: (command, values),
        params=[
            click.Argument(["paths"], nargs=-1, metavar=command.arguments, shell_complete=_completer(command, None)),
            *(_click_option(command, option) for option in command.options),
        ],
        help=command.help,
        short_help=command.short_help,
    )


def _filled(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """The value of an option that takes no empty one. Raises click.UsageError."""
    if "" in (value if isinstance(value, tuple) else (value,)):
        raise click.UsageError(f"option '{parameter.opts[0]}' is empty")
    return value


def _completer(command: Command, option: Option | None) -> Callable[..., Any] | None:
    """What gives a shell the values of an option, or of the arguments; None where no shell asks."""
    if COMPLETION not in os.environ:
        return None
    from toe.cli.completion import complete

    return lambda context, parameter, word: complete(command, option, context.params, word)


def _click_option(command: Command, option: Option) -> click.Option:
    spellings = [f"--{option.name}"]
    spellings += [f"--{option.alias}"] if option.alias else []
    spellings += [f"-{option.short}"] if option.short else []
    if option.flag:
        return click.Option(spellings, is_flag=True, default=None, help=option.help)
    extra: dict[str, Any] = {"multiple": True} if option.many else {}
    if option.filled:
        extra["callback"] = _filled
    return click.Option(
        spellings, metavar=option.metavar, help=option.help, shell_complete=_completer(command, option), **extra
    )
