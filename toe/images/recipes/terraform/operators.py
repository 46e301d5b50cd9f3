"""Operators of Terraform's expressions, on values that were worked out already."""

from __future__ import annotations

from toe.images.recipes.terraform.kinds import WORKED_OUT
from toe.images.recipes.values import Absent, Unknown, text_at
from toe.nodes import Kind, Node, Scalar, Sequence
from toe.nodes import Mapping as MappingNode

_WORDS = {"true": Kind.BOOLEAN, "false": Kind.BOOLEAN}


def truth_of(node: Node) -> bool | None:
    """Whether a value is true, None where it is no truth or not known."""
    if isinstance(node, Scalar) and node.text in _WORDS:
        return node.text == "true"
    return None


def binary(word: str, left: Node, right: Node, at: Node) -> Node:
    """What `left word right` gives: logic and equality; arithmetic is left to Terraform."""
    truths = truth_of(left), truth_of(right)
    if word in ("&&", "||"):
        decisive = word == "||"
        if decisive in truths:
            return _boolean(at, decisive)
        return Unknown(at, WORKED_OUT) if None in truths else _boolean(at, not decisive)
    for side in (left, right):
        if isinstance(side, Unknown):
            return Unknown(at, side.reason, side.hint)
    if word in ("==", "!=") and not any(isinstance(side, Sequence | MappingNode) for side in (left, right)):
        same = _comparable(left) == _comparable(right)
        return _boolean(at, same if word == "==" else not same)
    return Unknown(at, WORKED_OUT)


def unary(word: str, value: Node, at: Node) -> Node:
    """What `!value` or `-value` gives."""
    truth = truth_of(value)
    if word == "!":
        return Unknown(at, WORKED_OUT) if truth is None else _boolean(at, not truth)
    if isinstance(value, Scalar) and value.kind in (Kind.INTEGER, Kind.FLOAT):
        return text_at(at, f"-{value.text}", value.kind)
    return value if isinstance(value, Unknown) else Unknown(at, WORKED_OUT)


def word_value(word: str, at: Node) -> Node:
    """The value of `true`, `false` or `null`."""
    if word == "null":
        return Absent(at.line, at.column, at.end_line, at.end_column)
    return text_at(at, word, _WORDS.get(word, Kind.STRING))


def unknown_within(node: Node) -> Unknown | None:
    """The first part of a value that is not known."""
    if isinstance(node, Unknown):
        return node
    inner: list[Node] = []
    if isinstance(node, MappingNode):
        inner = [value for _, value in node.pairs]
    elif isinstance(node, Sequence):
        inner = node.items
    return next((found for found in map(unknown_within, inner) if found is not None), None)


def _boolean(at: Node, truth: bool) -> Scalar:
    return text_at(at, "true" if truth else "false", Kind.BOOLEAN)


def _comparable(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) else None
