"""Reads a bash script into commands: as much of bash's grammar as the lint rules ask about, in one pass.

Every character is consumed once, nesting is bounded, and nothing is guessed: what is not understood (a quote that is
never closed, a `fi` without its `if`) makes the whole script unreadable.
"""

from __future__ import annotations

import re

from toe.check.lint.bash_commands import BashScript, Block, Command, Statement, Word

#: Deeper than anybody nests; the reader is recursive.
DEEPEST = 25
#: More than anybody writes; the rules look at each several times.
MOST_STATEMENTS = 5_000

_BLANKS = re.compile(r"(?:[ \t\r]|\\\n)+")
_OPERATOR = re.compile(r"&&|\|\||\|&?")
_REDIRECTION = re.compile(r"(?:\d+|\{\w+\})?(?:<<<|<<-?|<>|<&|>>|>&|>\||&>>|&>|<(?!\()|>(?!\())")
_BARE = re.compile(r"[^\s'\"\\$`;&|<>()]+")
_IN_DOUBLE_QUOTES = re.compile(r"[^\"\\$`]+")
_IN_BRACES = re.compile(r"[^\"'\\$`}]+")
_ANSI_QUOTED = re.compile(r"\$'(?:[^'\\]|\\.)*'", re.DOTALL)
_PARENTHESIS = re.compile(r"[()]")
_KEYWORD = re.compile(
    r"(?:if|then|elif|else|fi|while|until|for|select|do|done|case|esac|function|\{|\}|\[\[)(?=[\s;&|()<>]|$)"
)
_CLOSING = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_EMPTY_PARENTHESES = re.compile(r"[ \t]*\([ \t]*\)")
_TEST_OPERATOR = re.compile(r"&&|\|\||[<>()|;&]")
_IN = re.compile(r"in(?=\s|;)")
_CASE_END = re.compile(r";;&?|;&")
_NOTHING: frozenset[str] = frozenset()


class _Unreadable(Exception):
    """The script is none, or one that is beyond this reader."""


def read_bash(text: str) -> BashScript | None:
    """The commands of a script; None when it cannot be read."""
    reader = _Reader(text)
    try:
        statements = reader.statements(_NOTHING)
    except _Unreadable:
        return None
    return BashScript(statements, tuple(reader.inner), tuple(reader.bare))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.inner: list[Statement] = []
        self.bare: list[tuple[int, int]] = []
        self._depth = 0
        self._statements = 0
        self._in_backticks = False
        self._splits_words = True
        self._here_documents: list[tuple[str, bool]] = []

    # Lists of statements

    def statements(self, ends: frozenset[str]) -> tuple[Statement, ...]:
        """Statements up to one of `ends`, which is left to the caller, or to the end of the script without any."""
        self._deeper()
        found: list[Statement] = []
        while not self._at_end(ends):
            found.append(self._statement())
            self._statements += 1
            if self._statements > MOST_STATEMENTS:
                raise _Unreadable
        self._depth -= 1
        return tuple(found)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _Unreadable

    def _at_end(self, ends: frozenset[str]) -> bool:
        self._skip_separators()
        if self.at >= len(self.text):
            if ends:
                raise _Unreadable
            return True
        if self.text[self.at] in ends:
            return True
        if _CASE_END.match(self.text, self.at):
            if ";;" not in ends:
                raise _Unreadable
            return True
        keyword = self._keyword()
        if keyword in ends:
            return True
        if keyword in _CLOSING:
            raise _Unreadable
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
            raise _Unreadable
        self.at += len(text)

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
        if command.kind or (command.words and command.words[0].text in ("[[", "((")):
            self._redirections()
        return command._replace(operator=operator, negated=negated)

    def _block(self, end: str, *, is_condition: bool = False) -> Block:
        statements = self.statements(frozenset((end,)))
        self._expect(end)
        return Block(statements, is_condition)

    def _simple(self) -> Command:
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
            raise _Unreadable
        return Command(tuple(words))

    def _redirections(self) -> None:
        self._skip_blanks()
        while self._redirection():
            self._skip_blanks()

    def _redirection(self) -> bool:
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

    # Words

    def _ends_backticks(self) -> bool:
        return self._in_backticks and self._next("`")

    def _word(self) -> Word:
        """One word. What is neither blank nor an operator belongs to it; an empty one is none."""
        start = self.at
        while self.at < len(self.text):
            if not self._bare() and not self._special():
                break
        if self.at == start:
            raise _Unreadable
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
            raise _Unreadable
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
            raise _Unreadable

    def _dollar(self, *, quoted: bool = False) -> None:
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
        saved = self._in_backticks, self._splits_words
        self._in_backticks, self._splits_words = end == "`", True
        self.inner += self.statements(frozenset((end,)))
        self._expect(end)
        self._in_backticks, self._splits_words = saved

    def _array(self) -> None:
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
        raise _Unreadable


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
