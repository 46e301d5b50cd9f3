"""One step: its condition, its attempts, its loop, its action (reference, sections 2, 4 and 5).

Effects only; what follows from an outcome is decided in toe.engine.decide.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from toe.actions.base import Definition, Reboot
from toe.engine import decide
from toe.engine.action import ActionRunner, Outcome, failed, stopped
from toe.engine.context import RunDocument
from toe.engine.execution import Execution
from toe.errors import ActionError, Interrupted, StateError, StepTimedOut
from toe.events import AttemptFinished, AttemptStarted, IterationStarted, StepFinished, StepStarted, Where
from toe.expressions.resolve import resolve_items
from toe.expressions.scope import Scope
from toe.model import INFINITE_TIMEOUT, DelimitedLoop, Entry, ForLoop, Loop, Step, Verdict
from toe.records import NamedTuple
from toe.results import Failure, RunResult, Status, StepResult
from toe.system.processes.runner import require_time


class StepOutcome(NamedTuple):
    """A step's result and what it means for the walk. One that is to run again after a reboot has not ended."""

    result: StepResult
    reboot: Reboot | None = None
    interrupted: bool = False


class StepRunner:
    """Runs one step. `scope` is the document's; it is told of the step's inputs and outputs for later steps.

    `execution.key` is the step's own. A step that asked for a reboot goes on with the attempt that did, and its
    condition is not evaluated again (reference, section 5).
    """

    def __init__(
        self, step: Step, where: Where, position: int, scope: Scope, execution: Execution, run_document: RunDocument
    ) -> None:
        self._resumed_attempt = execution.state.attempt(execution.key, step.name)
        self._step = step
        self._where = where
        self._position = position
        self._scope = scope.at(where.phase, step.name)
        self._execution = execution
        self._started_at_ns = execution.now_ns()
        self._action = ActionRunner(step, self._scope, execution, run_document)

    def run(self) -> StepOutcome:
        """Run the step to its end and tell everyone."""
        execution, step = self._execution, self._step
        execution.emit(StepStarted(self._started_at_ns, self._where, step, self._position, step.inputs))
        attempts, outcome = 0, self._refused()
        if outcome is None:
            attempts, outcome = self._attempts()
        status = Status.SKIPPED if outcome.skipped else decide.step_status(outcome.failure, step.on_failure)
        if outcome.reboot is not None and outcome.reboot.same_step:
            return StepOutcome(self._result(attempts, outcome, Status.RUNNING), outcome.reboot)
        if status is Status.SKIPPED:
            self._scope.record_skipped(self._where.phase, step.name)
        else:
            self._scope.record_outputs(self._where.phase, step.name, self._chained(outcome))
        self._action.end()
        result = self._result(attempts, outcome, status)
        execution.emit(StepFinished(result.ended_at_ns, self._where, self._position, result))
        if status is Status.SUCCESS and not self._action.did_something:
            execution.warn(self._where, f"step {step.name} did nothing: {self._action.idle}")
        return StepOutcome(result, outcome.reboot, outcome.interrupted)

    def _chained(self, outcome: Outcome) -> tuple[Entry, ...]:
        """The outputs as later steps see them: of a loop one entry, else one for each entry of inputs."""
        definition = self._execution.actions.find(self._step.action)
        entries = 1 if self._step.loop else max(1, len(self._step.inputs))
        return with_declared(outcome.outputs, definition, entries)

    def without_reboot(self, outcome: StepOutcome, fault: StateError) -> StepOutcome:
        """What is so when the reboot that the step asked for cannot be: nothing would go on after it."""
        result = outcome.result
        if outcome.reboot is not None and outcome.reboot.same_step:
            message = f"the step asked for a reboot, and {fault.message}"
            failure = Failure(message, outcome.reboot.exit_code, attempt=result.attempts)
            result = result._replace(status=Status.FAILED, failure=failure)
            self._execution.emit(StepFinished(result.ended_at_ns, self._where, self._position, result))
        return StepOutcome(result, interrupted=True)

    def _refused(self) -> Outcome | None:
        """What the step comes to where its condition does not let it run; None where it runs."""
        try:
            verdict = self._verdict()
        except ActionError as error:
            return failed(f"the condition cannot be evaluated: {error.message}", self._where)
        except (StepTimedOut, Interrupted) as stop:
            return self._stopped(stop, "the condition", self._where)
        if verdict is Verdict.SKIP:
            return Outcome(skipped=True)
        return Outcome(failure=Failure("the step's condition asked for Abort")) if verdict is Verdict.ABORT else None

    def _verdict(self) -> Verdict:
        choice = self._step.condition
        if choice is None or self._resumed_attempt:
            return Verdict.EXECUTE
        from toe.expressions.operators import evaluate

        self._execution.flush()
        host = self._execution.host
        scope = self._within(self._deadline())
        holds = evaluate(choice.condition, scope, host.environment, host.platform)
        return choice.then if holds else choice.otherwise

    def _attempts(self) -> tuple[int, Outcome]:
        """How many attempts there were, and what the last one came to."""
        emit, step = self._execution.emit, self._step
        definition = self._execution.actions.find(step.action)
        assert definition is not None  # the checks refuse an unknown action
        run_once = self._action.run if step.loop is None else self._loop
        first = min(self._resumed_attempt or 1, step.max_attempts)
        for attempt in range(first, step.max_attempts + 1):  # each has the whole timeout
            where = self._where._replace(attempt=attempt)
            emit(AttemptStarted(self._execution.now_ns(), where, step.max_attempts, step.timeout_seconds))
            self._action.begin_attempt()
            deadline = self._deadline()
            outcome = run_once(definition, where, self._within(deadline), deadline)
            if outcome.reboot is not None and outcome.reboot.same_step:
                break  # this attempt has not ended: it goes on after the reboot
            if decide.asks_to_be_skipped(outcome.failure, self._execution.skip_exit_code):
                outcome = outcome._replace(skipped=True)
            retry = not outcome.skipped and decide.may_retry(
                outcome.failure, outcome.interrupted, attempt, step.max_attempts
            )
            emit(AttemptFinished(self._execution.now_ns(), where, outcome.failure is None, retry))
            if not retry:
                break
        return attempt, outcome

    def _deadline(self) -> float | None:
        """When the time that the step has is over, if it begins now."""
        timeout = self._step.timeout_seconds
        return None if timeout == INFINITE_TIMEOUT else time.monotonic() + timeout

    def _within(self, deadline: float | None) -> Scope:
        """The scope, in which an expression that waits ends at the deadline and at a request to stop."""
        return self._scope.within(lambda: require_time(deadline, self._execution.cancellation))

    def _loop(self, definition: Definition, where: Where, scope: Scope, deadline: float | None) -> Outcome:
        loop = self._step.loop
        assert loop is not None
        try:
            values = loop_values(loop, scope)
        except ActionError as error:
            return failed(f"the loop has no values: {error.message}", where)
        except (StepTimedOut, Interrupted) as stop:
            return self._stopped(stop, "the loop", where)
        succeeded: list[Entry] = []
        nested: list[RunResult] = []
        outcome, self._action.idle = Outcome(), "its loop has 0 iterations"
        for index, value in enumerate(values):
            place = where._replace(iteration=index)
            self._execution.emit(IterationStarted(self._execution.now_ns(), place, value))
            outcome = self._action.run(definition, place, scope.in_loop(loop.name, index, value), deadline)
            nested += outcome.nested
            if outcome.failure or outcome.reboot:
                break
            succeeded += outcome.outputs
        return outcome._replace(outputs=_collated(succeeded), nested=tuple(nested))

    def _stopped(self, stop: StepTimedOut | Interrupted, what: str, where: Where) -> Outcome:
        return stopped(stop, what, self._step, where, self._execution.cancellation)

    def _result(self, attempts: int, outcome: Outcome, status: Status) -> StepResult:
        step, hidden = self._step, self._where.hidden
        return StepResult(
            name=step.name,
            action=step.action,
            status=status,
            started_at_ns=self._started_at_ns,
            ended_at_ns=self._execution.now_ns(),
            timeout_seconds=step.timeout_seconds,
            on_failure=step.on_failure,
            max_attempts=step.max_attempts,
            attempts=attempts,
            inputs=() if hidden else outcome.inputs or step.inputs,
            outputs=() if hidden else outcome.outputs,
            loop=None if hidden else step.loop,
            failure=outcome.failure,
            nested=outcome.nested,
            hidden=hidden,
            line=step.node.line if step.node else 0,
            column=step.node.column if step.node else 0,
        )


