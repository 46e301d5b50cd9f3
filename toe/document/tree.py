"""From the events of a YAML parser to positioned nodes, with every bound applied while the events arrive.

PyYAML's own composer is not used: the one in C overflows the stack on 100,000 nested brackets, and both of them expand
aliases without a limit. Nothing here knows what a component document is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping as Table

from yaml.error import Mark
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from toe import codes
from toe.document.scalars import SCALAR_TAGS, YAML_TAGS, kind_of_plain
from toe.document.text import unquoted_expression
from toe.errors import Problem, Severity
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence
from toe.quick_typing import Any
from toe.records import NamedTuple

DEEPEST = 64
MOST_EVENTS = 300_000
#: No real mapping is near this; each pass over a larger one would look at every key.
MOST_KEYS = 10_000
MOST_ALIASED_NODES = 100_000
#: A file that repeats a fault without end gets the first ones reported.
MOST_PROBLEMS = 100

_STRING = Kind.STRING
_MERGE = "<<"
#: The parser in Python lets these through, and no encoding can write them.
_SURROGATE = "[\ud800-\udfff]"


class Stopped(Exception):
    """Reading cannot go on after this problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Open(NamedTuple):
    """A collection whose end has not come: its children, and the counts when it began."""

    event: Any
    items: list[Node]
    number: int
    aliased: int
    deepest: int


class _Anchored(NamedTuple):
    """What an alias stands for: how many nodes, how many levels; `node` is None until its end has come."""

    node: Node | None
    nodes: int = 1
    levels: int = 0


