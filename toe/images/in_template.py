"""A component's document that stands in a template: what is said of it has the lines and columns of the template.

YAML may be indented as a whole, and begin with empty lines. So the document is checked and run as it stands in the
template, with nothing above it, and nobody has to move a place afterwards.
"""

from __future__ import annotations

import re

from toe.images.model import Component, Place

#: Marks of YAML that stand at the beginning of a line alone.
_MARK = re.compile(rb"^(?:---|\.\.\.|%)", re.MULTILINE)
_FIRST_MARK = re.compile(rb"\A(\s*)---(?=[ \t]*(?:#[^\n]*)?(?:\n|\Z))")


def text_in_place(component: Component) -> bytes:
    """The document with the lines and columns that it has in its file; as it is where that cannot be."""
    return moved_to(component.text_place, component.text)


def moved_to(place: Place | None, whole: bytes) -> bytes:
    """A document with the lines and columns of a file in which it begins at a place; itself where that cannot be."""
    text = _FIRST_MARK.sub(rb"\1", whole.replace(b"\r\n", b"\n"))
    if place is None or _MARK.search(text):
        return whole
    lines = text.split(b"\n")
    margin = b" " * (place.column - 1)
    return b"\n" * (place.line - 1) + b"\n".join(margin + line if line else line for line in lines)
