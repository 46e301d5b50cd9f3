"""The inputs of actions, as far as they can be judged before a run: words, patterns, paths, and what an action checks.

A text that holds an expression is left to the run.
"""

from __future__ import annotations

import re

from toe import codes
from toe.actions.base import Definition, InputFault
from toe.actions.fields import Field, Shape
from toe.actions.inputs import static_faults
from toe.check.findings import Findings
from toe.check.platforms import entry_nodes, value_node
from toe.expressions.resolve import holds_expression
from toe.model import Entry, Step
from toe.nodes import Mapping, Node


def check_inputs(step: Step, definition: Definition, findings: Findings) -> None:
    """Report the faults of a step's inputs."""
    if definition.condition:
        return
    nodes = list(entry_nodes(step.inputs_node))
    judged = _judged_fields(definition.fields)
    for position, entry in enumerate(step.inputs):
        mapping = nodes[position] if position < len(nodes) else None
        for field in judged:
            if field.key in entry:
                _check_field(field, entry, mapping, value_node(step, "inputs"), findings)
        _run_check(definition, entry, mapping, step, findings)
    # An action of which no input is required on its own may still need one of several.
    if not step.inputs and step.inputs_node is None and not definition.each and not definition.needs_inputs:
        _run_check(definition, {}, None, step, findings)


def _judged_fields(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.shape is Shape.TEXT and (field.doc.choices or field.doc.pattern))


def _check_field(field: Field, entry: Entry, mapping: Mapping | None, fallback: Node, findings: Findings) -> None:
    value = entry[field.key]
    if not isinstance(value, str) or holds_expression(value):
        return
    node = (mapping.get(field.key) if mapping is not None else None) or fallback
    doc = field.doc
    if doc.choices and not _is_choice(value, field):
        near = findings.suggestion(value, doc.choices)
        message = f"'{field.key}' must be one of {', '.join(doc.choices)}, not '{value}'{near}"
        findings.at(node, codes.INPUT_WORD, message)
    elif doc.pattern and not _matches(doc.pattern, value):
        says = doc.pattern_says or f"a text that matches {doc.pattern}"
        findings.at(node, codes.INPUT_PATTERN, f"'{field.key}' must be {says}, not '{value}'")


def _is_choice(value: str, field: Field) -> bool:
    if value in field.doc.choices:
        return True
    return field.doc.any_case and value.lower() in (choice.lower() for choice in field.doc.choices)


def _matches(pattern: str, value: str) -> bool:
    return re.fullmatch(pattern, value) is not None


def _run_check(definition: Definition, entry: Entry, mapping: Mapping | None, step: Step, findings: Findings) -> None:
    for fault in static_faults(definition, entry):
        code = codes.PUBLISHED_FAULT if fault.is_published else codes.INPUT_FAULT
        findings.at(_fault_node(fault, mapping, step), code, fault.message, fault.hint)


def _fault_node(fault: InputFault, mapping: Mapping | None, step: Step) -> Node:
    if mapping is None:
        return value_node(step, "action")
    return mapping.get(fault.key) or mapping.key_node(fault.key) or mapping
