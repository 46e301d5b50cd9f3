"""The forms in which a script may print a secret: as it is, quoted or encoded, as RE2 patterns over bytes. Pure.

Tools differ in what they quote (`printf %q`, `set -x`, jq, PHP, Go, browsers), so every character but ASCII letters and
digits is looked for in all forms that shells, JSON, XML and URLs have for it, whatever the form of its neighbours.
RE2 searches for such a pattern as fast as for a plain text, and in time linear in the text.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator

#: Shorter values are not masked: they stand in too many other words (`no`, `80`), and a log without them says nothing.
SHORTEST_SECRET = 4
#: A text within a JSON value may be a user or a database engine: short ones are words of every log.
SHORTEST_JSON_TEXT = 6
#: A longer text is looked for in pieces: RE2 refuses programs beyond a size.
LONGEST_PART = 2048
#: A longer text of several lines is looked for line by line alone: its program would take tens of megabytes.
LONGEST_OF_LINES = 4096
#: No quoting that is in use makes more bytes of a character (four bytes in octal, escaped twice).
WIDEST_CHARACTER = 48

_XML_NAMES = {"&": b"amp", "<": b"lt", ">": b"gt", '"': b"quot", "'": b"apos"}
_ESCAPE_LETTERS = dict(zip("\a\b\t\n\v\f\r\x1b", "abtnvfrE", strict=True))
#: `base64` and openssl wrap their lines.
_WRAP = rb"\s*"
#: How many of the first base64 characters depend on what stands before, when that is 0, 1 or 2 bytes (modulo 3).
_FOREIGN_CHARACTERS = (0, 2, 3)


def encoded(text: str) -> bytes:
    """What a process sees of a value: UTF-8, and the bytes that Python could not read as such."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def parts(value: str) -> Iterator[str]:
    """The texts to look for: the value without blanks around it, each line of it, each text in it when it is JSON."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    lines = value.split("\n")
    if len(lines) == 1 or len(value) <= LONGEST_OF_LINES:
        yield from _pieces(value)
    if len(lines) > 1:
        for line in lines:
            yield from _pieces(line.strip())
    for text in _json_texts(value):
        if SHORTEST_JSON_TEXT <= len(text) < len(value):
            yield from parts(text)


def _pieces(text: str) -> Iterator[str]:
    """The text, or pieces of it of about the same length."""
    if len(text) < SHORTEST_SECRET:
        return
    count = -(-len(text) // LONGEST_PART)
    size = -(-len(text) // count)
    for start in range(0, len(text), size):
        yield text[start : start + size]


def _json_texts(value: str) -> Iterator[str]:
    """The texts and numbers in a JSON list or map (Secrets Manager keeps user and password like that)."""
    if not value.startswith(("{", "[")):
        return
    import json

    try:
        waiting = [json.loads(value, parse_int=str, parse_float=str)]
    except (ValueError, RecursionError):
        return
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, (dict, list)):
            waiting += item.values() if isinstance(item, dict) else item


def pattern(part: str) -> bytes:
    """Matches every form of a text of `parts`."""
    data = encoded(part)
    return b"|".join([b"".join(map(_quoted, part)), *(_base64_pattern(data, shift) for shift in range(3))])


def width(part: str) -> int:
    """How many bytes a form of `part` has at most."""
    quoted = sum(len("%XX") if _is_plain(character) else WIDEST_CHARACTER for character in part)
    return max(quoted, 4 * len(encoded(part)) + 16)


def base64_core(data: bytes, shift: int) -> bytes:
    """The base64 characters that `data` makes whatever stands around it, when `shift` bytes stand before it."""
    bare, sure = _base64(data, shift)
    return bare[:sure].encode()


def _base64(data: bytes, shift: int) -> tuple[str, int]:
    """The characters that depend on `data`, and how many of them depend on nothing that may follow."""
    text = b2a_base64(bytes(shift) + data, newline=False).decode()[_FOREIGN_CHARACTERS[shift] :]
    bare = text.rstrip("=")
    return bare, len(bare) - (bare != text)


def _base64_pattern(data: bytes, shift: int) -> bytes:
    """`data` within a longer text, and to its end when nothing or the newline of `echo` follows."""
    bare, sure = _base64(data, shift)
    with_newline, _ = _base64(data + b"\n", shift)
    core = _WRAP.join(map(_base64_character, bare[:sure]))
    ends = [b"".join(map(_base64_character, text[sure:])) for text in (with_newline, bare) if len(text) > sure]
    return core + b"(?:(?:" + b"|".join(ends) + b")" + _quoted("=") + b"{0,2})?" if ends else core


def _base64_character(character: str) -> bytes:
    """One of base64, in the alphabet for URLs too, quoted like any other."""
    if _is_plain(character):
        return character.encode()
    return b"(?:" + {"+": b"-|", "/": b"_|"}.get(character, b"") + _quoted(character) + b")"


def _is_plain(character: str) -> bool:
    """Whether no tool has to quote it."""
    return character.isascii() and character.isalnum()


def _quoted(character: str) -> bytes:
    """One character in every form. A URL may quote any, RFC 3986 says, but those that it need not are quoted once."""
    if _is_plain(character):
        return b"(?:%c|%%(?i:%02x))" % (ord(character), ord(character))
    if character == "\n":
        return b"(?:(?:" + b"|".join(_forms("\r")) + b")?(?:" + b"|".join(_forms("\n")) + b"))"
    return b"(?:" + b"|".join(_forms(character)) + b")"


def _forms(character: str) -> Iterator[bytes]:
    """The alternatives; a repeated backslash, `%25` or `amp;` comes of quoting what was quoted."""
    raw, code = encoded(character), ord(character)
    yield rb"\\*" + b"".join(rb"\x%02x" % byte for byte in raw)
    yield b"".join(rb"%%(?:25)*(?i:%02x)" % byte for byte in raw)
    yield b"".join(rb"\\+0*%o" % byte for byte in raw)
    yield b"".join(rb"\\+x(?i:%02x)" % byte for byte in raw)
    yield rb"\\+[uUx]\{?0*(?i:%x)\}?" % code
    if code > 0xFFFF:
        yield rb"\\+u(?i:%x)\\+u(?i:%x)" % (0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF))
    yield rb"&(?:amp;)*#(?:0*%d|[xX]0*(?i:%x));" % (code, code)
    if "\udc80" <= character <= "\udcff":
        yield b"".join(rb"\x%02x" % byte for byte in character.encode("utf-8", "surrogatepass"))
    if character in _XML_NAMES:
        yield rb"&(?:amp;)*" + _XML_NAMES[character] + b";"
    if character in _ESCAPE_LETTERS:
        yield rb"\\+" + _ESCAPE_LETTERS[character].encode()
    if character == " ":
        yield rb"\+"
    if character == "'":  # shells leave the quotes for it: '\'' and '"'"'
        yield rb"'\\+''"
        yield rb"""'\\*"'\\*"'"""
