"""Reads a bash script into commands: as much of bash's grammar as the lint rules ask about, in one pass.

Every character is consumed once, nesting is bounded, and nothing is guessed: what is not understood (a quote that is
never closed, a `fi` without its `if`) makes the whole script unreadable.
"""

from __future__ import annotations

import re

from toe.check.lint.bash_commands import BashScript, Block, Command, Statement, Word
from toe.check.lint.bash_words import Unreadable, WordReader

#: More than anybody writes; the rules look at each several times.
MOST_STATEMENTS = 5_000

_OPERATOR = re.compile(r"&&|\|\||\|&?")
_REDIRECTION = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())")
_KEYWORD = re.compile(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|\{|\}|\[\[)(?=[\s;&|()<>]|$)"
)
_CLOSING = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_EMPTY_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_TEST_OPERATOR = re.compile(r"&&|\|\||[<>()|;&]")
_IN = re.compile(r"in(?=\s|;)")
_CASE_END = re.compile(r";;&?|;&")
_NOTHING: frozenset[str] = frozenset()


def read_bash(text: str) -> BashScript | None:
    """The commands of a script; None when it cannot be read."""
    reader = _Reader(text)
    try:
        statements = reader.statements(_NOTHING)
    except Unreadable:
        return None
    return BashScript(statements, tuple(reader.inner), tuple(reader.bare))


class _Reader(WordReader):
    """Statements and commands, down to the words."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._statements = 0

    # Lists of statements

    def statements(self, ends: frozenset[str]) -> tuple[Statement, ...]:
        """Statements up to one of `ends`, which is left to the caller, or to the end of the script without any."""
        self._deeper()
        found: list[Statement] = []
        while not self._at_end(ends):
            found.append(self._statement())
            self._statements += 1
            if self._statements > MOST_STATEMENTS:
                raise Unreadable
        self._depth -= 1
        return tuple(found)

    def _at_end(self, ends: frozenset[str]) -> bool:
        """Whether one of `ends` comes next. Raises where the list ends with what opened nothing here."""
        self._skip_separators()
        if self.at >= len(self.text):
            if ends:
                raise Unreadable
            return True
        if self.text[self.at] in ends:
            return True
        if _CASE_END.match(self.text, self.at):
            if ";;" not in ends:
                raise Unreadable
            return True
        keyword = self._keyword()
        if keyword in ends:
            return True
        if keyword in _CLOSING:
            raise Unreadable
        return False

    def _keyword(self) -> str:
        found = _KEYWORD.match(self.text, self.at)
        return found[0] if found else ""

    def _skip_separators(self) -> None:
        """White space, ends of lines, comments and single semicolons."""
        while self.at < len(self.text):
            self._skip_lines()
            if self._next(";") and not _CASE_END.match(self.text, self.at):
                self.at += 1
            else:
                return

    def _statement(self) -> Statement:
        start = self.at
        commands = [self._command("")]
        while True:
            self._skip_blanks()
            operator = _OPERATOR.match(self.text, self.at)
            if not operator:
                break
            self.at = operator.end()
            self._skip_lines()
            commands.append(self._command(operator[0].replace("|&", "|")))
        end = self.at
        background = self._next("&")
        self.at += background
        return Statement(tuple(commands), start, end, background)

    # Commands

    def _command(self, operator: str) -> Command:
        """A command of any kind, behind the operator that joins it to the one before."""
        negated = False
        while self._next("! ") or self._next("!\t"):
            negated = True
            self.at += 2
            self._skip_blanks()
        if self._next("(("):
            start = self.at
            self._skip_parentheses()
            command = Command((Word("((", start),))
        elif self._next("("):
            self.at += 1
            command = Command((), kind="(", blocks=(self._block(")"),))
        else:
            read = _COMPOUND.get(self._keyword())
            command = read(self) if read else self._simple()
        # A simple command has read its own redirections, which may stand between its words.
        if command.kind or (command.words and command.words[0].text in ("[[", "((")):
            self._redirections()
        return command._replace(operator=operator, negated=negated)

    def _block(self, end: str, *, is_condition: bool = False) -> Block:
        statements = self.statements(frozenset((end,)))
        self._expect(end)
        return Block(statements, is_condition)

    def _simple(self) -> Command:
        """Words up to the end of the line or an operator; `name ()` turns out to be a function."""
        words: list[Word] = []
        start = self.at
        while True:
            self._skip_blanks()
            if self._redirection():
                continue
            if self.at >= len(self.text) or self.text[self.at] in "\n;&|)" or self._ends_backticks():
                break
            if self._next("#"):
                self._skip_comment()
                break
            if len(words) == 1 and _EMPTY_PARENTHESES.match(self.text, self.at):
                return self._function_body(words[0])
            words.append(self._word())
        if self.at == start:
            raise Unreadable
        return Command(tuple(words))

    def _redirections(self) -> None:
        self._skip_blanks()
        while self._redirection():
            self._skip_blanks()

    def _redirection(self) -> bool:
        """Skip one redirection, if one comes next; the text of a here-document begins in the next line."""
        found = _REDIRECTION.match(self.text, self.at)
        if not found:
            return False
        self.at = found.end()
        self._skip_blanks()
        target = self._word()
        if found[0].endswith(("<<", "<<-")) and not found[0].endswith("<<<"):
            word = re.sub(r"['\"\\]", "", target.text)
            self._here_documents.append((word, found[0].endswith("-")))
        return True

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
            end = _CASE_END.match(self.text, self.at)
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
        parentheses = _EMPTY_PARENTHESES.match(self.text, self.at)
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
