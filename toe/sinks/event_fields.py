"""The JSON of each event in events.jsonl behind `at` and `event`: camelCase, no documents, no trees.

Put together by hand: fourteen events belong to the smallest step, and dicts for the encoder would take twice the time.
`Output` is not here: its text is too large to go this way.
"""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.quick_typing import Any
from toe.results import Failure, RunResult
from toe.sinks.json_text import cut_text, encode, encode_cut, loop_value, quoted
from toe.words import precise_time


def fields_text(event: events.Event) -> str:
    """The event's own fields, each with a comma before it."""
    return _FIELDS[type(event)](event)


def place_text(where: events.Where) -> str:
    """`where` with a comma before it; what is empty is left out."""
    text = f',"where":{{"document":{quoted(where.document)}'
    if where.phase:
        text += f',"phase":{quoted(where.phase)}'
    if where.step:
        text += f',"step":{quoted(where.step)}'
    if where.attempt:
        text += f',"attempt":{where.attempt}'
    if where.iteration is not None:
        text += f',"iteration":{where.iteration}'
    if where.depth:
        text += f',"depth":{where.depth}'
    return text + (',"hidden":true}' if where.hidden else "}")


def _text(text: str) -> str:
    return quoted(cut_text(text))


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _run_started(event: events.RunStarted) -> str:
    documents = [{"path": document.path, "name": document.name} for document in event.documents]
    return (
        f',"executionId":{quoted(event.execution_id)},"logDirectory":{quoted(event.log_directory)}'
        f',"documents":{encode(documents)},"phases":{encode(event.phases)}'
    )


def _run_resumed(event: events.RunResumed) -> str:
    return (
        f',"executionId":{quoted(event.execution_id)},"logDirectory":{quoted(event.log_directory)}'
        f',"rebooted":{_truth(event.rebooted)},"finishedSteps":{event.finished_steps}'
    )


def _document_started(event: events.DocumentStarted) -> str:
    document = event.document
    return f',"position":{event.position},"path":{quoted(document.path)},"name":{quoted(document.name)}'


def _step_started(event: events.StepStarted) -> str:
    step = event.step
    return (
        f',"position":{event.position},"action":{quoted(step.action)},"timeoutSeconds":{step.timeout_seconds}'
        f',"onFailure":"{step.on_failure.value}","maxAttempts":{step.max_attempts}'
        f',"loop":{encode_cut(loop_value(step.loop))},"inputs":{encode_cut(event.inputs)}'
    )


def _log_line(event: events.LogLine) -> str:
    warning = ',"warning":true' if event.warning else ""
    return f',"text":{_text(event.text)},"debug":{_truth(event.debug)}{warning}'


def _process_exited(event: events.ProcessExited) -> str:
    return (
        f',"exitCode":{_number(event.exit_code)},"held":{encode_cut(event.held)},"cut":{encode_cut(event.cut)}'
        f',"asksForReboot":{_truth(event.asks_for_reboot)}'
    )


def _action_finished(event: events.ActionFinished) -> str:
    message = _text(event.failure_message)
    return f',"action":{quoted(event.action)},"outputs":{encode_cut(event.outputs)},"failureMessage":{message}'


def _step_finished(event: events.StepFinished) -> str:
    result = event.result
    nested = ",".join(f"{{{_summary(run)[1:]}}}" for run in result.nested)
    return (
        f',"position":{event.position},"action":{quoted(result.action)}{_ending(result)}'
        f',"attempts":{result.attempts},"failure":{_failure(result.failure)},"outputs":{encode_cut(result.outputs)}'
        f',"nested":[{nested}],"hidden":{_truth(result.hidden)},"line":{result.line},"column":{result.column}'
    )


def _failure(failure: Failure | None) -> str:
    if failure is None:
        return "null"
    return (
        f'{{"message":{_text(failure.message)},"exitCode":{_number(failure.exit_code)}'
        f',"stderr":{_text(failure.stderr)},"stdout":{_text(failure.stdout)},"timedOut":{_truth(failure.timed_out)}'
        f',"attempt":{failure.attempt},"iteration":{_number(failure.iteration)}}}'
    )


def _ending(result: Any) -> str:
    """What steps, phases, documents and runs have in common."""
    return (
        f',"status":"{result.status.value}","startedAt":"{precise_time(result.started_at_ns)}"'
        f',"endedAt":"{precise_time(result.ended_at_ns)}","failureMessage":{_text(result.failure_message)}'
    )


def _summary(run: RunResult) -> str:
    return (
        f',"executionId":{quoted(run.execution_id)}{_ending(run)},"exitCode":{run.exit_code}'
        f',"logUrl":{quoted(run.log_url)},"reboot":{_truth(run.reboot)},"signal":{_number(run.signal)}'
        f',"counts":{encode(run.counts._asdict())}'
    )


def _phase_finished(event: events.PhaseFinished) -> str:
    return f',"position":{event.position}{_ending(event.result)}'


def _document_finished(event: events.DocumentFinished) -> str:
    result = event.result
    names = f'"path":{quoted(result.path)},"name":{quoted(result.name)}'
    return f',"position":{event.position},{names}{_ending(result)}'


_FIELDS: dict[type, Callable[[Any], str]] = {
    events.RunStarted: _run_started,
    events.RunResumed: _run_resumed,
    events.DocumentStarted: _document_started,
    events.PhaseStarted: lambda event: f',"position":{event.position}',
    events.StepStarted: _step_started,
    events.InputsResolved: lambda event: f',"inputs":{encode_cut(event.inputs)}',
    events.AttemptStarted: lambda event: (
        f',"maxAttempts":{event.max_attempts},"timeoutSeconds":{event.timeout_seconds}'
    ),
    events.IterationStarted: lambda event: f',"value":{_text(event.value)}',
    events.ActionStarted: lambda event: f',"action":{quoted(event.action)}',
    events.LogLine: _log_line,
    events.ProcessStarted: lambda event: f',"argv":{encode_cut(event.argv)}',
    events.ProcessExited: _process_exited,
    events.ActionProgressed: lambda event: f',"done":{event.done},"total":{_number(event.total)}',
    events.ActionFinished: _action_finished,
    events.AttemptFinished: lambda event: (
        f',"succeeded":{_truth(event.succeeded)},"willRetry":{_truth(event.will_retry)}'
    ),
    events.StepFinished: _step_finished,
    events.PhaseFinished: _phase_finished,
    events.DocumentFinished: _document_finished,
    events.RebootRequested: lambda event: f',"exitCode":{event.exit_code}',
    events.RunFinished: lambda event: (
        _summary(event.result) + (f',"leftOutSteps":{event.result.left_out}' if event.result.left_out else "")
    ),
}
