"""How many columns of a terminal a text takes. Not for bytes, escape sequences or tabs: `printable` comes first."""

from __future__ import annotations

from unicodedata import category, east_asian_width

from toe.records import NamedTuple

ELLIPSIS = "…"
#: Asks for the picture of the character before it, which is two columns wide then.
_AS_PICTURE = "\ufe0f"


class Line(NamedTuple):
    """A line of the view. `style`: the parameters of the escape sequence for its colour, "" for none."""

    text: str
    style: str = ""


def cells(text: str) -> int:
    """The columns that a text takes, at most: terminals that join characters take fewer for some emoji."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if character == _AS_PICTURE:
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """The text, or its beginning and an ellipsis, in so many columns."""
    if cells(text) <= columns:
        return text
    kept, left = [], columns - 1
    for character in text:
        left -= _width(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + ELLIPSIS if columns > 0 else ""


def rows(text: str, columns: int) -> int:
    """How many rows a terminal needs that wraps the text; a wide character is never cut in two."""
    if text.isascii():
        return max(1, -(-len(text) // columns))
    count, column = 1, 0
    for character in text:
        width = _width(character)
        if column + width > columns:
            count, column = count + 1, 0
        column += width
    return count
