"""Reads plain, correct command lines without click, whose import takes longer than a small run.

It accepts or gives up: what it does not accept, `--help` and mistakes included, goes to click for the explanation.
A property test shows that the two agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toe.cli.options import Command, Option


def plain_values(command: Command, arguments: Sequence[str]) -> dict[str, Any] | None:
    """The values of a command's options by their keys, and its `paths`; None when click has to have a look."""
    spelled = {f"--{option.name}": option for option in command.options}
    spelled |= {f"-{option.short}": option for option in command.options if option.short}
    values = unset(command)
    waiting = list(reversed(arguments))
    paths: list[str] = []
    while waiting:
        word = waiting.pop()
        if not word.startswith("-") or word == "-":
            paths.append(word)
            continue
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = spelled.get(name)
        if option is None or (option.flag and equals):
            return None
        if not option.flag and not equals:
            if not waiting or waiting[-1].startswith("-"):
                return None
            value = waiting.pop()
        _take(values, option, value)
    return {**values, "paths": tuple(paths)}


def unset(command: Command) -> dict[str, Any]:
    """What the options are when they are not given."""
    return {option.key: () if option.many else None for option in command.options}


def _take(values: dict[str, Any], option: Option, value: str) -> None:
    if option.many:
        values[option.key] += (value,)
    else:
        values[option.key] = True if option.flag else value
