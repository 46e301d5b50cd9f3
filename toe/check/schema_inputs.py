"""JSON Schema of one action's inputs, from its definition. Not for conditions and not for the step around the inputs.

A text may be any scalar, because the document language keeps the source's text where a YAML loader sees a number.
`errorMessage` is what editors built on the VS Code language service show.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

from toe.actions.base import EVERYWHERE, Definition
from toe.actions.fields import Field, Shape

Schema: TypeAlias = "dict[str, Any]"

WRITTEN_TYPES = ["string", "number", "boolean"]
TEXT_TYPES = [*WRITTEN_TYPES, "null"]
EXPRESSION = r"\{\{.*\}\}"


def literal(text: str) -> str:
    """A regular expression for just this text. ECMAScript refuses the escapes that Python's `re.escape` adds to '-'."""
    return "".join(f"\\{c}" if c in "^$\\.*+?()[]{}|/" else c for c in text)


def any_case(word: str) -> str:
    """A regular expression for a word in any case, without flags, which JSON Schema does not have."""
    return "".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else literal(c) for c in word)


TRUE_OR_FALSE = f"{any_case('true')}|{any_case('false')}"


def text_schema(**more: Any) -> Schema:
    """Any scalar; `null` is the empty text."""
    return {"type": TEXT_TYPES, **more, "errorMessage": "must be a text"}


def written_text_schema(**more: Any) -> Schema:
    """Any scalar but `null`, for a key that must be there."""
    return {**text_schema(**more), "type": WRITTEN_TYPES}


def or_nothing(schema: Schema) -> Schema:
    """The schema of a key that may be left out: with `null` behind it, it is (reference, section 1)."""
    if "$ref" in schema:
        others = {key: value for key, value in schema.items() if key != "$ref"}
        return {**others, "if": {"type": "null"}, "else": {"$ref": schema["$ref"]}}
    changed = dict(schema)
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        changed["type"] = types if "null" in types else [*types, "null"]
    if "enum" in schema:
        changed["enum"] = [*schema["enum"], None]
    if "anyOf" in schema:
        changed["anyOf"] = [*schema["anyOf"], {"type": "null"}]
    return changed


def boolean_schema(*, expressions: bool, **more: Any) -> Schema:
    """true or false, quoted or not; with `expressions` also a text that holds one."""
    pattern = f"^({TRUE_OR_FALSE})$" + (f"|{EXPRESSION}" if expressions else "")
    return {"type": ["boolean", "string"], "pattern": pattern, **more, "errorMessage": "must be true or false"}


def integer_schema(*, pattern: str = "[+-]?[0-9]{1,18}", says: str = "an integer", **more: Any) -> Schema:
    """An integer, quoted or not; `pattern` is for the quoted one."""
    return {"type": ["integer", "string"], "pattern": f"^({pattern})$", **more, "errorMessage": f"must be {says}"}


def field_schema(field: Field) -> Schema:
    """The schema of one input, with all that an editor can show of it."""
    form = _form(field)
    if field.required and not field.takes_nothing_as_text:
        return {**_documentation(field), **form}
    return or_nothing({**_documentation(field), **form})


def record_schema(fields: tuple[Field, ...]) -> Schema:
    """The keywords for a mapping of these fields; `type` is left to the caller, who may also accept a list."""
    schema: Schema = {
        "properties": {field.key: field_schema(field) for field in fields},
        "additionalProperties": False,
    }
    required = [field.key for field in fields if field.required]
    return {**schema, "required": required} if required else schema


def inputs_schema(definition: Definition) -> Schema:
    """What may stand under `inputs`: one mapping, or for an action that works on a list also a list of them."""
    if definition.condition:
        return {"$ref": "#/$defs/condition", "description": "One condition; the step fails when it is false."}
    schema: Schema = {"description": definition.summary}
    entry = {"$ref": f"#/$defs/{entry_name(definition)}"}
    optional = [] if definition.needs_inputs else ["null"]
    if not definition.each:
        return {**schema, "type": ["object", *optional], **entry}
    return {
        **schema,
        "type": ["array", "object", *optional],
        **entry,
        "items": {"type": "object", **entry},
        **({"minItems": 1} if definition.needs_inputs else {}),
        "errorMessage": "must be a list of mappings",
    }


def entry_name(definition: Definition) -> str:
    """The name, under `$defs`, of one entry of an action's inputs."""
    return f"{definition.name}Inputs"


def _documentation(field: Field) -> Schema:
    text = field.doc.described
    if field.doc.platforms != EVERYWHERE:
        text = f"{text} Only on {', '.join(field.doc.platforms)}."
    schema: Schema = {"title": field.key, "description": text}
    if not field.required and field.default is not None:
        schema["default"] = _json_value(field.default)
    if field.doc.examples:
        schema["examples"] = [_json_value(example) for example in field.doc.examples]
    return schema


def _json_value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [_json_value(item) for item in value]
    return value


def _form(field: Field) -> Schema:
    if field.shape is Shape.TEXT:
        return _text_form(field)
    if field.shape is Shape.BOOLEAN:
        return boolean_schema(expressions=True)
    if field.shape is Shape.INTEGER:
        return integer_schema(pattern=f"[+-]?[0-9]{{1,18}}|.*{EXPRESSION}.*")
    if field.shape is Shape.TEXTS:
        return {"type": "array", "items": text_schema(), "errorMessage": "must be a list"}
    if field.shape is Shape.TEXT_MAP:
        return {"type": "object", "additionalProperties": text_schema(), "errorMessage": "must be a mapping"}
    if field.shape is Shape.RECORDS:
        item = {"type": "object", **record_schema(field.record)}
        return {"type": "array", "items": item, "errorMessage": "must be a list"}
    return {}


def _text_form(field: Field) -> Schema:
    doc = field.doc
    if doc.choices:
        words = "|".join(any_case(word) if doc.any_case else literal(word) for word in doc.choices)
        choice = {"enum": list(doc.choices)}
        written = {"type": "string", "pattern": f"^({words})$|{EXPRESSION}"}
        return written_text_schema(
            anyOf=[choice, written] if doc.any_case else [choice, {**written, "pattern": EXPRESSION}]
        )
    # Inline flags are Python's alone: an editor would refuse the whole schema.
    if doc.pattern and "(?" not in doc.pattern:
        # An unquoted 0644 is a number for an editor, and no pattern applies to it.
        return written_text_schema(anyOf=[{"pattern": f"^({doc.pattern})$"}, {"pattern": EXPRESSION}])
    return written_text_schema()
