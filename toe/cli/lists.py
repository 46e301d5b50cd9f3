"""Options that hold lists: names with commas, and `name=value` pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from toe.errors import ToeError

_NAME = r"[A-Za-z0-9_-]+="


def split_names(texts: Iterable[str]) -> list[str]:
    """The names in texts such as `a,b`; blanks around them and empty ones are left out."""
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def split_parameters(texts: Iterable[str]) -> dict[str, str]:
    """`n=v,n=v` by name. A comma belongs to a value unless `name=` follows it. Raises ToeError."""
    values: dict[str, str] = {}
    for text in texts:
        name = ""
        for part in text.split(","):
            if re.match(_NAME, part.lstrip()):
                name, _, value = part.lstrip().partition("=")
                _refuse_twice(name, values)
                values[name] = value
            elif name:
                values[name] += f",{part}"
            else:
                raise ToeError(f"'{part}' is no parameter", hint="--parameters name=value,name=value")
    return values


def _refuse_twice(name: str, values: dict[str, str]) -> None:
    if name in values:
        raise ToeError(f"the parameter '{name}' is given twice")
