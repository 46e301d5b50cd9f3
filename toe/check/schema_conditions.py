"""JSON Schema of `if` and of Assert's inputs (reference, section 5). Depth of nesting is not said here.

An operator with `null` behind it is left out, but for a comparison of texts that stands alone: it has the empty text.
"""

from __future__ import annotations

from toe.check.schema_inputs import Schema, any_case, or_nothing, text_schema
from toe.document.keys import BRANCH_KEYS, LOGICAL, OPERATORS, PATH, STRING, VALUE, VERDICTS, Operator

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
        "properties": {**named, **subjects, **{key: or_nothing(branches[key]) for key in BRANCH_KEYS}},
        "patternProperties": otherwise,
        "additionalProperties": False,
        "allOf": [_subject_rule(subject) for subject in (VALUE, PATH)],
        "oneOf": [*(_has_written((operator.name,)) for operator in OPERATORS.values()), _has_one_empty()],
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
        return or_nothing({"description": description, **one})
    items = {"$ref": "#/$defs/oneCondition"}
    return {
        "description": description,
        "type": ["array", "null"],
        "items": items,
        "minItems": 1,
        "errorMessage": "must be a list of conditions",
    }


def _subject_rule(subject: str) -> Schema:
    """`value` (or `path`) is there if, and only if, the operator has one."""
    takers = tuple(operator.name for operator in OPERATORS.values() if operator.subject == subject)
    # Without a known operator the subject is not judged: the operator's own error says enough.
    absent = {
        "if": _is_in_force(tuple(OPERATORS)),
        "then": {
            "not": {"required": [subject], "properties": {subject: {"not": {"type": "null"}}}},
            "errorMessage": f"has no '{subject}'",
        },
    }
    present: Schema = {"required": [subject]}
    if subject == PATH:
        present["properties"] = {PATH: {"not": {"type": "null"}}}
    return {"if": _is_in_force(takers), "then": present, "else": absent}


def _is_in_force(names: tuple[str, ...]) -> Schema:
    """One of the operators `names` has something behind it; or no operator has, and one of them compares texts."""
    texts = tuple(name for name in names if OPERATORS[name].group == STRING)
    written = _has_written(names)
    if not texts:
        return written
    return {"anyOf": [written, {"allOf": [{"not": _has_written(tuple(OPERATORS))}, _has(texts)]}]}


def _has_one_empty() -> Schema:
    """No operator has anything behind it, and exactly one compares texts."""
    texts = (operator.name for operator in OPERATORS.values() if operator.group == STRING)
    return {"not": _has_written(tuple(OPERATORS)), "oneOf": [_has((name,)) for name in texts]}


def _has_written(names: tuple[str, ...]) -> Schema:
    """Some key is one of `names`, and has more than `null` behind it."""
    return {"not": {"patternProperties": {_any_of(names): {"type": "null"}}}}


def _has(names: tuple[str, ...]) -> Schema:
    return {"not": {"propertyNames": {"not": {"pattern": _any_of(names)}}}}


def _any_of(names: tuple[str, ...]) -> str:
    return f"^({'|'.join(any_case(name) for name in names)})$"
