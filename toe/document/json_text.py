"""JSON documents as text that YAML reads the same: YAML 1.1 lacks a few things that JSON's writers use.

These are pairs of escapes for one character, tabs between tokens, and in strings the raw characters that YAML refuses
or takes for line ends. Lines stay what they are, and so do columns, but for those in a string behind a rewritten part.
"""

from __future__ import annotations

import re

_TOKEN = r'"(?:[^"\\]|\\.)*"|\t'
_ESCAPE = r"\\(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)"
_RAW = {"\x7f": "\\x7f", "\x85": "\\x85", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_as_yaml(text: str) -> str:
    """The text itself unless it is JSON and has one of these."""
    if not text.lstrip().startswith("{") or not ("\\u" in text or any(mark in text for mark in ("\t", *_RAW))):
        return text
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return re.sub(_TOKEN, lambda token: _rewritten(token[0]), text)


def _rewritten(token: str) -> str:
    if token == "\t":
        return " "
    string = re.sub(_ESCAPE, lambda escape: _joined(escape[0]), token) if "\\u" in token else token
    for character, escape in _RAW.items():
        string = string.replace(character, escape)
    return string.ljust(len(token))


def _joined(escape: str) -> str:
    """Two escapes that stand for one character as YAML writes it."""
    if len(escape) == 2:
        return escape
    high, low = int(escape[2:6], 16), int(escape[8:12], 16)
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
