"""What expressions refer to: names, steps that have run, context keys, instance metadata, loops (reference, section 3).

Only what is certain before a run. Whether an output has a field, or a parameter of Systems Manager exists, is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.check.findings import Findings
from toe.check.options import Part
from toe.check.outline import Outline, Place, outline_of, places_of
from toe.document.fields import is_nothing
from toe.expressions.execution_values import CONTEXT_KEYS
from toe.expressions.parse import (
    ContextRef,
    ImdsRef,
    LoopRef,
    NameRef,
    Reference,
    SsmResolveRef,
    StepRef,
    foreign_templates,
    references,
)
from toe.model import Document
from toe.nodes import Mapping, Node, Scalar, Sequence

SHOWN = 60


def check_references(
    document: Document, selected: tuple[str, ...], findings: Findings, part: Part | None = None
) -> None:
    """Report references that cannot be resolved; `selected` are the phases that run, () for all, `part` the steps."""
    outline = outline_of(document)
    _check_declarations(document, findings)
    for place in places_of(document):
        if findings.full:
            return
        _StepReferences(outline, place, selected, part, findings).check()


class _StepReferences:
    """The references of one step."""

    def __init__(
        self, outline: Outline, place: Place, selected: tuple[str, ...], part: Part | None, findings: Findings
    ) -> None:
        self.outline = outline
        self.place = place
        self.selected = selected
        self.part = part
        self.findings = findings

    def check(self) -> None:
        step = self.place.step
        if step.inputs_node is not None:
            for scalar in expression_scalars(step.inputs_node):
                self._check_text(scalar, in_loop=True)
            _check_keys(step.inputs_node, self.findings)
        if step.node is None:
            return
        condition, loop = step.node.get("if"), step.node.get("loop")
        if condition is not None:
            for scalar in expression_scalars(condition):
                self._check_text(scalar, in_loop=False)
        over = loop.get("forEach") if isinstance(loop, Mapping) else None
        if over is not None:
            for scalar in expression_scalars(over):
                self._check_text(scalar, in_loop=False)

    def _check_text(self, scalar: Scalar, *, in_loop: bool) -> None:
        text = scalar.text
        for reference in references(text):
            if self.findings.full:
                return
            self._check_reference(scalar, reference, in_loop=in_loop)
        for foreign in foreign_templates(text):
            code, message, hint = self._foreign_fault(foreign.raw)
            self.findings.within(scalar, foreign.offset, foreign.raw, code, message, hint)

    def _foreign_fault(self, raw: str) -> tuple[str, str, str]:
        from toe.check.near_references import near_reference

        message = f"'{_shown(raw)}' is no expression of a component document and stays as it is"
        return near_reference(raw, self.place, self.outline, self.findings) or (codes.FOREIGN_TEMPLATE, message, "")

    def _check_reference(self, scalar: Scalar, reference: Reference, *, in_loop: bool) -> None:
        fault = self._fault(reference, in_loop=in_loop)
        if fault is not None:
            code, message, hint = fault
            self.findings.within(scalar, reference.offset, reference.raw, code, message, hint)

    def _fault(self, reference: Reference, *, in_loop: bool) -> tuple[str, str, str] | None:
        if isinstance(reference, (NameRef, SsmResolveRef)):
            return self._name_fault(reference.name, literal=isinstance(reference, NameRef))
        if isinstance(reference, StepRef):
            return self._step_fault(reference)
        if isinstance(reference, LoopRef):
            return self._loop_fault(reference, in_loop=in_loop)
        if isinstance(reference, ContextRef) and reference.key not in CONTEXT_KEYS:
            near = self.findings.suggestion(reference.key, CONTEXT_KEYS)
            return codes.UNKNOWN_CONTEXT, f"unknown context key '{reference.key}'{near}", _one_of(CONTEXT_KEYS)
        if isinstance(reference, ImdsRef) and _holds_credentials(reference.path):
            message = f"instance metadata below 'iam/' and 'identity-credentials/' is refused: '{reference.path}'"
            return codes.CREDENTIALS, message, "let the AWS tools of the step find the instance's role by themselves"
        return None

    def _name_fault(self, name: str, *, literal: bool) -> tuple[str, str, str] | None:
        if name in self.outline.names or self.outline.opaque_names:
            return None
        near = self.findings.suggestion(name, self.outline.names)
        from toe.check.near_references import literal_hint

        hint = f"for the text '{{{{ {name} }}}}' itself {literal_hint(name)}" if literal else ""
        return codes.UNKNOWN_NAME, f"unknown parameter or constant '{name}'{near}", hint

    def _step_fault(self, reference: StepRef) -> tuple[str, str, str] | None:
        name = f"{reference.phase}.{reference.step}"
        phase = self.outline.phases.get(reference.phase)
        if phase is None:
            if self.outline.opaque:
                return None
            near = self.findings.suggestion(reference.phase, self.outline.phases)
            return codes.UNKNOWN_STEP, f"unknown phase '{reference.phase}' in the reference to '{name}'{near}", ""
        position = phase.steps.get(reference.step)
        if position is None:
            if phase.opaque:
                return None
            near = self.findings.suggestion(reference.step, phase.steps)
            return codes.UNKNOWN_STEP, f"unknown step '{reference.step}' in phase '{reference.phase}'{near}", ""
        return self._order_fault(name, phase.position, position) or self._selection_fault(reference, name)

    def _order_fault(self, name: str, phase_index: int, step_index: int) -> tuple[str, str, str] | None:
        here = self.place.phase_index, self.place.step_index
        if (phase_index, step_index) == here:
            return codes.LATER_STEP, f"'{name}' is this step itself, which has no inputs and outputs yet", ""
        if (phase_index, step_index) > here:
            return codes.LATER_STEP, f"'{name}' runs later than this step", "only an earlier step can be referred to"
        return None

    def _selection_fault(self, reference: StepRef, name: str) -> tuple[str, str, str] | None:
        if self.part is not None:
            return self._part_fault(self.part, reference, name)
        phase = reference.phase
        if not self.selected or phase in self.selected or self.place.phase.name not in self.selected:
            return None
        return codes.UNSELECTED_PHASE, f"'{name}' does not run: phase '{phase}' is not selected", ""

    def _part_fault(self, part: Part, reference: StepRef, name: str) -> tuple[str, str, str] | None:
        here, there = (self.place.phase.name, self.place.step.name), (reference.phase, reference.step)
        fault = None if here not in part.steps or there in part.steps else part.fault(reference)
        return fault and (codes.LEFT_OUT_STEP, f"'{name}' does not run, and {fault[0]}", fault[1])

    def _loop_fault(self, reference: LoopRef, *, in_loop: bool) -> tuple[str, str, str] | None:
        loop = self.place.loop
        has_loop = loop is not None or (
            self.place.step.node is not None and not is_nothing(self.place.step.node.get("loop"))
        )
        if reference.loop_name not in ("loop", loop.name if loop is not None else ""):
            from toe.check.near_references import misnamed_loop

            fault = misnamed_loop(reference, self.place, self.outline, self.findings)
            if fault is not None:
                return fault
        if not has_loop or not in_loop:
            where = "this step has no loop" if not has_loop else "it has a value only in the step's inputs"
            return codes.NO_SUCH_LOOP, f"'{_shown(reference.raw)}' stays as it is: {where}", ""
        if reference.loop_name == "loop" or loop is None or reference.loop_name == loop.name:
            return None
        known = ["loop", *([loop.name] if loop.name else [])]
        near = self.findings.suggestion(reference.loop_name, known)
        message = f"'{_shown(reference.raw)}' stays as it is: this step's loop is not '{reference.loop_name}'{near}"
        return codes.NO_SUCH_LOOP, message, ""


def expression_scalars(node: Node) -> Iterator[Scalar]:
    """The scalars below a node that hold double braces, in the order of the source."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Scalar):
            if "{{" in current.text:
                yield current
        elif isinstance(current, Sequence):
            pending.extend(reversed(current.items))
        elif isinstance(current, Mapping):
            pending.extend(value for _, value in reversed(current.pairs))


