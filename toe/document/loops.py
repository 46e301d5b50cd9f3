"""`loop`: from nodes to the three forms of loops (reference, section 4). Nothing is split or counted here."""

from __future__ import annotations

from toe import codes
from toe.document.fields import integer_of, name_of, text_of, texts_of, values_of
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
        refuse.wrong_kind(node, "'loop'", "a mapping")
        return None
    values = values_of(node, LOOP_KEYS, (), refuse, where=" in 'loop'")
    name = name_of(values["name"], "loop", refuse) if "name" in values else None
    given = [key for key in LOOP_OVER if key in values]
    if len(given) != 1:
        refuse(node, codes.LOOP_FORM, "a loop has exactly one of 'for' and 'forEach'")
        return None
    over = _for(values["for"], refuse) if given == ["for"] else _for_each(values["forEach"], refuse)
    return Loop(over, name, node) if over is not None else None


def _for(node: Node, refuse: Refusals) -> ForLoop | None:
    if not isinstance(node, Mapping):
        refuse.wrong_kind(node, "'for'", f"a mapping of {', '.join(FOR_KEYS)}")
        return None
    values = values_of(node, FOR_KEYS, FOR_REQUIRED, refuse, where=" in 'for'")
    start, end, update_by = (integer_of(values.get(key), key, refuse) for key in FOR_KEYS)
    if start is None or end is None or update_by is None:
        return None
    if update_by == 0:
        refuse(values["updateBy"], codes.OUT_OF_RANGE, "'updateBy' must not be 0: the loop would never end")
        return None
    if (end - start) * update_by < 0:
        message = f"'updateBy' {update_by} leads away from the loop's end: {start} to {end}"
        refuse(values["updateBy"], codes.LOOP_FORM, message)
        return None
    return ForLoop(start, end, update_by)


def _for_each(node: Node, refuse: Refusals) -> ForEachLoop | DelimitedLoop | None:
    if isinstance(node, Mapping):
        return _delimited(node, refuse)
    if isinstance(node, Sequence):
        texts = texts_of(node, "forEach", refuse)
        return ForEachLoop(texts) if texts is not None else None
    # An expression for a stringList iterates over its items.
    assert isinstance(node, Scalar)
    return ForEachLoop((node.text,))


def _delimited(node: Mapping, refuse: Refusals) -> DelimitedLoop | None:
    values = values_of(node, FOR_EACH_KEYS, FOR_EACH_REQUIRED, refuse, where=" in 'forEach'")
    text = text_of(values.get("list"), "list", refuse)
    delimiter = values.get("delimiter")
    if delimiter is None:
        return DelimitedLoop(text, DEFAULT_DELIMITER) if text is not None else None
    if not isinstance(delimiter, Scalar) or delimiter.text not in DELIMITERS:
        listed = " ".join("space" if word == " " else repr(word)[1:-1] for word in DELIMITERS)
        hint = ""
        if isinstance(delimiter, Scalar) and delimiter.text in ("\\n", "\\t"):
            hint = f'only in double quotes is it one character: "{delimiter.text}"'
        refuse.unknown_word(delimiter, "'delimiter' of a loop", DELIMITERS, listed=listed, hint=hint)
        return None
    return DelimitedLoop(text, delimiter.text) if text is not None else None
