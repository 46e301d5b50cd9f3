"""What YAML 1.1 takes a plain scalar for.

Only the kind: the text is never converted here (reference, section 1: strings keep the text of the source).
"""

from __future__ import annotations

import re

from toe.nodes import Kind

_WORDS: dict[str, Kind] = {
    spelling: kind
    for kind, words in (
        (Kind.BOOLEAN, ("yes", "no", "true", "false", "on", "off")),
        (Kind.NULL, ("null",)),
    )
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}
_WORDS["~"] = Kind.NULL
_WORDS[""] = Kind.NULL

#: Numbers and times start with one of these; no other plain scalar needs a look at a pattern.
_NUMERIC_START = frozenset("0123456789+-.")
_DIGITS = "[0-9][0-9_]*"
_EXPONENT = "(?:[eE][-+][0-9]+)?"
_SIXTIES = "(?::[0-5]?[0-9])+"
_FLOAT = re.compile(
    rf"""[-+]?{_DIGITS}\.[0-9_]*{_EXPONENT}
    | \.[0-9][0-9_]*{_EXPONENT}
    | [-+]?{_DIGITS}{_SIXTIES}\.[0-9_]*
    | [-+]?\.(?:inf|Inf|INF)
    | \.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_INTEGER = re.compile(
    rf"[-+]?(?:0 | 0b[01_]+ | 0[0-7_]+ | 0x[0-9a-fA-F_]+ | [1-9][0-9_]*(?:{_SIXTIES})?)",
    re.VERBOSE,
)
_TIMESTAMP = re.compile(
    r"""[0-9]{4}-[0-9]{2}-[0-9]{2}
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}
      (?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
      (?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?""",
    re.VERBOSE,
)


def kind_of_plain(text: str) -> Kind:
    """The kind of an unquoted scalar without a tag."""
    if text[:1] not in _NUMERIC_START:
        return _WORDS.get(text, Kind.STRING)
    if _INTEGER.fullmatch(text):
        return Kind.INTEGER
    if _FLOAT.fullmatch(text):
        return Kind.FLOAT
    if _TIMESTAMP.fullmatch(text):
        return Kind.TIMESTAMP
    return Kind.STRING
