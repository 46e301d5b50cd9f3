"""The text encodings that the file actions know: their names, codecs and byte-order marks (reference, section 6).

Line ends are never touched.
"""

from __future__ import annotations

import codecs
from typing import Annotated

from toe.actions.base import Doc
from toe.errors import ActionError
from toe.records import NamedTuple
from toe.system.files.opening import shown

ENCODINGS = (
    "utf8",
    "utf-8",
    "utf16",
    "utf-16",
    "utf16-LE",
    "utf-16-LE",
    "utf16-BE",
    "utf-16-BE",
    "utf32",
    "utf-32",
    "utf32-LE",
    "utf-32-LE",
    "utf32-BE",
    "utf-32-BE",
)

Encoding = Annotated[
    str,
    Doc(
        "Encoding of the text. `utf-16` and `utf-32` are little-endian; with them a new file begins with a byte-order "
        "mark. A mark is dropped on reading.",
        choices=ENCODINGS,
        any_case=True,
        examples=("utf-16-LE",),
    ),
]


class _Codec(NamedTuple):
    """A Python codec that knows no marks, the mark of a new file, and the marks that may stand before a text."""

    name: str
    written_mark: bytes
    read_marks: tuple[tuple[bytes, str], ...]


_UTF16_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UTF32_MARKS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))

_CODECS = {
    "utf8": _Codec("utf-8", b"", ((codecs.BOM_UTF8, "utf-8"),)),
    "utf16": _Codec("utf-16-le", codecs.BOM_UTF16_LE, _UTF16_MARKS),
    "utf16le": _Codec("utf-16-le", b"", _UTF16_MARKS[:1]),
    "utf16be": _Codec("utf-16-be", b"", _UTF16_MARKS[1:]),
    "utf32": _Codec("utf-32-le", codecs.BOM_UTF32_LE, _UTF32_MARKS),
    "utf32le": _Codec("utf-32-le", b"", _UTF32_MARKS[:1]),
    "utf32be": _Codec("utf-32-be", b"", _UTF32_MARKS[1:]),
}


def _codec(encoding: str) -> _Codec:
    return _CODECS[encoding.lower().replace("-", "")]


def encoded(text: str, encoding: str, *, new: bool) -> bytes:
    """The bytes of a text; `new`: they begin a file. Raises ActionError for what the encoding cannot express."""
    codec = _codec(encoding)
    mark = codec.written_mark if new else b""
    # Names of files that are not UTF-8 come as escaped bytes (PEP 383) and leave as the bytes they were.
    errors = "surrogateescape" if codec.name == "utf-8" else "strict"
    try:
        return mark + text.encode(codec.name, errors)
    except UnicodeEncodeError as error:
        character = ascii(text[error.start])[1:-1]
        raise ActionError(f"character {error.start} of 'content' ('{character}') has no form in {encoding}") from error


def decoded(data: bytes, encoding: str, path: str) -> str:
    """The text of a whole file, without its mark. Raises ActionError naming the first byte that is no such text."""
    codec = _codec(encoding)
    name, skipped = codec.name, 0
    for mark, marked_name in codec.read_marks:
        if data.startswith(mark):
            name, skipped = marked_name, len(mark)
            break
    try:
        return data[skipped:].decode(name) if skipped else data.decode(name)
    except UnicodeDecodeError as error:
        offset = skipped + error.start
        raise ActionError(
            f"'{shown(path)}' is not a text in {encoding}: byte {offset} (0x{data[offset]:02x}), {error.reason}"
        ) from error
