"""Plain data as JSON text, compact or indented, in slices, so that a text of 8 MiB is never copied as a whole.

Escaping a string slice by slice gives the same text as escaping it at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence

from toe.model import ForEachLoop, ForLoop, Loop, Value
from toe.quick_typing import Any
from toe.records import NamedTuple

SLICE = 65_536
LEVEL = "    "


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


#: Maps each byte that JSON wants escaped, other than the newline, to 0x01.
ESCAPED_BYTES = bytes(1 if (byte < 32 and byte != 10) or byte in (34, 92) else byte for byte in range(256))


def _escaped_twice(text: str) -> bytes:
    """What stands between the quotes, within a string. Ordinary text takes two passes in C and no encoder."""
    if text.isascii():
        data = text.encode()
        if b"\x01" not in data.translate(ESCAPED_BYTES):
            return data.replace(b"\n", b"\\\\n")
    return _once_more(quoted(text)[1:-1])


def _once_more(text: str) -> bytes:
    """JSON text escaped for a place within a string: it has no control characters, only backslashes and quotes."""
    return to_bytes(text.replace("\\", "\\\\").replace('"', '\\"'))


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
    """The compact JSON text of plain data, escaped once more, to stand between the quotes of a JSON string."""
    if isinstance(value, (str, dict, list, tuple)) and not is_small(value):
        yield from _large_within_string(value)
    else:
        yield _once_more(encode(value))


def _large_within_string(value: str | dict[str, Any] | Sequence[Any]) -> Iterator[bytes]:
    if isinstance(value, str):
        yield b'\\"'
        for start in range(0, len(value), SLICE):
            yield _escaped_twice(value[start : start + SLICE])
        yield b'\\"'
    elif isinstance(value, dict):
        mark = "{"
        for key, item in value.items():
            yield _once_more(f"{mark}{quoted(str(key))}:")
            yield from within_string(item)
            mark = ","
        yield b"}"
    else:
        mark = "["
        for item in value:
            yield mark.encode()
            yield from within_string(item)
            mark = ","
        yield b"]"


def bounded(value: object) -> str:
    """The compact JSON text of `value`, cut after 64 Ki characters with a note that it was."""
    return cut_text(encode_cut(value))


def encode_cut(value: object) -> str:
    """The same with every text in it cut like that, and not the whole."""
    return encode(value if is_small(value) else _cut(value))


def cut_text(text: str) -> str:
    """The text with no more than 64 Ki characters, and a note that it was cut."""
    return text if len(text) <= SLICE else text[:SLICE] + "... (cut)"


def _cut(value: object) -> object:
    if isinstance(value, str):
        return cut_text(value)
    if isinstance(value, dict):
        return {key: _cut(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cut(item) for item in value]
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
