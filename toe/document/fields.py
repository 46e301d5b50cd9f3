"""The values of single keys: texts, booleans, integers, words, names. What has the wrong form is refused, never raised.

Each function gives None for a value that it refused, so that the caller puts the default in its place.
"""

from __future__ import annotations

from collections.abc import Sequence as Words

from toe.document.keys import NAME_CHARACTERS, NAME_LENGTH
from toe.document.refusals import Refusals, Refuse, shown
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence

TRUTH = {"true": True, "false": False}
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_MOST_DIGITS = 18


def is_nothing(node: Node | None) -> bool:
    """Whether a key is absent or has nothing behind it."""
    return node is None or (isinstance(node, Scalar) and node.kind is Kind.NULL)


def values_of(
    node: Mapping, known: Words[str], required: Words[str], refuse: Refusals, *, texts: Words[str] = ()
) -> dict[str, Node]:
    """The values under the known keys; unknown keys and missing required ones are refused.

    A key with nothing behind it (`null`) is left out, but for `texts`: there it is the empty text.
    """
    values: dict[str, Node] = {}
    absent: list[str] | None = None
    for key, value in node.pairs:
        if key.text not in known:
            absent = absent_keys(node, known) if absent is None else absent
            refuse.misspelt(key, f"unknown key {shown(key.text)}", key.text, absent)
        elif key.text in texts or not is_nothing(value):
            values[key.text] = value
    for name in required:
        if name not in values:
            refuse(node.get(name) or node, f"'{name}' is missing")
    return values


def absent_keys(node: Mapping, known: Words[str]) -> list[str]:
    """The known keys that a mapping lacks: what a misspelt key can have been meant for."""
    present = {key.text for key, _ in node.pairs}
    return [key for key in known if key not in present]


def text_of(node: Node | None, key: str, refuse: Refuse) -> str | None:
    """Any scalar, as the text of the source; None too when there is no node."""
    if node is None or isinstance(node, Scalar):
        return node.text if node is not None else None
    refuse(node, f"'{key}' must be a text, not {node.described}")
    return None


def texts_of(node: Node, key: str, refuse: Refuse) -> tuple[str, ...] | None:
    """A list of scalars."""
    if not isinstance(node, Sequence):
        refuse(node, f"'{key}' must be a list, not {node.described}")
        return None
    texts = []
    for item in node.items:
        if isinstance(item, Scalar):
            texts.append(item.text)
        else:
            refuse(item, f"an item of '{key}' must be a text, not {item.described}")
    return tuple(texts)


def boolean_of(node: Node | None, key: str, refuse: Refuse) -> bool | None:
    """true or false, quoted or not."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text.lower() in TRUTH:
        return TRUTH[node.text.lower()]
    refuse(node, f"'{key}' must be true or false, not {described(node)}")
    return None


def integer_of(node: Node | None, key: str, refuse: Refuse, wanted: str = "an integer") -> int | None:
    """A decimal integer, quoted or not."""
    if node is None:
        return None
    if isinstance(node, Scalar) and is_integer(node.text):
        return int(node.text)
    refuse(node, f"'{key}' must be {wanted}, not {described(node)}")
    return None


def is_integer(text: str) -> bool:
    """Whether a text is a decimal integer of at most 18 digits, with or without a sign."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS


def word_of(node: Node | None, key: str, words: Words[str], refuse: Refusals) -> str | None:
    """One of the document language's own words."""
    if node is None:
        return None
    if isinstance(node, Scalar) and node.text in words:
        return node.text
    message = f"'{key}' must be one of {', '.join(words)}, not {described(node)}"
    refuse.misspelt(node, message, node.text if isinstance(node, Scalar) else "", words)
    return None


def name_of(node: Node, what: str, refuse: Refuse, *, shortest: int = 1, where: str = "") -> str:
    """The text of a name. One that breaks the rules is refused and kept, so that references to it are still found.

    `what` is "step", `where` is " in phase 'build'": the message is AWSTOE's to the letter (reference, section 1).
    """
    if not isinstance(node, Scalar):
        refuse(node, f"the name of a {what} must be a text, not {node.described}")
        return ""
    check_name(node, what, refuse, shortest=shortest, where=where)
    return node.text


def check_name(node: Scalar, what: str, refuse: Refuse, *, shortest: int = 1, where: str = "") -> bool:
    """Whether a name keeps the rules; it is refused when it does not."""
    if not node.text or not _NAME_CHARACTERS.issuperset(node.text):
        refuse(node, f"Invalid {what} name {shown(node.text)}{where}. {NAME_CHARACTERS}")
        return False
    if not shortest <= len(node.text) <= NAME_LENGTH:
        length = f"it must have {shortest} to {NAME_LENGTH} characters, not {len(node.text)}"
        refuse(node, f"Invalid {what} name {shown(node.text)}{where}: {length}")
        return False
    return True


def described(node: Node) -> str:
    """A node in a message: the text of a scalar, the kind of anything else."""
    if isinstance(node, Scalar) and not is_nothing(node):
        return shown(node.text)
    return node.described
