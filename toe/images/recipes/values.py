"""Values of a recipe file that are no plain YAML: what is not known here, and references to resources of the file.

All forms of recipes become trees of `toe.nodes` with these two kinds of nodes among them.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe.images.model import UNKNOWN_PART, Place
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence


class Unknown(Node):
    """A value that only AWS, or whoever runs the template, knows.

    `reason` says what is missing ("the parameter 'Region' has no default"), `hint` what helps. `partial` is the text as
    far as it is known, with UNKNOWN_PART for the rest.
    """

    __slots__ = ("hint", "partial", "reason")

    def __init__(self, at: Node, reason: str, hint: str = "", partial: str = UNKNOWN_PART) -> None:
        super().__init__(at.line, at.column, at.end_line, at.end_column)
        self.reason = reason
        self.hint = hint
        self.partial = partial

    @property
    def described(self) -> str:
        return "a value that is not known here"


class Reference(Unknown):
    """What names another resource of Image Builder in the same file: its label, and which attribute of it."""

    __slots__ = ("attribute", "label")

    def __init__(self, at: Node, label: str, attribute: str = "") -> None:
        super().__init__(at, f"'{label}' gets its ARN from Image Builder")
        self.label = label
        self.attribute = attribute

    @property
    def described(self) -> str:
        return f"a reference to '{self.label}'"


def references_in(node: Node) -> Iterator[Reference]:
    """The references in a tree, in the order of the source."""
    if isinstance(node, Reference):
        yield node
    elif isinstance(node, Mapping):
        for _, value in node:
            yield from references_in(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from references_in(item)


class Absent(Node):
    """No value at all: `AWS::NoValue`, Terraform's `null`. Its key is left out."""

    @property
    def described(self) -> str:
        return "nothing"


def text_at(at: Node, text: str, kind: Kind = Kind.STRING) -> Scalar:
    """A text that stands where `at` does: where it is used, and not where it is said."""
    return Scalar(at.line, at.column, at.end_line, at.end_column, text, kind)


def list_at(at: Node, items: list[Node]) -> Sequence:
    """A list that stands where `at` does."""
    return Sequence(at.line, at.column, at.end_line, at.end_column, items)


def mapping_at(at: Node, pairs: list[tuple[Scalar, Node]]) -> Mapping:
    """A mapping that stands where `at` does."""
    return Mapping(at.line, at.column, at.end_line, at.end_column, pairs)


def moved(node: Node, at: Node) -> Node:
    """A value that is said elsewhere, at the place where it is used."""
    if isinstance(node, Scalar):
        return Scalar(at.line, at.column, at.end_line, at.end_column, node.text, node.kind, node.style)
    if isinstance(node, Sequence):
        return list_at(at, [moved(item, at) for item in node.items])
    if isinstance(node, Mapping):
        return mapping_at(at, [(key, moved(value, at)) for key, value in node.pairs])
    return node


def place_of(file: str, node: Node) -> Place:
    """A node's place in its file."""
    return Place(file, node.line, node.column)
