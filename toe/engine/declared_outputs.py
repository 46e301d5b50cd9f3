"""What later steps see of a step that ended without giving the outputs that its action declares. Pure."""

from __future__ import annotations

from toe.actions.base import Definition
from toe.model import Entry


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
