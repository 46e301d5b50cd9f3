"""JSON Schema (2020-12) of a component document, derived from the key tables and the actions' definitions.

For editors and for explaining what is wrong with the structure. It does not judge meaning: references, platforms,
the directions of loops and the like have passes of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.check.schema_conditions import condition_schemas
from toe.check.schema_inputs import (
    Schema,
    boolean_schema,
    entry_name,
    inputs_schema,
    integer_schema,
    or_nothing,
    record_schema,
    text_schema,
    written_text_schema,
)
from toe.document import keys
from toe.model import DEFAULT_TIMEOUT_SECONDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME_RULE = "letters, digits, '-' and '_'"


def definitions_of(table: ActionTable) -> tuple[Definition, ...]:
    """The definitions of every action that a table lists by name, in its order."""
    found = (table.find(name) for name in table.names())
    return tuple(definition for definition in found if definition is not None)


def component_schema(actions: Iterable[Definition]) -> Schema:
    """The schema of a component document that may use `actions`."""
    definitions = tuple(actions)
    return {
        "$schema": DIALECT,
        "title": "EC2 Image Builder component document",
        "description": "A component document, as AWSTOE and toe run it.",
        **_document_schema(),
        "$defs": {
            "parameter": _parameter_schema(),
            "constant": _constant_schema(),
            "phase": _phase_schema(),
            "step": _step_schema(definitions),
            "loop": _loop_schema(),
            **condition_schemas(),
            **{step_name(definition.name): action_step_schema(definition) for definition in definitions},
            **{
                entry_name(definition): record_schema(definition.fields)
                for definition in definitions
                if definition.fields
            },
        },
    }


def step_name(action: str) -> str:
    """The name, under `$defs`, of what `action` asks of its step."""
    return f"{action}Step"


def _object(properties: dict[str, Schema], required: Iterable[str] = ()) -> Schema:
    """A mapping of these keys; those that are not required may have `null` behind them."""
    needed = tuple(required)
    return {
        "type": "object",
        "properties": {key: value if key in needed else or_nothing(value) for key, value in properties.items()},
        "required": list(needed),
        "additionalProperties": False,
    }


def _name_schema(description: str, *, shortest: int = 1) -> Schema:
    return {
        "type": ["string", "number", "boolean"],
        "description": f"{description}: {shortest} to {keys.NAME_LENGTH} {NAME_RULE}.",
        "pattern": f"^{keys.NAME_PATTERN}$",
        "minLength": shortest,
        "maxLength": keys.NAME_LENGTH,
        "errorMessage": f"must be a name of {shortest} to {keys.NAME_LENGTH} {NAME_RULE}",
    }


def _disable_logging(scope: str) -> Schema:
    description = f"Keep all that this {scope} prints or resolves out of every log."
    return boolean_schema(expressions=False, description=description, default=False)


def _document_schema() -> Schema:
    properties: dict[str, Schema] = {
        "name": text_schema(description="The document's name."),
        "description": text_schema(description="What the document is for."),
        "schemaVersion": {
            "description": "The version of the document language.",
            "enum": [keys.SCHEMA_VERSION, "1", 1],
            "default": keys.SCHEMA_VERSION,
        },
        "parameters": _named_list("parameter", "Values that a caller may give: `- Name: {type: string}`."),
        "constants": _named_list("constant", "Values with a name: `- Name: {type: string, value: text}`."),
        "phases": {
            "description": "The phases, in the order in which they run. Image Builder runs build, validate and test.",
            "type": "array",
            "minItems": 1,
            "items": {"$ref": "#/$defs/phase"},
            "errorMessage": "must be a list",
        },
        "disableLogging": _disable_logging("document"),
    }
    return _object({key: properties[key] for key in keys.DOCUMENT_KEYS}, keys.DOCUMENT_REQUIRED)


def _named_list(definition: str, description: str) -> Schema:
    """A list of one-key mappings; one mapping of them all is accepted too."""
    entry: Schema = {
        "propertyNames": {"pattern": f"^{keys.NAME_PATTERN}$", "maxLength": keys.NAME_LENGTH},
        "additionalProperties": {"$ref": f"#/$defs/{definition}"},
    }
    item = {"type": "object", "minProperties": 1, "maxProperties": 1, **entry}
    shown = f"must be a mapping of one name, such as '- Name: {{type: {keys.PARAMETER_TYPES[0]}}}'"
    return {
        "description": description,
        "type": ["array", "object", "null"],
        "items": {**item, "errorMessage": shown},
        **entry,
        "errorMessage": "must be a list",
    }


def _parameter_schema() -> Schema:
    properties: dict[str, Schema] = {
        "type": {"enum": list(keys.PARAMETER_TYPES), "description": "What the value is.", "default": "string"},
        "default": {
            "type": ["string", "number", "boolean", "null", "array"],
            "items": text_schema(),
            "description": "The value when none is given. Without it a value is required.",
            "errorMessage": "must be a text or a list of texts",
        },
        "description": text_schema(description="What the parameter is for."),
        "allowedValues": {
            "type": "array",
            "items": text_schema(),
            "description": "The only values that are accepted.",
            "errorMessage": "must be a list",
        },
    }
    is_text = {"properties": {"type": {"const": "string"}}, "required": ["type"]}
    parameter = _object({key: properties[key] for key in keys.PARAMETER_KEYS}, keys.PARAMETER_REQUIRED)
    return {**parameter, "if": is_text, "then": {"properties": {"default": text_schema()}}}


def _constant_schema() -> Schema:
    properties = {
        "type": {"enum": list(keys.CONSTANT_TYPES), "description": "What the value is.", "default": "string"},
        "value": text_schema(description="The value."),
    }
    return _object({key: properties[key] for key in keys.CONSTANT_KEYS}, keys.CONSTANT_REQUIRED)


def _phase_schema() -> Schema:
    properties = {
        "name": _name_schema(
            "The phase's name, unique in the document; Image Builder wants build, validate or test",
            shortest=keys.PHASE_NAME_SHORTEST,
        )
        | {"examples": ["build", "validate", "test"]},
        "steps": {
            "description": "The steps, in the order in which they run.",
            "type": "array",
            "items": {"$ref": "#/$defs/step"},
            "errorMessage": "must be a list",
        },
        "disableLogging": _disable_logging("phase"),
    }
    return _object({key: properties[key] for key in keys.PHASE_KEYS}, keys.PHASE_REQUIRED)


def _step_schema(definitions: tuple[Definition, ...]) -> Schema:
    properties: dict[str, Schema] = {
        "name": _name_schema("The step's name, unique in its phase"),
        "action": {
            "description": "The action module.",
            "enum": [definition.name for definition in definitions],
            "enumDescriptions": [definition.summary for definition in definitions],
        },
        "timeoutSeconds": integer_schema(
            pattern=r"-1|\+?0*[1-9][0-9]{0,17}",
            says="a number of seconds of 1 or more, or -1 for no limit",
            description="Seconds that one attempt may take; -1 is no limit.",
            default=DEFAULT_TIMEOUT_SECONDS,
            minimum=-1,
        )
        | {"not": {"const": 0}},
        "onFailure": {
            "description": "What a failed step does: Abort ends the run, Continue and Ignore go on.",
            "enum": list(keys.ON_FAILURE),
            "default": "Abort",
        },
        "maxAttempts": integer_schema(
            pattern=r"\+?0*[1-9][0-9]{0,17}",
            says="an integer of 1 or more",
            description="How often a failing step is tried.",
            default=1,
            minimum=1,
        ),
        "inputs": {"description": "What the action works on; its form is the action's."},
        "loop": {"$ref": "#/$defs/loop"},
        "if": {"$ref": "#/$defs/condition", "description": "The step runs when this condition holds."},
        "disableLogging": _disable_logging("step"),
    }
    step = _object({key: properties[key] for key in keys.STEP_KEYS}, keys.STEP_REQUIRED)
    return {**step, "allOf": [_for_action(definition) for definition in definitions]}


def _for_action(definition: Definition) -> Schema:
    named = {"type": "object", "properties": {"action": {"const": definition.name}}, "required": ["action"]}
    return {"if": named, "then": {"$ref": f"#/$defs/{step_name(definition.name)}"}}


def action_step_schema(definition: Definition) -> Schema:
    """What an action asks of its step: the form of `inputs`, and its only timeout and number of attempts."""
    properties: dict[str, Schema] = {"inputs": inputs_schema(definition)}
    fixed = (("timeoutSeconds", definition.fixed_timeout), ("maxAttempts", definition.fixed_attempts))
    for key, value in fixed:
        if value is not None:
            says = f"may only be {value} for {definition.name}"
            properties[key] = or_nothing({"enum": [value, str(value)], "default": value, "errorMessage": says})
    required = {"required": ["inputs"]} if definition.needs_inputs else {}
    return {"properties": properties, **required}


def _loop_schema() -> Schema:
    bounds = {
        "start": integer_schema(description="The first index.", examples=[1]),
        "end": integer_schema(description="The last index; it belongs to the loop.", examples=[10]),
        "updateBy": integer_schema(description="The step from one index to the next, not 0.", examples=[1])
        | {"not": {"const": 0}, "errorMessage": "must be an integer other than 0"},
    }
    split = {
        "list": written_text_schema(description="A text that is split into items."),
        "delimiter": {
            "description": "What separates the items.",
            "enum": list(keys.DELIMITERS),
            "default": keys.DEFAULT_DELIMITER,
        },
    }
    over_each = {
        **_object({key: split[key] for key in keys.FOR_EACH_KEYS}, keys.FOR_EACH_REQUIRED),
        "type": ["array", "object", "string", "number", "boolean"],
        "items": text_schema(),
        "description": "A list of texts, one text with a delimiter, or an expression for a stringList.",
        "errorMessage": "must be a list of texts, or a mapping of 'list' and 'delimiter'",
    }
    properties: dict[str, Schema] = {
        "name": _name_schema("The loop's name, unique in the phase"),
        "for": {**_object({key: bounds[key] for key in keys.FOR_KEYS}, keys.FOR_REQUIRED), "description": "Count."},
        "forEach": over_each,
    }
    loop = _object({key: properties[key] for key in keys.LOOP_KEYS})
    return {
        **loop,
        "description": "Runs the step once for each item; `loop.index` and `loop.value` are the item's.",
        "oneOf": [{"required": [key], "properties": {key: {"not": {"type": "null"}}}} for key in keys.LOOP_OVER],
    }


def schema_text(schema: Schema) -> str:
    """The schema as it is committed: JSON, indented by two spaces, with a line end."""
    import json

    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema_text(component_schema(definitions_of(ActionTable()))))
