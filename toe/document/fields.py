"""The values of single keys: texts, booleans, integers, words, names. What has the wrong form is refused, never raised.

Each function gives None for a value that it refused, so that the caller puts the default in its place.
"""

from __future__ import annotations

from collections.abc import Collection

from toe import codes
from toe.document.keys import NAME_CHARACTERS, NAME_LENGTH
from toe.document.refusals import Refusals, shown
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence

TRUTH = {"true": True, "false": False}
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_MOST_DIGITS = 18


def is_nothing(node: Node | None) -> bool:
    """Whether a key is absent or has nothing behind it."""
    return node is None or (isinstance(node, Scalar) and node.kind is Kind.NULL)


def values_of(
    node: Mapping,
    known: Collection[str],
    required: Collection[str],
    refuse: Refusals,
    *,
    texts: Collection[str] = (),
    where: str = "",
) -> dict[str, Node]:
    """The values under the known keys; unknown keys and missing required ones are refused.

    A key with nothing behind it (`null`) is left out, but for `texts`: there it is the empty text. `where` follows an
    unknown key in the message: " in 'loop'".
    """
    values: dict[str, Node] = {}
    for key, value in node.pairs:
        if key.text not in known:
            refuse.unknown_key(key, node, known, where)
        elif key.text in texts or not is_nothing(value):
            values[key.text] = value
    for name in required:
        if name not in values:
            refuse.missing(node, name)
    return values


def text_of(node: Node | None, key: str, refuse: Refusals) -> str | None:
    """Any scalar, as the text of the source; None too when there is no node."""
    if node is None or isinstance(node, Scalar):
        return node.text if node is not None else None
    refuse.wrong_kind(node, f"'{key}'", "a text")
    return None


def texts_of(node: Node, key: str, refuse: Refusals, wanted: str = "a list") -> tuple[str, ...] | None:
    """A list of scalars."""
    if not isinstance(node, Sequence):
        refuse.wrong_kind(node, f"'{key}'", wanted)
        return None
    texts = []
    for item in node.items:
        if isinstance(item, Scalar):
            texts.append(item.text)
        else:
            refuse.wrong_kind(item, f"an item of '{key}'", "a text")
    return tuple(texts)


def boolean_of(node: Node | None, key: str, refuse: Refusals) -> bool | None:
    """true or false, quoted or not."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.lower() in TRUTH:
        return TRUTH[node.text.lower()]
    refuse.wrong_value(node, f"'{key}'", "true or false")
    return None


def integer_of(node: Node | None, key: str, refuse: Refusals, wanted: str = "an integer") -> int | None:
    """A decimal integer, quoted or not."""
    if node is None:
        return None
    if isinstance(node, Scalar) and is_integer(node.text):
        return int(node.text)
    refuse.wrong_value(node, f"'{key}'", wanted, codes.OUT_OF_RANGE)
    return None


def is_integer(text: str) -> bool:
    """Whether a text is a decimal integer of at most 18 digits, with or without a sign."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS


def word_of(node: Node | None, key: str, words: Collection[str], refuse: Refusals) -> str | None:
    """One of the document language's own words."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text in words:
        return node.text
    refuse.unknown_word(node, f"'{key}'", words)
    return None


def name_of(node: Node, what: str, refuse: Refusals, *, shortest: int = 1, where: str = "") -> str:
    """The text of a name. One that breaks the rules is refused and kept, so that references to it are still found.

    `what` is "step", `where` is " in phase 'build'": the message is AWSTOE's to the letter (reference, section 1).
    """
    if not isinstance(node, Scalar):
        refuse(node, codes.WRONG_KIND, f"the name of a {what} must be a text, not {node.described}")
        return ""
    check_name(node, what, refuse, shortest=shortest, where=where)
    return node.text


def check_name(node: Scalar, what: str, refuse: Refusals, *, shortest: int = 1, where: str = "") -> None:
    """Refuse a name that breaks the rules."""
    if not node.text or not _NAME_CHARACTERS.issuperset(node.text):
        refuse(node, codes.INVALID_NAME, f"Invalid {what} name {shown(node.text)}{where}. {NAME_CHARACTERS}")
    elif not shortest <= len(node.text) <= NAME_LENGTH:
        length = f"it must have {shortest} to {NAME_LENGTH} characters, not {len(node.text)}"
        refuse(node, codes.INVALID_NAME, f"Invalid {what} name {shown(node.text)}{where}: {length}")
