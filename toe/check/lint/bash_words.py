"""Reads the words of a bash script: quotes, expansions, comments, and the here-documents that a line asked for.

What stands inside of `$(...)`, `<(...)` and backticks are commands again, which `bash_reader` reads.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from toe.check.lint.bash_commands import Statement, Word

#: Deeper than anybody nests; the reader is recursive.
DEEPEST = 25

_BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_BARE = re.compile(r"[^\s'\"\\$`;&|<>()]+")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"\\$`]+")
_IN_BRACES = re.compile(r"[^\"'\\$`}]+")
_ANSI_QUOTED = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.DOTALL)
_PARENTHESIS = re.compile(r"[()]")


class Unreadable(Exception):
    """The script is none, or one that is beyond this reader."""


class WordReader(ABC):
    """Reads a script from left to right; `at` is where it stands.

    `inner` collects the statements of substitutions, `bare` the parts that bash splits into words.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.inner: list[Statement] = []
        self.bare: list[tuple[int, int]] = []
        self._depth = 0
        self._in_backticks = False
        self._splits_words = True
        #: those of the line that is read: the word that ends each, and whether tabs before it do not count
        self._here_documents: list[tuple[str, bool]] = []

    @abstractmethod
    def statements(self, ends: frozenset[str]) -> tuple[Statement, ...]:
        """Statements up to one of `ends`, which is left to the caller."""

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Unreadable

    def _skip_lines(self) -> None:
        """White space, ends of lines with the here-documents behind them, and comments."""
        while True:
            self._skip_blanks()
            if self._next("#"):
                self._skip_comment()
            if not self._next("\n"):
                return
            self.at += 1
            for word, tabs in self._here_documents:
                self._skip_here_document(word, tabs)
            self._here_documents.clear()

    def _skip_blanks(self) -> None:
        found = _BLANKS.match(self.text, self.at)
        if found:
            self.at = found.end()

    def _skip_comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _skip_here_document(self, word: str, tabs: bool) -> None:
        while self.at < len(self.text):
            end = self.text.find("\n", self.at)
            end = len(self.text) if end < 0 else end
            line = self.text[self.at : end]
            if (line.lstrip("\t") if tabs else line) == word:
                # The end of this line is left: it ends the statement inside of `$(cat <<X ...`.
                self.at = end
                return
            self.at = end + 1
        self.at = len(self.text)

    def _next(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def _expect(self, text: str) -> None:
        if not self._next(text):
            raise Unreadable
        self.at += len(text)

    def _ends_backticks(self) -> bool:
        return self._in_backticks and self._next("`")

    def _word(self) -> Word:
        """One word. What is neither blank nor an operator belongs to it; an empty one is none."""
        start = self.at
        while self.at < len(self.text):
            if not self._bare() and not self._special():
                break
        if self.at == start:
            raise Unreadable
        return Word(self.text[start : self.at], start)

    def _bare(self) -> bool:
        found = _BARE.match(self.text, self.at)
        if not found:
            return False
        if self._splits_words:
            self.bare.append(found.span())
        self.at = found.end()
        return True

    def _special(self) -> bool:
        """A quoted or expanded part of a word; false where the word ends."""
        character = self.text[self.at]
        if character == "'":
            self._to_quote()
        elif character == '"':
            self._double_quotes()
        elif character == "\\":
            self.at = min(self.at + 2, len(self.text))
        elif character == "$":
            self._dollar()
        elif character == "`" and not self._in_backticks:
            self._backticks()
        elif character in "<>" and self.text.startswith("(", self.at + 1):
            self.at += 2
            self._substitution(")")
        elif character == "(" and self.text[self.at - 1 : self.at] == "=":
            self._array()
        elif character == "(" and self.text[self.at - 1 : self.at] in ("?", "*", "+", "@", "!"):
            self._skip_parentheses()
        else:
            return False
        return True

    def _to_quote(self) -> None:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise Unreadable
        self.at = end + 1

    def _double_quotes(self) -> None:
        self.at += 1
        while not self._next('"'):
            found = _IN_DOUBLE_QUOTES.match(self.text, self.at)
            if found:
                self.at = found.end()
            else:
                self._expanded(quoted=True)
        self.at += 1

    def _expanded(self, *, quoted: bool) -> None:
        """An escape, a `$...` or backticks. Raises at the end of the script: a quote or brace is not closed."""
        if self._next("\\"):
            self.at += 2
        elif self._next("$"):
            self._dollar(quoted=quoted)
        elif self._next("`") and not self._in_backticks:
            self._backticks()
        else:
            raise Unreadable

    def _dollar(self, *, quoted: bool = False) -> None:
        """`$((...))`, `$(...)`, `${...}`, `$'...'`; of `$x` the dollar alone: the name is part of the word."""
        ansi = None if quoted or not self._next("$'") else _ANSI_QUOTED.match(self.text, self.at)
        if self._next("$(("):
            self.at += 1
            self._skip_parentheses()
        elif self._next("$("):
            self.at += 2
            self._substitution(")")
        elif self._next("${"):
            self._braces(quoted=quoted)
        elif ansi:
            self.at = ansi.end()
        else:
            self.at += 1

    def _braces(self, *, quoted: bool) -> None:
        """`${name:-default}`, in whose default quotes and expansions may stand. In `"${x:-it's}"` `'` is no quote."""
        self._deeper()
        self.at += 2
        while not self._next("}"):
            found = _IN_BRACES.match(self.text, self.at)
            if found:
                self.at = found.end()
            elif self._next('"'):
                self._double_quotes()
            elif self._next("'"):
                if quoted:
                    self.at += 1
                else:
                    self._to_quote()
            else:
                self._expanded(quoted=quoted)
        self.at += 1
        self._depth -= 1

    def _backticks(self) -> None:
        self.at += 1
        self._substitution("`")

    def _substitution(self, end: str) -> None:
        """Commands inside of a word: a script of its own, whatever is quoted around it."""
        saved = self._in_backticks, self._splits_words
        self._in_backticks, self._splits_words = end == "`", True
        self.inner += self.statements(frozenset((end,)))
        self._expect(end)
        self._in_backticks, self._splits_words = saved

    def _array(self) -> None:
        """`name=(a b c)`, over several lines where they are long."""
        self._deeper()
        self.at += 1
        self._skip_lines()
        while not self._next(")"):
            self._word()
            self._skip_lines()
        self.at += 1
        self._depth -= 1

    def _skip_parentheses(self) -> None:
        """Arithmetic, and patterns: to the parenthesis that closes this one."""
        depth = 0
        for found in _PARENTHESIS.finditer(self.text, self.at):
            depth += 1 if found[0] == "(" else -1
            if depth == 0:
                self.at = found.end()
                return
        raise Unreadable
