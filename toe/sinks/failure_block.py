"""The short block that ends a failed run: what failed, where, and the last it said. Pure; colours are the caller's."""

from __future__ import annotations

from collections.abc import Iterator

from toe.records import NamedTuple
from toe.results import DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult
from toe.sinks.progress_lines import status_word
from toe.sinks.terminal_text import printable, printable_lines

STDERR_LINES = 20
_FAILED = (Status.FAILED, Status.TIMED_OUT)


class _Place(NamedTuple):
    document: DocumentResult
    phase: PhaseResult
    step: StepResult


def failure_text(result: RunResult) -> str:
    """The block for the first failed or timed-out step, the innermost one of nested documents; "" after a success.

    Its last line ends in a newline. Where no step failed (the run was interrupted, or never started) it has the
    message and the log folder.
    """
    if result.status not in _FAILED:
        return ""
    places = list(_chain(result))
    lines = _step_lines(places) if places else [f"Run {status_word(result.status)}"]
    if not places:
        lines += _labelled("Error", printable_lines(result.failure_message))
    if result.log_url:
        lines += _labelled("Logs", [printable(result.log_url)])
    return "\n".join(lines) + "\n"


def _chain(run: RunResult) -> Iterator[_Place]:
    """The failed step, the failed step of the run nested in it, and so on."""
    place = _first_failed(run)
    while place is not None:
        yield place
        place = next((inner for inner in map(_first_failed, place.step.nested) if inner is not None), None)


def _first_failed(run: RunResult) -> _Place | None:
    for document in run.documents:
        for phase in document.phases:
            for step in phase.steps:
                if step.status in _FAILED:
                    return _Place(document, phase, step)
    return None


def _step_lines(places: list[_Place]) -> list[str]:
    document, phase, step = places[-1]
    failure = step.failure or Failure(step.failure_message)
    position = f"{document.path}:{step.line}:{step.column}" if step.line else document.path
    name = f"{document.name} ({document.path})" if document.name else document.path
    lines = [f"Step {step.name} {status_word(step.status)}"]
    lines += _labelled("Document", [printable(name)])
    lines += _labelled("Phase", [phase.name])
    lines += _labelled("Step", [f"{step.name} at {printable(position)}"])
    for outer in reversed(places[:-1]):
        caller = f"{outer.step.name} of phase {outer.phase.name} in {outer.document.path}:{outer.step.line}"
        lines += _labelled("Called by", [printable(caller)])
    lines += _labelled("Action", [step.action])
    lines += _labelled("Attempt", [f"{failure.attempt} of {step.max_attempts}"])
    if failure.iteration is not None:
        lines += _labelled("Iteration", [str(failure.iteration)])
    if failure.exit_code is not None:
        lines += _labelled("Exit code", [str(failure.exit_code)])
    lines += _labelled("Error", printable_lines(failure.message or step.failure_message))
    return lines + ([] if any(place.step.hidden for place in places) else _stderr_lines(failure.stderr))


def _stderr_lines(stderr: str) -> list[str]:
    lines = printable_lines(stderr)
    if not lines:
        return []
    title = "  Stderr:" if len(lines) <= STDERR_LINES else f"  Stderr, the last {STDERR_LINES} lines:"
    return [title, *(f"    {line}".rstrip() for line in lines[-STDERR_LINES:])]


def _labelled(label: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    first, *rest = lines
    return [f"  {label + ':':<10} {first}", *(f"             {line}" for line in rest)]
