r"""Text from documents and file names made fit for what a format can hold. Not for the escapes of a single format.

A lone surrogate (a byte of a file name that is no UTF-8, or `"\ud800"` in YAML) becomes the six characters `\udcXX`,
as everywhere on `toe`'s output: some readers of JSON and XML refuse a whole file for one.
"""

from __future__ import annotations

import re

#: Inside of `[]`: C1 controls, line separators, and the marks that turn the direction of writing.
HIDDEN = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
#: C0 controls, all of those, and what XML 1.0 cannot hold.
_NOT_SHOWN = re.compile(f"[\x00-\x1f{HIDDEN}\ufffe\uffff]")


def one_line(text: str) -> str:
    """The text with `?` for everything that ends a line, steers a terminal or cannot stand in XML."""
    if text.isascii() and text.isprintable():
        return text
    return _NOT_SHOWN.sub("?", encodable(text).replace("\t", " "))


def lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(one_line, text.split("\n")))


def encodable(text: str) -> str:
    """The text with its lone surrogates spelt out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
