"""What several parts of the schema of a component document have: mappings, names, `disableLogging`."""

from __future__ import annotations

from collections.abc import Iterable

from toe.check.schema_inputs import Schema, boolean_schema, or_nothing
from toe.document import keys

NAME_RULE = "letters, digits, '-' and '_'"


def object_schema(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """A mapping of these keys; those that are not required may have `null` behind them."""
    needed = tuple(required)
    return {
        "type": "object",
        "properties": {key: value if key in needed else or_nothing(value) for key, value in properties.items()},
        "required": list(needed),
        "additionalProperties": False,
    }


def name_schema(description: str, *, shortest: int = 1) -> Schema:
    """A name, of a phase, a step or a loop."""
    return {
        "type": ["string", "number", "boolean"],
        "description": f"{description}: {shortest} to {keys.NAME_LENGTH} {NAME_RULE}.",
        "pattern": f"^{keys.NAME_PATTERN}$",
        "minLength": shortest,
        "maxLength": keys.NAME_LENGTH,
        "errorMessage": f"must be a name of {shortest} to {keys.NAME_LENGTH} {NAME_RULE}",
    }


def disable_logging_schema(scope: str) -> Schema:
    """The key `disableLogging` of a document, a phase or a step."""
    description = f"Keep all that this {scope} prints or resolves out of every log."
    return boolean_schema(expressions=False, description=description, default=False)
