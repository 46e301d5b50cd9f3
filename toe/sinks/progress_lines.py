"""What people are told of a run, line by line: the same words on a terminal (toe.sinks.live) and elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.events import Where
from toe.results import RunResult, Status
from toe.sinks.terminal_text import duration, printable, printable_lines
from toe.words import counted

_WORDS = {
    Status.RUNNING: "running",
    Status.SUCCESS: "ok",
    Status.FAILED: "FAILED",
    Status.TIMED_OUT: "TIMED OUT",
    Status.SKIPPED: "skipped",
    Status.IGNORED_FAILURE: "failed (ignored)",
    Status.SUCCESS_WITH_IGNORED_FAILURE: "ok (failure ignored)",
}
_LONGEST_MESSAGE = 200
#: A line of output that does not end is shown in pieces of this many bytes.
_LONGEST_LINE = 16 * 1024
_UNITS = (("GiB", 30), ("MiB", 20), ("KiB", 10), ("bytes", 0))
_ENDS = (events.ProcessExited, events.ActionFinished, events.StepFinished)


class StepOutput:
    """What the steps print, live, without what would steer a terminal. Not for the logs.

    The last line of a stream waits for its end. CRLF and a lone CR are line ends.
    """

    def __init__(self) -> None:
        self._open: dict[str, bytes] = {}

    def lines(self, event: events.Event) -> list[str]:
        """The lines that the event completes, without newlines."""
        if isinstance(event, events.Output):
            return [_output_line(event.where, line) for line in self._complete(event)]
        if self._open and isinstance(event, _ENDS):
            rest, self._open = self._open, {}
            return [_output_line(event.where, line) for line in rest.values()]
        return []

    def _complete(self, event: events.Output) -> list[bytes]:
        data = self._open.pop(event.stream, b"") + event.data
        last = b""
        if data.endswith(b"\r"):  # half a line end, perhaps
            data, last = data[:-1], b"\r"
        *lines, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        rest += last
        if len(rest) > _LONGEST_LINE:
            lines.append(rest)
        elif rest:
            self._open[event.stream] = rest
        return lines


class PlainProgress:
    """People's text where there is no terminal: documents, phases, and one line for each step that ended.

    Hands whole lines to `write`. `output`: what the steps print is shown as well.
    """

    name = "the progress text"

    def __init__(self, write: Callable[[str], object], output: StepOutput | None = None) -> None:
        self._write = write
        self._output = output

    def handle(self, event: events.Event) -> None:
        lines = self._output.lines(event) if self._output is not None else []
        lines += told(event)
        if lines:
            self._write("\n".join(lines) + "\n")

    def close(self) -> None:
        """Nothing is kept."""


def told(event: events.Event) -> list[str]:
    """The line that an event comes to, if it does."""
    if isinstance(event, events.StepFinished):
        return [_step_line(event)]
    if isinstance(event, events.PhaseStarted):
        return [f"{indent(event.where)}  Phase {event.where.phase}"]
    if isinstance(event, events.DocumentStarted):
        return [f"{indent(event.where)}Document {printable(event.document.path)}"]
    if isinstance(event, events.LogLine) and event.warning:
        return [f"{indent(event.where)}    {printable(event.text)}"]
    if isinstance(event, events.RebootRequested):
        return [f"step {event.where.step} asked for a reboot (exit code {event.exit_code})"]
    return []


def _step_line(event: events.StepFinished) -> str:
    """`    ok  Greet (ExecuteBash) 0.05 s`, with the attempts where there were several and the message of a failure."""
    result = event.result
    line = f"{indent(event.where)}    {status_word(result.status)}  {result.name} ({result.action})"
    if result.status is not Status.SKIPPED:
        line += f" {duration(result.ended_at_ns - result.started_at_ns)}"
    if result.attempts > 1:
        line += f", attempt {result.attempts} of {result.max_attempts}"
    message = printable_lines(result.failure_message)
    return f"{line}: {message[0][:_LONGEST_MESSAGE]}" if message and message[0] else line


def _output_line(where: Where, line: bytes) -> str:
    return f"{indent(where)}      | {printable(line.decode('utf-8', 'replace'))}".rstrip()


def indent(where: Where) -> str:
    """What stands before everything that a nested document says."""
    return "      " * where.depth


def status_word(status: Status) -> str:
    """A status in people's words."""
    return _WORDS[status]


def progress_text(done: int, total: int | None) -> str:
    """`412 of 1024 MiB`, or how much has come where nobody knows of how much; both in bytes."""
    unit, shift = next(((unit, shift) for unit, shift in _UNITS if (total or done) >= 10 << shift), _UNITS[-1])
    return f"{done >> shift} of {total >> shift} {unit}" if total else f"{done >> shift} {unit}"


def run_line(result: RunResult) -> str:
    """`failed: 3 steps, 1 failed, 1 skipped in 0.1 s; logs: /tmp/TOE_...`: what ends every run."""
    counts = result.counts
    parts = [counted(counts.executed, "step")]
    parts += [f"{counts.failed} failed"] if counts.failed else []
    parts += [f"{counts.ignored} with an ignored failure"] if counts.ignored else []
    nested = _ignored_below(result)
    parts += [f"{nested} with an ignored failure in nested documents"] if nested else []
    parts += [f"{counts.skipped} skipped"] if counts.skipped else []
    parts += [f"{result.left_out} left out"] if result.left_out else []
    word = "timed out" if result.status is Status.TIMED_OUT else result.status.value
    line = f"{word}: {', '.join(parts)} in {duration(result.ended_at_ns - result.started_at_ns)}"
    return f"{line}; logs: {printable(result.log_url)}" if result.log_url else line


def _ignored_below(run: RunResult) -> int:
    """How many failures were ignored in nested documents, which count in their own runs."""
    steps = (step for document in run.documents for phase in document.phases for step in phase.steps)
    return sum(nested.counts.ignored + _ignored_below(nested) for step in steps for nested in step.nested)
