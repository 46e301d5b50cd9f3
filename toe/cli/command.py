"""What a subcommand and its options are, and the reading of plain command lines.

Plain and correct ones are read without click, whose import takes longer than a small run. What `plain_values` does not
accept, `--help` and mistakes included, goes to click for the explanation. A property test shows that the two agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toe.quick_typing import Any
from toe.records import NamedTuple

#: click's variable: a shell asks for completions, or for the script that asks for them.
COMPLETION = "_TOE_COMPLETE"


class Option(NamedTuple):
    """One option. `many` may be given several times; a `flag` takes no value; one that is `filled` takes no empty one.

    `alias` is a further name, without dashes. An empty value is what a script gives whose variable is not set.
    """

    name: str
    help: str
    short: str = ""
    metavar: str = ""
    many: bool = False
    flag: bool = False
    filled: bool = False
    alias: str = ""

    @property
    def key(self) -> str:
        """The name that the option's value has in Python."""
        return self.name.replace("-", "_")


class Command(NamedTuple):
    """One subcommand. `arguments` names what it is given.

    Its function, of the same name, stands in the module of toe.cli that `module` names, which by default is called so
    too.
    """

    name: str
    short_help: str
    help: str
    options: tuple[Option, ...] = ()
    arguments: str = "[DOCUMENT]..."
    module: str = ""


def plain_values(command: Command, arguments: Sequence[str]) -> dict[str, Any] | None:
    """The values of a command's options by their keys, and its `paths`; None when click has to have a look."""
    spelled = {f"--{option.name}": option for option in command.options}
    spelled |= {f"-{option.short}": option for option in command.options if option.short}
    spelled |= {f"--{option.alias}": option for option in command.options if option.alias}
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
        if option.filled and not value:
            return None
        if option.many:
            values[option.key] += (value,)
        else:
            values[option.key] = True if option.flag else value
    return {**values, "paths": tuple(paths)}


def unset(command: Command) -> dict[str, Any]:
    """What the options are when they are not given."""
    return {option.key: () if option.many else None for option in command.options}


def split_names(texts: Iterable[str]) -> list[str]:
    """The names in texts such as `a,b`; blanks around them and empty ones are left out."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]
