"""Inputs of a step: from YAML nodes to plain data by the definition, and from resolved plain data to typed inputs."""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.actions.base import Definition, InputFault
from toe.actions.fields import Field, Shape
from toe.document.fields import TRUTH, is_integer, is_nothing, text_of, texts_of, values_of
from toe.document.refusals import Refusals, described
from toe.errors import ActionError
from toe.expressions.resolve import holds_expression
from toe.model import Entry, Value
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.quick_typing import Any


def read_inputs(definition: Definition, node: Node | None, refuse: Refusals) -> tuple[Entry, ...]:
    """The entries under `inputs`, texts as in the source. A value of the wrong form is refused and left out."""
    if node is None or is_nothing(node):
        return ()
    if definition.each and isinstance(node, Sequence):
        entries = [_read_entry(definition, item, refuse, is_item=True) for item in node.items]
        return tuple(entry for entry in entries if entry is not None)
    entry = _read_entry(definition, node, refuse, is_item=False)
    return () if entry is None else (entry,)


def _read_entry(definition: Definition, node: Node, refuse: Refusals, *, is_item: bool) -> Entry | None:
    if not isinstance(node, Mapping):
        label = "an item of 'inputs'" if is_item else "'inputs'"
        refuse.wrong_kind(node, label, "a list of mappings" if definition.each and not is_item else "a mapping")
        return None
    if definition.condition:
        return {key.text: plain_value(value) for key, value in node}
    return _read_fields(definition.fields, node, "" if is_item else " in 'inputs'", refuse)


def _read_fields(fields: tuple[Field, ...], node: Mapping, where: str, refuse: Refusals) -> Entry:
    by_key = {field.key: field for field in fields}
    required = [field.key for field in fields if field.required]
    texts = [field.key for field in fields if field.takes_nothing_as_text]
    values = values_of(node, by_key, required, refuse, texts=texts, where=where)
    return {key: _read_value(by_key[key], value, refuse) for key, value in values.items()}


def _read_value(field: Field, node: Node, refuse: Refusals) -> Value:
    if field.shape is Shape.TEXT:
        return text_of(node, field.key, refuse) or ""
    if field.shape is Shape.TEXTS:
        return list(texts_of(node, field.key, refuse) or ())
    if field.shape is Shape.TEXT_MAP:
        return _read_text_map(field, node, refuse)
    if field.shape is Shape.RECORDS:
        return _read_records(field, node, refuse)
    if field.shape is Shape.ANY:
        return plain_value(node)
    return _read_truth_or_integer(field, node, refuse)


def _read_text_map(field: Field, node: Node, refuse: Refusals) -> Value:
    if not isinstance(node, Mapping):
        refuse.wrong_kind(node, f"'{field.key}'", "a mapping")
        return {}
    return {key.text: text_of(value, key.text, refuse) or "" for key, value in node}


def _read_records(field: Field, node: Node, refuse: Refusals) -> Value:
    if not isinstance(node, Sequence):
        refuse.wrong_kind(node, f"'{field.key}'", "a list")
        return []
    records: list[Value] = []
    for item in node.items:
        if isinstance(item, Mapping):
            records.append(_read_fields(field.record, item, "", refuse))
        else:
            refuse.wrong_kind(item, f"an item of '{field.key}'", "a mapping")
    return records


def _read_truth_or_integer(field: Field, node: Node, refuse: Refusals) -> Value:
    """An expression stays a text until the step runs; the keys of a step itself may hold none."""
    text = node.text if isinstance(node, Scalar) else ""
    if holds_expression(text):
        return text
    if field.shape is Shape.BOOLEAN and text.lower() in TRUTH:
        return TRUTH[text.lower()]
    if field.shape is Shape.INTEGER and is_integer(text):
        return int(text)
    wanted = "an integer" if field.shape is Shape.INTEGER else "true or false"
    code = codes.OUT_OF_RANGE if field.shape is Shape.INTEGER and isinstance(node, Scalar) else codes.WRONG_KIND
    refuse(node, code, f"'{field.key}' must be {wanted}, not {described(node)}")
    return text


def plain_value(node: Node) -> Value:
    """A node as plain data: every scalar is its source text, and nothing is ""."""
    if isinstance(node, Mapping):
        return {key.text: plain_value(value) for key, value in node}
    if isinstance(node, Sequence):
        return [plain_value(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.text


def typed_inputs(definition: Definition, entry: Entry) -> Any:
    """The typed inputs filled from resolved plain data. Raises ActionError where a text has no such value."""
    if definition.inputs is None:
        return entry
    if definition.paths:
        from toe.actions.files.paths import usable_paths

        entry = usable_paths(definition.paths, entry)
    return _typed(definition.inputs, definition.fields, entry)


def static_faults(definition: Definition, entry: Entry) -> Iterator[InputFault]:
    """What is wrong with an entry and can be seen before the run: its paths, and what the action's own check finds."""
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
