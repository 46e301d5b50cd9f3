"""Problems at a node, at an event of the YAML parser, or at a line and column. File and source line come later."""

from __future__ import annotations

from typing import Any

from toe import codes
from toe.errors import Problem, Severity
from toe.nodes import Node


def problem_at(code: str, message: str, line: int, column: int, hint: str = "") -> Problem:
    """A problem at one character; line and column count from 1."""
    return Problem(code, Severity.ERROR, message, hint, "", line, column, line, column + 1)


def problem_of_node(code: str, message: str, node: Node, hint: str = "") -> Problem:
    """A problem with the extent of a node."""
    place = (node.line, node.column, node.end_line, node.end_column)
    return Problem(code, Severity.ERROR, message, hint, "", *place)


def problem_of_event(code: str, message: str, event: Any, hint: str = "") -> Problem:
    """A problem with the extent of an event, whose marks count from 0."""
    start, end = event.start_mark, event.end_mark
    place = (start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    return Problem(code, Severity.ERROR, message, hint, "", *place)


def unquoted_expression(line: int, column: int) -> Problem:
    """The problem of a value that begins with `{{`."""
    message = 'an expression at the beginning of a value must stand in quotes; quote it: "{{ ... }}"'
    return problem_at(codes.UNQUOTED_EXPRESSION, message, line, column)._replace(end_column=column + 2)