class TreeReader:
    """Reads the one document of an event stream. `problems` lists what it found, in the order of the ends of nodes.

    `functions` are tags that stand for a mapping of one key, `!Sub x` for `{Fn::Sub: x}`: keys by tags. A component
    document has none.
    """

    def __init__(self, text: str, functions: Table[str, str] | None = None) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._functions = functions or {}
        self._stack: list[_Open] = []
        self._items: list[Node] = []
        self._anchors: dict[str, _Anchored] = {}
        self._documents = 0
        self._aliased = 0
        self._deepest = 0

    def read(self, next_event: Callable[[], Any]) -> Node | None:
        """The root, None for an empty stream. Raises Stopped, and whatever `next_event` raises."""
        event = None
        for number in range(MOST_EVENTS):
            event = next_event()
            cls = type(event)
            if cls is ScalarEvent:
                self._items.append(self._scalar(event))
            elif cls is MappingEndEvent or cls is SequenceEndEvent:
                self._close(event, number)
            elif cls is MappingStartEvent or cls is SequenceStartEvent:
                self._open(event, number)
            elif cls is AliasEvent:
                self._alias(event)
            elif cls is DocumentStartEvent:
                self._start_document(event)
            elif cls is StreamEndEvent:
                return self._items[0] if self._items else None
        raise Stopped(_at_event(codes.TOO_LARGE, f"more than {MOST_EVENTS} YAML nodes", event))

    def _start_document(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            message = "a second document starts here; a file holds one component document"
            raise Stopped(_at_event(codes.SECOND_DOCUMENT, message, event))

    def _scalar(self, event: Any) -> Node:
        start: Mark = event.start_mark
        end: Mark = event.end_mark
        text: str = event.value
        style: str = event.style or ""
        kind = _STRING if style else kind_of_plain(text)
        node = Scalar(start.line + 1, start.column + 1, end.line + 1, end.column + 1, text, kind, style)
        if style == '"' and not text.isascii() and re.search(_SURROGATE, text):
            self._report(_at_node(codes.CONTROL_CHARACTER, "an escape for half a character (U+D800 to U+DFFF)", node))
        made: Node = node
        if event.tag in self._functions:
            made = self._call(event, node)
        elif event.tag is not None:
            node.kind = self._tagged_kind(event, kind)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(made)
        return made

    def _call(self, event: Any, argument: Node) -> Mapping:
        """The mapping that a function's tag stands for; it begins where the tag does."""
        start: Mark = event.start_mark
        place = (start.line + 1, start.column + 1, argument.end_line, argument.end_column)
        return Mapping(*place, [(Scalar(*place, self._functions[event.tag], _STRING), argument)])

    def _tagged_kind(self, event: Any, kind: Kind) -> Kind:
        wanted = SCALAR_TAGS.get(event.tag)
        if wanted is None:
            self._refuse_tag(event)
            return kind
        return wanted if wanted is Kind.STRING or wanted is kind_of_plain(event.value) else kind

    def _refuse_tag(self, event: Any) -> None:
        tag = event.tag.replace(YAML_TAGS, "!!")
        self._report(
            _at_event(codes.TAG, f"the tag '{tag}' is not allowed", event, "remove it: plain values need no tag")
        )

    def _open(self, event: Any, number: int) -> None:
        self._stack.append(_Open(event, self._items, number, self._aliased, self._deepest))
        self._items = []
        self._check_depth(len(self._stack), event)
        of_its_kind = YAML_TAGS + ("map" if type(event) is MappingStartEvent else "seq")
        if event.tag is not None and event.tag != of_its_kind and event.tag not in self._functions:
            self._refuse_tag(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(None)
            self._deepest = len(self._stack)

    def _check_depth(self, depth: int, event: Any) -> None:
        if depth > DEEPEST:
            raise Stopped(_at_event(codes.TOO_DEEP, f"nested more than {DEEPEST} levels deep", event))
        if depth > self._deepest:
            self._deepest = depth

    def _close(self, event: Any, number: int) -> None:
        children = self._items
        opened = self._stack.pop()
        self._items = opened.items
        node = self._collection(opened.event, event.end_mark, children)
        if opened.event.tag in self._functions:
            node = self._call(opened.event, node)
        anchor = opened.event.anchor
        if anchor is not None:
            nodes = number - opened.number + self._aliased - opened.aliased
            self._anchors[anchor] = _Anchored(node, nodes, self._deepest - len(self._stack))
            self._deepest = max(self._deepest, opened.deepest)
        self._items.append(node)

    def _collection(self, opening: Any, end: Mark, children: list[Node]) -> Node:
        line, column = opening.start_mark.line + 1, opening.start_mark.column + 1
        end_line, end_column = end.line + 1, end.column + 1
        if not opening.flow_style:
            # A block collection has no end of its own: YAML's mark is where the next token begins.
            last = children[-1]
            end_line, end_column = max((last.end_line, last.end_column), (line, column))
        if type(opening) is SequenceStartEvent:
            _without_words_for_nothing(children)
            return Sequence(line, column, end_line, end_column, children)
        if opening.flow_style and self._is_expression(opening, children):
            return self._expression(opening, end)
        return Mapping(line, column, end_line, end_column, self._pairs(children))

    def _is_expression(self, opening: Any, children: list[Node]) -> bool:
        """`{{ x }}` without quotes is a mapping whose first key is a mapping."""
        first = children[0] if children else None
        return isinstance(first, Mapping) and self._text.startswith("{{", opening.start_mark.index)

    def _expression(self, opening: Any, end: Mark) -> Scalar:
        """What was meant, so that the rest of the document can be looked at."""
        start = opening.start_mark
        text = self._text[start.index : end.index]
        node = Scalar(start.line + 1, start.column + 1, end.line + 1, end.column + 1, text, Kind.STRING)
        self._report(unquoted_expression(node.line, node.column)._replace(end_column=node.end_column))
        return node

    def _pairs(self, children: list[Node]) -> list[tuple[Scalar, Node]]:
        pairs: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        merged: Node | None = None
        _without_words_for_nothing(children[1::2])
        if len(children) > 2 * MOST_KEYS:
            last = children[2 * MOST_KEYS]
            raise Stopped(_at_node(codes.TOO_LARGE, f"more than {MOST_KEYS} keys in one mapping", last))
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._report(_at_node(codes.KEY_NOT_TEXT, f"a key is a text, not {key.described}", key))
            elif key.text in seen:
                first = f"the first is in line {seen[key.text].line}"
                self._report(_at_node(codes.DUPLICATE_KEY, f"duplicate key '{key.text}'", key, first))
            else:
                seen[key.text] = key
                if key.text == _MERGE and not key.style:
                    merged = value
                else:
                    pairs.append((key, value))
        if merged is not None:
            pairs += self._merged_pairs(merged, seen)
        return pairs

    def _merged_pairs(self, source: Node, seen: dict[str, Scalar]) -> list[tuple[Scalar, Node]]:
        """What `<<` brings in: earlier mappings win over later ones, and the mapping's own keys over all.

        The count of aliased nodes bounds this too: every merge was an alias, or was written out.
        """
        pairs: list[tuple[Scalar, Node]] = []
        for mapping in source.items if isinstance(source, Sequence) else [source]:
            if not isinstance(mapping, Mapping):
                message = f"'<<' merges a mapping or a list of mappings, not {mapping.described}"
                self._report(_at_node(codes.MERGE, message, mapping))
                continue
            for key, value in mapping.pairs:
                if key.text not in seen:
                    seen[key.text] = key
                    pairs.append((key, value))
        return pairs

    def _alias(self, event: Any) -> None:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            hint = "quote the text if it is no alias"
            raise Stopped(
                _at_event(codes.UNKNOWN_ALIAS, f"no anchor '&{event.anchor}' stands before this", event, hint)
            )
        if anchored.node is None:
            message = f"the alias '*{event.anchor}' stands inside of its own anchor"
            raise Stopped(_at_event(codes.CYCLIC_ALIAS, message, event))
        self._aliased += anchored.nodes
        if self._aliased > MOST_ALIASED_NODES:
            message = f"the aliases up to '*{event.anchor}' expand to more than {MOST_ALIASED_NODES} nodes"
            raise Stopped(_at_event(codes.EXPLODING_ALIAS, message, event))
        self._check_depth(len(self._stack) + anchored.levels, event)
        self._items.append(anchored.node)

    def _report(self, problem: Problem) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def _without_words_for_nothing(values: list[Node]) -> None:
    """`null` and `~` are the empty value, so that nobody takes the word for a text. A key keeps its text."""
    for node in values:
        if type(node) is Scalar and node.kind is Kind.NULL:
            node.text = ""


def _at_node(code: str, message: str, node: Node, hint: str = "") -> Problem:
    """A problem with the extent of a node."""
    place = (node.line, node.column, node.end_line, node.end_column)
    return Problem(code, Severity.ERROR, message, hint, "", *place)


def _at_event(code: str, message: str, event: Any, hint: str = "") -> Problem:
    """A problem with the extent of an event, whose marks count from 0."""
    start, end = event.start_mark, event.end_mark
    place = (start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    return Problem(code, Severity.ERROR, message, hint, "", *place)
