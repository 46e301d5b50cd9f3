"""detailedoutput.json: the report that is complete at every moment of the run (reference, section 7).

A change of status moves all that follows, so a phase, a document and the run are rewritten once, when they end;
a step that ends costs its own size, whatever came before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from toe import events
from toe.results import DocumentResult, PhaseResult, RunResult, Status, StepResult
from toe.sinks import detailed_json
from toe.sinks.published_file import Piece, PublishedFile, Range
from toe.system.files.staging import is_in_use

#: Where every change costs a whole copy, no more than one part in so many of the time goes into copies.
_COPY_SHARE = 20
_COPIES_IN_A_ROW = 8


class _Open:
    """A run, document or phase that has not ended: its head, and its children so far."""

    def __init__(self, indent: str, before: bytes, head: bytes) -> None:
        self.indent = indent
        self.before = before
        self.head: Piece = before + head
        self.children: list[Piece] = []


class _Step:
    """The text of a step, made when it is written: it may be large."""

    def __init__(self, before: bytes, result: StepResult) -> None:
        self._before = before
        self._result = result

    def __iter__(self) -> Iterator[bytes]:
        yield self._before
        yield from detailed_json.step_text(self._result)


class DetailedOutput:
    """Writes the report into `directory`, mode 0600; changes wait for `flush`. Nested runs come with their step."""

    name = "detailedoutput.json"
    is_report = True

    def __init__(self, directory: str) -> None:
        self._file = PublishedFile(directory, "detailedoutput.json")
        self._open: list[_Open] = []
        self._running: StepResult | None = None
        self._is_stale = False
        self._not_before = 0.0
        self._methods: dict[type, Callable[[Any], None]] = {
            events.DocumentStarted: self._document_started,
            events.PhaseStarted: self._phase_started,
            events.StepStarted: self._step_started,
            events.InputsResolved: self._inputs_resolved,
            events.StepFinished: self._step_finished,
            events.PhaseFinished: self._phase_finished,
            events.DocumentFinished: self._document_finished,
        }

    @property
    def bytes_written(self) -> int:
        """All bytes ever written for the report."""
        return self._file.bytes_written

    def handle(self, event: events.Event) -> None:
        """Raises OSError when the report cannot be written; it is then what it was before."""
        method = self._methods.get(type(event))
        if isinstance(event, events.RunFinished) and event.result.reboot:
            self._is_stale = True  # it goes on after the reboot
        elif isinstance(event, (events.RunStarted, events.RunFinished)):
            self._run_changed(event)
            self._is_stale = True
            self._publish_if_free()
        elif method is None or isinstance(event, events.RunResumed):
            return
        elif event.where.depth == 0 and self._open:
            method(event)
            self._is_stale = True

    def flush(self) -> None:
        """Publish what has changed."""
        if self._is_stale and time.monotonic() >= self._not_before:
            self._publish_if_free()

    def close(self) -> None:
        """Publish what has changed and remove the hidden names. Raises OSError."""
        try:
            if self._is_stale:
                self._publish()
        finally:
            self._file.close()

    def _run_changed(self, event: events.RunStarted | events.RunFinished) -> None:
        if isinstance(event, events.RunStarted):
            run = RunResult(event.execution_id, Status.RUNNING, event.at_ns)
            self._open = [_Open("", b"", detailed_json.run_head(run))]
        else:
            del self._open[1:]
            self._set_head(detailed_json.run_head(event.result))

    def _document_started(self, event: events.DocumentStarted) -> None:
        document = event.document
        result = DocumentResult(
            document.name, document.path, Status.RUNNING, event.at_ns, description=document.description
        )
        self._push(1, detailed_json.DOCUMENT_INDENT, detailed_json.document_head(result))

    def _phase_started(self, event: events.PhaseStarted) -> None:
        result = PhaseResult(event.where.phase, Status.RUNNING, event.at_ns)
        self._push(2, detailed_json.PHASE_INDENT, detailed_json.phase_head(result))

    def _step_started(self, event: events.StepStarted) -> None:
        step = event.step
        self._running = StepResult(
            step.name,
            step.action,
            Status.RUNNING,
            event.at_ns,
            timeout_seconds=step.timeout_seconds,
            on_failure=step.on_failure,
            max_attempts=step.max_attempts,
            inputs=event.inputs,
            loop=step.loop,
            hidden=event.where.hidden,
        )

    def _inputs_resolved(self, event: events.InputsResolved) -> None:
        if self._running is not None:
            self._running = self._running._replace(inputs=event.inputs)

    def _step_finished(self, event: events.StepFinished) -> None:
        self._running = None
        self._open[-1].children.append(_Step(self._before_child(), event.result))

    def _phase_finished(self, event: events.PhaseFinished) -> None:
        self._pop(2, detailed_json.phase_head(event.result))

    def _document_finished(self, event: events.DocumentFinished) -> None:
        self._pop(1, detailed_json.document_head(event.result))

    def _before_child(self) -> bytes:
        return detailed_json.separator(not self._open[-1].children)

    def _push(self, level: int, indent: str, head: bytes) -> None:
        del self._open[level:]
        self._open.append(_Open(indent, self._before_child(), head))

    def _pop(self, level: int, head: bytes) -> None:
        """Turn the innermost open element into finished children of the one around it."""
        self._running = None
        if len(self._open) == level + 1:
            self._set_head(head)
            closed = self._open.pop()
            end = detailed_json.tail(closed.indent, bool(closed.children))
            self._open[-1].children += [closed.head, *closed.children, end]

    def _set_head(self, head: bytes) -> None:
        if self._open:
            self._open[-1].head = self._open[-1].before + head

    def _publish_if_free(self) -> None:
        """Publish; or later, when a reader on Windows has the report open: not before long, for each try takes time."""
        started = time.monotonic()
        try:
            self._publish()
        except OSError as error:
            if not is_in_use(error):
                raise
            now = time.monotonic()
            self._not_before = now + _COPY_SHARE * (now - started)

    def _publish(self) -> None:
        started = time.monotonic()
        ranges = iter(self._file.publish(self._pieces()))
        for element in self._open:
            element.head = next(ranges)
            if element.children:
                parts = [next(ranges) for _ in element.children]
                element.children = [Range(parts[0].start, parts[-1].end)]
        self._is_stale = False
        if self._file.copies_in_a_row >= _COPIES_IN_A_ROW:
            now = time.monotonic()
            self._not_before = now + _COPY_SHARE * (now - started)

    def _pieces(self) -> list[Piece]:
        pieces: list[Piece] = []
        for element in self._open:
            pieces += [element.head, *element.children]
        if self._running is not None:
            pieces.append(_Step(self._before_child(), self._running))
        innermost = True
        for element in reversed(self._open):
            has_children = bool(element.children) or not innermost or self._running is not None
            pieces.append(detailed_json.tail(element.indent, has_children))
            innermost = False
        return pieces
