"""Why a document was refused for its form: JSON Schema errors, and the builder's refusals, as problems with a place.

Only called for a document that the builder refused, and the only user of jsonschema, which costs more to import than a
whole small run. The builder's refusals say where to look: a part without one is not validated again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from toe.actions import ActionTable
from toe.check.findings import Findings
from toe.check.schema import component_schema, definitions_of, step_name
from toe.check.schema_inputs import Schema
from toe.check.structure_messages import Explained, explain, is_meaning, refusal_code
from toe.document.fields import is_nothing
from toe.nodes import Kind, Mapping, Node, Scalar
from toe.nodes import Sequence as NodeList
from toe.records import NamedTuple

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

    from toe.document.build import Refusal

#: Phases, and steps, that are validated one by one. What else is wrong is told in the builder's words.
MOST_PARTS = 300
#: Beyond these nobody reads on, and a hostile document would only take time and memory.
MOST_REFUSALS = 5000
MOST_ERRORS = 20_000


class _Part(NamedTuple):
    """A part of the document to validate: its node, its path, its schema, and the key of the list of its own parts."""

    node: Node
    path: tuple[str | int, ...]
    schema: Schema
    hidden: str = ""


def explain_structure(root: Node, refusals: Sequence[Refusal], actions: ActionTable, findings: Findings) -> None:
    """Add a problem for every fault of form: what jsonschema finds, and each refusal that this does not explain."""
    from jsonschema import Draft202012Validator

    whole = component_schema(definitions_of(actions))
    explained: set[int] = set()
    refusals = refusals[:MOST_REFUSALS]
    partners = _partners(root, {id(refusal.node) for refusal in refusals})
    seen: set[tuple[int, str]] = set()
    for part in _parts(root, refusals, whole, actions):
        data = _data(part.node, part.hidden)
        for error in islice(form_errors(Draft202012Validator(part.schema), data), MOST_ERRORS):
            if findings.full:
                return
            for found in explain(error, part.node, part.path, root, findings):
                if (id(found.node), found.message) not in seen:
                    seen.add((id(found.node), found.message))
                    _report(found, findings)
                explained.update(id(node) for node in (found.node, found.place) if node is not None)
    for refusal in refusals:
        if not _is_explained(refusal.node, explained, partners):
            findings.at(refusal.node, refusal_code(refusal.message), refusal.message)


def _report(found: Explained, findings: Findings) -> None:
    findings.at(found.node, found.code, found.message, found.hint)


def _parts(root: Node, refusals: Iterable[Refusal], whole: Schema, actions: ActionTable) -> Iterator[_Part]:
    """The document without its phases, each phase without its steps, and each step; of these only what was refused."""
    refused = {id(refusal.node) for refusal in refusals}
    shell = {**whole["$defs"], "step": {}}
    yield _Part(root, (), {**whole, "$defs": {**shell, "phase": {}}}, "phases")
    phase_schema = {**shell["phase"], "$defs": shell}
    phases = (found for found in _phases(root) if _any(_phase_nodes(found[1]), refused))
    for path, phase in islice(phases, MOST_PARTS):
        yield _Part(phase, path, phase_schema, "steps")
    steps = (found for found in _steps(root) if _any(_walk(found[1]), refused))
    for path, step in islice(steps, MOST_PARTS):
        yield _Part(step, path, _schema_for(step, whole, actions))


def _schema_for(step: Node, whole: Schema, actions: ActionTable) -> Schema:
    """The schema of a step with this one action: 30 tests for an action's name, for each step, are what takes time."""
    named = step.get("action") if isinstance(step, Mapping) else None
    base = {key: value for key, value in whole["$defs"]["step"].items() if key != "allOf"}
    action = named.text if isinstance(named, Scalar) else ""
    schema = {**base, "$defs": whole["$defs"]}
    definition = f"#/$defs/{step_name(action)}"
    if step_name(action) in whole["$defs"]:
        return {**schema, "allOf": [{"$ref": definition}]}
    found = actions.find(action) if action else None
    if found is None:
        return schema
    # An action of an entry point, which no list of names holds.
    more = component_schema([found])["$defs"]
    properties = {**base["properties"], "action": {}}
    return {**schema, "properties": properties, "$defs": {**whole["$defs"], **more}, "allOf": [{"$ref": definition}]}


def _phases(root: Node) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    phases = root.get("phases") if isinstance(root, Mapping) else None
    for index, phase in enumerate(phases.items if isinstance(phases, NodeList) else ()):
        yield ("phases", index), phase


def _steps(root: Node) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    for path, phase in _phases(root):
        steps = phase.get("steps") if isinstance(phase, Mapping) else None
        for position, step in enumerate(steps.items if isinstance(steps, NodeList) else ()):
            yield (*path, "steps", position), step


def _phase_nodes(phase: Node) -> Iterator[Node]:
    """The nodes of a phase without its steps, which are parts of their own."""
    yield phase
    for key, value in phase if isinstance(phase, Mapping) else ():
        yield key
        if key.text == "steps" and isinstance(value, NodeList):
            yield value
        else:
            yield from _walk(value)


def _any(nodes: Iterable[Node], wanted: set[int]) -> bool:
    return any(id(node) in wanted for node in nodes)


def _walk(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, NodeList):
            pending.extend(current.items)
        elif isinstance(current, Mapping):
            for key, value in current:
                pending += (key, value)


def _partners(root: Node, refused: set[int]) -> dict[int, int]:
    """Key -> value and value -> key, for refused nodes: a refusal of the one is explained by a problem at the other."""
    partners: dict[int, int] = {}
    for node in _walk(root):
        for key, value in node if isinstance(node, Mapping) else ():
            if id(key) in refused:
                partners[id(key)] = id(value)
            if id(value) in refused:
                partners[id(value)] = id(key)
    return partners


def _is_explained(node: Node, explained: set[int], partners: dict[int, int]) -> bool:
    return id(node) in explained or partners.get(id(node)) in explained


def form_errors(validator: Validator, data: Any) -> Iterator[ValidationError]:
    """The errors that say something about form; those about an input's words are another pass's."""
    return (error for error in validator.iter_errors(data) if not is_meaning(error))


def document_data(root: Node) -> Any:
    """A whole document as the data that the schema is about."""
    return _data(root)


def _data(node: Node, hidden: str = "") -> Any:
    """A node as the data that the schema is about; of the list under the key `hidden` only whether it is empty."""
    if isinstance(node, Scalar):
        return _scalar_data(node)
    if isinstance(node, NodeList):
        return [_data(item) for item in node.items]
    assert isinstance(node, Mapping)
    pairs: dict[str, Any] = {}
    for key, value in node:
        if hidden and key.text == hidden and isinstance(value, NodeList):
            pairs[key.text] = [None] * bool(value.items)
        elif key.text == "name" and isinstance(value, Scalar) and not is_nothing(value):
            # A name is text, and has a text's length, even where it looks like a number.
            pairs[key.text] = value.text
        else:
            pairs[key.text] = _data(value)
    return pairs


def _scalar_data(node: Scalar) -> Any:
    """true, false, integers and nothing as such; the rest is text, as the document language has it."""
    if is_nothing(node):
        return None
    if node.kind is Kind.BOOLEAN and node.text.lower() in ("true", "false"):
        return node.text.lower() == "true"
    digits = node.text.lstrip("+-")
    if node.kind is Kind.INTEGER and digits.isdecimal() and len(digits) < 18:
        return int(node.text)
    return node.text
