"""The text of detailedoutput.json, in pieces: four spaces, AWSTOE's keys in AWSTOE's order (reference, section 7).

Written by hand and not by `json.dumps(indent=4)`: the file grows by one step at a time, and one step may be 8 MiB.
An element's head reaches up to the `[` of its children, its tail from their `]` on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from toe.results import DocumentResult, PhaseResult, RunResult, StepResult
from toe.sinks.json_text import loop_value, quoted, to_bytes, within_string
from toe.sinks.times import whole_second_time

LEVEL = "    "
DOCUMENT_INDENT, PHASE_INDENT, STEP_INDENT = LEVEL * 2, LEVEL * 4, LEVEL * 6


def separator(is_first: bool) -> bytes:
    """What stands before a child."""
    return b"\n" if is_first else b",\n"


def tail(indent: str, has_children: bool) -> bytes:
    """The end of a run, document or phase."""
    line = f"\n{indent}{LEVEL}]" if has_children else "]"
    return f"{line}\n{indent}}}".encode()


def run_head(run: RunResult, indent: str = "") -> bytes:
    """A run up to its documents."""
    inner = indent + LEVEL
    return to_bytes(
        f"{indent}{{\n"
        f'{inner}"executionId": {quoted(run.execution_id)},\n'
        f'{inner}"status": "{run.status.value}",\n'
        f'{inner}"startTime": "{whole_second_time(run.started_at_ns)}",\n'
        f'{inner}"endTime": "{whole_second_time(run.ended_at_ns)}",\n'
        f'{inner}"failureMessage": {quoted(run.failure_message)},\n'
        f'{inner}"documents": ['
    )


def document_head(document: DocumentResult, indent: str = DOCUMENT_INDENT) -> bytes:
    """A document up to its phases."""
    inner = indent + LEVEL
    return to_bytes(
        f"{indent}{{\n"
        f'{inner}"name": {quoted(document.name)},\n'
        f'{inner}"filePath": {quoted(document.path)},\n'
        f'{inner}"status": "{document.status.value}",\n'
        f'{inner}"description": {quoted(document.description)},\n'
        f'{inner}"startTime": "{whole_second_time(document.started_at_ns)}",\n'
        f'{inner}"endTime": "{whole_second_time(document.ended_at_ns)}",\n'
        f'{inner}"failureMessage": {quoted(document.failure_message)},\n'
        f'{inner}"phases": ['
    )


def phase_head(phase: PhaseResult, indent: str = PHASE_INDENT) -> bytes:
    """A phase up to its steps."""
    inner = indent + LEVEL
    return to_bytes(
        f"{indent}{{\n"
        f'{inner}"name": {quoted(phase.name)},\n'
        f'{inner}"status": "{phase.status.value}",\n'
        f'{inner}"startTime": "{whole_second_time(phase.started_at_ns)}",\n'
        f'{inner}"endTime": "{whole_second_time(phase.ended_at_ns)}",\n'
        f'{inner}"failureMessage": {quoted(phase.failure_message)},\n'
        f'{inner}"steps": ['
    )


def step_text(step: StepResult, indent: str = STEP_INDENT) -> Iterator[bytes]:
    """A whole step, its nested runs included."""
    inner = indent + LEVEL
    yield to_bytes(
        f"{indent}{{\n"
        f'{inner}"name": {quoted(step.name)},\n'
        f'{inner}"status": "{step.status.value}",\n'
        f'{inner}"failureMessage": {quoted(step.failure_message)},\n'
        f'{inner}"timeoutSeconds": {step.timeout_seconds},\n'
        f'{inner}"onFailure": "{step.on_failure.value}",\n'
        f'{inner}"maxAttempts": {step.max_attempts},\n'
        f'{inner}"action": {quoted(step.action)},\n'
        f'{inner}"startTime": "{whole_second_time(step.started_at_ns)}",\n'
        f'{inner}"endTime": "{whole_second_time(step.ended_at_ns)}",\n'
        f'{inner}"inputs": "'
    )
    yield from within_string(() if step.hidden else step.inputs)
    yield f'",\n{inner}"outputs": "'.encode()
    yield from within_string(() if step.hidden else step.outputs)
    loop = indented(loop_value(step.loop), inner)
    if not step.nested:
        yield to_bytes(f'",\n{inner}"loop": {loop},\n{inner}"detailedOutput": null\n{indent}}}')
        return
    yield to_bytes(f'",\n{inner}"loop": {loop},\n{inner}"detailedOutput": [')
    for position, run in enumerate(step.nested):
        yield separator(position == 0)
        yield from run_text(run, inner + LEVEL)
    yield f"\n{inner}]\n{indent}}}".encode()


def indented(value: object, indent: str) -> str:
    """A small value with four spaces a level, where the line that it begins in is indented by `indent`."""
    return json.dumps(value, indent=4, ensure_ascii=False).replace("\n", "\n" + indent) if value else "null"


def run_text(run: RunResult, indent: str) -> Iterator[bytes]:
    """A whole nested run."""
    yield run_head(run, indent)
    for position, document in enumerate(run.documents):
        yield separator(position == 0)
        yield from _document_text(document, indent + LEVEL * 2)
    yield tail(indent, bool(run.documents))


def _document_text(document: DocumentResult, indent: str) -> Iterator[bytes]:
    yield document_head(document, indent)
    for position, phase in enumerate(document.phases):
        yield separator(position == 0)
        yield phase_head(phase, indent + LEVEL * 2)
        for number, step in enumerate(phase.steps):
            yield separator(number == 0)
            yield from step_text(step, indent + LEVEL * 4)
        yield tail(indent + LEVEL * 2, bool(phase.steps))
    yield tail(indent, bool(document.phases))
