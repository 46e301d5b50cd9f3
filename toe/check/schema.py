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
    entry_name,
    record_schema,
    text_schema,
)
from toe.check.schema_parts import disable_logging_schema, name_schema, object_schema
from toe.check.schema_steps import action_step_schema, loop_schema, step_name, step_schema
from toe.document import keys

DIALECT = "https://json-schema.org/draft/2020-12/schema"


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
            "step": step_schema(definitions),
            "loop": loop_schema(),
            **condition_schemas(),
            **{step_name(definition.name): action_step_schema(definition) for definition in definitions},
            **{
                entry_name(definition): record_schema(definition.fields)
                for definition in definitions
                if definition.fields
            },
        },
    }


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
        "disableLogging": disable_logging_schema("document"),
    }
    return object_schema({key: properties[key] for key in keys.DOCUMENT_KEYS}, keys.DOCUMENT_REQUIRED)


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
    parameter = object_schema({key: properties[key] for key in keys.PARAMETER_KEYS}, keys.PARAMETER_REQUIRED)
    return {**parameter, "if": is_text, "then": {"properties": {"default": text_schema()}}}


def _constant_schema() -> Schema:
    properties = {
        "type": {"enum": list(keys.CONSTANT_TYPES), "description": "What the value is.", "default": "string"},
        "value": text_schema(description="The value."),
    }
    return object_schema({key: properties[key] for key in keys.CONSTANT_KEYS}, keys.CONSTANT_REQUIRED)


def _phase_schema() -> Schema:
    properties = {
        "name": name_schema(
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
        "disableLogging": disable_logging_schema("phase"),
    }
    return object_schema({key: properties[key] for key in keys.PHASE_KEYS}, keys.PHASE_REQUIRED)


def schema_text(schema: Schema) -> str:
    """The schema as it is committed: JSON, indented by two spaces, with a line end."""
    import json

    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema_text(component_schema(definitions_of(ActionTable()))))
