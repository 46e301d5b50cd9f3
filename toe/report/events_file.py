"""Reads events.jsonl line by line, and finds the step that each event is of."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

from toe.report.fields import time_of
from toe.report.trace import Fields, TracedDocument, TracedPhase, TracedStep
from toe.system.files.opening import open_regular

_LOG_LINE, _WARNING = b'"event":"LogLine"', b'"warning":true'
#: How an event begins. Within a text its quotes are escaped.
_START = b'{"at":"'
#: What goes wrong with a line that has not the form of an event.
ODD = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)


class TracedRun:
    """All that the file tells. `documents` are those at the top, by their positions."""

    def __init__(self) -> None:
        self.started: Fields = {}
        self.finished: Fields = {}
        self.resumed_at_ns: list[int] = []
        self.documents: dict[int, TracedDocument] = {}
        self.unread_lines = 0
        #: By depth: the document, phase and step that the events are of.
        self._open: list[_Level] = []
        self._methods: dict[str, Callable[[Fields], None]] = {
            "RunStarted": self._run_started,
            "RunResumed": self._run_resumed,
            "RunFinished": self._run_finished,
            "DocumentStarted": self._document_started,
            "DocumentFinished": self._document_finished,
            "PhaseStarted": self._phase_started,
            "PhaseFinished": self._phase_finished,
        }

    def handle(self, event: Fields) -> None:
        """Take the event of a line. Raises what is in `ODD` for one that makes no sense."""
        kind = event["event"]
        method = self._methods.get(kind)
        if method is not None:
            method(event)
        else:
            self._level(event).step_named(event["where"].get("step")).handle(kind, event)

    def step_of(self, event: Fields) -> TracedStep:
        """The step that an event, which was handled, is of."""
        return self._level(event).step

    def _run_started(self, event: Fields) -> None:
        self.started = event

    def _run_resumed(self, event: Fields) -> None:
        self.resumed_at_ns.append(time_of(event, "at"))
        self.finished = {}
        self._open = []

    def _run_finished(self, event: Fields) -> None:
        self.finished = event

    def _document_started(self, event: Fields) -> None:
        depth = event["where"].get("depth", 0)
        del self._open[depth:]
        if depth:
            step = self._open[depth - 1].step
            document = step.nested.setdefault(step.iteration, TracedDocument())
        else:
            document = self.documents.setdefault(event["position"], TracedDocument())
        document.started = document.started or event
        document.finished = {}
        self._open.append(_Level(document))

    def _document_finished(self, event: Fields) -> None:
        self._level(event).document.finished = event

    def _phase_started(self, event: Fields) -> None:
        level = self._level(event)
        level.phase = level.document.phases.setdefault(event["where"]["phase"], TracedPhase())
        level.phase.started = level.phase.started or event
        level.phase.finished = {}

    def _phase_finished(self, event: Fields) -> None:
        self._level(event).phase.finished = event

    def _level(self, event: Fields) -> _Level:
        depth: int = event["where"].get("depth", 0)
        return self._open[depth]


class _Level:
    def __init__(self, document: TracedDocument) -> None:
        self.document = document
        self.phase = TracedPhase()
        self.step = TracedStep()

    def step_named(self, name: str | None) -> TracedStep:
        """The step that an event names; without a name it is of no step, and nobody sees what becomes of it."""
        if not name:
            return TracedStep()
        self.step = self.phase.steps.setdefault(name, TracedStep())
        return self.step


def fields_of(line: bytes) -> Fields:
    """The event of a line. Raises what is in `ODD`.

    A line that a kill cut off has no end, and what a run that went on wrote stands behind it: the last event is taken.
    """
    fields = json.loads(line[max(0, line.rfind(_START)) :].decode())
    if not isinstance(fields, dict):
        raise TypeError("an event is an object")
    return fields


def read_trace(folder: str) -> TracedRun | None:
    """What events.jsonl of a log folder tells, None where there is none. Raises OSError and ActionError."""
    run = TracedRun()
    try:
        for line in _lines(os.path.join(folder, "events.jsonl")):
            try:
                run.handle(fields_of(line))
            except ODD:
                # A last line without its end is no fault: the run is still writing it, or was cut off.
                run.unread_lines += line.endswith(b"\n")
    except FileNotFoundError:
        return None
    return run


def _lines(path: str) -> Iterator[bytes]:
    descriptor, _ = open_regular(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            # A third of all lines, and of no use here: the actions' own words.
            if _LOG_LINE not in line[:80] or _WARNING in line:
                yield line
