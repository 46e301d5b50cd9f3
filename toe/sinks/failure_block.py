"""The block that ends a failed run: what failed, where, and the last it said. Pure; colours are the caller's."""

from __future__ import annotations

from collections.abc import Iterator

from toe.records import NamedTuple
from toe.results import DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult
from toe.sinks.progress_lines import status_word
from toe.sinks.terminal_text import printable, printable_lines

LAST_LINES = 20
_FAILED = (Status.FAILED, Status.TIMED_OUT)


class _Place(NamedTuple):
    document: DocumentResult
    phase: PhaseResult
    step: StepResult


#: The steps that called nested documents, the outermost first, and at the end the step that failed.
_Chain = tuple[_Place, ...]


def failure_text(result: RunResult) -> str:
    """The block for the first failed or timed-out step, and a line or two for each other one; "" after a success.

    Of nested documents the innermost steps are meant. Where no step failed (the run was interrupted, or never started)
    it has the message. Its last line ends in a newline.
    """
    if result.status not in _FAILED:
        return ""
    chains = list(_failed(result))
    if chains:
        lines = _step_lines(chains[0])
        lines += [line for chain in chains[1:] for line in _short_lines(chain)]
    else:
        lines = [f"Run {status_word(result.status)}"]
        lines += _labelled("Error", printable_lines(result.failure_message))
    return "\n".join(lines) + "\n"


def _failed(run: RunResult, above: _Chain = ()) -> Iterator[_Chain]:
    """The failed steps; in place of one that ran documents, those of them that failed there."""
    for document in run.documents:
        for phase in document.phases:
            for step in phase.steps:
                if step.status in _FAILED:
                    chain = (*above, _Place(document, phase, step))
                    inner = [found for nested in step.nested for found in _failed(nested, chain)]
                    yield from inner or [chain]


def _step_lines(chain: _Chain) -> list[str]:
    document, phase, step = chain[-1]
    failure = step.failure or Failure("")
    name = f"{document.name} ({document.path})" if document.name else document.path
    lines = [f"Step {step.name} {status_word(step.status)}"]
    lines += _labelled("Document", [printable(name)])
    lines += _labelled("Phase", [phase.name])
    lines += _labelled("Step", [f"{step.name} at {_position(chain[-1])}"])
    for outer in reversed(chain[:-1]):
        caller = f"{outer.step.name} of phase {outer.phase.name} in {outer.document.path}:{outer.step.line}"
        lines += _labelled("Called by", [printable(caller)])
    lines += _labelled("Action", [step.action])
    lines += _labelled("Attempt", [f"{failure.attempt} of {step.max_attempts}"])
    if failure.iteration is not None:
        lines += _labelled("Iteration", [str(failure.iteration)])
    if failure.exit_code is not None:
        lines += _labelled("Exit code", [str(failure.exit_code)])
    return lines + _labelled("Error", _message(step)) + _last_lines(chain)


def _short_lines(chain: _Chain) -> list[str]:
    """`Also failed: ...`, and below it the last line that the step said."""
    _, phase, step = chain[-1]
    line = f"Also {status_word(step.status)}: step {step.name} of phase {phase.name} at {_position(chain[-1])}"
    return [": ".join([line, *_message(step)[:1]]), *(f"  {said.strip()}" for said in _said(chain)[-1:])]


def _position(place: _Place) -> str:
    document, _, step = place
    return printable(f"{document.path}:{step.line}:{step.column}" if step.line else document.path)


def _message(step: StepResult) -> list[str]:
    return printable_lines(step.failure_message)


def _said(chain: _Chain) -> list[str]:
    failure = chain[-1].step.failure
    if failure is None or any(place.step.hidden for place in chain):
        return []
    return printable_lines(failure.said)


def _last_lines(chain: _Chain) -> list[str]:
    lines = _said(chain)
    if not lines:
        return []
    failure = chain[-1].step.failure
    stream = "Stderr" if failure is not None and failure.stderr.strip() else "Stdout"
    title = f"  {stream}:" if len(lines) <= LAST_LINES else f"  {stream}, the last {LAST_LINES} lines:"
    return [title, *(f"    {line}".rstrip() for line in lines[-LAST_LINES:])]


def _labelled(label: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    first, *rest = lines
    return [f"  {label + ':':<10} {first}", *(f"             {line}" for line in rest)]
