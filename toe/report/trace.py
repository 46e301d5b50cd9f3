"""What events.jsonl adds to the report of AWSTOE's form: attempts, iterations, streams, precise times.

The file grows line by line and goes on after a reboot: the last line may be torn, a step that was cut off starts once
more, and steps that had finished are not told of again. So everything is kept by its name, and what comes later wins.
"""

from __future__ import annotations

from typing import Any

from toe.report.fields import number_of, text_of, texts_of, time_of
from toe.report.model import AttemptReport, IterationReport, ProcessReport, StreamReport
from toe.results import Status

Fields = dict[str, Any]


class TracedIteration:
    """An execution of the action, as far as it has come."""

    def __init__(self, at_ns: int, position: int | None, value: str = "") -> None:
        self.position = position
        self._value = value
        self._started_at_ns = at_ns
        self._ended_at_ns = 0
        self._failure_message = ""
        self._inputs: tuple[Any, ...] = ()
        self._streams: dict[str, tuple[list[str], list[int]]] = {}
        self._processes: list[ProcessReport] = []

    def handle(self, kind: str, event: Fields) -> None:
        """Take an event of the action."""
        if kind == "Output":
            texts, left_out = self._streams.setdefault(text_of(event, "stream"), ([], []))
            texts.append(text_of(event, "text"))
            left_out.append((number_of(event, "bytes") or 0) if event.get("cut") else 0)
        elif kind == "InputsResolved":
            self._inputs = tuple(item for item in event["inputs"] if isinstance(item, dict))
        elif kind == "ProcessStarted":
            self._processes.append(ProcessReport(texts_of(event, "argv"), None, False))
        elif kind == "ProcessExited" and self._processes:
            exit_code = number_of(event, "exitCode")
            self._processes[-1] = self._processes[-1]._replace(exit_code=exit_code, has_ended=True)
        elif kind == "ActionFinished":
            self._ended_at_ns = time_of(event, "at")
            self._failure_message = text_of(event, "failureMessage")

    def report(self) -> IterationReport:
        """What came of it."""
        streams = tuple(
            StreamReport(name, "".join(texts), sum(left_out)) for name, (texts, left_out) in self._streams.items()
        )
        return IterationReport(
            self.position,
            self._value,
            self._started_at_ns,
            self._ended_at_ns,
            self._failure_message,
            self._inputs,
            streams,
            tuple(self._processes),
        )


class TracedAttempt:
    """An attempt, as far as it has come."""

    def __init__(self, at_ns: int, number: int) -> None:
        self._number = number
        self._started_at_ns = at_ns
        self._ended_at_ns = 0
        self._outcome = ""
        self._iterations: list[TracedIteration] = []
        self._last: Fields = {}

    @property
    def iteration(self) -> int:
        """The iteration under way, 0 where there is no loop."""
        return (self._iterations[-1].position if self._iterations else None) or 0

    def handle(self, kind: str, event: Fields) -> None:
        """Take an event of the attempt or of its action."""
        self._last = event
        if kind == "AttemptFinished":
            self._ended_at_ns = time_of(event, "at")
            self._outcome = self._outcome or ("success" if event["succeeded"] else "failed")
        elif kind == "RebootRequested":
            self._ended_at_ns, self._outcome = time_of(event, "at"), "reboot"
        elif kind == "IterationStarted":
            position, value = number_of(event["where"], "iteration"), text_of(event, "value")
            self._iterations.append(TracedIteration(time_of(event, "at"), position, value))
        else:
            if not self._iterations:
                self._iterations.append(TracedIteration(time_of(event, "at"), None))
            self._iterations[-1].handle(kind, event)

    def report(self, unfinished: str) -> AttemptReport:
        """What came of it; `unfinished` is the word for what has no end. The last that was heard of it ends it then."""
        iterations = tuple(iteration.report() for iteration in self._iterations)
        outcome = self._outcome or unfinished
        ended_at_ns = time_of(self._last, "at") if outcome == "cut off" else self._ended_at_ns
        return AttemptReport(self._number, outcome, self._started_at_ns, ended_at_ns, iterations)


class TracedStep:
    """A step: the last it was told of, and all its attempts."""

    def __init__(self) -> None:
        self.started: Fields = {}
        self.finished: Fields = {}
        self.warnings: list[str] = []
        self.nested: dict[int, TracedDocument] = {}
        self._attempts: list[TracedAttempt] = []

    @property
    def iteration(self) -> int:
        """The iteration under way, 0 where there is no loop."""
        return self._attempts[-1].iteration if self._attempts else 0

    def handle(self, kind: str, event: Fields) -> None:
        """Take an event of the step or of an attempt."""
        if kind == "StepStarted":
            self.started, self.finished = event, {}
        elif kind == "StepFinished":
            self.finished = event
        elif kind == "LogLine":
            if event.get("warning"):
                self.warnings.append(text_of(event, "text"))
        elif kind == "AttemptStarted":
            self._attempts.append(TracedAttempt(time_of(event, "at"), number_of(event["where"], "attempt") or 1))
        elif self._attempts:
            self._attempts[-1].handle(kind, event)

    def attempts(self) -> tuple[AttemptReport, ...]:
        """All attempts; one that has no end was cut off, unless it is the last of a step that has none either."""
        last = len(self._attempts) - 1
        return tuple(
            attempt.report("cut off" if self.finished or position < last else "running")
            for position, attempt in enumerate(self._attempts)
        )

    def as_report(self) -> Fields:
        """The step in the form of detailedoutput.json, which gets nested steps late: when the outermost one ends."""
        status = text_of(self.finished, "status") or Status.RUNNING.value
        ended = {key: self.finished.get(key) for key in ("failureMessage", "outputs")}
        return {**self.started, **ended, "name": self.started["where"]["step"], "status": status}


class TracedPhase:
    """A phase and its steps by their names."""

    def __init__(self) -> None:
        self.started: Fields = {}
        self.finished: Fields = {}
        self.steps: dict[str, TracedStep] = {}

    def as_report(self, name: str) -> Fields:
        """The phase in the form of detailedoutput.json."""
        steps = [step.as_report() for step in self.steps.values() if step.started]
        return {**_ending(self.finished), "name": name, "steps": steps}


class TracedDocument:
    """A document and its phases by their names."""

    def __init__(self) -> None:
        self.started: Fields = {}
        self.finished: Fields = {}
        self.phases: dict[str, TracedPhase] = {}

    def as_report(self) -> Fields:
        """The run of a nested document in the form of detailedoutput.json."""
        ending = _ending(self.finished)
        phases = [phase.as_report(name) for name, phase in self.phases.items()]
        document = {**ending, "name": self.started.get("name"), "filePath": self.started.get("path"), "phases": phases}
        return {**ending, "documents": [document]}


def _ending(finished: Fields) -> Fields:
    status = text_of(finished, "status") or Status.RUNNING.value
    return {"status": status, "failureMessage": text_of(finished, "failureMessage")}
