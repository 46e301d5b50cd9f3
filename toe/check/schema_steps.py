"""The schema of a step and of its loop."""

from __future__ import annotations

from toe.actions.base import Definition
from toe.check.schema_inputs import Schema, inputs_schema, integer_schema, or_nothing, text_schema, written_text_schema
from toe.check.schema_parts import disable_logging_schema, name_schema, object_schema
from toe.document import keys
from toe.model import DEFAULT_TIMEOUT_SECONDS


def step_name(action: str) -> str:
    """The name, under `$defs`, of what `action` asks of its step."""
    return f"{action}Step"


def step_schema(definitions: tuple[Definition, ...]) -> Schema:
    """A step, with what each of these actions asks of it."""
    properties: dict[str, Schema] = {
        "name": name_schema("The step's name, unique in its phase"),
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
        "disableLogging": disable_logging_schema("step"),
    }
    step = object_schema({key: properties[key] for key in keys.STEP_KEYS}, keys.STEP_REQUIRED)
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


def loop_schema() -> Schema:
    """What stands under `loop`."""
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
        **object_schema({key: split[key] for key in keys.FOR_EACH_KEYS}, keys.FOR_EACH_REQUIRED),
        "type": ["array", "object", "string", "number", "boolean"],
        "items": text_schema(),
        "description": "A list of texts, one text with a delimiter, or an expression for a stringList.",
        "errorMessage": "must be a list of texts, or a mapping of 'list' and 'delimiter'",
    }
    properties: dict[str, Schema] = {
        "name": name_schema("The loop's name, unique in the phase"),
        "for": {
            **object_schema({key: bounds[key] for key in keys.FOR_KEYS}, keys.FOR_REQUIRED),
            "description": "Count.",
        },
        "forEach": over_each,
    }
    loop = object_schema({key: properties[key] for key in keys.LOOP_KEYS})
    return {
        **loop,
        "description": "Runs the step once for each item; `loop.index` and `loop.value` are the item's.",
        "oneOf": [{"required": [key], "properties": {key: {"not": {"type": "null"}}}} for key in keys.LOOP_OVER],
    }
