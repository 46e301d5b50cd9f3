"""The functions of Terraform that recipes use and that need nothing but their arguments, or a file beside."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from toe.document.source import read_document
from toe.document.text import decode
from toe.errors import DocumentError
from toe.images.recipes.terraform.syntax import MOST_BYTES
from toe.images.recipes.values import Unknown, list_at, text_at
from toe.nodes import Kind, Node, Scalar, Sequence
from toe.nodes import Mapping as MappingNode

#: Called with the arguments, all of them known, the place and the folder; None where they do not fit.
Function: TypeAlias = "Callable[[list[Node], Node, str], Node | None]"


def _json_value(node: Node) -> Any:
    """A value as data of JSON, numbers as numbers."""
    if isinstance(node, MappingNode):
        return {key.text: _json_value(value) for key, value in node}
    if isinstance(node, Sequence):
        return [_json_value(item) for item in node.items]
    if not isinstance(node, Scalar) or node.kind is Kind.NULL:
        return None
    if node.kind is Kind.BOOLEAN:
        return node.text == "true"
    if node.kind in (Kind.INTEGER, Kind.FLOAT) and len(node.text) < 20:
        return int(node.text) if node.kind is Kind.INTEGER else float(node.text)
    return node.text


def _encode(arguments: list[Node], at: Node, folder: str) -> Node | None:
    """JSON is YAML as well, and its keys come in Terraform's order."""
    if len(arguments) != 1:
        return None
    return text_at(at, json.dumps(_json_value(arguments[0]), indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def _file(arguments: list[Node], at: Node, folder: str) -> Node | None:
    if len(arguments) != 1 or not isinstance(arguments[0], Scalar):
        return None
    path = os.path.join(folder, arguments[0].text)
    try:
        text, problem = decode(read_document(path))
    except DocumentError as error:
        return Unknown(at, error.message)
    return text_at(at, text) if problem is None else Unknown(at, f"{path} is no text")


def _base64(arguments: list[Node], at: Node, folder: str) -> Node | None:
    text = _only_text(arguments)
    return None if text is None else text_at(at, base64.b64encode(text.encode("utf-8", "surrogatepass")).decode())


def _file_base64(arguments: list[Node], at: Node, folder: str) -> Node | None:
    found = _file(arguments, at, folder)
    return found if found is None or isinstance(found, Unknown) else _base64([found], at, folder)


def _of_text(change: Callable[[str], str]) -> Function:
    def changed(arguments: list[Node], at: Node, folder: str) -> Node | None:
        text = _only_text(arguments)
        return None if text is None else text_at(at, change(text))

    return changed


def _join(arguments: list[Node], at: Node, folder: str) -> Node | None:
    if len(arguments) != 2 or not isinstance(arguments[0], Scalar) or not isinstance(arguments[1], Sequence):
        return None
    items = arguments[1].items
    if not all(isinstance(item, Scalar) for item in items) or len(arguments[0].text) * len(items) > MOST_BYTES:
        return None
    return text_at(at, arguments[0].text.join(item.text for item in items if isinstance(item, Scalar)))


def _concat(arguments: list[Node], at: Node, folder: str) -> Node | None:
    if not all(isinstance(argument, Sequence) for argument in arguments):
        return None
    return list_at(at, [item for argument in arguments if isinstance(argument, Sequence) for item in argument.items])


def _replace(arguments: list[Node], at: Node, folder: str) -> Node | None:
    texts = [argument.text for argument in arguments if isinstance(argument, Scalar)]
    # between slashes stands a pattern
    if len(arguments) != 3 or len(texts) != 3 or not texts[1] or texts[1].startswith("/"):
        return None
    if texts[0].count(texts[1]) * len(texts[2]) > MOST_BYTES:
        return None
    return text_at(at, texts[0].replace(texts[1], texts[2]))


def _itself(arguments: list[Node], at: Node, folder: str) -> Node | None:
    return arguments[0] if len(arguments) == 1 else None


def _format(arguments: list[Node], at: Node, folder: str) -> Node | None:
    texts = [argument.text for argument in arguments if isinstance(argument, Scalar)]
    if not texts or len(texts) != len(arguments):
        return None
    pieces = texts[0].replace("%d", "%s").split("%s")
    if "%" in "".join(pieces) or len(pieces) != len(texts):
        return None
    return text_at(at, "".join(piece + text for piece, text in zip(pieces, [*texts[1:], ""], strict=True)))


def _only_text(arguments: list[Node]) -> str | None:
    return arguments[0].text if len(arguments) == 1 and isinstance(arguments[0], Scalar) else None


FUNCTIONS: Mapping[str, Function] = {
    "base64encode": _base64,
    "concat": _concat,
    "file": _file,
    "filebase64": _file_base64,
    "format": _format,
    "join": _join,
    "jsonencode": _encode,
    "lower": _of_text(str.lower),
    "replace": _replace,
    "tolist": _itself,
    "tomap": _itself,
    "toset": _itself,
    "tostring": _itself,
    "trimspace": _of_text(str.strip),
    "upper": _of_text(str.upper),
    "yamlencode": _encode,
}
