"""Loops: the values that a loop runs through, and its iterations' outputs put together (reference, section 4)."""

from __future__ import annotations

from collections.abc import Iterable

from toe.expressions.resolve import resolve_items
from toe.expressions.scope import Scope
from toe.model import DelimitedLoop, Entry, ForLoop, Loop


def values_of(loop: Loop, scope: Scope) -> Iterable[str]:
    """The value of each iteration, as text. Raises ActionError when an expression has no value."""
    if isinstance(loop.over, ForLoop):
        start, end, step = loop.over
        return map(str, range(start, end + (1 if step > 0 else -1), step))
    if isinstance(loop.over, DelimitedLoop):
        items = resolve_items((loop.over.text,), scope)
        if len(items) != 1:
            return items
        return items[0].split(loop.over.delimiter) if items[0] else []
    return resolve_items(loop.over.items, scope)


def collated(outputs: Iterable[Entry]) -> tuple[Entry, ...]:
    """The iterations' outputs by key, joined with newlines, as one entry; () when there are none."""
    texts: dict[str, list[str]] = {}
    for entry in outputs:
        for key, value in entry.items():
            texts.setdefault(key, []).append(str(value))
    return ({key: "\n".join(parts) for key, parts in texts.items()},) if texts else ()
