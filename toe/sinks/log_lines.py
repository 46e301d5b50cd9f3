"""The wording of console.log and application.log: events in, lines out, to the letter of AWSTOE (reference, section 7).

A line that starts with `Debug ` belongs to application.log alone. What is said of processes stands in
toe.sinks.text_logs, and what is said before the first document and after the last one in toe.sinks.run_lines.
"""

from __future__ import annotations

from collections.abc import Callable

from toe import events
from toe.model import INFINITE_TIMEOUT, Document, OnFailure
from toe.quick_typing import Any
from toe.results import Status, StepResult
from toe.sinks.json_text import bounded
from toe.sinks.run_lines import GOOD, going_on, run_finished, run_resumed, setup_lines, updated_report
from toe.sinks.terminal_text import universal_lines
from toe.words import NANOSECONDS, precise_time

_FAILED = (Status.FAILED, Status.TIMED_OUT)


class LogLines:
    """Words each event. It remembers what earlier events told: the documents, the attempt, the log folder."""

    def __init__(self) -> None:
        self._report_updated = updated_report("")
        self._run_started_ns = 0
        self._documents: list[Document] = []
        self._attempt: events.AttemptStarted | None = None
        self._iteration_value = ""
        self._failure_named = False
        self._going_on: list[str] = []
        self._methods: dict[type, Callable[[Any], list[str]]] = {
            events.RunStarted: self._run_started,
            events.RunResumed: self._run_resumed,
            events.DocumentStarted: self._document_started,
            events.PhaseStarted: self._phase_started,
            events.StepStarted: self._step_started,
            events.InputsResolved: self._inputs_resolved,
            events.AttemptStarted: self._attempt_started,
            events.IterationStarted: self._iteration_started,
            events.ActionStarted: self._action_started,
            events.LogLine: _log_line,
            events.ActionFinished: _action_finished,
            events.AttemptFinished: self._attempt_finished,
            events.StepFinished: self._step_finished,
            events.PhaseFinished: self._phase_finished,
            events.DocumentFinished: self._document_finished,
            events.RebootRequested: _reboot_requested,
            events.RunFinished: self._run_finished,
        }

    def of(self, event: events.Event) -> list[str]:
        """The lines of an event."""
        method = self._methods.get(type(event))
        return method(event) if method is not None else []

    def _document(self, where: events.Where) -> Document | None:
        return self._documents[where.depth] if where.depth < len(self._documents) else None

    def _path(self, where: events.Where) -> str:
        document = self._document(where)
        return document.path if document else where.document

    def _run_started(self, event: events.RunStarted) -> list[str]:
        self._report_updated, self._run_started_ns = updated_report(event.log_directory), event.at_ns
        return setup_lines(event)

    def _run_resumed(self, event: events.RunResumed) -> list[str]:
        self._report_updated, self._run_started_ns = updated_report(event.log_directory), event.at_ns
        self._going_on = [going_on(event.rebooted)]
        return run_resumed(event.execution_id, event.finished_steps)

    def it_goes_on(self) -> list[str]:
        """Said once in a run that goes on, before the first that happens in it."""
        lines, self._going_on = self._going_on, []
        return lines

    def _document_started(self, event: events.DocumentStarted) -> list[str]:
        del self._documents[event.where.depth :]
        self._documents.append(event.document)
        path = event.document.path
        return [
            f"Debug Executor: Currently running document {path} with phaseIndex 0 and stepIndex 0",
            f"Debug Executor: STARTED EXECUTION OF DOCUMENT {path}",
            f"Document {path}",
            f"Debug Executor: Starting point of document execution: Document - {path}, FromPhaseIndex - 0, "
            "FromStepIndex - 0",
            "Debug Executor: documentLevelExitCode before commencement - 0",
            self._report_updated,
            f"Debug Executor: Commencing execution of document {path}...",
        ]

    def _phase_started(self, event: events.PhaseStarted) -> list[str]:
        phase, path = event.where.phase, self._path(event.where)
        return [
            f"Debug Executor: STARTED PHASE {phase} IN DOCUMENT {path}",
            f"Phase {phase}",
            f"Debug Executor: Starting point of phase execution: DocumentIndex - {path}, phaseName - {phase}, "
            "FromStepIndex - 0",
            "Debug Executor: phaseLevelExitCode before commencement - 0",
            self._report_updated,
            f"Debug Executor: Commencing execution of phase {phase}...",
        ]

    def _step_started(self, event: events.StepStarted) -> list[str]:
        self._attempt = None
        step, inputs = event.step.name, bounded(event.inputs)
        return [
            *self.it_goes_on(),
            f"Debug Executor: STARTED STEP {step} in PHASE {event.where.phase}",
            f"Debug Executor: Initializing current step attempt count with 1 in the state utils for step {step}",
            f"Step {step}",
            f"Debug Executor: Starting point of step execution: Step - {step}",
            f"Debug Executor: Before resolving parameter inputs {inputs} of step {step}.",
            f"Debug Executor: Before unchaining inputs {inputs} of step {step}...",
        ]

    def _inputs_resolved(self, event: events.InputsResolved) -> list[str]:
        step, inputs = event.where.step, bounded(event.inputs)
        return [
            "Debug Chaining: STARTED PROCESS FOR UNCHAINING",
            "Debug Chaining: FINISHED PROCESS FOR UNCHAINING",
            f"Debug Executor: after unchaining inputs {inputs} of step {step}...",
            f"Debug Executor: After unchaining, before resolving parameter inputs {inputs} of step {step}.",
            f"Debug Executor: After parameter resolve inputs {inputs} of step {step}.",
            self._report_updated,
            f"Debug Executor: Updated inputs of currentStep {step} to {inputs}",
            f"Debug Executor: Currently running: Step {step}",
        ]

    def _attempt_started(self, event: events.AttemptStarted) -> list[str]:
        # AWSTOE says nothing of the attempt before it has resolved the inputs: the event waits for ActionStarted.
        self._attempt = event
        return []

    def _iteration_started(self, event: events.IterationStarted) -> list[str]:
        self._iteration_value = event.value
        return []

    def _attempt_lines(self, at_ns: int) -> list[str]:
        event, self._attempt = self._attempt, None
        if event is None:
            return []
        timeout_seconds = event.timeout_seconds
        lines = [
            "Debug Executor: STARTED ACTION MODULE",
            f"Debug Executor: MaxAttempts set to {event.max_attempts}",
            f"Debug Executor: Timeout set to {timeout_seconds} seconds",
            f"Debug Executor: Attempt {event.where.attempt}/{event.max_attempts}",
        ]
        if timeout_seconds != INFINITE_TIMEOUT:
            deadline = precise_time(at_ns + timeout_seconds * NANOSECONDS)[:-1].replace("T", " ")
            since = timeout_seconds + (at_ns - self._run_started_ns) / NANOSECONDS
            lines.append(f"Debug Executor: Execution deadline set to {deadline} +0000 UTC m=+{since:.9f}")
        return lines

    def _action_started(self, event: events.ActionStarted) -> list[str]:
        step, iteration = event.where.step, event.where.iteration
        if iteration is None:
            commencing = f"Commencing non-iterative execution of step {step}"
        else:
            commencing = f"Commencing iteration {iteration} of step {step} with value '{self._iteration_value}'"
        return [
            *self._attempt_lines(event.at_ns),
            f"Debug Executor: {commencing}",
            "Debug Executor: Executing step's inputs",
            f"{event.action}: STARTED EXECUTION",
        ]

    def _attempt_finished(self, event: events.AttemptFinished) -> list[str]:
        step, attempt = event.where.step, event.where.attempt
        if event.will_retry:
            decision = f"Going to execute step {step} again as attempt {attempt} failed"
        elif event.succeeded:
            decision = f"Not going to execute step {step} again as final exit code is 0"
        else:
            decision = f"Not going to execute step {step} again as attempt {attempt} was the last"
        return [
            *self._attempt_lines(event.at_ns),
            f"Debug Executor: Consolidating outputs of step {step}",
            f"Debug Executor: {decision}",
            "Debug Executor: FINISHED ACTION MODULE",
        ]

    def _step_finished(self, event: events.StepFinished) -> list[str]:
        result, phase = event.result, event.where.phase
        code = "success" if result.status in GOOD else "failure"
        lines = [
            *self._results(result),
            self._report_updated,
            f"Debug Executor: Returning {code} code from step {result.name}",
            f"Debug Executor: FINISHED STEP {result.name} in PHASE {phase}",
            f"Debug Executor: Received exit code {code.capitalize()} from step {result.name}",
        ]
        if result.status in _FAILED and not self._failure_named:
            self._failure_named = True
            lines += _failure_lines(result, self._document(event.where), phase)
        return lines

    def _results(self, result: StepResult) -> list[str]:
        if result.status is Status.SKIPPED:
            return [f"Debug Executor: Step {result.name} was skipped"]
        outputs, failure = bounded(result.outputs), result.failure
        exit_code = 0 if result.status in GOOD else 1
        if failure is not None and failure.exit_code is not None:
            exit_code = failure.exit_code
        error = result.failure_message or "<nil>"
        lines = [
            f"Debug Executor: Step results - Results {outputs}, Exit code {exit_code}, Error {error}",
            f"Debug Executor: Updated outputs of currentStep to {outputs}",
            f"Debug Executor: BEFORE UPDATING DETAILEDOUTPUT.JSON - {outputs}",
        ]
        if result.status is Status.IGNORED_FAILURE:
            ignored = f"Ignored the failure of step {result.name} as onFailure is {OnFailure.IGNORE.value}"
            lines.append(f"Debug Executor: {ignored}")
        return lines

    def _phase_finished(self, event: events.PhaseFinished) -> list[str]:
        phase, good = event.where.phase, event.result.status in GOOD
        finished = f"FINISHED PHASE {phase} IN DOCUMENT {self._path(event.where)}"
        return [
            *self.it_goes_on(),
            f"Debug Executor: Completed phase {phase}",
            self._report_updated,
            f"Debug Executor: {finished} with final phaseLevelExitCode {0 if good else 1}",
            f"Debug Executor: Received exit code {'Success' if good else 'Failure'} from phase {phase}",
        ]

    def _document_finished(self, event: events.DocumentFinished) -> list[str]:
        path, exit_code = self._path(event.where), 0 if event.result.status in GOOD else 1
        return [
            *self.it_goes_on(),
            f"Debug Executor: Completed execution of document {path}",
            self._report_updated,
            f"Debug Executor: FINISHED EXECUTION OF DOCUMENT {path} with final documentLevelExitCode {exit_code}",
        ]

    def _run_finished(self, event: events.RunFinished) -> list[str]:
        return run_finished(event.result, self._report_updated)


def _log_line(event: events.LogLine) -> list[str]:
    return [f"Debug {event.text}" if event.debug else event.text]


def _action_finished(event: events.ActionFinished) -> list[str]:
    return [f"{event.action}: FINISHED EXECUTION", "Debug Executor: Finished executing step's inputs"]


def _reboot_requested(event: events.RebootRequested) -> list[str]:
    return [f"Debug Executor: Step {event.where.step} asked for a reboot, exit code {event.exit_code}"]


def _failure_lines(result: StepResult, document: Document | None, phase: str) -> list[str]:
    """The block that names the first failed step (reference, section 7)."""
    path = document.path if document else ""
    lines = [f"  Document: {(document.name if document else '') or path}"]
    if path.startswith("arn:"):
        lines.append(f"  ComponentArn: {path}")
    lines += [f"  Phase: {phase}", f"  Step: {result.name}", f"  Action: {result.action}"]
    lines += [f"  ErrorMessage: {line}" for line in universal_lines(result.failure_message)]
    stderr = result.failure.stderr if result.failure else ""
    return lines + [f"  Stderr: {line}" for line in universal_lines(stderr)]
