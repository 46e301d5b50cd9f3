"""Quoted text made plain again, layer by layer, in time linear in its length. Pure.

Tools differ in what they quote (`printf %q`, jq, PHP, Go, browsers), and quote what was quoted: so one layer takes away
whatever shells, JSON, XML and URLs have for a character, all at once. Not a parser of any of them: quotes and
backslashes that stand for nothing but themselves stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import re

#: (start, end), the end exclusive.
Region: TypeAlias = "tuple[int, int]"

#: No alternative begins where another one could, and none looks further than a few characters: the search is linear.
#: UTF-8 of two bytes becomes Latin-1, since `\xe9` may be the byte or the character.
_TOKEN = (
    rb"%[0-9A-Fa-f]{2}"
    rb"|\\(?:x[0-9A-Fa-f]{2}|[0-3][0-7]{2}"
    rb"|u[dD][89abAB][0-9A-Fa-f]{2}\\{1,16}u[dD][c-fC-F][0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}"
    rb"|[ux]\{[0-9A-Fa-f]{1,8}\}|r(?=\\{1,16}n))"
    rb"|&(?:#[0-9]{1,10}|#[xX][0-9A-Fa-f]{1,8}|amp|lt|gt|quot|apos);"
    rb"|[\xc2\xc3][\x80-\xbf]|\xed[\xb2\xb3][\x80-\xbf]"
)
_XML_NAMES = {b"&amp;": b"&", b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&apos;": b"'"}


def unquoted(data: bytes) -> bytes:
    """`data` with one layer of quoting less; the same object when there is none."""
    if b"%" not in data and b"\\" not in data and b"&" not in data and data.isascii():
        return data
    plain = _tokens().sub(_replacement, data)
    return plain if len(plain) < len(data) else data


def quoted_regions(data: bytes, regions: Sequence[Region]) -> Iterator[Region]:
    """Where the regions (in order) of `unquoted(data)` stand in `data`."""
    place = _Place(data)
    for start, end in regions:
        yield place.of(start)[0], place.of(end - 1)[1]


class _Place:
    """Finds for positions of the plain text, in order, what of the quoted text they stand for."""

    def __init__(self, data: bytes) -> None:
        self._tokens = _tokens().finditer(data)
        self._token: Region = (0, 0)  # the last one at or before the position, in the quoted text and in the plain one
        self._plain: Region = (0, 0)
        self._read()

    def of(self, position: int) -> Region:
        while self._next is not None and self._next_start <= position:
            self._token = self._next.span()
            self._plain = self._next_start, self._next_start + len(_replacement(self._next))
            self._read()
        if position < self._plain[1]:
            return self._token
        start = self._token[1] + position - self._plain[1]
        return start, start + 1

    def _read(self) -> None:
        self._next = next(self._tokens, None)
        if self._next is not None:
            self._next_start = self._plain[1] + self._next.start() - self._token[1]


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[bytes]:
    import re

    return re.compile(_TOKEN)


def _replacement(token: re.Match[bytes]) -> bytes:
    return _plain(token[0])


@lru_cache(maxsize=4096)
def _plain(token: bytes) -> bytes:
    """What a token stands for: never longer than itself."""
    first = token[:1]
    if first == b"%":
        return bytes((int(token[1:], 16),))
    if first == b"\\":
        return _unescaped(token[1:])
    if first == b"&":
        return _XML_NAMES.get(token) or _character(int(b"0" + token[2:-1], 16 if token[2:3] in b"xX" else 10))
    return _character(ord(token.decode("utf-8", "surrogatepass")))


def _unescaped(escape: bytes) -> bytes:
    if escape == b"r":  # of a line end: `\r\n` stands for a newline
        return b""
    if escape[:1].isdigit():
        return bytes((int(escape, 8),))
    if b"\\" in escape:
        high, _, low = escape.partition(b"\\")
        return _character(0x10000 + ((int(high[1:], 16) - 0xD800) << 10) + int(low[-4:], 16) - 0xDC00)
    return _character(int(escape[1:].strip(b"{}"), 16))


def _character(code: int) -> bytes:
    if code < 0x100:
        return bytes((code,))
    if 0xDC80 <= code <= 0xDCFF:  # how Python writes a byte that is no UTF-8
        return bytes((code - 0xDC00,))
    return chr(min(code, 0x10FFFF)).encode("utf-8", "surrogatepass")
