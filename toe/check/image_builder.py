"""What EC2 Image Builder asks of a component beyond the document language (`--profile imagebuilder`).

Only rules of the service that hold for every recipe. Sources: Image Builder's user guide on components and their
phases, `CreateComponent` of its API, and its service quotas. Nested documents are not meant: whoever runs one chooses
its phases.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.check.findings import Findings
from toe.check.outline import Outline, Place, outline_of, places_of
from toe.check.references import expression_scalars
from toe.document.text import decode
from toe.expressions.parse import StepRef, references
from toe.model import NO_NODE, Document, Step
from toe.nodes import Mapping, Node, Scalar

#: phase -> the stage of an image's workflow in which Image Builder runs it. Other phases it never runs.
STAGES = {"build": "build", "validate": "build", "test": "test", "container-host-test": "test"}
#: A document needs one of these; `container-host-test` alone is not enough.
NEEDED_PHASES = ("build", "validate", "test")
#: What `data` of CreateComponent takes, in characters.
MOST_INLINE_CHARACTERS = 16_000
#: The quota of a component's size, in bytes, however it is given.
MOST_BYTES = 64 * 1024


def check_image_builder(document: Document, findings: Findings) -> None:
    """Report what Image Builder refuses, never runs, or cannot resolve."""
    outline = outline_of(document)
    _check_size(document, findings)
    _check_needed_phases(document, outline, findings)
    _check_phase_names(document, findings)
    _check_stages(document, outline, findings)


def _check_size(document: Document, findings: Findings) -> None:
    size = len(document.source)
    # A character has one byte at least: a short document need not be decoded.
    if size <= MOST_INLINE_CHARACTERS:
        return
    where = document.node or NO_NODE
    characters = len(decode(document.source)[0])
    if size > MOST_BYTES:
        message = f"the document has {size} bytes, and a component at most {MOST_BYTES} (64 KB)"
        hint = "split it into several components, or let it download its scripts"
        findings.at(where, codes.COMPONENT_SIZE, message, hint)
    elif characters > MOST_INLINE_CHARACTERS:
        message = f"the document has {characters} characters: inline 'data' takes {MOST_INLINE_CHARACTERS}"
        findings.at(where, codes.INLINE_SIZE, message, "put it into S3 and give its 'uri' to CreateComponent")


def _check_needed_phases(document: Document, outline: Outline, findings: Findings) -> None:
    if outline.opaque or not outline.phases or document.node is None:
        return
    where = document.node.key_node("phases") or document.node
    if not any(name in outline.phases for name in NEEDED_PHASES):
        message = "Image Builder wants a phase 'build', 'validate' or 'test', and this document has none of them"
        findings.at(where, codes.NO_NEEDED_PHASE, message, "build and validate change the image, test tries the result")
    elif "test" in outline.phases and not {"build", "validate"} & outline.phases.keys() and len(outline.phases) > 1:
        message = "Image Builder takes this for a build component: 'test' is not its only phase"
        hint = "a test component has the phase 'test' and no other"
        findings.at(where, codes.NO_TEST_COMPONENT, message, hint)


def _check_phase_names(document: Document, findings: Findings) -> None:
    for phase in document.phases:
        if phase.name in STAGES or phase.node is None:
            continue
        near = findings.suggestion(phase.name, STAGES)
        message = f"Image Builder never runs phase '{phase.name}'{near}"
        findings.at(phase.node.get("name") or phase.node, codes.PHASE_NOT_RUN, message, f"it runs {', '.join(STAGES)}")


def _check_stages(document: Document, outline: Outline, findings: Findings) -> None:
    """Each stage is a run of its own, on an instance of its own: nothing of one can be referred to in another."""
    if len(outline.phases) < 2:
        return
    for place in places_of(document):
        stage = STAGES.get(place.phase.name)
        if findings.full:
            return
        if stage is not None:
            _check_step(place, stage, outline, findings)


def _check_step(place: Place, stage: str, outline: Outline, findings: Findings) -> None:
    for scalar in _scalars(place.step):
        for reference in references(scalar.text):
            if isinstance(reference, StepRef):
                fault = _stage_fault(reference, place, stage, outline)
                if fault:
                    hint = "make it a parameter, which every phase can refer to"
                    findings.within(scalar, reference.offset, reference.raw, codes.OTHER_STAGE, fault, hint)


def _stage_fault(reference: StepRef, place: Place, stage: str, outline: Outline) -> str:
    """What is wrong with a reference; empty for one within the stage, and for one that is wrong anywhere."""
    phase = outline.phases.get(reference.phase)
    if phase is None or reference.step not in phase.steps or phase.position >= place.phase_index:
        return ""
    name, other = f"{reference.phase}.{reference.step}", STAGES.get(reference.phase)
    if other is None:
        return f"'{name}' has no values: Image Builder never runs phase '{reference.phase}'"
    if other == stage:
        return ""
    return f"'{name}' runs in the {other} stage of Image Builder, and phase '{place.phase.name}' in the {stage} stage"


def _scalars(step: Step) -> Iterator[Scalar]:
    """The texts of a step that may hold references: in its inputs, its condition and what its loop goes over."""
    nodes: list[Node | None] = [step.inputs_node]
    if step.node is not None:
        loop = step.node.get("loop")
        nodes += [step.node.get("if"), loop.get("forEach") if isinstance(loop, Mapping) else None]
    for node in nodes:
        if node is not None:
            yield from expression_scalars(node)
