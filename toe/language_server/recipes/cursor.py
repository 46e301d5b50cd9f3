"""Where the cursor is in a file that is being typed: a mark is put there, and looked for in the tree.

Half a line is seldom YAML or JSON. So the mark is tried with what may be missing around it: a colon, a quote, a comma;
then without all that stands below, with the brackets closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe.document.loader import parse_yaml
from toe.images.recipes.functions import SHORT_FORMS
from toe.language_server.buffers import bytes_of
from toe.language_server.recipes.spots import Spot, spots
from toe.nodes import Node
from toe.records import NamedTuple

#: No file holds it.
MARK = "toe0where0the0cursor0is"
_AFTER_IN_YAML = (": ", "", '": ', "': ", '"', "'")
_AFTER_IN_JSON = (": ", "", ": ,", ",", '": ', '"', '": ,', '",')
_CLOSING = {"{": "}", "[": "]"}
_QUOTES = "\"'"


class Cursor(NamedTuple):
    """What is being typed. `word` was written of it up to the cursor; `root` is the tree with the mark.

    `is_json`: keys have quotes there. `is_quoted`: the word began with one. `data` is the text that has this tree.
    """

    spot: Spot
    root: Node
    word: str
    is_json: bool
    is_quoted: bool
    data: bytes


def cursor_in(text: str, offset: int) -> Cursor | None:
    """What is being typed at an index of a text; None where that cannot be made out."""
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    for attempt in _attempts(text[:offset], text[offset:], is_json):
        data = bytes_of(attempt)
        root = parse_yaml(data, "", functions=SHORT_FORMS)[0]
        spot = next((one for one in spots(root) if MARK in one.scalar.text), None) if root is not None else None
        if spot is not None and root is not None:
            word = spot.scalar.text.partition(MARK)[0]
            before = text[: offset - len(word)]
            return Cursor(spot, root, word, is_json, before.endswith(tuple(_QUOTES)), data)
    return None


def _attempts(before: str, after: str, is_json: bool) -> Iterator[str]:
    line, end, below = after.partition("\n")
    start = _start_of_word(before)
    for rest in (after, end + below):  # with what stands behind the cursor on its line, and without
        for behind in _AFTER_IN_JSON if is_json else _AFTER_IN_YAML:
            yield f"{before}{MARK}{behind}{rest}"
            if is_json and not before[:start].rstrip().endswith((",", "{", "[", ":")):
                yield f"{before[:start]},{before[start:]}{MARK}{behind}{rest}"
        if not line.strip():
            break
    opened = _closers(before if is_json else before.rpartition("\n")[2])
    for behind in _AFTER_IN_JSON if is_json else _AFTER_IN_YAML:
        yield f"{before}{MARK}{behind}{opened}\n"


def _start_of_word(before: str) -> int:
    """Where what is being typed begins, with its quote."""
    start = len(before)
    while start and (before[start - 1].isalnum() or before[start - 1] in "_-./:"):
        start -= 1
    return start - 1 if start and before[start - 1] in _QUOTES else start


def _closers(text: str) -> str:
    """What closes the brackets that are open at the end of a text; a quote that is open there is not counted."""
    closers: list[str] = []
    quote, is_escaped = "", False
    for character in text:
        if quote:
            if is_escaped:
                is_escaped = False
            elif character == "\\" and quote == '"':
                is_escaped = True
            elif character == quote:
                quote = ""
        elif character in _QUOTES:
            quote = character
        elif character in _CLOSING:
            closers.append(_CLOSING[character])
        elif closers and character == closers[-1]:
            closers.pop()
    return "".join(reversed(closers))
