"""Options that hold lists: names with commas, and `name=value` pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from toe.errors import ToeError

if TYPE_CHECKING:
    from toe.session.given import Piece

_NAME = r"[A-Za-z0-9_-]+"
_PAIR = rf"(?s)\s*(?P<name>{_NAME})(?P<blank>\s*)=(?P<value>.*)"


def split_names(texts: Iterable[str]) -> list[str]:
    """The names in texts such as `a,b`; blanks around them and empty ones are left out."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def split_parameters(texts: Iterable[str]) -> tuple[Piece, ...]:
    """The pieces of `n=v,n=v`, or the parameters of JSON: `[{"name": "n", "value": "v"}]`, `{"n": "v"}`.

    Raises ToeError.
    """
    pieces: list[Piece] = []
    for text in texts:
        if text.lstrip()[:1] in ("[", "{"):
            from toe.cli.json_values import json_parameters
            from toe.session.given import Piece

            pieces += [Piece(name, value) for name, value in json_parameters(text).items()]
        else:
            pieces += _pieces(text)
    return tuple(pieces)


def _pieces(text: str) -> list[Piece]:
    from toe.session.given import Piece

    pieces: list[Piece] = []
    for part in text.split(","):
        found = re.fullmatch(_PAIR, part)
        if found:
            raw = part if pieces else ""
            pieces.append(Piece(found["name"], found["value"], raw, blank=bool(found["blank"])))
        elif pieces:
            last = pieces.pop()
            raw = last.raw and f"{last.raw},{part}"
            pieces.append(last._replace(value=f"{last.value},{part}", raw=raw))
        else:
            hint = "--parameters name=value,name=value"
            if re.fullmatch(_NAME, part):
                hint = f"--parameters {part}=value (blanks around '=' split it)"
            raise ToeError(f"'{part}' is no parameter", hint=hint)
    return pieces