def loop_values(loop: Loop, scope: Scope) -> Iterable[str]:
    """The value of each iteration, as text. Raises ActionError when an expression has no value."""
    if isinstance(loop.over, ForLoop):
        start, end, step = loop.over
        return map(str, range(start, end + (1 if step > 0 else -1), step))
    if isinstance(loop.over, DelimitedLoop):
        items = resolve_items((loop.over.text,), scope)
        if len(items) != 1:
            return items
        return items[0].split(loop.over.delimiter) if items[0] else []
    return resolve_items(loop.over.items, scope)


def _collated(outputs: Iterable[Entry]) -> tuple[Entry, ...]:
    """The iterations' outputs by key, joined with newlines, as one entry; () when there are none."""
    texts: dict[str, list[str]] = {}
    for entry in outputs:
        for key, value in entry.items():
            texts.setdefault(key, []).append(str(value))
    return ({key: "\n".join(parts) for key, parts in texts.items()},) if texts else ()


def with_declared(outputs: tuple[Entry, ...], definition: Definition | None, entries: int) -> tuple[Entry, ...]:
    """The outputs, in each entry the declared ones that are missing as empty texts (reference, section 3).

    `entries` is how many there are to be: fewer come of a step that failed, none of an empty loop.
    """
    if definition is None or not definition.output_fields:
        return outputs
    given = [*outputs, *({} for _ in range(entries - len(outputs)))]
    empty: Entry = {field.key: "" for field in definition.output_fields}
    if len(given) == len(outputs) and all(empty.keys() <= entry.keys() for entry in given):
        return outputs
    return tuple({**empty, **entry} for entry in given)
