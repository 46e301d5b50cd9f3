"""Reads a bash script into commands: as much of bash's grammar as the lint rules ask about, in one pass.

Every character is consumed once, nesting is bounded, and nothing is guessed: what is not understood (a quote that is
never closed, a `fi` without its `if`) makes the whole script unreadable.
"""

from __future__ import annotations

import re

from toe.check.lint.bash_commands import BashScript, Block, Command, Statement, Word
from toe.check.lint.bash_statements import CASE_END, EMPTY_PARENTHESES, StatementReader
from toe.check.lint.bash_words import Unreadable

_TEST_OPERATOR = re.compile(r"&&|\|\||[<>()|;&]")
_IN = re.compile(r"in(?=\s|;)")
_NOTHING: frozenset[str] = frozenset()


def read_bash(text: str) -> BashScript | None:
    """The commands of a script; None when it cannot be read."""
    reader = _Reader(text)
    try:
        statements = reader.statements(_NOTHING)
    except Unreadable:
        return None
    return BashScript(statements, tuple(reader.inner), tuple(reader.bare))


class _Reader(StatementReader):
    """Compound commands: what begins with a keyword and holds statements."""

    def _compound(self, keyword: str) -> Command | None:
        read = _COMPOUND.get(keyword)
        return read(self) if read else None

    def _if(self) -> Command:
        """`if A; then B; elif C; then D; else E; fi`: conditions and branches in turn."""
        blocks: list[Block] = []
        keyword = "if"
        while keyword != "fi":
            self._expect(keyword)
            if keyword != "else":
                blocks.append(self._block("then", is_condition=True))
            ends = ("fi",) if keyword == "else" else ("elif", "else", "fi")
            blocks.append(Block(self.statements(frozenset(ends))))
            keyword = self._keyword()
        self._expect("fi")
        return Command((), kind="if", blocks=tuple(blocks))

    def _while(self) -> Command:
        kind = self._keyword()
        self._expect(kind)
        return Command((), kind=kind, blocks=(self._block("do", is_condition=True), self._block("done")))

    def _for(self) -> Command:
        """`for x in a b; do ... done`, `for ((...))`, `select`; braces may stand in the place of `do` and `done`."""
        kind = self._keyword()
        self._expect(kind)
        self._skip_blanks()
        if self._next("(("):
            self._skip_parentheses()
        else:
            self._word()
            self._skip_lines()
            if _IN.match(self.text, self.at):
                self.at += 2
                self._words_to_iterate()
        self._skip_separators()
        closing = "}" if self._next("{") else "done"
        self._expect("{" if closing == "}" else "do")
        return Command((), kind=kind, blocks=(self._block(closing),))

    def _words_to_iterate(self) -> None:
        """To split them is what they are there for."""
        self._splits_words = False
        self._skip_blanks()
        while self.at < len(self.text) and self.text[self.at] not in "\n;&|)#":
            self._word()
            self._skip_blanks()
        self._splits_words = True

    def _case(self) -> Command:
        self._expect("case")
        self._skip_blanks()
        self._word()
        self._skip_lines()
        self._expect("in")
        blocks: list[Block] = []
        self._skip_separators()
        while self._keyword() != "esac":
            self._patterns()
            blocks.append(Block(self.statements(frozenset((";;", "esac")))))
            end = CASE_END.match(self.text, self.at)
            self.at = end.end() if end else self.at
            self._skip_separators()
        self._expect("esac")
        return Command((), kind="case", blocks=tuple(blocks))

    def _patterns(self) -> None:
        """Skip `(a|b)` or `a|b)` in front of a branch of `case`."""
        if self._next("("):
            self.at += 1
        while not self._next(")"):
            self._skip_blanks()
            if self._next("|"):
                self.at += 1
            elif not self._next(")"):
                self._word()
        self.at += 1

    def _group(self) -> Command:
        self._expect("{")
        return Command((), kind="{", blocks=(self._block("}"),))

    def _function(self) -> Command:
        self._expect("function")
        self._skip_blanks()
        return self._function_body(self._word())

    def _function_body(self, name: Word) -> Command:
        parentheses = EMPTY_PARENTHESES.match(self.text, self.at)
        self.at = parentheses.end() if parentheses else self.at
        self._skip_lines()
        self._deeper()
        start = self.at
        body = self._command("")
        self._depth -= 1
        return Command((name,), kind="function", blocks=(Block((Statement((body,), start, self.at),)),))

    def _double_bracket(self) -> Command:
        """`[[ a && b ]]`: operators of its own, and ends of lines, stand between its words."""
        words = [Word("[[", self.at)]
        self._expect("[[")
        while True:
            self._skip_lines()
            operator = _TEST_OPERATOR.match(self.text, self.at)
            if operator:
                self.at = operator.end()
                continue
            words.append(self._word())
            if words[-1].text == "]]":
                return Command(tuple(words))


_COMPOUND = {
    "if": _Reader._if,
    "while": _Reader._while,
    "until": _Reader._while,
    "for": _Reader._for,
    "select": _Reader._for,
    "case": _Reader._case,
    "{": _Reader._group,
    "function": _Reader._function,
    "[[": _Reader._double_bracket,
}
