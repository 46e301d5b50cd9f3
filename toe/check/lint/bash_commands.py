"""What a bash script consists of, for the rules: commands, the statements they form, and questions about them.

The script is read in `bash_reader`; nothing is run or expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from toe.records import NamedTuple

#: Programs that run another program, with those of their options that take a value.
_WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset(("-u", "-g", "-C", "-h", "-p", "-U", "--user", "--group")),
    "env": frozenset(("-u", "--unset", "-C", "--chdir")),
    "nice": frozenset(("-n",)),
    "timeout": frozenset(("-s", "-k", "--signal", "--kill-after")),
    "command": frozenset(),
    "builtin": frozenset(),
    "exec": frozenset(("-a",)),
    "nohup": frozenset(),
    "time": frozenset(),
    "stdbuf": frozenset(("-i", "-o", "-e")),
}


class Word(NamedTuple):
    """A word as it is written, quotes included, and where it begins in the script."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends, exclusive."""
        return self.start + len(self.text)

    @property
    def plain(self) -> str:
        """The word without the quotes around it."""
        return self.text.strip("'\"") if self.text[:1] in ("'", '"') else self.text


class Command(NamedTuple):
    """A simple command, or a compound one with its blocks. `operator` joins it to the one before: && || | or "".

    `kind` is "" for a simple command, else the word that opens it: if while until for select case { ( function.
    """

    words: tuple[Word, ...]
    operator: str = ""
    kind: str = ""
    blocks: tuple[Block, ...] = ()
    negated: bool = False

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words from the program's name on: without assignments, sudo, env and the like."""
        return _unwrapped(self.words)

    @property
    def program(self) -> str:
        """The name of the program, without its folders; empty for assignments alone and for compound commands."""
        arguments = self.arguments
        return arguments[0].plain.rpartition("/")[2] if arguments else ""


class Statement(NamedTuple):
    """Commands joined by && || and |. `start` and `end` are offsets in the script."""

    commands: tuple[Command, ...]
    start: int
    end: int
    background: bool = False


class Block(NamedTuple):
    """A list of statements inside of a compound command; a condition's exit status is asked for."""

    statements: tuple[Statement, ...]
    is_condition: bool = False


class BashScript(NamedTuple):
    """A script that was read. `inner` are the statements of command substitutions, wherever they stand.

    `bare` are the parts, by start and end, that bash splits into words: neither quoted nor a comment, no here-document,
    and not what a `for` iterates over.
    """

    statements: tuple[Statement, ...]
    inner: tuple[Statement, ...]
    bare: tuple[tuple[int, int], ...]

    def pipelines(self) -> list[tuple[Command, ...]]:
        """The simple and compound commands, those of each pipeline together, in the order of the script."""
        found = [pipeline for pipeline in _pipelines((*self.statements, *self.inner)) if pipeline]
        return sorted(found, key=_first_offset)

    def commands(self) -> list[Command]:
        """The simple commands in the order of the script."""
        return [command for pipeline in self.pipelines() for command in pipeline if command.words and not command.kind]


def simple_commands(statements: Iterable[Statement]) -> Iterator[Command]:
    """The simple commands of statements and of all their blocks."""
    for pipeline in _pipelines(statements):
        yield from (command for command in pipeline if command.words and not command.kind)


def _pipelines(statements: Iterable[Statement]) -> Iterator[tuple[Command, ...]]:
    pending = list(statements)
    while pending:
        statement = pending.pop()
        current: list[Command] = []
        for command in statement.commands:
            if command.operator != "|":
                yield tuple(current)
                current = []
            current.append(command)
            for block in command.blocks:
                pending.extend(block.statements)
        yield tuple(current)


def _first_offset(pipeline: tuple[Command, ...]) -> int:
    return next((command.words[0].start for command in pipeline if command.words), 0)


def is_assignment(word: Word) -> bool:
    """Whether a word is `NAME=...`, `NAME+=...` or `NAME[i]=...`."""
    name, equals, _ = word.text.partition("=")
    name = name.removesuffix("+").partition("[")[0]
    return bool(equals) and name.isidentifier()


def _unwrapped(words: tuple[Word, ...]) -> tuple[Word, ...]:
    position = 0
    while position < len(words):
        word = words[position]
        with_value = _WRAPPERS.get(word.plain)
        if is_assignment(word):
            position += 1
        elif with_value is not None and position + 1 < len(words):
            after = _behind_options(words, position + 1, with_value)
            if word.plain == "timeout" and after < len(words):
                after += 1
            if after >= len(words):
                return words[position:]
            position = after
        else:
            return words[position:]
    return ()


def _behind_options(words: tuple[Word, ...], position: int, with_value: frozenset[str]) -> int:
    while position < len(words) and words[position].text.startswith("-"):
        position += 2 if words[position].text in with_value else 1
    return position
