"""What a step that ended means: the outputs that later steps see of it, and whether it did anything at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from toe.actions.base import Definition, Shape
from toe.document.text import has_only_comments
from toe.model import Entry

_SCRIPT = "commands"


def with_declared(outputs: tuple[Entry, ...], definition: Definition | None, entries: int) -> tuple[Entry, ...]:
    """The outputs, in each entry the declared ones that are missing as empty texts (reference, section 3).

    `entries` is how many there are to be: fewer come of a step that failed, none of an empty loop.
    """
    if definition is None or not definition.output_fields:
        return outputs
    given = [*outputs, *({} for _ in range(entries - len(outputs)))]
    empty: Entry = {field.key: "" for field in definition.output_fields}
    if len(given) == len(outputs) and all(empty.keys() <= entry.keys() for entry in given):
        return outputs
    return tuple({**empty, **entry} for entry in given)


def idle_reason(definition: Definition, inputs: Iterable[Entry]) -> str:
    """Why an action with these resolved inputs has nothing to do; "" when it has."""
    for field in definition.fields:
        if field.shape is Shape.TEXTS and (field.required or field.key == _SCRIPT):
            for entry in inputs:
                items = entry.get(field.key)
                if items == []:
                    return f"'{field.key}' is empty"
                if (
                    field.key == _SCRIPT
                    and isinstance(items, list)
                    and all(has_only_comments(str(item)) for item in items)
                ):
                    return f"'{field.key}' has nothing but comments"
    return ""
