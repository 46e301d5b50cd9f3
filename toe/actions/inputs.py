"""Inputs of a step: from YAML nodes to plain data by the definition, and from resolved plain data to typed inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from toe.actions.base import Definition, InputFault
from toe.actions.fields import Field, Shape
from toe.document.fields import TRUTH, is_integer, is_nothing
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry, Value
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.quick_typing import Any

#: Told of each node that has not the form that the definition asks for, with a message for people.
Refuse = Callable[[Node, str], None]


def read_inputs(definition: Definition, node: Node | None, refuse: Refuse) -> tuple[Entry, ...]:
    """The entries under `inputs`, text fields as their source text. What has the wrong form is refused and left out."""
    if node is None or is_nothing(node):
        return ()
    if definition.each and isinstance(node, Sequence):
        entries = [_read_entry(definition, item, refuse) for item in node.items]
        return tuple(entry for entry in entries if entry is not None)
    entry = _read_entry(definition, node, refuse)
    return () if entry is None else (entry,)


def _read_entry(definition: Definition, node: Node, refuse: Refuse) -> Entry | None:
    if not isinstance(node, Mapping):
        refuse(node, f"the inputs of {definition.name} are a mapping here, not {node.described}")
        return None
    if definition.condition:
        return {key.text: plain_value(value) for key, value in node}
    return _read_fields(definition.fields, node, refuse)


def _read_fields(fields: tuple[Field, ...], node: Mapping, refuse: Refuse) -> Entry:
    by_key = {field.key: field for field in fields}
    entry: Entry = {}
    for key, value in node:
        field = by_key.get(key.text)
        if field is None:
            refuse(key, f"unknown key '{key.text}'")
        elif not is_nothing(value) or field.takes_nothing_as_text:
            entry[key.text] = _read_value(field, value, refuse)
    for field in fields:
        if field.required and field.key not in entry:
            refuse(node.get(field.key) or node, f"'{field.key}' is missing")
    return entry


def _read_value(field: Field, node: Node, refuse: Refuse) -> Value:
    if field.shape is Shape.TEXTS:
        return _read_texts(field, node, refuse)
    if field.shape is Shape.TEXT_MAP:
        return _read_text_map(field, node, refuse)
    if field.shape is Shape.RECORDS:
        return _read_records(field, node, refuse)
    if field.shape is Shape.ANY:
        return plain_value(node)
    if not isinstance(node, Scalar):
        refuse(node, f"'{field.key}' is {_wanted(field)}, not {node.described}")
        return ""
    return _read_scalar(field, node, refuse)


def _read_scalar(field: Field, node: Scalar, refuse: Refuse) -> Value:
    if field.shape is Shape.TEXT or holds_expression(node.text):
        return node.text
    if field.shape is Shape.BOOLEAN and node.text.lower() in TRUTH:
        return TRUTH[node.text.lower()]
    if field.shape is Shape.INTEGER and is_integer(node.text):
        return int(node.text)
    refuse(node, f"'{field.key}' is {_wanted(field)}, not '{node.text}'")
    return node.text


def _read_texts(field: Field, node: Node, refuse: Refuse) -> Value:
    if not isinstance(node, Sequence):
        refuse(node, f"'{field.key}' is a list, not {node.described}")
        return []
    texts: list[Value] = []
    for item in node.items:
        if isinstance(item, Scalar):
            texts.append(item.text)
        else:
            refuse(item, f"an item of '{field.key}' is a text, not {item.described}")
    return texts


def _read_text_map(field: Field, node: Node, refuse: Refuse) -> Value:
    if not isinstance(node, Mapping):
        refuse(node, f"'{field.key}' is a mapping, not {node.described}")
        return {}
    texts: dict[str, Value] = {}
    for key, value in node:
        if isinstance(value, Scalar):
            texts[key.text] = value.text
        else:
            refuse(value, f"'{key.text}' is a text, not {value.described}")
    return texts


def _read_records(field: Field, node: Node, refuse: Refuse) -> Value:
    if not isinstance(node, Sequence):
        refuse(node, f"'{field.key}' is a list, not {node.described}")
        return []
    records: list[Value] = []
    for item in node.items:
        if isinstance(item, Mapping):
            records.append(_read_fields(field.record, item, refuse))
        else:
            refuse(item, f"an item of '{field.key}' is a mapping, not {item.described}")
    return records


def plain_value(node: Node) -> Value:
    """A node as plain data: every scalar is its source text, and nothing is ""."""
    if isinstance(node, Mapping):
        return {key.text: plain_value(value) for key, value in node}
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


def _wanted(field: Field) -> str:
    return {Shape.TEXT: "a text", Shape.BOOLEAN: "true or false", Shape.INTEGER: "an integer"}[field.shape]


def typed_inputs(definition: Definition, entry: Entry) -> Any:
    """The typed inputs filled from resolved plain data. Raises ActionError where a text has no such value."""
    if definition.inputs is None:
        return entry
    if definition.paths:
        from toe.actions.files.paths import usable_paths

        entry = usable_paths(definition.paths, entry)
    return _typed(definition.inputs, definition.fields, entry)


def static_faults(definition: Definition, entry: Entry) -> Iterator[InputFault]:
    """What can be seen before the run to be wrong with an entry: its paths, and what the action's own check finds."""
    if definition.paths:
        from toe.actions.files.paths import path_faults

        yield from path_faults(definition.paths, entry)
    if definition.check is not None:
        yield from definition.check(entry)


def _typed(record: type, fields: tuple[Field, ...], entry: Entry) -> Any:
    given: dict[str, Any] = {}
    for field in fields:
        if field.key in entry:
            given[field.name] = _typed_value(field, entry[field.key])
    return record(**given)


def _typed_value(field: Field, value: Value) -> Any:
    if field.shape is Shape.BOOLEAN and isinstance(value, str):
        if value.strip().lower() not in TRUTH:
            raise ActionError(f"'{field.key}' must be true or false, not '{value}'")
        return TRUTH[value.strip().lower()]
    if field.shape is Shape.INTEGER and isinstance(value, str):
        if not is_integer(value.strip()):
            raise ActionError(f"'{field.key}' must be an integer, not '{value}'")
        return int(value)
    if field.shape is Shape.TEXTS and isinstance(value, list):
        return tuple(str(item) for item in value)
    if field.shape is Shape.RECORDS and isinstance(value, list):
        assert field.record_type is not None
        return tuple(_typed(field.record_type, field.record, item) for item in value if isinstance(item, dict))
    if field.shape is Shape.TEXT and field.doc.choices:
        return _choice(field, str(value))
    return value


def _choice(field: Field, text: str) -> str:
    for choice in field.doc.choices:
        if text == choice or (field.doc.any_case and text.lower() == choice.lower()):
            return choice
    raise ActionError(f"'{field.key}' must be one of {', '.join(field.doc.choices)}, not '{text}'")
