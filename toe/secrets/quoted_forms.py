"""The forms of a value that is made of quotes, backslashes and escapes, as common tools print it. Pure.

Not for other values: those are found however they are quoted (toe.secrets.forms).
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from urllib.parse import quote, quote_plus

_GO_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def quoted_forms(value: str) -> Iterator[str]:
    """Each form once, the value itself first; none has quotes around it, and none is empty."""
    once = [form for make in _QUOTINGS for form in _made(make, value)]
    twice = [form for text in once for make in _OUTER_QUOTINGS for form in _made(make, text)]
    return filter(None, dict.fromkeys((*once, *twice)))


def _made(make: Callable[[str], str], value: str) -> tuple[str, ...]:
    try:
        return (make(value),)
    except UnicodeEncodeError:  # a byte that is no text has no such form
        return ()


def _json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _json_of_ascii(value: str) -> str:
    return json.dumps(value)[1:-1]


def _before(characters: str) -> Callable[[str], str]:
    return lambda value: "".join("\\" * (character in characters) + character for character in value)


def _before_all(value: str) -> str:
    return "".join(character if character.isalnum() else "\\" + character for character in value)


def _octal(value: str) -> str:
    """As within `$'...'`."""
    data = value.encode("utf-8", "surrogateescape")
    return "".join(f"\\{byte:03o}" if byte > 126 else "\\" * (byte in b"'\\") + chr(byte) for byte in data)


def _every_byte(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode())


_QUOTINGS: tuple[Callable[[str], str], ...] = (
    str,
    _json_of_ascii,
    _json,
    lambda value: _json_of_ascii(value).replace("/", "\\/"),
    lambda value: _json(value).translate(_GO_ESCAPES),
    lambda value: repr(value)[1:-1],
    lambda value: ascii(value)[1:-1],
    lambda value: repr(value.encode())[2:-1],
    html.escape,
    lambda value: html.escape(value, quote=False),
    lambda value: html.escape(value, quote=False).replace('"', "&quot;"),
    lambda value: html.escape(value).replace("&#x27;", "&apos;"),
    lambda value: html.escape(value, quote=False).replace("'", "&#39;").replace('"', "&#x22;"),
    lambda value: quote(value, safe=""),
    quote,
    quote_plus,
    lambda value: quote(value, safe="!'()*"),
    lambda value: quote(value, safe=";,/?:@&=+$#!'()*"),
    _every_byte,
    lambda value: _every_byte(value).lower(),
    lambda value: value.replace("'", "'\"'\"'"),
    lambda value: value.replace("'", "'\\''"),
    _before('$`"\\'),
    _before(" \t!\"#$&'()*,;<>?[\\]^`{|}~"),
    _before(" \t!\"$&'()*,;<>?[\\]^`{|}"),
    _before_all,
    _octal,
)
_OUTER_QUOTINGS: tuple[Callable[[str], str], ...] = (
    _json,
    _json_of_ascii,
    html.escape,
    lambda value: quote(value, safe="!"),
)
