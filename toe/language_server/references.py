"""References of a document and what they stand for: what is under the cursor, where it is declared, what it is."""

from __future__ import annotations

from collections.abc import Iterator

from toe.actions.fields import Field
from toe.check.reference import FORMS
from toe.expressions.parse import (
    ContextRef,
    EnvRef,
    ImdsRef,
    LoopRef,
    NameRef,
    Reference,
    SsmIndirectRef,
    SsmRef,
    SsmResolveRef,
    StepRef,
    references,
)
from toe.language_server.positions import Positions
from toe.language_server.vocabulary import Vocabulary
from toe.model import Constant, Document, Parameter, Phase, Step
from toe.nodes import Node
from toe.records import NamedTuple

_REMOTE = "it is read when the step runs"


class Found(NamedTuple):
    """A reference, and the indices of the text between which it stands."""

    reference: Reference
    start: int
    end: int


def references_in(positions: Positions, line: int) -> Iterator[Found]:
    """The references in a line: they never span several."""
    start = positions.offset(line, 1)
    for reference in references(positions.line(line)):
        begin = start + reference.offset
        yield Found(reference, begin, begin + len(reference.raw))


def reference_at(positions: Positions, line: int, column: int) -> Found | None:
    """The reference at a place."""
    offset = positions.offset(line, column)
    return next((found for found in references_in(positions, line) if found.start <= offset <= found.end), None)


def symbol_of(reference: Reference) -> tuple[str, ...]:
    """What tells one declared thing from another, () for what no document declares."""
    if isinstance(reference, (NameRef, SsmResolveRef)):
        return (reference.name,)
    if isinstance(reference, StepRef):
        return reference.phase, reference.step
    return ()


def declared(document: Document) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every symbol that a document declares, with the node of its name."""
    for value in values_of(document):
        yield (value.name,), value.node
    for phase in document.phases:
        for step in phase.steps:
            node = step.node.get("name") if step.node is not None else None
            if node is not None:
                yield (phase.name, step.name), node


def values_of(document: Document) -> list[Parameter | Constant]:
    """The parameters and constants of a document."""
    return [*document.parameters, *document.constants]


def value_named(document: Document, name: str) -> Parameter | Constant | None:
    """The parameter or constant with a name."""
    return next((value for value in values_of(document) if value.name == name), None)


def step_named(document: Document, phase: str, step: str) -> tuple[Phase, Step] | None:
    """The step with a name, and its phase."""
    for one in document.phases:
        for other in one.steps:
            if (one.name, other.name) == (phase, step):
                return one, other
    return None


def described_value(value: Parameter | Constant) -> str:
    """What a parameter or a constant is, as Markdown."""
    if isinstance(value, Constant):
        return f"constant **{value.name}**: {_code(value.value)}"
    default = value.default if not isinstance(value.default, tuple) else ", ".join(value.default)
    given = "a value must be given" if default is None else f"default {_code(default)}"
    lines = [f"parameter **{value.name}** ({value.type}): {given}", value.description]
    if value.allowed_values:
        lines.append("One of " + ", ".join(map(_code, value.allowed_values)) + ".")
    return "\n\n".join(line for line in lines if line)


def described_field(field: Field) -> str:
    """What an input or an output is, as Markdown."""
    return f"**{field.key}** ({FORMS[field.shape]}): {field.doc.described}"


def described_reference(reference: Reference, document: Document | None, vocabulary: Vocabulary) -> str:
    """What a reference stands for, as Markdown; "" where that is not known."""
    match reference:
        case NameRef() | SsmResolveRef():
            value = value_named(document, reference.name) if document is not None else None
            said = described_value(value) if value is not None else ""
            by_ssm = f"the parameter of Systems Manager whose name is the value of `{reference.name}`; {_REMOTE}"
            return f"{by_ssm}\n\n{said}" if isinstance(reference, SsmResolveRef) else said
        case StepRef():
            return _described_step(reference, document, vocabulary) if document is not None else ""
        case LoopRef():
            what = "number of the iteration, from 0" if reference.field == "index" else "value of the iteration"
            return f"the {what}, in the loop of this step"
        case SsmRef():
            return f"the parameter `{reference.path}` of Systems Manager, decrypted; {_REMOTE}"
        case SsmIndirectRef():
            return f"the parameter of Systems Manager whose name stands in its parameter `{reference.path}`; {_REMOTE}"
        case EnvRef():
            return f"the environment variable `{reference.name}` of the run"
        case ImdsRef():
            return f"the instance's metadata at `{reference.path}`; {_REMOTE}"
        case ContextRef():
            return f"a fact of the run: `{reference.key}`"


def _described_step(reference: StepRef, document: Document, vocabulary: Vocabulary) -> str:
    found = step_named(document, reference.phase, reference.step)
    if found is None:
        return ""
    step = found[1]
    lines = [f"{reference.side} of step **{step.name}** ({step.action}) in phase **{reference.phase}**"]
    definition = vocabulary.definitions.get(step.action)
    if definition is not None:
        fields = definition.output_fields if reference.side == "outputs" else definition.fields
        lines += [described_field(field) for field in fields if field.key == reference.path[0]]
    return "\n\n".join(lines)


def _code(text: str) -> str:
    shown = " ".join(text.split()) or " "
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"
