"""chaining.json: what later steps can refer to (reference, section 7). Written at the start and at the end of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator

from toe import events
from toe.model import Document, Phase, Step
from toe.quick_typing import Any
from toe.results import DocumentResult, StepResult
from toe.sinks.json_text import JsonText, indented, loop_value
from toe.sinks.log_file import write_whole

_TAKEN = frozenset((events.RunStarted, events.DocumentStarted, events.StepFinished, events.RunFinished))


class Chaining:
    """Writes the file into `directory`, mode 0600."""

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
        write_whole(self._path, indented(self._data()))
        self._is_stale = False

    def _data(self) -> Iterator[object]:
        """One element a document; the steps are made while they are written."""
        if self._started is None:
            return
        selected = self._started.phases
        for position, document in enumerate(self._started.documents):
            phases = (
                _phase(phase.name, self._steps(position, document, phase), not selected or phase.name in selected)
                for phase in document.phases
            )
            yield {"phases": phases}

    def _steps(self, position: int, document: Document, phase: Phase) -> Iterator[object]:
        for step in phase.steps:
            hidden = document.disable_logging or phase.disable_logging or step.disable_logging
            result = self._results.get((position, phase.name, step.name))
            yield _unreached(step, hidden) if result is None else _finished(result, hidden)


def _phase(name: str, steps: Iterator[object], is_selected: bool = True) -> dict[str, Any]:
    return {"name": name, "isSelected": is_selected, "steps": steps}


def _unreached(step: Step, hidden: bool) -> dict[str, Any]:
    return {
        "name": step.name,
        "inputs": JsonText(() if hidden else step.inputs),
        "outputs": JsonText(()) if hidden else "",
        "loop": None if hidden else loop_value(step.loop),
        "documents": None,
    }


def _finished(result: StepResult, hidden: bool) -> dict[str, Any]:
    hidden = hidden or result.hidden
    nested = [_nested(document, hidden) for run in result.nested for document in run.documents]
    return {
        "name": result.name,
        "inputs": JsonText(() if hidden else result.inputs),
        "outputs": JsonText(() if hidden else result.outputs),
        "loop": None if hidden else loop_value(result.loop),
        "documents": nested or None,
    }


def _nested(document: DocumentResult, hidden: bool) -> dict[str, Any]:
    return {
        "phases": [_phase(phase.name, (_finished(step, hidden) for step in phase.steps)) for phase in document.phases]
    }
