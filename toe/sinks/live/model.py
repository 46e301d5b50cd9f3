"""What the live view knows of a run, from its events alone: where it is, and what has ended and scrolls by."""

from __future__ import annotations

from toe import events
from toe.model import Document
from toe.results import Status
from toe.sinks.live.cells import Line
from toe.sinks.live.tail import OutputTail
from toe.sinks.progress_lines import StepOutput, indent, told

RED, YELLOW, GREEN, DIM, BOLD = "1;31", "33", "32", "2", "1"
_STYLES = {
    Status.SUCCESS: GREEN,
    Status.FAILED: RED,
    Status.TIMED_OUT: RED,
    Status.SKIPPED: DIM,
    Status.IGNORED_FAILURE: YELLOW,
}


#: Most events of a run of many quick steps.
_SAYS_NOTHING = frozenset((events.InputsResolved, events.ActionStarted, events.ProcessStarted, events.ProcessExited))
_LEVELS: dict[type, int] = {
    events.DocumentStarted: 0,
    events.DocumentFinished: 0,
    events.PhaseStarted: 1,
    events.PhaseFinished: 1,
    events.StepStarted: 2,
    events.StepFinished: 2,
}


class Transfer:
    """A transfer of one step: how far it is, and since when, in bytes and nanoseconds."""

    def __init__(self, event: events.ActionProgressed) -> None:
        self._first = self.now = event

    def goes_on(self, event: events.ActionProgressed) -> bool:
        """Whether this is about the same transfer; if so, it is noted."""
        if event.total != self.now.total or event.done < self.now.done:
            return False
        self.now = event
        return True

    @property
    def bytes_per_second(self) -> float:
        """Since it was told of first; 0 as long as that is nothing."""
        took_ns = self.now.at_ns - self._first.at_ns
        return (self.now.done - self._first.done) * 1e9 / took_ns if took_ns > 0 else 0.0


class RunningStep:
    """A step that has started and not ended. `failed_attempt`: what came of the last one, where there is another."""

    def __init__(self, event: events.StepStarted) -> None:
        self.where = event.where
        self.step = event.step
        self.position = event.position
        self.started_at_ns = event.at_ns
        self.attempt, self.max_attempts = 1, event.step.max_attempts
        self.iteration: int | None = None
        self.value = ""
        self.failed_attempt = ""
        self.transfer: Transfer | None = None
        self.said = ""
        self.output = OutputTail()
        self._failure = ""

    def handle(self, event: events.Event) -> None:
        if isinstance(event, events.Output):
            self.output.add(event.stream, event.data)
        elif isinstance(event, events.ActionProgressed):
            if self.transfer is None or not self.transfer.goes_on(event):
                self.transfer = Transfer(event)
        elif isinstance(event, events.LogLine):
            self.said = self.said if event.debug else event.text
        elif isinstance(event, events.AttemptStarted):
            self.attempt, self.max_attempts = event.where.attempt, event.max_attempts
            self.iteration, self.value = None, ""
        elif isinstance(event, events.IterationStarted):
            self.iteration, self.value = event.where.iteration, event.value
        elif isinstance(event, events.ActionFinished):
            self._failure, self.transfer = event.failure_message, None
        elif isinstance(event, events.AttemptFinished) and event.will_retry:
            self.failed_attempt = f"attempt {event.where.attempt} failed: {self._failure}"


class Open:
    """A document, a phase or a calling step that has not ended, and the line that it has above.

    `above`: how many lines had scrolled by with this one; `level` says what lies within it: what has a higher one.
    """

    def __init__(self, level: int, line: str, above: int, step: RunningStep | None = None) -> None:
        self.level, self.line, self.above, self.step = level, line, above, step


class ViewModel:
    """`open` are the documents, phases and steps under way, outermost first; `above` counts what has scrolled by.

    `documents` are those of the run, `phases` the names of those that were asked for, `position` is where the outermost
    document stands among them: empty where the events do not tell.
    """

    def __init__(self, output: StepOutput | None = None) -> None:
        self.open: list[Open] = []
        self.above = 0
        self.documents: tuple[Document, ...] = ()
        self.phases: tuple[str, ...] = ()
        self.position = 0
        self._output = output

    @property
    def running(self) -> RunningStep | None:
        """The innermost step under way."""
        return next((part.step for part in reversed(self.open) if part.step is not None), None)

    def handle(self, event: events.Event) -> list[Line]:
        """Note the event; the lines that scroll by for it."""
        scrolling: list[Line] = []
        if self._output is not None:
            scrolling += [Line(text, DIM) for text in self._output.lines(event)]
        elif type(event) in _SAYS_NOTHING:
            return scrolling
        if isinstance(event, (events.RunStarted, events.RunResumed)):
            self.documents, self.phases, self.open = event.documents, event.phases, []
        elif isinstance(event, events.RunFinished):
            self.open = []
        else:
            scrolling += self._within(event)
        self.above += len(scrolling)
        return scrolling

    def _within(self, event: events.Event) -> list[Line]:
        assert not isinstance(event, (events.RunStarted, events.RunResumed, events.RunFinished))
        level = _LEVELS.get(type(event))
        if level is None:
            if self.running is not None:
                self.running.handle(event)
            return [Line(text, YELLOW) for text in told(event)]
        level += 3 * event.where.depth
        self._leave(level)
        scrolling = []
        if isinstance(event, events.DocumentStarted):
            scrolling += self._calling()
            if event.where.depth == 0:
                self.position = event.position
        style = _STYLES.get(event.result.status, "") if isinstance(event, events.StepFinished) else ""
        lines = told(event)
        scrolling += [Line(text, style) for text in lines]
        if isinstance(event, events.StepStarted):
            self.open.append(Open(level, "", 0, RunningStep(event)))
        elif isinstance(event, (events.DocumentStarted, events.PhaseStarted)):
            self.open.append(Open(level, lines[0], self.above + len(scrolling)))
        return scrolling

    def _leave(self, level: int) -> None:
        """What this does not lie in has ended, also where nobody has said so."""
        while self.open and self.open[-1].level >= level:
            self.open.pop()

    def _calling(self) -> list[Line]:
        """The line of the step that runs a document, once, above the lines of the document."""
        caller = self.open[-1] if self.open else None
        if caller is None or caller.step is None or caller.line:
            return []
        step = caller.step
        caller.line = f"{indent(step.where)}    >  {step.step.name} ({step.step.action})"
        caller.above = self.above + 1
        return [Line(caller.line)]
