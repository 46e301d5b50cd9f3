"""Texts of CloudFormation with variables in them, and values within texts."""

from __future__ import annotations

import re
from collections.abc import Callable

from toe.images.recipes.problems import Effort
from toe.images.recipes.template import text_of
from toe.images.recipes.values import Unknown, text_at
from toe.nodes import Node, Scalar, Sequence

VARIABLE = re.compile(r"\$\{([^${}]{0,500})\}")


def substituted(text: Scalar, variable: Callable[[str], Node], effort: Effort) -> Node:
    """What `Fn::Sub` makes of a text. `variable` gives the value of a name; `${!x}` is written for `${x}`."""
    unknown: Unknown | None = None
    pieces: list[str] = []
    last = 0
    for found in VARIABLE.finditer(text.text):
        pieces.append(text.text[last : found.start()])
        last = found.end()
        if found[1].startswith("!"):
            pieces.append("${" + found[1][1:] + "}")
            continue
        value = variable(found[1].strip())
        if not effort.afford(text, [value]):
            return Unknown(text, "")
        piece, missing = as_text(value)
        unknown = unknown or missing
        pieces.append(piece)
    whole = "".join([*pieces, text.text[last:]])
    if not effort.spend(text, whole):
        return Unknown(text, "")
    if unknown is not None:
        return Unknown(text, unknown.reason, unknown.hint, whole)
    made = text_at(text, whole)
    # a document in a block of lines stays one, so that its faults have their own lines
    made.style = text.style
    return made


def as_text(value: Node) -> tuple[str, Unknown | None]:
    """A value within a text, and what of it is not known."""
    if isinstance(value, Unknown):
        return value.partial, value
    if isinstance(value, Sequence):
        parts = [as_text(item) for item in value.items]
        return ",".join(text for text, _ in parts), next((unknown for _, unknown in parts if unknown), None)
    return text_of(value), None
