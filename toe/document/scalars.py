"""What YAML 1.1 takes a scalar for, by its text or by its tag.

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

#: The tags that a scalar may carry, and the kind that each asks for.
YAML_TAGS = "tag:yaml.org,2002:"
SCALAR_TAGS = {
    "!": Kind.STRING,
    YAML_TAGS + "str": Kind.STRING,
    YAML_TAGS + "int": Kind.INTEGER,
    YAML_TAGS + "float": Kind.FLOAT,
    YAML_TAGS + "bool": Kind.BOOLEAN,
    YAML_TAGS + "null": Kind.NULL,
    YAML_TAGS + "timestamp": Kind.TIMESTAMP,
}

#: Numbers and times start with one of these; no other plain scalar needs a look at a pattern.
_NUMERIC_START = frozenset("0123456789+-.")
_DIGITS = "[0-9][0-9_]*"
_EXPONENT = "(?:[eE][-+][0-9]+)?"
_SIXTIES = "(?::[0-5]?[0-9])+"

#: Texts and not compiled patterns: most documents need none of them, and compiling costs more than reading one.
_INTEGER = rf"[-+]?(?:0|0b[01_]+|0[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*(?:{_SIXTIES})?)"
_FLOAT = (
    rf"[-+]?{_DIGITS}\.[0-9_]*{_EXPONENT}|\.[0-9][0-9_]*{_EXPONENT}|[-+]?{_DIGITS}{_SIXTIES}\.[0-9_]*"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_TIMESTAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)


def kind_of_plain(text: str) -> Kind:
    """The kind of an unquoted scalar without a tag."""
    if text[:1] not in _NUMERIC_START:
        return _WORDS.get(text, Kind.STRING)
    if text.isascii() and text[0] not in "0+-.":
        whole, dot, fraction = text.partition(".")
        if whole.isdigit() and (not dot or fraction.isdigit()):
            return Kind.FLOAT if dot else Kind.INTEGER
    for pattern, kind in ((_INTEGER, Kind.INTEGER), (_FLOAT, Kind.FLOAT), (_TIMESTAMP, Kind.TIMESTAMP)):
        if re.fullmatch(pattern, text):
            return kind
    return Kind.STRING
