"""The positioned tree of a YAML document: every node knows its line and column and keeps its source text.

Nothing here knows what a component document is.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe.words import Word


class Kind(Word):
    """What YAML 1.1 makes of a scalar; quoted and block scalars are always strings."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    NULL = "null"
    TIMESTAMP = "timestamp"


class Node:
    """A place in a file. Lines and columns count from 1; the end column is exclusive."""

    __slots__ = ("column", "end_column", "end_line", "line")

    def __init__(self, line: int, column: int, end_line: int, end_column: int) -> None:
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column

    @property
    def described(self) -> str:
        """The node's kind as people call it: "a mapping", "a list", "a boolean"."""
        raise NotImplementedError


class Scalar(Node):
    """A scalar: `text` is the text of the source (quotes and escapes undone), `kind` what YAML takes it for.

    `style` is the YAML style: "" plain, "'" and '"' quoted, "|" and ">" block.
    """

    __slots__ = ("kind", "style", "text")

    def __init__(
        self, line: int, column: int, end_line: int, end_column: int, text: str, kind: Kind, style: str = ""
    ) -> None:
        super().__init__(line, column, end_line, end_column)
        self.text = text
        self.kind = kind
        self.style = style

    @property
    def described(self) -> str:
        if self.kind is Kind.NULL:
            return "nothing"
        return f"{'an' if self.kind is Kind.INTEGER else 'a'} {self.kind.value}"


class Sequence(Node):
    """A YAML list."""

    __slots__ = ("items",)

    def __init__(self, line: int, column: int, end_line: int, end_column: int, items: list[Node]) -> None:
        super().__init__(line, column, end_line, end_column)
        self.items = items

    @property
    def described(self) -> str:
        return "a list"


class Mapping(Node):
    """A YAML mapping: pairs in the order of the source. Keys are unique (the loader refuses duplicates)."""

    __slots__ = ("pairs",)

    def __init__(
        self, line: int, column: int, end_line: int, end_column: int, pairs: list[tuple[Scalar, Node]]
    ) -> None:
        super().__init__(line, column, end_line, end_column)
        self.pairs = pairs

    @property
    def described(self) -> str:
        return "a mapping"

    def get(self, key: str) -> Node | None:
        """The value under `key`, or None."""
        for scalar, value in self.pairs:
            if scalar.text == key:
                return value
        return None

    def key_node(self, key: str) -> Scalar | None:
        """The key's own node, for a message that points at the key."""
        for scalar, _ in self.pairs:
            if scalar.text == key:
                return scalar
        return None

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.pairs)
