"""What the builder and the JSON Schema say of the form of a document: what one refuses, the other refuses too."""

from __future__ import annotations

from typing import Any

import jsonschema

from toe import codes
from toe.actions import ActionTable
from toe.actions.inputs import read_inputs
from toe.check.schema import component_schema, definitions_of
from toe.document.build import Refusal, build_document
from toe.document.loader import parse_yaml
from toe.nodes import Kind, Mapping, Node, Scalar, Sequence

ACTIONS = ActionTable()
VALIDATOR = jsonschema.Draft202012Validator(component_schema(definitions_of(ACTIONS)))
#: What JSON Schema cannot say: by the code, or by the words of the builder.
BEYOND_SCHEMA = (codes.DUPLICATE_NAME, codes.NESTED_CONDITIONS)
SAID_BEYOND_SCHEMA = ("leads away", "stands beside the operator", "stands here and beside")


def assert_agreement(source: bytes) -> None:
    """The builder and the schema both accept a document, or both refuse it. What is no YAML they do not see."""
    root, _ = parse_yaml(source, "doc.yml")
    if root is None:
        return
    _, refusals = build_document(root, "doc.yml", source, ACTIONS, read_inputs)
    told = [refusal.message for refusal in refusals if _is_within_schema(refusal)]
    errors = [
        (list(error.absolute_path), error.message)
        for error in VALIDATOR.iter_errors(document_data(root))
        # The words of an input are judged by toe.check.inputs.
        if error.validator != "anyOf"
    ]
    assert errors or not told, f"the schema accepts, the builder says {told}"
    assert refusals or not errors, f"the builder accepts, the schema says {errors}"


def _is_within_schema(refusal: Refusal) -> bool:
    return refusal.code not in BEYOND_SCHEMA and not any(words in refusal.message for words in SAID_BEYOND_SCHEMA)


def document_data(node: Node) -> Any:
    """A node as the data that the schema is about."""
    if isinstance(node, Scalar):
        return _scalar_data(node)
    if isinstance(node, Sequence):
        return [document_data(item) for item in node.items]
    assert isinstance(node, Mapping)
    # A name is text, and has a text's length, even where it looks like a number.
    return {
        key.text: value.text
        if key.text == "name" and isinstance(value, Scalar) and value.kind is not Kind.NULL
        else document_data(value)
        for key, value in node
    }


def _scalar_data(node: Scalar) -> Any:
    """true, false, integers and nothing as such; the rest is text, as the document language has it."""
    if node.kind is Kind.NULL:
        return None
    if node.kind is Kind.BOOLEAN and node.text.lower() in ("true", "false"):
        return node.text.lower() == "true"
    digits = node.text.lstrip("+-")
    if node.kind is Kind.INTEGER and digits.isdecimal() and len(digits) <= 18:
        return int(node.text)
    return node.text
