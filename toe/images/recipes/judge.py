"""What the service's model says against a resource: jsonschema finds it, here it becomes problems with places.

jsonschema takes time to load: this module is imported where recipes are judged, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from toe import codes
from toe.images.recipes.found import Found
from toe.images.recipes.problems import Source
from toe.images.recipes.schema import recipe_schema
from toe.images.recipes.shapes import shapes
from toe.images.recipes.spelling import Spelling
from toe.images.recipes.values import Unknown
from toe.nodes import Kind, Node, Scalar, Sequence
from toe.nodes import Mapping as MappingNode

#: Judged by toe.images.recipes.rules, which says more.
_ELSEWHERE = ("semanticVersion", "componentArn")
_LONGEST_SHOWN = 60
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
}


class _NotKnown:
    """Stands for a value that the file leaves open: nothing is said about it."""


_NOT_KNOWN = _NotKnown()


@cache
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(recipe_schema(kind))


def judge(found: Found, source: Source) -> None:
    """Report what the service's model says against a resource: missing fields, kinds, forms and limits."""
    data = _data(found.node, shapes()[found.kind], found.spelling)
    for error in _validator(found.kind).iter_errors(data):
        if not isinstance(error.instance, _NotKnown):
            _report(error, found, source)


def _data(node: Node, shape: Mapping[str, Any], spelling: Spelling) -> Any:
    """A tree as the data that jsonschema judges."""
    if isinstance(node, Unknown):
        return _NOT_KNOWN
    kind = shape["type"]
    if isinstance(node, MappingNode):
        members = shape.get("members", {})
        value = shape.get("value", {"type": "string"})
        return {key.text: _data(one, members.get(key.text, value), spelling) for key, one in node}
    if isinstance(node, Sequence):
        return [_data(item, shape.get("member", {"type": "string"}), spelling) for item in node.items]
    return _scalar(node, kind, spelling) if isinstance(node, Scalar) else None


def _scalar(node: Scalar, kind: str, spelling: Spelling) -> Any:
    """A value of the kind that the source says; a lenient form turns numbers and words into each other."""
    if node.kind is Kind.NULL:
        return None
    as_written = _as_written(node)
    if not spelling.lenient:
        return as_written
    if kind == "string":
        return node.text
    if kind == "integer" and node.text.strip().isdecimal() and len(node.text) < 20:
        return int(node.text)
    if kind == "boolean" and node.text.lower() in ("true", "false"):
        return node.text.lower() == "true"
    return as_written


def _as_written(node: Scalar) -> Any:
    if node.kind is Kind.BOOLEAN:
        return node.text.lower() in ("true", "yes", "on")
    if node.kind is Kind.INTEGER:
        return int(node.text) if node.text.isdecimal() and len(node.text) < 20 else 0
    return 0.5 if node.kind is Kind.FLOAT else node.text


def _report(error: ValidationError, found: Found, source: Source) -> None:
    path = list(error.absolute_path)
    node = _at(found.node, path)
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    written = found.spelling.spell(field, found.kind if len(path) == 1 else "") if field else ""
    if error.validator == "required":
        _report_missing(error, found, node if path else found.at, len(path) == 0, source)
    elif error.validator == "type":
        wanted = _KINDS.get(str(error.validator_value), str(error.validator_value))
        source.at(node, codes.RECIPE_WRONG_KIND, f"'{written}' is {wanted}, not {node.described}")
    elif not (error.validator == "pattern" and field in _ELSEWHERE):
        source.at(node, codes.RECIPE_VALUE, *_refusal(error, written, source))


def _report_missing(error: ValidationError, found: Found, at: Node, is_top: bool, source: Source) -> None:
    instance = error.instance if isinstance(error.instance, Mapping) else {}
    missing = [field for field in _words_of(error) if field not in instance]
    # jsonschema has one error for each of them, in this order
    field = next((field for field in missing if error.message.startswith(repr(field))), "")
    written = found.spelling.spell(field, found.kind if is_top else "")
    what = f"the {_words(found.kind)}" if is_top else "this"
    source.at(at, codes.RECIPE_MISSING_FIELD, f"{what} has no '{written}'")


def _words_of(error: ValidationError) -> list[str]:
    """What a rule lists: required fields, possible words."""
    listed = error.validator_value
    return [str(word) for word in listed] if isinstance(listed, list) else []


def _words(kind: str) -> str:
    """`containerRecipe` as people write it."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)


def _refusal(error: ValidationError, written: str, source: Source) -> tuple[str, str]:
    """The message and the hint for a value that has the right kind."""
    limit, instance = error.validator_value, error.instance
    if error.validator == "enum":
        words = _words_of(error)
        return (
            f"'{written}' cannot be '{_shown(instance)}'{source.suggestion(str(instance), words)}",
            f"one of {', '.join(words)}",
        )
    if error.validator == "pattern":
        return f"'{written}' has not the form that Image Builder asks for: '{_shown(instance)}'", f"the form: {limit}"
    length = len(instance) if isinstance(instance, str | list | dict) else 0
    said = {
        "minLength": (
            f"'{written}' is empty" if not length else f"'{written}' has only {length} characters",
            "characters",
        ),
        "maxLength": (f"'{written}' has {length} characters", "characters"),
        "minItems": (f"'{written}' is an empty list", "items"),
        "maxItems": (f"'{written}' has {length} items", "items"),
        "minProperties": (f"'{written}' is empty", "entries"),
        "maxProperties": (f"'{written}' has {length} entries", "entries"),
        "minimum": (f"'{written}' is {instance}", ""),
        "maximum": (f"'{written}' is {instance}", ""),
    }
    message, unit = said.get(str(error.validator), (f"'{written}' is refused by Image Builder", ""))
    bound = "at least" if str(error.validator).startswith("min") else "at most"
    return message, f"{bound} {limit} {unit}".strip()


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _at(node: Node, path: list[str | int]) -> Node:
    """The node at a path, or the nearest around it."""
    for part in path:
        inner: Node | None = None
        if isinstance(node, MappingNode) and isinstance(part, str):
            inner = node.get(part)
        elif isinstance(node, Sequence) and isinstance(part, int):
            inner = node.items[part]
        if inner is None:
            return node
        node = inner
    return node
