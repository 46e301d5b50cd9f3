"""The values of a task's arguments, which YAML and templates give in many forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toe.errors import ToeError
from toe.model import ParameterValue

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def one_text(args: Mapping[str, Any], name: str) -> str:
    """A text, "" where it is left out. Raises ToeError."""
    value = args.get(name)
    if isinstance(value, (dict, list)):
        raise ToeError(f"'{name}' is a text")
    return "" if value is None else _text(value)


def names(args: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts, or one text with commas. Raises ToeError."""
    value = args.get(name)
    if isinstance(value, dict):
        raise ToeError(f"'{name}' is a list of texts")
    if not isinstance(value, (list, tuple)):
        value = [] if value is None else _text(value).split(",")
    return tuple(text for text in (_text(item).strip() for item in value) if text)


def values(args: Mapping[str, Any], name: str) -> dict[str, ParameterValue]:
    """A mapping of texts and of lists of texts. Raises ToeError, which names no value: it may be a secret."""
    given = args.get(name) or {}
    if not isinstance(given, Mapping):
        raise ToeError(f"'{name}' is a mapping of names to values")
    found: dict[str, ParameterValue] = {}
    for key, value in given.items():
        if value is None or isinstance(value, Mapping):
            raise ToeError(f"the parameter '{key}' is a text or a list of texts")
        found[_text(key)] = tuple(map(_text, value)) if isinstance(value, (list, tuple)) else _text(value)
    return found


def documents_of(args: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], dict[str, dict[str, ParameterValue]]]:
    """Documents, and the parameters of those that have some: a path, or `path` and `parameters`. Raises ToeError."""
    given = args.get(name)
    if not isinstance(given, (list, tuple)):
        return names(args, name), {}
    own: dict[str, dict[str, ParameterValue]] = {}
    paths: list[str] = []
    for item in given:
        if isinstance(item, Mapping):
            path = one_text(item, "path")
            own[path] = values(item, "parameters")
            paths.append(path)
        else:
            paths += names({name: [item]}, name)
    return tuple(paths), own


def truth(args: Mapping[str, Any], name: str, default: bool) -> bool:
    """True or false. Raises ToeError."""
    text = _text(args.get(name, default)).lower()
    if text not in (*_TRUE, *_FALSE):
        raise ToeError(f"'{name}' is true or false")
    return text in _TRUE


def seconds(args: Mapping[str, Any], name: str, default: int) -> float:
    """A number of seconds. Raises ToeError."""
    try:
        return float(args.get(name, default))
    except (TypeError, ValueError) as error:
        raise ToeError(f"'{name}' is a number of seconds") from error


def _text(value: Any) -> str:
    """A plain text: those of Ansible are of types of its own, which carry where they come from."""
    return ("true" if value else "false") if isinstance(value, bool) else "".join(str(value))
