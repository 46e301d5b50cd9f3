"""JSON Schema of `if` and of Assert's inputs (reference, section 5). Depth of nesting is not said here."""

from __future__ import annotations

from toe.check.schema_inputs import Schema, any_case, text_schema
from toe.document.keys import BRANCH_KEYS, LOGICAL, OPERATORS, PATH, VALUE, VERDICTS, Operator

_DESCRIPTIONS = {
    "stringIsEmpty": "True when the text has no characters.",
    "stringIsWhitespace": "True when the text is one or more characters, all of them white space.",
    "stringEquals": "True when `value` is equal, case aside.",
    "patternMatches": "True when the RE2 pattern is found in `value`, case aside.",
    "binaryExists": "True when the program is found on the PATH.",
    "fileExists": "True when the path exists and is a file.",
    "folderExists": "True when the path exists and is a folder.",
    "and": "True when all conditions of the list are.",
    "or": "True when one condition of the list is.",
    "not": "True when the condition is not.",
}


def condition_schemas() -> dict[str, Schema]:
    """The definitions that make up `condition`: a mapping with one operator, or a list of one such mapping."""
    body = _body()
    condition = {
        "type": "object",
        "if": {"type": "object"},
        "then": {"$ref": "#/$defs/conditionBody"},
        "errorMessage": "must be a condition (a mapping)",
    }
    return {
        "conditionBody": body,
        "condition": {
            "type": ["object", "array"],
            "if": {"type": "object"},
            "then": {"$ref": "#/$defs/conditionBody"},
            "else": {"items": {"$ref": "#/$defs/oneCondition"}, "minItems": 1, "maxItems": 1},
            "errorMessage": "must be one condition (a mapping)",
        },
        "oneCondition": condition,
    }


def _body() -> Schema:
    named = {operator.name: _operator_schema(operator) for operator in OPERATORS.values()}
    # The guide itself writes `stringlessThan`: other cases work, with a warning.
    otherwise = {
        f"^(?!{name}$){any_case(name)}$": {"$ref": f"#/$defs/conditionBody/properties/{name}"} for name in named
    }
    branches = {
        "then": _verdict("What happens when the condition is true.", "Execute"),
        "else": _verdict("What happens when it is false.", "Skip"),
    }
    subjects = {VALUE: text_schema(description="The left side."), PATH: text_schema(description="The file.")}
    return {
        "properties": {**named, **subjects, **{key: branches[key] for key in BRANCH_KEYS}},
        "patternProperties": otherwise,
        "additionalProperties": False,
        "allOf": [_subject_rule(subject) for subject in (VALUE, PATH)],
        "oneOf": [_has(operator.name) for operator in OPERATORS.values()],
        "errorMessage": "must have exactly one operator",
    }


def _verdict(description: str, default: str) -> Schema:
    return {"enum": list(VERDICTS), "description": description, "default": default}


def _operator_schema(operator: Operator) -> Schema:
    description = _DESCRIPTIONS.get(operator.name, f"Compares the `{operator.subject or 'operand'}`.")
    if operator.group != LOGICAL:
        return text_schema(description=description)
    one = {"$ref": "#/$defs/condition"}
    if operator.name == "not":
        return {"description": description, **one}
    items = {"$ref": "#/$defs/oneCondition"}
    return {
        "description": description,
        "type": "array",
        "items": items,
        "minItems": 1,
        "errorMessage": "must be a list of conditions",
    }


def _subject_rule(subject: str) -> Schema:
    """`value` (or `path`) is there if, and only if, the operator has one."""
    names = "|".join(any_case(operator.name) for operator in OPERATORS.values() if operator.subject == subject)
    has_operator = {"not": {"propertyNames": {"not": {"pattern": f"^({names})$"}}}}
    # Without a known operator the subject is not judged: the operator's own error says enough.
    absent = {
        "if": _has_any_operator(),
        "then": {"not": {"required": [subject]}, "errorMessage": f"has no '{subject}'"},
    }
    return {"if": has_operator, "then": {"required": [subject]}, "else": absent}


def _has_any_operator() -> Schema:
    names = "|".join(any_case(name) for name in OPERATORS)
    return {"not": {"propertyNames": {"not": {"pattern": f"^({names})$"}}}}


def _has(name: str) -> Schema:
    return {"not": {"propertyNames": {"not": {"pattern": f"^{any_case(name)}$"}}}}
