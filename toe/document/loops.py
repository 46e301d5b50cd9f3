"""`loop`: from nodes to the three forms of loops (reference, section 4). Nothing is split or counted here."""

from __future__ import annotations

from toe.document.fields import described, integer_of, name_of, text_of, texts_of, values_of
from toe.document.keys import (
    DEFAULT_DELIMITER,
    DELIMITERS,
    FOR_EACH_KEYS,
    FOR_EACH_REQUIRED,
    FOR_KEYS,
    FOR_REQUIRED,
    LOOP_KEYS,
    LOOP_OVER,
)
from toe.document.refusals import Refusals
from toe.model import DelimitedLoop, ForEachLoop, ForLoop, Loop
from toe.nodes import Mapping, Node, Scalar, Sequence


def read_loop(node: Node, refuse: Refusals) -> Loop | None:
    """A step's loop; None when it was refused."""
    if not isinstance(node, Mapping):
        refuse(node, f"'loop' must be a mapping, not {node.described}")
        return None
    values = values_of(node, LOOP_KEYS, (), refuse)
    name = name_of(values["name"], "loop", refuse) if "name" in values else None
    given = [key for key in LOOP_OVER if key in values]
    if len(given) != 1:
        refuse(node, "a loop has exactly one of 'for' and 'forEach'")
        return None
    over = _for(values["for"], refuse) if given == ["for"] else _for_each(values["forEach"], refuse)
    return Loop(over, name, node) if over is not None else None


def _for(node: Node, refuse: Refusals) -> ForLoop | None:
    if not isinstance(node, Mapping):
        refuse(node, f"'for' must be a mapping of {', '.join(FOR_KEYS)}, not {node.described}")
        return None
    values = values_of(node, FOR_KEYS, FOR_REQUIRED, refuse)
    bounds = [integer_of(values.get(key), key, refuse, "an integer (no expression)") for key in FOR_KEYS]
    start, end, update_by = bounds
    if start is None or end is None or update_by is None:
        return None
    if update_by == 0:
        refuse(values["updateBy"], "'updateBy' must not be 0: the loop would never end")
        return None
    if (end - start) * update_by < 0:
        refuse(values["updateBy"], f"'updateBy' {update_by} leads away from the loop's end: {start} to {end}")
        return None
    return ForLoop(start, end, update_by)


def _for_each(node: Node, refuse: Refusals) -> ForEachLoop | DelimitedLoop | None:
    if isinstance(node, Mapping):
        return _delimited(node, refuse)
    if isinstance(node, Sequence):
        texts = texts_of(node, "forEach", refuse)
        return ForEachLoop(texts) if texts is not None else None
    if isinstance(node, Scalar):
        # An expression for a stringList iterates over its items.
        return ForEachLoop((node.text,))
    refuse(node, f"'forEach' must be a list of texts, or a mapping of 'list' and 'delimiter', not {node.described}")
    return None


def _delimited(node: Mapping, refuse: Refusals) -> DelimitedLoop | None:
    values = values_of(node, FOR_EACH_KEYS, FOR_EACH_REQUIRED, refuse)
    text = text_of(values.get("list"), "list", refuse)
    delimiter = values.get("delimiter")
    if delimiter is None:
        return DelimitedLoop(text, DEFAULT_DELIMITER) if text is not None else None
    if not isinstance(delimiter, Scalar) or delimiter.text not in DELIMITERS:
        listed = " ".join("space" if word == " " else repr(word)[1:-1] for word in DELIMITERS)
        refuse(delimiter, f"'delimiter' of a loop must be one of {listed}, not {described(delimiter)}")
        return None
    return DelimitedLoop(text, delimiter.text) if text is not None else None
