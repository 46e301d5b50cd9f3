"""Inputs and outputs as compact JSON text, in slices, so that a text of 16 MiB is never copied as a whole.

Escaping a string slice by slice gives the same text as escaping it at once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from toe.model import ForEachLoop, ForLoop, Loop, Value

SLICE = 65_536
_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
encode = _COMPACT.encode


def to_bytes(text: str) -> bytes:
    r"""UTF-8; a lone surrogate becomes `\udcXX`, which is a valid escape within a JSON string."""
    return text.encode("utf-8", "backslashreplace")


def _is_small(value: object) -> bool:
    if isinstance(value, str):
        return len(value) < SLICE
    if isinstance(value, dict):
        return len(value) < 100 and all(map(_is_small, value.values()))
    if isinstance(value, (list, tuple)):
        return len(value) < 100 and all(map(_is_small, value))
    return True


def slices(value: object) -> Iterator[str]:
    """The compact JSON text of plain data, in pieces of about 64 Ki characters at most."""
    if _is_small(value):
        yield encode(value)
    elif isinstance(value, str):
        yield '"'
        for start in range(0, len(value), SLICE):
            yield encode(value[start : start + SLICE])[1:-1]
        yield '"'
    elif isinstance(value, dict):
        yield from _joined("{", ((encode(str(key)) + ":", item) for key, item in value.items()), "}")
    elif isinstance(value, (list, tuple)):
        yield from _joined("[", (("", item) for item in value), "]")


def _joined(opening: str, items: Iterable[tuple[str, object]], closing: str) -> Iterator[str]:
    mark = opening
    for before, item in items:
        yield mark + before
        yield from slices(item)
        mark = ","
    yield closing if mark == "," else opening + closing


def within_string(texts: Iterable[str]) -> Iterator[bytes]:
    """JSON texts escaped once more, to stand between the quotes of a JSON string."""
    for text in texts:
        yield to_bytes(encode(text)[1:-1])


def bounded(value: object, limit: int = SLICE) -> str:
    """The compact JSON text of `value`, cut after `limit` characters with a note that it was."""
    parts: list[str] = []
    size = 0
    for part in slices(value):
        parts.append(part)
        size += len(part)
        if size > limit:
            return "".join(parts)[:limit] + "... (cut)"
    return "".join(parts)


def cut(value: object, limit: int = SLICE) -> object:
    """Plain data in which no text is longer than `limit` characters and a note that it was cut."""
    if isinstance(value, str):
        return value if len(value) <= limit else value[:limit] + "... (cut)"
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
