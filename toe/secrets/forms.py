"""What is looked for to find a secret, as it is, quoted or encoded. Pure.

Tools differ in what they quote, so texts are compared without what quoting adds: a text is unquoted layer by layer
(toe.secrets.unquoting), and then read in the ways of `Reading`, in which backslashes and quotes are not there at all.
What this finds too much (`its` for a secret `it's`) is a few characters of a word.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterator

from toe.records import NamedTuple
from toe.secrets.needles import Needle
from toe.secrets.unquoting import unquoted

#: Shorter values are not masked: they stand in too many other words (`no`, `80`), and a log without them says nothing.
SHORTEST_SECRET = 4
#: A shorter rest of a value without its quotes and backslashes is not looked for, not even among such.
SHORTEST_WITH_NOISE = 2
#: A text within a JSON value may be a user or a database engine: short ones are words of every log.
SHORTEST_JSON_TEXT = 6
#: A longer text is looked for in pieces, so that little of a stream is held back.
LONGEST_PART = 2048
#: A longer text of several lines is looked for line by line alone.
LONGEST_OF_LINES = 4096
#: A longer value (no secret of AWS is; what a hidden step printed may be) is not looked for in base64 and hexadecimal.
LONGEST_IN_ALL_FORMS = 64 * 1024
#: No quoting that is in use makes more bytes of a character (four bytes in octal, escaped twice).
WIDEST_CHARACTER = 48
#: A text that was quoted more often is not recognised.
LAYERS = 4

#: How many of the first base64 characters depend on what stands before, when that is 0, 1 or 2 bytes (modulo 3).
_FOREIGN_CHARACTERS = (0, 2, 3)
#: Shells leave quotes and backslashes behind, and line ends are what the system makes of them.
NOISE = b"\\'\"\r"


class Reading(NamedTuple):
    """A way to read a text: bytes that are taken for others, and bytes that are taken for nothing.

    `kept` has for each byte 1, and 0 for those.
    """

    table: bytes
    ignored: bytes
    kept: bytes

    def of(self, data: bytes) -> bytes:
        return data.translate(self.table, self.ignored)


def _reading(bytes_read: bytes, taken_for: bytes, ignored: bytes) -> Reading:
    kept = bytes(byte not in ignored for byte in range(256))
    return Reading(bytes.maketrans(bytes_read, taken_for), ignored, kept)


#: A control character is what its escape looks like without the backslash, and forms write `+` for a blank.
PLAIN = _reading(b"\a\b\t\n\v\f\x1b+", b"abtnvfE ", NOISE)
#: In either alphabet, in lines or not.
BASE64 = _reading(b"-_", b"+/", NOISE + b" \t\n\v\f")
#: Of `xxd -p` and `od -An -tx1`, with colons and dashes too.
HEXADECIMAL = _reading(b"ABCDEF", b"abcdef", NOISE + b" \t\n\v\f:-")


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


def layers(data: bytes, most: int = LAYERS) -> list[bytes]:
    """`data`, and what is left of it when one layer of quoting after the other is taken away."""
    found = [data]
    while len(found) <= most and (plain := unquoted(found[-1])) is not found[-1]:
        found.append(plain)
    return found


def plain_needles(part: str) -> Iterator[tuple[Needle, bool]]:
    """The part, unquoted as any text is, and whether it has noise: then that must be there, and less will do."""
    for layer in layers(encoded(part), 2 * LAYERS):
        text = PLAIN.of(layer)
        noisy = len(text) < len(layer)
        if len(text) >= (SHORTEST_WITH_NOISE if noisy else SHORTEST_SECRET):
            yield Needle(text), noisy


def exact_forms(part: str) -> Iterator[bytes]:
    """The forms of a part of which reading leaves next to nothing: it is made of quotes, backslashes and escapes."""
    if len(PLAIN.of(layers(encoded(part), 2 * LAYERS)[-1])) >= SHORTEST_SECRET:
        return
    from toe.secrets.quoted_forms import quoted_forms

    for text in quoted_forms(part):
        if len(text) >= SHORTEST_SECRET:
            yield encoded(text)


def base64_needles(part: str) -> Iterator[Needle]:
    """What base64 makes of the part, whatever stands around it, and its ends when nothing or a newline follows."""
    data = encoded(part)
    for shift in range(3):
        bare, sure = _base64(data, shift)
        with_newline, _ = _base64(data + b"\n", shift)
        ends = (text[sure:] for text in (with_newline, bare) if len(text) > sure)
        yield Needle(bare[:sure].encode(), tuple(end.encode() for end in ends))


def hexadecimal_needle(part: str) -> Needle:
    """The part in hexadecimal digits."""
    return Needle(encoded(part).hex().encode())


def width(part: str) -> int:
    """How many bytes a form of `part` has at most."""
    quoted = sum(len("%XX") if _is_plain(character) else WIDEST_CHARACTER for character in part)
    return max(quoted, 4 * len(encoded(part)) + 16)


def _base64(data: bytes, shift: int) -> tuple[str, int]:
    """The characters that depend on `data`, and how many of them depend on nothing that may follow."""
    text = b2a_base64(bytes(shift) + data, newline=False).decode()[_FOREIGN_CHARACTERS[shift] :]
    bare = text.rstrip("=")
    return bare, len(bare) - (bare != text)


def _is_plain(character: str) -> bool:
    """Whether no tool has to quote it."""
    return character.isascii() and character.isalnum()
