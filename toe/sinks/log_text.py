"""Turns events into the bytes of console.log and application.log. Where the bytes go is the owner's business."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from toe import events
from toe.model import Document
from toe.results import Status
from toe.sinks import log_lines
from toe.sinks.json_text import bounded, to_bytes
from toe.sinks.prefixed_lines import PrefixedLines
from toe.sinks.setup_lines import setup_lines
from toe.sinks.times import precise_time

if TYPE_CHECKING:
    from toe.sinks.spool import Spool

_STDOUT, _STDERR = b"Stdout: ", b"CmdExecution: Stderr: "
_FAILED = (Status.FAILED, Status.TIMED_OUT)


class LogText:
    """Fills `console` and `application`, which the owner empties; `drain` asks for it between slices of stderr.

    `directory` takes the anonymous file of a large stderr, which is written when its process has ended.
    """

    def __init__(self, directory: str | None, drain: Callable[[], None]) -> None:
        self.console: list[bytes] = []
        self.application: list[bytes] = []
        self._drain = drain
        self._stdout = PrefixedLines()
        self._directory = directory
        self._stderr: Spool | None = None
        self._folder = ""
        self._run_started_ns = 0
        self._documents: list[Document] = []
        self._attempt: events.AttemptStarted | None = None
        self._iteration_value = ""
        self._failure_named = False
        self._going_on = ""
        self._methods: dict[type, Callable[[Any], None]] = {
            events.RunStarted: self._run_started,
            events.RunResumed: self._run_resumed,
            events.DocumentStarted: self._document_started,
            events.PhaseStarted: self._phase_started,
            events.StepStarted: self._step_started,
            events.InputsResolved: self._inputs_resolved,
            events.AttemptStarted: self._attempt_started,
            events.IterationStarted: self._iteration_started,
            events.ActionStarted: self._action_started,
            events.LogLine: self._log_line,
            events.ProcessStarted: self._process_started,
            events.Output: self._output,
            events.ProcessExited: self._process_exited,
            events.ActionFinished: self._action_finished,
            events.AttemptFinished: self._attempt_finished,
            events.StepFinished: self._step_finished,
            events.PhaseFinished: self._phase_finished,
            events.DocumentFinished: self._document_finished,
            events.RebootRequested: self._reboot_requested,
            events.RunFinished: self._run_finished,
        }

    def add(self, event: events.Event) -> None:
        """Append what the event comes to."""
        method = self._methods.get(type(event))
        if method is not None:
            method(event)

    def finish(self, at_ns: int) -> None:
        """End an open line and give out a stderr whose process was never seen to end."""
        if self._stderr:
            self._write_stderr(at_ns)
        self._end_open_line()

    def _put(self, at_ns: int, lines: Sequence[str]) -> None:
        if self._stdout.open:
            self._end_open_line()
        start = precise_time(at_ns) + " "
        text = "\n".join(lines)
        if text.count("\n") >= len(lines) or "\r" in text:
            lines = [_continued(line, start) for line in lines]
        data = _stamped(lines, start)
        self.application.append(data)
        spoken = [line for line in lines if not line.startswith("Debug ")]
        if spoken:
            self.console.append(data if len(spoken) == len(lines) else _stamped(spoken, start))

    def _put_in_console(self, at_ns: int, line: str) -> None:
        self.console.append(_stamped([line], precise_time(at_ns) + " "))

    def _put_bytes(self, data: bytes) -> None:
        self.console.append(data)
        self.application.append(data)

    def _end_open_line(self) -> None:
        end = self._stdout.finish()
        if end:
            self._put_bytes(end)

    def _document(self, where: events.Where) -> Document | None:
        return self._documents[where.depth] if where.depth < len(self._documents) else None

    def _path(self, where: events.Where) -> str:
        document = self._document(where)
        return document.path if document else where.document

    def _run_started(self, event: events.RunStarted) -> None:
        self._folder, self._run_started_ns = event.log_directory, event.at_ns
        self._put(event.at_ns, setup_lines(event))
        self._put_in_console(event.at_ns, log_lines.ALL_STARTED)

    def _run_resumed(self, event: events.RunResumed) -> None:
        self._folder, self._run_started_ns = event.log_directory, event.at_ns
        self._put(event.at_ns, log_lines.run_resumed(event.execution_id, event.finished_steps))
        self._going_on = log_lines.going_on(event.rebooted)

    def _say_that_it_goes_on(self, at_ns: int) -> None:
        if self._going_on:
            self._put(at_ns, [self._going_on])
            self._going_on = ""

    def _document_started(self, event: events.DocumentStarted) -> None:
        del self._documents[event.where.depth :]
        self._documents.append(event.document)
        self._put(event.at_ns, log_lines.document_started(event.document.path, self._folder))

    def _phase_started(self, event: events.PhaseStarted) -> None:
        where = event.where
        self._put(event.at_ns, log_lines.phase_started(where.phase, self._path(where), self._folder))

    def _step_started(self, event: events.StepStarted) -> None:
        self._attempt = None
        self._say_that_it_goes_on(event.at_ns)
        inputs = bounded(event.inputs)
        self._put(event.at_ns, log_lines.step_started(event.step.name, event.where.phase, inputs))

    def _inputs_resolved(self, event: events.InputsResolved) -> None:
        inputs = bounded(event.inputs)
        self._put(event.at_ns, log_lines.inputs_resolved(event.where.step, inputs, self._folder))

    def _attempt_started(self, event: events.AttemptStarted) -> None:
        # AWSTOE resolves before it says anything of the attempt: kept until the action starts.
        self._attempt = event

    def _iteration_started(self, event: events.IterationStarted) -> None:
        self._iteration_value = event.value

    def _say_attempt(self, at_ns: int, where: events.Where) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            limits = where.attempt, attempt.max_attempts, attempt.timeout_seconds
            self._put(at_ns, log_lines.attempt_started(at_ns, self._run_started_ns, where.step, *limits))

    def _action_started(self, event: events.ActionStarted) -> None:
        where = event.where
        self._say_attempt(event.at_ns, where)
        lines = log_lines.execution_commences(where.step, where.iteration, self._iteration_value)
        self._put(event.at_ns, [*lines, f"{event.action}: STARTED EXECUTION"])

    def _log_line(self, event: events.LogLine) -> None:
        self._put(event.at_ns, [f"Debug {event.text}" if event.debug else event.text])

    def _process_started(self, event: events.ProcessStarted) -> None:
        if event.argv:
            self._put(event.at_ns, log_lines.process_started(event.argv))

    def _output(self, event: events.Output) -> None:
        if event.stream == "stderr":
            self._keep_stderr(event.data)
            return
        prefix = precise_time(event.at_ns).encode() + b" " + _STDOUT
        data = self._stdout.feed(prefix, event.data)
        if data:
            self._put_bytes(data)

    def _keep_stderr(self, data: bytes) -> None:
        """Raises OSError when the disk is full."""
        if self._stderr is None:
            from toe.sinks.spool import Spool

            self._stderr = Spool(self._directory)
        self._stderr.add(data)

    def _process_exited(self, event: events.ProcessExited) -> None:
        self._put(event.at_ns, log_lines.process_ended(*event[2:]))
        if not event.where.hidden:
            self._write_stderr(event.at_ns)
        self._put(event.at_ns, [log_lines.exit_code_line(event.exit_code)])

    def _write_stderr(self, at_ns: int) -> None:
        """Line by line with the same prefix; one empty line for an empty stderr."""
        self._end_open_line()
        prefix = precise_time(at_ns).encode() + b" " + _STDERR
        if not self._stderr:
            self._put_bytes(prefix + b"\n")
            return
        lines = PrefixedLines()
        for block in self._stderr.slices():
            self._put_bytes(lines.feed(prefix, block))
            self._drain()
        self._put_bytes(lines.finish())
        self._stderr.clear()

    def _action_finished(self, event: events.ActionFinished) -> None:
        self.finish(event.at_ns)
        lines = [f"{event.action}: FINISHED EXECUTION", "Debug Executor: Finished executing step's inputs"]
        self._put(event.at_ns, lines)

    def _attempt_finished(self, event: events.AttemptFinished) -> None:
        where = event.where
        self._say_attempt(event.at_ns, where)
        lines = log_lines.attempt_finished(where.step, where.attempt, event.succeeded, event.will_retry)
        self._put(event.at_ns, lines)

    def _step_finished(self, event: events.StepFinished) -> None:
        self.finish(event.at_ns)
        where, result = event.where, event.result
        self._put(event.at_ns, log_lines.step_finished(result, bounded(result.outputs), where.phase, self._folder))
        if result.status in _FAILED and not self._failure_named:
            self._failure_named = True
            self._put(event.at_ns, log_lines.failure_lines(result, self._document(where), where.phase))

    def _phase_finished(self, event: events.PhaseFinished) -> None:
        where = event.where
        self._say_that_it_goes_on(event.at_ns)
        lines = log_lines.phase_finished(where.phase, event.result.status, self._path(where), self._folder)
        self._put(event.at_ns, lines)

    def _document_finished(self, event: events.DocumentFinished) -> None:
        self._say_that_it_goes_on(event.at_ns)
        lines = log_lines.document_finished(event.result.status, self._path(event.where), self._folder)
        self._put(event.at_ns, lines)

    def _reboot_requested(self, event: events.RebootRequested) -> None:
        asked = f"Debug Executor: Step {event.where.step} asked for a reboot, exit code {event.exit_code}"
        self._put(event.at_ns, [asked])

    def _run_finished(self, event: events.RunFinished) -> None:
        self.finish(event.at_ns)
        self._say_that_it_goes_on(event.at_ns)
        if not event.result.reboot:
            self._put_in_console(event.at_ns, log_lines.ALL_FINISHED)
        self._put(event.at_ns, log_lines.run_finished(event.result, self._folder))


def _stamped(lines: Sequence[str], start: str) -> bytes:
    return to_bytes(start + ("\n" + start).join(lines) + "\n")


def _continued(line: str, start: str) -> str:
    """Further lines are indented more than any line of ours, so that none can pass for one."""
    return f"\n{start}    ".join(log_lines.universal_lines(line))
