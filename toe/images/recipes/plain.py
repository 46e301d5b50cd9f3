"""Trees as plain data and texts, for the model."""

from __future__ import annotations

from typing import Any

from toe.images.recipes.values import Unknown
from toe.nodes import Kind, Node, Scalar
from toe.nodes import Mapping as MappingNode
from toe.nodes import Sequence as SequenceNode


def plain(node: Node) -> Any:
    """A tree as plain data, texts as the source has them; without what is not known."""
    if isinstance(node, MappingNode):
        return {key.text: plain(value) for key, value in node if not isinstance(value, Unknown)}
    if isinstance(node, SequenceNode):
        return [plain(item) for item in node.items if not isinstance(item, Unknown)]
    if not isinstance(node, Scalar):
        return None
    if node.kind is Kind.BOOLEAN:
        return node.text.lower() in ("true", "yes", "on")
    return int(node.text) if node.kind is Kind.INTEGER and node.text.isdecimal() and len(node.text) < 20 else node.text


def text(node: Node | None, key: str) -> str:
    """The text under a key, with UNKNOWN_PART where a part of it is not known; "" where there is none."""
    value = node.get(key) if isinstance(node, MappingNode) else None
    return "" if value is None else scalar_text(value)


def scalar_text(value: Node) -> str:
    """The text of a value, with UNKNOWN_PART where a part of it is not known."""
    if isinstance(value, Unknown):
        return value.partial
    return value.text if isinstance(value, Scalar) else ""


def known_text(node: Node | None, key: str) -> str:
    """The text under a key if all of it is known."""
    value = node.get(key) if isinstance(node, MappingNode) else None
    return value.text if isinstance(value, Scalar) else ""
