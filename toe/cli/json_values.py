"""JSON that people write: config files and `--parameters`. Numbers keep their text, and nothing is given twice."""

from __future__ import annotations

import json
from typing import Any

from toe.errors import ToeError
from toe.model import ParameterValue

FORM = 'parameters are a list: [{"name": "N", "value": "v"}]'


class Number(str):
    """A number as it was written: 1.10 is not 1.1."""


def load_json(text: str, where: str) -> Any:
    """The data, numbers as `Number`. Raises ToeError; `where` is what people call the text."""
    try:
        data = json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=_no_constant, object_pairs_hook=_once
        )
        if "\\u" in text:
            _refuse_unfit(data)
        return data
    except json.JSONDecodeError as error:
        raise ToeError(f"{where}:{error.lineno}:{error.colno}: no valid JSON: {error.msg.lower()}") from error
    except (ValueError, RecursionError) as error:
        raise ToeError(f"{where}: {error}") from error


def _refuse_unfit(value: Any) -> None:
    """Raises ValueError for what no file name, no process and no YAML can hold: U+0000, and halves of characters."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for item in value:
            _refuse_unfit(item)
    elif isinstance(value, str) and ("\0" in value or any("\ud800" <= character <= "\udfff" for character in value)):
        raise ValueError(f"{json.dumps(value)} holds what is no character of a text")


def json_parameters(text: str) -> dict[str, ParameterValue]:
    """The values of `--parameters` in JSON: `[{"name": "n", "value": "v"}]` or `{"n": "v"}`. Raises ToeError."""
    where = "--parameters"
    try:
        data = load_json(text, where)
    except ToeError as error:
        error.hint = error.hint or """a shell takes quotes away: --parameters '{"Name": "value"}'"""
        raise
    if isinstance(data, dict):
        return {name: value_of(name, value, where) for name, value in data.items()}
    return named_values(data, where)


def named_values(data: Any, where: str) -> dict[str, ParameterValue]:
    """The values in `[{"name": ..., "value": ...}]`. Raises ToeError."""
    if not isinstance(data, list):
        raise ToeError(f"{where}: 'parameters' is no list", hint=FORM)
    values: dict[str, ParameterValue] = {}
    for record in data:
        if not isinstance(record, dict) or record.keys() != {"name", "value"} or not isinstance(record["name"], str):
            raise ToeError(f"{where}: a parameter has 'name' and 'value'", hint=FORM)
        if record["name"] in values:
            raise ToeError(f"{where}: the parameter '{record['name']}' is given twice")
        values[record["name"]] = value_of(record["name"], record["value"], where)
    return values


def value_of(name: str, value: Any, where: str) -> ParameterValue:
    """A parameter's value. Raises ToeError for null, objects and lists of them."""
    if isinstance(value, list):
        return tuple(_text(name, item, where) for item in value)
    return _text(name, value, where)


def _text(name: str, value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    if value is None:
        raise ToeError(f"{where}: the value of '{name}' is null", hint='leave it out, or write "" for the empty text')
    shown = json.dumps(value)
    hint = "write it as a text, in quotes"
    raise ToeError(f"{where}: the value of '{name}' is a text or a list of texts, not {shown[:100]}", hint=hint)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"'{next(name for name in names if names.count(name) > 1)}' is given twice")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"no valid JSON: {word} is no number")
