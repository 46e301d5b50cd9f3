"""What PyYAML says about text that is not YAML, in words that tell the author what to do.

The C parser and the one in Python word the same fault differently; the rules below match both.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from yaml.error import MarkedYAMLError, YAMLError

from toe import codes
from toe.document.foreign_syntax import here_document_outside, template_directive
from toe.document.text import problem_at, unquoted_expression
from toe.errors import Problem
from toe.records import NamedTuple


class Fault(NamedTuple):
    """What the parser said, and where; lines and columns from 1. `began_*` is where the construct around it began."""

    said: str
    line: int
    column: int
    began_line: int
    began_column: int
    lines: list[str]

    @property
    def before(self) -> str:
        """The line up to the fault."""
        return self.lines[self.line - 1][: self.column - 1]

    @property
    def rest(self) -> str:
        """The line from the fault on."""
        return self.lines[self.line - 1][self.column - 1 :]

    @property
    def at_end(self) -> bool:
        """Whether nothing but white space follows in the file."""
        return not self.rest.strip() and not any(line.strip() for line in self.lines[self.line :])

    def problem(self, code: str, message: str, hint: str = "") -> Problem:
        """A problem at the fault."""
        return problem_at(code, message, self.line, self.column, hint)

    def problem_at_beginning(self, code: str, message: str, hint: str = "") -> Problem:
        """A problem where the construct around the fault began."""
        return problem_at(code, message, self.began_line, self.began_column, hint)


def explain(error: Exception, lines: list[str]) -> Problem:
    """The problem behind an error of PyYAML's."""
    fault = _fault_of(error, lines)
    for cause in (
        _expression_at_beginning_of_value(fault),
        template_directive(lines, fault.line),
        here_document_outside(lines, fault.line),
    ):
        if cause is not None:
            return cause
    for pattern, rule in _RULES:
        if pattern.search(fault.said):
            problem = rule(fault)
            if problem is not None:
                return problem
    return fault.problem(codes.SYNTAX, f"not valid YAML: {fault.said.partition('|')[2]}")


def _fault_of(error: Exception, lines: list[str]) -> Fault:
    if not isinstance(error, MarkedYAMLError):
        # The parser in Python lets through what `chr` says of an escape such as "\UFFFFFFFF".
        said = str(error).split("\n")[0] if isinstance(error, YAMLError) else "a character that does not exist"
        return Fault(f"|{said}", 1, 1, 1, 1, lines)
    mark = error.problem_mark or error.context_mark
    began = error.context_mark or mark
    said = f"{error.context or ''}|{error.problem or ''}"
    return Fault(said, *_clamped(mark, lines), *_clamped(began, lines), lines)


def _clamped(mark: object, lines: list[str]) -> tuple[int, int]:
    """The C parser puts the end of a file behind its last line."""
    line, column = getattr(mark, "line", 0) + 1, getattr(mark, "column", 0) + 1
    return (line, column) if line <= len(lines) else (len(lines), len(lines[-1]) + 1)


_VALUE_IS_EXPRESSION = re.compile(r"(?:^|[-:,]\s|\[)\s*(?P<braces>\{\{)")


def _expression_at_beginning_of_value(fault: Fault) -> Problem | None:
    for line in (fault.line, fault.began_line):
        source = fault.lines[line - 1]
        for found in _VALUE_IS_EXPRESSION.finditer(source):
            start = found.start("braces")
            quoted = source.count('"', 0, start) % 2 or source.count("'", 0, start) % 2
            if not quoted and (line, start) < (fault.line, fault.column):
                return unquoted_expression(line, start + 1)
    return None


def _tab(fault: Fault) -> Problem | None:
    if "tab character" not in fault.said and not fault.rest.startswith("\t"):
        return None
    tab = fault.lines[fault.line - 1].find("\t")
    return problem_at(codes.TAB, "a tab: YAML is indented with spaces only", fault.line, max(tab, 0) + 1)


def _escape(fault: Fault) -> Problem:
    source = fault.lines[fault.line - 1]
    backslash = source.rfind("\\", 0, fault.column)
    message = (
        f"'{source[backslash : backslash + 2]}' is not an escape in double quotes: "
        "a Windows path or a pattern goes in single quotes"
    )
    hint = "inside of double quotes a backslash is written twice"
    return problem_at(codes.ESCAPE, message, fault.line, max(backslash, 0) + 1, hint)


def _open_quote(fault: Fault) -> Problem:
    return fault.problem_at_beginning(codes.SYNTAX, "the quote that opens here is never closed")


