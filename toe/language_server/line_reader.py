"""Where in a document a place of its text is, read off the lines: also while the text is no YAML, as it is being typed.

Only block style is understood, by its indentation: keys, dashes of lists, block scalars. It judges nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from toe.records import NamedTuple

ITEM = "[]"
STEP = ("phases", ITEM, "steps", ITEM)
_DASH = re.compile(r"-(?:[ ]+|$)")
_KEY = re.compile(r"""(?P<key>"[^"]*"|'[^']*'|[^\s:#"'{}\[\],&*!|>%@`-][^:#]*?)[ \t]*:(?:[ \t]+|$)""")
_BLOCK = re.compile(r"(?:[&!]\S+[ ]+)*[|>][-+0-9]*[ \t]*(?:#.*)?$")
_COMMENT = re.compile(r"(?:^|[ \t]+)#.*$")


class Token(NamedTuple):
    """A key with what stands behind it on its line, or the dash of an item, whose key is ITEM. Both count from 1.

    `value_column` is where the value begins.
    """

    line: int
    column: int
    key: str
    value: str = ""
    value_column: int = 0


class Spot(NamedTuple):
    """Where a place is. `path` leads to the collection in which it stands: keys, and ITEM for the items of lists.

    `key` is the key whose value stands there, "" where a key (or an item) does. `word` is what was written of it up to
    the place, from `column` on. `siblings` are the keys of the same mapping. `step` and `phase` are those of the step
    and the phase around, {} outside of them. In `text`, a block scalar, nothing is written but text.
    """

    path: tuple[str, ...]
    key: str
    word: str
    column: int
    siblings: dict[str, Token]
    step: dict[str, Token]
    phase: dict[str, Token]
    text: bool = False

    def value(self, key: str) -> str:
        """What stands behind a key of the step around; "" for nothing."""
        return self.step[key].value if key in self.step else ""


class LineReader:
    """The tokens of a text's lines."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self.tokens: list[Token] = []
        self._owners: dict[int, Token] = {}
        self._read()

    def spot(self, line: int, column: int) -> Spot:
        """Where a place is; line and column count from 1."""
        owner = self._owners.get(line)
        if owner is not None:
            index = self.tokens.index(owner)
            stack = self._stack(index + 1)
            return self._spot(stack[:-1], owner, "", column, index, text=True)
        before = (self._lines[line - 1] if line <= len(self._lines) else "")[: column - 1]
        index = bisect_left(self.tokens, (line, 0, ""))
        here = list(_tokens_in(line, before))
        stack = self._stack(index, here)
        last = here[-1] if here else None
        if last is not None and last.key != ITEM:
            written = before[last.value_column - 1 :]
            return self._spot(stack[:-1], last, written.lstrip(), column, index + len(here) - 1)
        word = before[last.value_column - 1 :] if last is not None else before.lstrip(" ")
        start = len(before) - len(word) + 1
        while stack and stack[-1].column >= start:
            stack.pop()
        return self._spot(stack, None, word, column, index + len(here), start)

    def key_at(self, line: int, column: int) -> Token | None:
        """The key that is written at a place."""
        for token in self.tokens[bisect_left(self.tokens, (line, 0, "")) :]:
            if token.line != line:
                break
            if token.key != ITEM and token.column <= column <= token.column + len(token.key):
                return token
        return None

    def _spot(
        self,
        stack: list[Token],
        owner: Token | None,
        word: str,
        column: int,
        index: int,
        start: int = 0,
        *,
        text: bool = False,
    ) -> Spot:
        path = tuple(token.key for token in stack)
        own = owner.column if owner is not None else start
        around = {path: self._siblings(index, own)}
        for depth, token in enumerate(stack):
            if token.key != ITEM:
                around[path[:depth]] = self._siblings(self.tokens.index(token), token.column)
        return Spot(
            path,
            owner.key if owner is not None and owner.key != ITEM else "",
            word,
            column - len(word),
            around[path],
            around.get(STEP, {}) if path[: len(STEP)] == STEP else {},
            around.get(STEP[:2], {}) if path[:2] == STEP[:2] else {},
            text,
        )

    def _siblings(self, index: int, column: int) -> dict[str, Token]:
        """The keys at a column around an index of the tokens, up to where something stands further left."""
        found: dict[str, Token] = {}
        for tokens in (self.tokens[index:], reversed(self.tokens[:index])):
            for token in tokens:
                if token.column < column:
                    break
                if token.column == column and token.key != ITEM:
                    found.setdefault(token.key, token)
        return found

    def _stack(self, end: int, here: Sequence[Token] = ()) -> list[Token]:
        """The tokens around the end of some tokens: each stands inside of the one before it."""
        stack: list[Token] = []
        for token in [*self.tokens[:end], *here]:
            while stack and (
                stack[-1].column > token.column
                or (stack[-1].column == token.column and (token.key != ITEM or stack[-1].key == ITEM))
            ):
                stack.pop()
            stack.append(token)
        return stack

    def _read(self) -> None:
        owner: Token | None = None
        for number, line in enumerate(self._lines, 1):
            content = line.lstrip(" ")
            if owner is not None and (not content.strip() or len(line) - len(content) >= owner.column):
                self._owners[number] = owner
                continue
            owner = None
            found = list(_tokens_in(number, line))
            self.tokens += found
            if found and _BLOCK.match(found[-1].value):
                owner = found[-1]


def _tokens_in(number: int, line: str) -> Iterator[Token]:
    content = line.lstrip(" ")
    column = len(line) - len(content) + 1
    if content.startswith(("#", "---", "%")):
        return
    while dash := _DASH.match(content):
        content = content[dash.end() :]
        yield Token(number, column, ITEM, content, column + dash.end())
        column += dash.end()
    found = _KEY.match(content)
    if found is not None:
        value = content[found.end() :]
        bare = value.strip() if _BLOCK.match(value) else _unquoted(_COMMENT.sub("", value).strip())
        yield Token(number, column, _unquoted(found["key"]), bare, column + found.end())


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
