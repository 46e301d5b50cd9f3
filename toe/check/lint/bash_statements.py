"""Reads lists of statements and simple commands of a bash script, with their redirections, down to the words.

Compound commands are read in `bash_reader`.
"""

from __future__ import annotations

import re
from abc import abstractmethod

from toe.check.lint.bash_commands import Block, Command, Statement, Word
from toe.check.lint.bash_words import Unreadable, WordReader

#: More than anybody writes; the rules look at each several times.
MOST_STATEMENTS = 5_000

_OPERATOR = re.compile(r"&&|\|\||\|&?")
_REDIRECTION = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())")
_KEYWORD = re.compile(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|\{|\}|\[\[)(?=[\s;&|()<>]|$)"
)
_CLOSING = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
EMPTY_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
CASE_END = re.compile(r";;&?|;&")


class StatementReader(WordReader):
    """Statements and simple commands."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._statements = 0

    @abstractmethod
    def _compound(self, keyword: str) -> Command | None:
        """The compound command that a keyword begins; None for any other word."""

    @abstractmethod
    def _function_body(self, name: Word) -> Command:
        """The function of this name, whose parentheses or body come next."""

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
        if CASE_END.match(self.text, self.at):
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
            if self._next(";") and not CASE_END.match(self.text, self.at):
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
            command = self._compound(self._keyword()) or self._simple()
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
            if len(words) == 1 and EMPTY_PARENTHESES.match(self.text, self.at):
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