def _after_quote(fault: Fault) -> Problem | None:
    # A fault of an anchor ("a" && b) is found behind the character that begins it.
    before = fault.before.rstrip().rstrip("&*").rstrip()
    if not before.endswith(("'", '"')) or not fault.rest.strip():
        return None
    message = "text after a closing quote: quote the whole item"
    return fault.problem(codes.UNQUOTED_TEXT, message, "inside of quotes of its own kind a quote is written '' or \\\"")


def _first_character(fault: Fault) -> Problem | None:
    character = fault.rest[:1]
    return fault.problem(codes.UNQUOTED_TEXT, f"a value cannot begin with '{character}': quote it")


def _anchor_or_alias(fault: Fault) -> Problem:
    character = fault.lines[fault.began_line - 1][fault.began_column - 1 : fault.began_column]
    message = f"a value cannot begin with '{character}': quote it"
    code = codes.UNKNOWN_ALIAS if character == "*" else codes.UNQUOTED_TEXT
    return fault.problem_at_beginning(code, message)


def _tag(fault: Fault) -> Problem:
    tag = fault.lines[fault.began_line - 1][fault.began_column - 1 :].split(" ")[0][:80]
    message = f"the tag '{tag}' is not allowed"
    return fault.problem_at_beginning(codes.TAG, message, "quote the value if it is to begin with '!'")


def _colon(fault: Fault) -> Problem:
    if re.search(r":\s", fault.before):
        message = "a second ': ' in unquoted text, which YAML reads as a key and its value: quote the item"
        return fault.problem(codes.UNQUOTED_TEXT, message)
    message = "a key does not fit here"
    return fault.problem(codes.SYNTAX, message, "check the indentation, and the ':' with a space in the line above")


def _list_beside_key(fault: Fault) -> Problem:
    return fault.problem(codes.SYNTAX, "a list begins on a line of its own, not behind its key")


def _block_header(fault: Fault) -> Problem:
    return fault.problem(codes.SYNTAX, "the text of '|' or '>' begins on the next line")


def _flow(fault: Fault) -> Problem:
    bracket, closing, name = ("[", "]", "list") if "sequence" in fault.said else ("{", "}", "mapping")
    if fault.at_end:
        return fault.problem_at_beginning(codes.SYNTAX, f"the '{bracket}' that opens here is never closed")
    message = f"expected ',' or '{closing}' in the {name} that opens in line {fault.began_line}"
    return fault.problem(codes.SYNTAX, message)


def _misplaced(fault: Fault) -> Problem:
    name = "list" if "collection" in fault.said or "sequence" in fault.said else "mapping"
    message = f"this does not fit into the {name} that begins in line {fault.began_line}"
    return fault.problem(codes.SYNTAX, message, "check the indentation and the quotes")


def _behind_document(fault: Fault) -> Problem:
    return fault.problem(codes.SYNTAX, "this does not belong to the text before it", "check the indentation")


def _no_value(fault: Fault) -> Problem:
    if fault.at_end:
        return fault.problem(codes.SYNTAX, "the file ends where a value must stand")
    return fault.problem(codes.SYNTAX, f"a value must stand here, not '{fault.rest[:1]}'")


def _no_colon(fault: Fault) -> Problem:
    return fault.problem_at_beginning(codes.SYNTAX, "a key without ':' and a space behind it")


def _version(fault: Fault) -> Problem:
    return fault.problem(codes.SYNTAX, "a directive that is not known; components are YAML 1.1 and need none")


def _too_deep(fault: Fault) -> Problem:
    # LibYAML has a limit of its own, which its look-ahead can meet before our count does.
    return fault.problem(codes.TOO_DEEP, "nested far deeper than any component document")


_RULES: tuple[tuple[re.Pattern[str], Callable[[Fault], Problem | None]], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (r"maximum nesting depth", _too_deep),
        (r"\|found (?:a tab )?character", _tab),
        (r"unknown escape|hexadecimal num|hexdecimal num|Unicode character escape", _escape),
        (r"quoted scalar\|.*(?:end of stream|document (?:indicator|separator))", _open_quote),
        (r"expected key|<block end>|'-' indicator|<document start>|anchor\||alias\|", _after_quote),
        (r"cannot start any token", _first_character),
        (r"an anchor\||an alias\|", _anchor_or_alias),
        (r"a tag\||undefined tag", _tag),
        (r"mapping values are not allowed|mapping keys are not allowed", _colon),
        (r"sequence entries are not allowed", _list_beside_key),
        (r"a block scalar\|", _block_header),
        (r"flow (?:sequence|mapping)\|", _flow),
        (r"expected ':'", _no_colon),
        (r"expected key|<block end>|'-' indicator", _misplaced),
        (r"<document start>", _behind_document),
        (r"node content", _no_value),
        (r"directive|incompatible YAML", _version),
    )
)
