"""Plain data as JSON text, compact or indented, in slices, so that a text of 8 MiB is never copied as a whole.

Escaping a string slice by slice gives the same text as escaping it at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from toe.model import ForEachLoop, ForLoop, Loop, Value
from toe.quick_typing import TypeVar
from toe.records import NamedTuple

SLICE = 65_536
LEVEL = "    "
Escaped = TypeVar("Escaped", str, bytes)


def _compact_encoder() -> Callable[[object], str]:
    """`JSONEncoder.encode` makes a new C encoder at each call, which costs more than a small value; this one stays."""
    compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return compact.encode
    parts = make(None, compact.default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
    return lambda value: "".join(parts(value, 0))


#: Plain data as compact JSON text.
encode: Callable[[object], str] = _compact_encoder()

#: A string as JSON text; several times faster than `encode`.
quoted: Callable[[str], str] = json.encoder.encode_basestring


def to_bytes(text: str) -> bytes:
    r"""UTF-8; a lone surrogate becomes `\udcXX`, which is a valid escape within a JSON string."""
    return text.encode("utf-8", "backslashreplace")


def is_small(value: object) -> bool:
    """Whether the text may be made as a whole."""
    if isinstance(value, str):
        return len(value) < SLICE
    if isinstance(value, dict):
        return len(value) < 100 and all(map(is_small, value.values()))
    if isinstance(value, (list, tuple)):
        return len(value) < 100 and all(map(is_small, value))
    return True


def slices(value: object) -> Iterator[str]:
    """The compact JSON text of plain data, in pieces of about 64 Ki characters at most."""
    return _pieces(value, _escaped)


def _pieces(value: object, escape: Callable[[str], Escaped]) -> Iterator[str | Escaped]:
    """The same, with the slices of long texts as `escape` gives them."""
    if is_small(value):
        yield encode(value)
    elif isinstance(value, str):
        yield '"'
        for start in range(0, len(value), SLICE):
            yield escape(value[start : start + SLICE])
        yield '"'
    elif isinstance(value, dict):
        yield from _joined("{", ((quoted(str(key)) + ":", item) for key, item in value.items()), "}", escape)
    elif isinstance(value, (list, tuple)):
        yield from _joined("[", (("", item) for item in value), "]", escape)


#: Maps each byte that JSON wants escaped, other than the newline, to 0x01.
ESCAPED_BYTES = bytes(1 if (byte < 32 and byte != 10) or byte in (34, 92) else byte for byte in range(256))


def _escaped(text: str) -> str:
    """What stands between the quotes."""
    return quoted(text)[1:-1]


def _escaped_twice(text: str) -> bytes:
    """What stands between the quotes, within a string. Ordinary text takes two passes in C and no encoder."""
    if text.isascii():
        data = text.encode()
        if b"\x01" not in data.translate(ESCAPED_BYTES):
            return data.replace(b"\n", b"\\\\n")
    return _once_more(_escaped(text))


def _once_more(text: str) -> bytes:
    """JSON text escaped for a place within a string: it has no control characters, only backslashes and quotes."""
    return to_bytes(text.replace("\\", "\\\\").replace('"', '\\"'))


def _joined(
    opening: str, items: Iterable[tuple[str, object]], closing: str, escape: Callable[[str], Escaped]
) -> Iterator[str | Escaped]:
    mark = opening
    for before, item in items:
        yield mark + before
        yield from _pieces(item, escape)
        mark = ","
    yield closing if mark == "," else opening + closing


class JsonText(NamedTuple):
    """Stands for a JSON string that holds the compact JSON text of `value`."""

    value: object


def indented(value: object, line_start: str = "\n") -> Iterator[bytes]:
    """The text that `json.dumps(value, indent=4, ensure_ascii=False)` would give, in pieces.

    Beyond what `json` takes there may be a `JsonText`, any iterable for a list, and bytes: text made before, for the
    level that it stands on. `line_start` is the newline and the indentation of the line that the value begins in.
    """
    inner = line_start + LEVEL
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, JsonText):
        yield b'"'
        yield from within_string(value.value)
        yield b'"'
    elif isinstance(value, dict):
        text, mark = "", "{"
        for key, item in value.items():
            text += f"{mark}{inner}{quoted(key)}: "
            mark = ","
            if isinstance(item, str):
                text += quoted(item)
            elif item is None or isinstance(item, int):
                text += encode(item)
            else:
                yield to_bytes(text)
                yield from indented(item, inner)
                text = ""
        yield to_bytes(f"{text}{line_start}}}") if value else b"{}"
    elif isinstance(value, Iterable) and not isinstance(value, str):
        mark = "["
        for item in value:
            yield f"{mark}{inner}".encode()
            yield from indented(item, inner)
            mark = ","
        yield b"[]" if mark == "[" else f"{line_start}]".encode()
    else:
        yield to_bytes(encode(value))


def within_string(value: object) -> Iterator[bytes]:
    """The JSON text of plain data, escaped once more, to stand between the quotes of a JSON string."""
    for piece in _pieces(value, _escaped_twice):
        yield piece if isinstance(piece, bytes) else _once_more(piece)


def bounded(value: object, limit: int = SLICE) -> str:
    """The compact JSON text of `value`, cut after `limit` characters with a note that it was."""
    if is_small(value):
        text = encode(value)
        return cut_text(text, limit)
    parts: list[str] = []
    size = 0
    for part in slices(value):
        parts.append(part)
        size += len(part)
        if size > limit:
            return "".join(parts)[:limit] + "... (cut)"
    return "".join(parts)


def cut_text(text: str, limit: int = SLICE) -> str:
    """The text with no more than `limit` characters, and a note that it was cut."""
    return text if len(text) <= limit else text[:limit] + "... (cut)"


def cut(value: object, limit: int = SLICE) -> object:
    """Plain data in which every text is cut like that."""
    if isinstance(value, str):
        return cut_text(value, limit)
    if isinstance(value, dict):
        return {key: cut(item, limit) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [cut(item, limit) for item in value]
    return value


def loop_value(loop: Loop | None) -> Value:
    """A loop as plain data in the form of the document, None for none."""
    if loop is None:
        return None
    form: dict[str, Value] = {} if loop.name is None else {"name": loop.name}
    over = loop.over
    if isinstance(over, ForLoop):
        form["for"] = {"start": over.start, "end": over.end, "updateBy": over.update_by}
    elif isinstance(over, ForEachLoop):
        form["forEach"] = list(over.items)
    else:
        form["forEach"] = {"list": over.text, "delimiter": over.delimiter}
    return form