def _holds_credentials(path: str) -> bool:
    """Imported when a document asks for metadata: most do not."""
    from toe.aws.imds import holds_credentials

    return holds_credentials(path)


def _check_keys(node: Node, findings: Findings) -> None:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Sequence):
            pending.extend(current.items)
        elif isinstance(current, Mapping):
            for key, value in current:
                if "{{" in key.text:
                    _not_expanded(key, "a key", findings)
                pending.append(value)


def _check_declarations(document: Document, findings: Findings) -> None:
    """Defaults and constants are taken as they are."""
    if document.node is None:
        return
    for section in ("parameters", "constants"):
        for declaration in _mappings(document.node.get(section)):
            for key in ("default", "value"):
                value = declaration.get(key)
                for scalar in expression_scalars(value) if value is not None else ():
                    _not_expanded(scalar, f"'{key}'", findings)


def _mappings(section: Node | None) -> Iterator[Mapping]:
    """What stands under each name of `parameters` or `constants`, in either of their forms."""
    lists = section.items if isinstance(section, Sequence) else [section]
    for item in lists:
        for _, declaration in item if isinstance(item, Mapping) else ():
            if isinstance(declaration, Mapping):
                yield declaration


def _not_expanded(scalar: Scalar, where: str, findings: Findings) -> None:
    for reference in references(scalar.text):
        message = f"'{_shown(reference.raw)}' is not expanded in {where} and stays as it is"
        findings.within(scalar, reference.offset, reference.raw, codes.NOT_EXPANDED, message)


def _one_of(words: tuple[str, ...]) -> str:
    return f"one of {', '.join(words)}"


def _shown(raw: str) -> str:
    return raw if len(raw) <= SHOWN else raw[: SHOWN - 1] + "…"
