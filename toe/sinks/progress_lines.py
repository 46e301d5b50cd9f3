"""What people are told of a run, line by line; the same words on a terminal and elsewhere. Pure."""

from __future__ import annotations

from toe.events import ActionProgressed, LogLine, StepFinished, Where
from toe.results import RunResult, Status, StepResult
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


def status_word(status: Status) -> str:
    """A status in people's words."""
    return _WORDS[status]


def document_line(where: Where, path: str) -> str:
    return f"{_indent(where)}Document {printable(path)}"


def phase_line(where: Where) -> str:
    return f"{_indent(where)}  Phase {where.phase}"


def step_line(event: StepFinished) -> str:
    """`    ok  Greet (ExecuteBash) 0.05 s`, with the attempts where there were several and the message of a failure."""
    result = event.result
    line = f"{_indent(event.where)}    {status_word(result.status)}  {result.name} ({result.action})"
    if result.status is not Status.SKIPPED:
        line += f" {duration(result.ended_at_ns - result.started_at_ns)}"
    if result.attempts > 1:
        line += f", attempt {result.attempts} of {result.max_attempts}"
    message = _message(result)
    return f"{line}: {message}" if message else line


def output_line(where: Where, text: str) -> str:
    """A line that a process of a step printed."""
    return f"{_indent(where)}      | {printable(text)}".rstrip()


def run_line(result: RunResult) -> str:
    """`failed: 3 steps, 1 failed, 1 skipped in 0.1 s; logs: /tmp/TOE_...`: what ends every run."""
    counts = result.counts
    parts = [counted(counts.executed, "step")]
    parts += [f"{counts.failed} failed"] if counts.failed else []
    parts += [f"{counts.ignored} with an ignored failure"] if counts.ignored else []
    nested = _ignored_below(result)
    parts += [f"{nested} with an ignored failure in nested documents"] if nested else []
    parts += [f"{counts.skipped} skipped"] if counts.skipped else []
    word = "timed out" if result.status is Status.TIMED_OUT else result.status.value
    line = f"{word}: {', '.join(parts)} in {duration(result.ended_at_ns - result.started_at_ns)}"
    return f"{line}; logs: {printable(result.log_url)}" if result.log_url else line


def warning_line(event: LogLine) -> str:
    return f"{_indent(event.where)}    {printable(event.text)}"


def _ignored_below(run: RunResult) -> int:
    """How many failures were ignored in nested documents, which count in their own runs."""
    steps = (step for document in run.documents for phase in document.phases for step in phase.steps)
    return sum(nested.counts.ignored + _ignored_below(nested) for step in steps for nested in step.nested)


def progress_text(event: ActionProgressed) -> str:
    """`412 of 1024 MiB (40 %)`, or how much has come where nobody knows of how much."""
    done = event.done >> 20
    if not event.total:
        return f"{done} MiB"
    return f"{done} of {event.total >> 20} MiB ({100 * event.done // event.total} %)"


def _message(result: StepResult) -> str:
    lines = printable_lines(result.failure_message)
    return lines[0][:200] if lines else ""


def _indent(where: Where) -> str:
    return "      " * where.depth
