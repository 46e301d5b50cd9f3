"""chaining.json: what later steps can refer to (reference, section 7). Written at the start and at the end of a run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator

from toe import events
from toe.model import Document, Phase, Step
from toe.results import DocumentResult, StepResult
from toe.sinks.detailed_json import LEVEL, indented, separator
from toe.sinks.json_text import loop_value, quoted, to_bytes, within_string
from toe.system.files.opening import write_all
from toe.system.files.staging import StagedFile

_TAKEN = frozenset((events.RunStarted, events.DocumentStarted, events.StepFinished, events.RunFinished))

#: (name, is selected, its steps)
_PhaseText = tuple[str, bool, Iterable[Iterable[bytes]]]


class Chaining:
    """Writes the file into `directory`, mode 0600, by rename."""

    name = "chaining.json"
    is_report = True

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "chaining.json")
        self._started: events.RunStarted | None = None
        self._position = 0
        self._results: dict[tuple[int, str, str], StepResult] = {}
        self._is_stale = False

    def handle(self, event: events.Event) -> None:
        """Raises OSError when the file cannot be written."""
        if type(event) not in _TAKEN:
            return
        if isinstance(event, events.RunStarted):
            self._started = event
            self._write()
        elif isinstance(event, events.DocumentStarted) and event.where.depth == 0:
            self._position = event.position
        elif isinstance(event, events.StepFinished) and event.where.depth == 0:
            self._results[self._position, event.where.phase, event.result.name] = event.result
            self._is_stale = True
        elif isinstance(event, events.RunFinished) and self._is_stale:
            self._write()

    def close(self) -> None:
        if self._is_stale:
            self._write()

    def _write(self) -> None:
        hidden = os.path.join(os.path.dirname(self._path), ".chaining.json.new")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(hidden)  # of a run that was cut off
        with StagedFile(self._path, hidden=hidden) as file:
            waiting = bytearray()
            for part in self._text():
                waiting += part
                if len(waiting) > 65_536:
                    write_all(file.descriptor, bytes(waiting))
                    waiting.clear()
            write_all(file.descriptor, bytes(waiting))
            file.place()
        self._is_stale = False

    def _text(self) -> Iterator[bytes]:
        documents = self._started.documents if self._started else ()
        return _list(
            "", (_document(LEVEL, self._phases(number, document)) for number, document in enumerate(documents))
        )

    def _phases(self, position: int, document: Document) -> Iterator[_PhaseText]:
        selected = self._started.phases if self._started else ()
        for phase in document.phases:
            steps = (self._step(position, document, phase, step) for step in phase.steps)
            yield phase.name, not selected or phase.name in selected, steps

    def _step(self, position: int, document: Document, phase: Phase, step: Step) -> Iterator[bytes]:
        indent = LEVEL * 5
        hidden = document.disable_logging or phase.disable_logging or step.disable_logging
        result = self._results.get((position, phase.name, step.name))
        if result is not None:
            return _step_that_ran(result, indent, hidden)
        if hidden:
            return _step_text(step.name, (), (), None, (), indent)
        return _step_text(step.name, step.inputs, None, loop_value(step.loop), (), indent)


def _step_that_ran(result: StepResult, indent: str, hidden: bool) -> Iterator[bytes]:
    hidden = hidden or result.hidden
    inputs, outputs = ((), ()) if hidden else (result.inputs, result.outputs)
    nested = [document for run in result.nested for document in run.documents]
    loop = None if hidden else loop_value(result.loop)
    return _step_text(result.name, inputs, outputs, loop, nested, indent, hidden)


def _step_text(
    name: str,
    inputs: object,
    outputs: object,
    loop: object,
    nested: Iterable[DocumentResult],
    indent: str,
    hidden: bool = False,
) -> Iterator[bytes]:
    inner = indent + LEVEL
    yield to_bytes(f'{indent}{{\n{inner}"name": {quoted(name)},\n{inner}"inputs": "')
    yield from within_string(inputs)
    yield f'",\n{inner}"outputs": "'.encode()
    if outputs is not None:
        yield from within_string(outputs)
    yield to_bytes(f'",\n{inner}"loop": {indented(loop, inner)},\n{inner}"documents": ')
    documents = [_document(inner + LEVEL, _nested_phases(document, inner, hidden)) for document in nested]
    if documents:
        yield from _list(inner, documents)
    else:
        yield b"null"
    yield f"\n{indent}}}".encode()


def _nested_phases(document: DocumentResult, indent: str, hidden: bool) -> Iterator[_PhaseText]:
    for phase in document.phases:
        steps = (_step_that_ran(step, indent + LEVEL * 5, hidden) for step in phase.steps)
        yield phase.name, True, steps


def _document(indent: str, phases: Iterable[_PhaseText]) -> Iterator[bytes]:
    inner = indent + LEVEL
    yield f'{indent}{{\n{inner}"phases": '.encode()
    yield from _list(inner, (_phase(inner + LEVEL, *phase) for phase in phases))
    yield f"\n{indent}}}".encode()


def _phase(indent: str, name: str, is_selected: bool, steps: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    inner = indent + LEVEL
    yield to_bytes(f'{indent}{{\n{inner}"name": {quoted(name)},\n')
    yield f'{inner}"isSelected": {"true" if is_selected else "false"},\n{inner}"steps": '.encode()
    yield from _list(inner, steps)
    yield f"\n{indent}}}".encode()


def _list(indent: str, items: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """A JSON list that opens in the present line; its end is indented by `indent`."""
    yield b"["
    is_first = True
    for item in items:
        yield separator(is_first)
        is_first = False
        yield from item
    yield b"]" if is_first else f"\n{indent}]".encode()
