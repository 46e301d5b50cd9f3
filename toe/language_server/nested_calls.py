"""Which documents a document runs, and by which of its steps: for places in other files."""

from __future__ import annotations

from collections.abc import Iterator

from toe.actions import ActionTable
from toe.check.check import NESTING_ACTION, load_document
from toe.check.platforms import entry_nodes
from toe.document.source import find_nested, identity, is_remote
from toe.errors import DocumentError
from toe.expressions.resolve import holds_expression
from toe.language_server.buffers import NestedReader
from toe.model import Document
from toe.nodes import Node, Scalar


def calls_of(document: Document) -> Iterator[tuple[Scalar, str]]:
    """Each document in a file that a step names: the node of its name, and its path."""
    for phase in document.phases:
        for step in phase.steps:
            if step.action == NESTING_ACTION and step.inputs_node is not None:
                for entry in entry_nodes(step.inputs_node):
                    named = entry.get("document")
                    if isinstance(named, Scalar) and _is_local(named.text):
                        yield named, find_nested(named.text, document.path)


def _is_local(text: str) -> bool:
    return bool(text) and not holds_expression(text) and not is_remote(text)


def call_of(document: Document, path: str, read: NestedReader) -> Node | None:
    """Where a document names the one at `path`, or one that runs it in the end; None where it does not."""
    wanted, seen = identity(path), {identity(document.path)}
    waiting: list[tuple[Scalar, str]] = list(calls_of(document))
    for node, found in waiting:
        if identity(found) == wanted:
            return node
        if identity(found) not in seen:
            seen.add(identity(found))
            waiting += ((node, deeper) for _, deeper in _calls_in(found, read))
    return None


def _calls_in(path: str, read: NestedReader) -> Iterator[tuple[Scalar, str]]:
    try:
        nested = load_document(read.data(path), path, ActionTable())[0]
    except DocumentError:
        return
    if nested is not None:
        yield from calls_of(nested)
