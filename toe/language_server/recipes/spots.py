"""The scalars of a file's tree, with the way that leads to each; and the one that is at a place."""

from __future__ import annotations

from collections.abc import Iterator

from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.records import NamedTuple

#: Of a file; no recipe comes near, and aliases of YAML cannot make it take long.
MOST_SCALARS = 100_000


class Spot(NamedTuple):
    """A scalar and where it is. `path` leads from the root to it: keys, and the numbers of items, from 0.

    The path of a key ends with itself. `parents` are the mappings and lists on the way, the root first: one for each
    part of the path.
    """

    scalar: Scalar
    path: tuple[str | int, ...]
    parents: tuple[Node, ...]
    is_key: bool


def spots(root: Node) -> Iterator[Spot]:
    """The keys and values of a tree, in the order of the source."""
    for count, spot in enumerate(_spots(root, (), ()), 1):
        yield spot
        if count == MOST_SCALARS:
            return


def _spots(node: Node, path: tuple[str | int, ...], parents: tuple[Node, ...]) -> Iterator[Spot]:
    if isinstance(node, Mapping):
        for key, value in node:
            yield Spot(key, (*path, key.text), (*parents, node), is_key=True)
            yield from _spots(value, (*path, key.text), (*parents, node))
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from _spots(item, (*path, number), (*parents, node))
    elif isinstance(node, Scalar):
        yield Spot(node, path, parents, is_key=False)


def spot_at(root: Node, line: int, column: int) -> Spot | None:
    """The key or value that is at a place; None between them. Line and column count from 1.

    `!Ref Name` is a mapping of which the key and the value are at the same place: the value is meant.
    """
    found = [spot for spot in spots(root) if covers(spot.scalar, line, column)]
    return found[-1] if found else None


def covers(node: Node, line: int, column: int) -> bool:
    """Whether a place is in a node, or at its end."""
    return (node.line, node.column) <= (line, column) <= (node.end_line, node.end_column)
