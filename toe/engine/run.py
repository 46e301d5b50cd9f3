"""The walk: documents, their phases, their steps, in order (reference, section 2); nested documents go the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from toe.actions.base import DocumentRequest, Reboot
from toe.document.source import identity, short_name
from toe.engine import decide
from toe.engine.execution import Execution
from toe.engine.plan import PlannedDocument, shortened, undeclared
from toe.engine.state.identity import nested_execution_id, nested_identity
from toe.engine.state.records import FinishedStep, Key
from toe.engine.step import StepOutcome, StepRunner
from toe.errors import EXIT_FAILED, EXIT_SIGNAL_BASE, EXIT_SUCCESS, ActionError, StateError
from toe.events import (
    Audience,
    DocumentFinished,
    DocumentStarted,
    Event,
    LogLine,
    PhaseFinished,
    PhaseStarted,
    RebootRequested,
    StepFinished,
    StepStarted,
    Where,
)
from toe.expressions.scope import Scope, StepRecord
from toe.model import Phase, Step
from toe.records import NamedTuple
from toe.results import DocumentResult, PhaseResult, RunResult, Status, StepResult
from toe.words import counted

#: ExecuteDocument may nest three levels below the top (reference, section 6).
MAX_NESTING = 3


class _Beginning(NamedTuple):
    """When a document or a phase began; for one that is past, when it ended, and who is told of its end."""

    at_ns: int
    ended_at_ns: int = 0
    audience: Audience = Audience.EVERYONE


class Walk:
    """One run of planned documents. `stopped` turns true when nothing more may run.

    What finished before a reboot or a crash is not run again: its result is taken from the state.
    """

    def __init__(self, execution: Execution, depth: int = 0, hidden: bool = False) -> None:
        self._execution = execution
        self._depth = depth
        self._hidden = hidden
        self.stopped = False
        self.reboot: Reboot | None = None
        self.interrupted = False

    def run(self, documents: Sequence[PlannedDocument]) -> RunResult:
        """Run the documents to their end."""
        started_at_ns = self._execution.now_ns()
        results: list[DocumentResult] = []
        for position, planned in enumerate(documents):
            results.append(self._document(planned, position))
            if self.stopped:
                break
        return self._result(started_at_ns, tuple(results))

    def _document(self, planned: PlannedDocument, position: int) -> DocumentResult:
        document = planned.document
        scope = Scope(planned.values, self._execution.values)
        if self._depth == 0:
            self._execution = self._execution._replace(chain=(identity(document.path),))
        hidden = self._hidden or document.disable_logging
        where = Where(document.path, depth=self._depth, hidden=hidden)
        keys = [(*self._execution.key, position, number) for number in range(len(planned.phases))]
        steps = [step for key, phase in zip(keys, planned.phases, strict=True) for step in _step_keys(key, phase)]
        began = self._begin(steps, lambda at_ns: DocumentStarted(at_ns, where, document, position))
        if planned.left_out or planned.former:
            self._take_former(planned, where, scope)
        phases: list[PhaseResult] = []
        for key, phase in zip(keys, planned.phases, strict=True):
            phases.append(self._phase(phase, where, scope, key))
            if self.stopped:
                break
        status = self._status(phase.status for phase in phases)
        result = DocumentResult(
            name=document.name,
            path=document.path,
            status=status,
            started_at_ns=began.at_ns,
            ended_at_ns=began.ended_at_ns or self._execution.now_ns(),
            description=document.description,
            failure_message=decide.failed(f"Document {document.path}", status),
            phases=tuple(phases),
        )
        if self.reboot is None:
            self._execution.tell(DocumentFinished(result.ended_at_ns, where, position, result), began.audience)
        return result

    def _take_former(self, planned: PlannedDocument, where: Where, scope: Scope) -> None:
        """Let steps refer to what those that do not run took and gave in a former run, and say so in the logs."""
        for (phase, step), former in planned.former.items():
            scope.restore(phase, step, former.record)
            self._execution.kept.count(former.record.inputs, former.record.outputs)
            self._note(where, f"{phase}.{step} is known from {former.told}")
        if planned.left_out:
            self._note(where, f"{counted(len(planned.left_out), 'step')} left out: {shortened(planned.left_out)}")

    def _note(self, where: Where, text: str) -> None:
        self._execution.emit(LogLine(self._execution.now_ns(), where, f"Executor: {text}"))

    def _phase(self, phase: Phase, above: Where, scope: Scope, key: Key) -> PhaseResult:
        where = above._replace(phase=phase.name, hidden=above.hidden or phase.disable_logging)
        began = self._begin(_step_keys(key, phase), lambda at_ns: PhaseStarted(at_ns, where, key[-1]))
        if not phase.steps:
            self._execution.warn(where, f"phase {phase.name} has no steps")
        steps: list[StepResult] = []
        for position, step in enumerate(phase.steps):
            place = where._replace(step=step.name, hidden=where.hidden or step.disable_logging)
            outcome = self._step(step, place, scope, (*key, position))
            if outcome is None:
                break
            steps.append(outcome.result)
            self._take(outcome)
            if self.stopped:
                break
        status = self._status(step.status for step in steps)
        message = decide.failed(f"Phase {phase.name}", status)
        ended_at_ns = began.ended_at_ns or self._execution.now_ns()
        result = PhaseResult(phase.name, status, began.at_ns, ended_at_ns, message, tuple(steps))
        if self.reboot is None:
            self._execution.tell(PhaseFinished(ended_at_ns, where, key[-1], result), began.audience)
        return result

    def _begin(self, steps: Sequence[Key], started: Callable[[int], Event]) -> _Beginning:
        """Tell that a document or a phase has started. Of one that is past the logs are told nothing."""
        past = self._execution.state.past(steps)
        if not past:
            at_ns = self._execution.now_ns()
            self._execution.emit(started(at_ns))
            return _Beginning(at_ns)
        at_ns = past[0].started_at_ns
        self._execution.tell(started(at_ns), Audience.REPORTS)
        if len(past) == len(steps):
            return _Beginning(at_ns, past[-1].ended_at_ns, Audience.REPORTS)
        self._execution.tell(started(self._execution.now_ns()), Audience.LOGS)
        return _Beginning(at_ns)

    def _status(self, parts: Iterable[Status]) -> Status:
        """Of a document or a phase: what did not run to its end for want of a state has failed."""
        return Status.FAILED if self._execution.state.halted else decide.folded_status(parts)

    def _step(self, step: Step, where: Where, scope: Scope, key: Key) -> StepOutcome | None:
        """Run a step, or take its result from the state. None: it did not run, and nothing more may."""
        state = self._execution.state
        execution = self._execution._replace(key=key)
        try:
            finished = state.finished(key, step.name)
            if finished is not None:
                return self._replayed(finished, step, where, scope, key)
            runner = StepRunner(step, where, key[-1], scope, execution, run_nested)
        except StateError:
            state.halted = self.stopped = True
            return None
        outcome = runner.run()
        # The state has the step before anybody may act on it: before the next step, and before the reboot.
        if not outcome.interrupted:
            self._keep(outcome, step, where, scope, key)
        if outcome.reboot is None:
            return outcome
        if state.fault is not None:
            state.halted = True
            return runner.without_reboot(outcome, state.fault)
        execution.emit(RebootRequested(execution.now_ns(), where, outcome.reboot.exit_code))
        return outcome

    def _keep(self, outcome: StepOutcome, step: Step, where: Where, scope: Scope, key: Key) -> None:
        state, reboot = self._execution.state, outcome.reboot
        if reboot is not None and reboot.same_step:
            state.ask_for_reboot(key, step.name, outcome.result.attempts)
        else:
            record = scope.record(where.phase, step.name) or StepRecord()
            self._hide(step, where, record)
            state.finish(key, outcome.result, record, reboots=reboot is not None)

    def _replayed(self, finished: FinishedStep, step: Step, where: Where, scope: Scope, key: Key) -> StepOutcome:
        result = finished.result
        scope.restore(where.phase, step.name, finished.record)
        self._execution.kept.count(finished.record.inputs, finished.record.outputs)
        self._hide(step, where, finished.record)
        tell = self._execution.tell
        tell(StepStarted(result.started_at_ns, where, step, key[-1], step.inputs), Audience.REPORTS)
        tell(StepFinished(result.ended_at_ns, where, key[-1], result), Audience.REPORTS)
        return StepOutcome(result)

    def _hide(self, step: Step, where: Where, record: StepRecord) -> None:
        """Whoever uses what a hidden step returned would tell it. The summary of a nested run tells nothing."""
        if where.hidden and step.action != "ExecuteDocument":
            self._execution.hide(record.outputs)

    def _take(self, outcome: StepOutcome) -> None:
        self.interrupted = outcome.interrupted
        self.reboot = outcome.reboot
        self.stopped = outcome.interrupted or outcome.reboot is not None or decide.stops_the_run(outcome.result)

    def _result(self, started_at_ns: int, documents: tuple[DocumentResult, ...]) -> RunResult:
        state = self._execution.state
        status = decide.run_status(documents)
        message = decide.failure_message(documents) if status in decide.FAILURES else ""
        exit_code = EXIT_FAILED if status in decide.FAILURES else EXIT_SUCCESS
        signal = None
        # What ended the run before its end says more than the steps' status: a reboot most, then the state.
        if self.reboot is not None:
            status, exit_code = Status.FAILED, self._execution.host.reboot_exit_code
            message = decide.reboot_message(documents)
        elif state.halted:
            status, exit_code = Status.FAILED, EXIT_FAILED
            message = decide.halt_message(documents, state.fault, message)
        elif self.interrupted:
            signal = self._execution.cancellation.signal
            status, exit_code = Status.FAILED, EXIT_SIGNAL_BASE + signal if signal else EXIT_FAILED
            message = message or f"interrupted {self._execution.cancellation.described}"
        return RunResult(
            execution_id=self._execution.execution_id,
            status=status,
            started_at_ns=started_at_ns,
            ended_at_ns=self._execution.now_ns(),
            failure_message=message,
            log_url=self._execution.log_url,
            counts=decide.counts_of(documents),
            documents=documents,
            reboot=self.reboot is not None,
            signal=signal,
            exit_code=exit_code,
        )


def run_nested(request: DocumentRequest, execution: Execution, where: Where) -> RunResult:
    """Run the document that an ExecuteDocument step asks for. Raises ActionError when it cannot be run."""
    caller = execution.chain[-1]
    if len(execution.chain) > MAX_NESTING:
        raise ActionError(f"'{request.document}' is nested too deep: {MAX_NESTING} levels below the top are allowed")
    planned = execution.plan_nested(request, caller)
    path = identity(planned.document.path)
    if path in execution.chain:
        names = " -> ".join(map(short_name, (*execution.chain, path)))
        raise ActionError(f"a cycle of documents: {names}")
    execution.state.take_document(execution.key, nested_identity(planned, request.bucket_owner))
    given = [name for name, _ in request.parameters]
    for name in undeclared([planned.document], given):
        execution.warn(where, f"{short_name(path)} does not declare the parameter '{name}': its value is not used")
    inner = execution._replace(chain=(*execution.chain, path))
    result = Walk(inner, where.depth + 1, where.hidden).run([planned])
    if result.counts.ignored:
        ignored = counted(result.counts.ignored, "step")
        execution.warn(where, f"{ignored} of {short_name(path)} failed, which is ignored there")
    return result._replace(execution_id=nested_execution_id(execution.execution_id, execution.key), log_url="")


def _step_keys(key: Key, phase: Phase) -> list[Key]:
    return [(*key, position) for position in range(len(phase.steps))]
