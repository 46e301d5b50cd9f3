"""One step: its condition, its attempts, its loop, its action (reference, sections 2, 4 and 5).

Effects only; what follows from an outcome is decided in toe.engine.decide.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from toe.actions.base import Definition, Reboot
from toe.actions.inputs import typed_inputs
from toe.engine import decide
from toe.engine.afterwards import idle_reason, with_declared
from toe.engine.context import ActionContext, RunDocument
from toe.engine.execution import Execution
from toe.engine.kept_outputs import KeptEntries, Room
from toe.errors import ActionError, Interrupted, StateError, StepTimedOut
from toe.events import (
    ActionFinished,
    ActionStarted,
    AttemptFinished,
    AttemptStarted,
    InputsResolved,
    IterationStarted,
    LogLine,
    StepFinished,
    StepStarted,
    Where,
)
from toe.expressions.resolve import resolve_value
from toe.expressions.scope import Scope
from toe.model import INFINITE_TIMEOUT, Entry, Step, Verdict
from toe.records import NamedTuple
from toe.results import Failure, RunResult, Status, StepResult
from toe.words import counted

HIDDEN_FAILURE = "the step failed (disableLogging hides the details)"


class Outcome(NamedTuple):
    """What one attempt, iteration or action came to."""

    inputs: tuple[Entry, ...] = ()
    outputs: tuple[Entry, ...] = ()
    failure: Failure | None = None
    reboot: Reboot | None = None
    interrupted: bool = False
    nested: tuple[RunResult, ...] = ()


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
        self._run_document = run_document
        self._started_at_ns = execution.now_ns()
        self._room = self._inputs_room = Room(0)
        self._idle, self._did_something = "", False

    def run(self) -> StepOutcome:
        """Run the step to its end and tell everyone."""
        execution, step = self._execution, self._step
        execution.emit(StepStarted(self._started_at_ns, self._where, step, self._position, step.inputs))
        attempts, outcome, status = self._carried_out()
        if outcome.reboot is not None and outcome.reboot.same_step:
            return StepOutcome(self._result(attempts, outcome, Status.RUNNING), outcome.reboot)
        if status is Status.SKIPPED:
            self._scope.record_skipped(self._where.phase, step.name)
        else:
            self._scope.record_outputs(self._where.phase, step.name, self._chained(outcome))
        execution.kept.take(self._room, self._inputs_room)
        result = self._result(attempts, outcome, status)
        execution.emit(StepFinished(result.ended_at_ns, self._where, self._position, result))
        if status is Status.SUCCESS and not self._did_something:
            execution.warn(self._where, f"step {step.name} did nothing: {self._idle}")
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

    def _carried_out(self) -> tuple[int, Outcome, Status]:
        try:
            verdict = self._verdict()
        except ActionError as error:
            return 0, *self._ended(self._failed(f"the condition cannot be evaluated: {error.message}", self._where))
        except (StepTimedOut, Interrupted) as stop:
            return 0, *self._ended(self._stopped(stop, "the condition", self._where, []))
        if verdict is Verdict.SKIP:
            return 0, Outcome(), Status.SKIPPED
        if verdict is Verdict.ABORT:
            failure = Failure("the step's condition asked for Abort")
            return 0, *self._ended(Outcome(failure=failure))
        attempts, outcome = self._attempts()
        return attempts, *self._ended(outcome)

    def _ended(self, outcome: Outcome) -> tuple[Outcome, Status]:
        return outcome, decide.step_status(outcome.failure, self._step.on_failure)

    def _failed(self, message: str, where: Where) -> Outcome:
        return Outcome(failure=self._placed(Failure(message, attempt=where.attempt or 1), where))

    def _verdict(self) -> Verdict:
        choice = self._step.condition
        if choice is None or self._resumed_attempt:
            return Verdict.EXECUTE
        from toe.expressions.operators import evaluate

        self._execution.flush()
        host = self._execution.host
        scope = self._scope.within(self._check_until(self._deadline()))
        holds = evaluate(choice.condition, scope, host.environment, host.platform)
        return choice.then if holds else choice.otherwise

    def _attempts(self) -> tuple[int, Outcome]:
        emit, step = self._execution.emit, self._step
        first = min(self._resumed_attempt or 1, step.max_attempts)
        for attempt in range(first, step.max_attempts + 1):
            where = self._where._replace(attempt=attempt)
            emit(AttemptStarted(self._execution.now_ns(), where, step.max_attempts, step.timeout_seconds))
            outcome = self._attempt(where)
            if outcome.reboot is not None and outcome.reboot.same_step:
                break
            retry = decide.may_retry(outcome.failure, outcome.interrupted, attempt, step.max_attempts)
            emit(AttemptFinished(self._execution.now_ns(), where, outcome.failure is None, retry))
            if not retry:
                break
        return attempt, outcome

    def _attempt(self, where: Where) -> Outcome:
        deadline = self._deadline()
        self._room = self._execution.kept.room()  # what a failed attempt gave is not kept
        definition = self._execution.actions.find(self._step.action)
        if definition is None:
            return self._failed(f"unknown action '{self._step.action}'", where)
        scope = self._scope.within(self._check_until(deadline))
        if self._step.loop is None:
            return self._action(definition, where, scope, deadline)
        return self._loop(definition, where, scope, deadline)

    def _deadline(self) -> float | None:
        """When the time that the step has is over, if it begins now."""
        timeout = self._step.timeout_seconds
        return None if timeout == INFINITE_TIMEOUT else time.monotonic() + timeout

    def _check_until(self, deadline: float | None) -> Callable[[], None]:
        """What an expression calls while it waits."""
        cancellation = self._execution.cancellation

        def check() -> None:
            cancellation.check()
            if deadline is not None and time.monotonic() >= deadline:
                raise StepTimedOut

        return check

    def _loop(self, definition: Definition, where: Where, scope: Scope, deadline: float | None) -> Outcome:
        from toe.engine import loops

        loop = self._step.loop
        assert loop is not None
        try:
            values = loops.values_of(loop, scope)
        except ActionError as error:
            return self._failed(f"the loop has no values: {error.message}", where)
        except (StepTimedOut, Interrupted) as stop:
            return self._stopped(stop, "the loop", where, [])
        succeeded: list[Entry] = []
        nested: list[RunResult] = []
        outcome, self._idle = Outcome(), "its loop has 0 iterations"
        for index, value in enumerate(values):
            place = where._replace(iteration=index)
            self._execution.emit(IterationStarted(self._execution.now_ns(), place, value))
            outcome = self._action(definition, place, scope.in_loop(loop.name, index, value), deadline)
            nested += outcome.nested
            if outcome.failure or outcome.reboot:
                break
            succeeded += outcome.outputs
        return outcome._replace(outputs=loops.collated(succeeded), nested=tuple(nested))

    def _action(self, definition: Definition, where: Where, scope: Scope, deadline: float | None) -> Outcome:
        execution = self._execution
        execution = execution._replace(key=(*execution.key, where.attempt, where.iteration or 0))
        context = ActionContext(definition.name, execution, where, scope, deadline, self._run_document)
        inputs: tuple[Entry, ...] = ()
        outputs: list[Entry] = KeptEntries(self._room)
        reboot, failure, interrupted, started = None, None, False, False
        try:
            context.check()
            resolved = self._resolved(scope)
            inputs = self._told(definition, resolved, where)
            execution.emit(ActionStarted(execution.now_ns(), where, definition.name))
            started = True
            if not definition.starts_process:  # a process is started first: what is written meanwhile costs no time
                execution.flush()
            obstacle = execution.reboot_obstacle() if definition.reboots else ""
            if not obstacle:
                reboot = _carry_out(definition, self._typed(definition, resolved), context, outputs)
                obstacle = execution.reboot_obstacle() if reboot is not None else ""
            if obstacle:
                raise ActionError(f"the step asked for a reboot, and {obstacle}", exit_code=reboot and reboot.exit_code)
            if reboot is not None:
                context.wait(reboot.delay_seconds)
        except StateError as error:
            failure, interrupted = Failure(error.message, attempt=where.attempt), True
        except ActionError as error:
            if error.outputs:
                outputs.append(dict(error.outputs))
            stdout = "" if error.exit_code is None else context.stdout_end
            failure = Failure(error.message, error.exit_code, error.stderr, attempt=where.attempt, stdout=stdout)
        except Exception as error:
            failure = self._unexpected(error, definition, where)
        except (StepTimedOut, Interrupted) as stop:
            stopped = self._stopped(stop, "the loop" if self._step.loop else "the step", where, outputs)
            failure, interrupted = stopped.failure, stopped.interrupted
            failure = failure and failure._replace(stdout=context.stdout_end)
        failure = self._placed(failure, where)
        if failure is not None:
            reboot = None
        if started:
            message = "" if failure is None else failure.message
            execution.emit(ActionFinished(execution.now_ns(), where, definition.name, tuple(outputs), message))
        self._idle = idle_reason(definition, inputs)
        self._did_something = self._did_something or not self._idle
        inputs = _recorded(definition, inputs)
        return Outcome(inputs, tuple(outputs), failure, reboot, interrupted, tuple(context.nested))

    def _resolved(self, scope: Scope) -> tuple[Entry, ...]:
        return tuple(resolve_entry(entry, scope) for entry in self._step.inputs)

    def _told(self, definition: Definition, resolved: tuple[Entry, ...], where: Where) -> tuple[Entry, ...]:
        """Tell everyone of the inputs; returns what is kept of them."""
        self._inputs_room = self._execution.kept.room()
        inputs = tuple(map(self._inputs_room.kept, resolved))
        self._scope.record_inputs(where.phase, self._step.name, inputs)
        shown = _recorded(definition, inputs)
        self._execution.emit(InputsResolved(self._execution.now_ns(), where, shown))
        return inputs

    def _typed(self, definition: Definition, inputs: tuple[Entry, ...]) -> list[Any]:
        if definition.condition:
            from toe.document.conditions import read_condition

            assert self._step.inputs_node is not None
            return [read_condition(self._step.inputs_node, lambda node, message: None)]
        if not inputs and not definition.each:
            return [typed_inputs(definition, {})]
        return [typed_inputs(definition, entry) for entry in inputs]

    def _unexpected(self, error: Exception, definition: Definition, where: Where) -> Failure:
        """A bug of an action fails its step: reports and logs are worth more than a traceback on a terminal."""
        import traceback

        lines = "".join(traceback.format_exception(error))
        self._execution.emit(LogLine(self._execution.now_ns(), where, f"{definition.name}: {lines}", debug=True))
        return Failure(f"bug in {definition.name}: {type(error).__name__}: {error}", attempt=where.attempt)

    def _stopped(self, stop: StepTimedOut | Interrupted, what: str, where: Where, outputs: list[Entry]) -> Outcome:
        """The outcome of `what` ("the loop") when its time is over, or the run is asked to stop."""
        interrupted = isinstance(stop, Interrupted)
        if interrupted:
            message = f"interrupted {self._execution.cancellation.described}"
        else:
            message = f"{what} timed out after {counted(self._step.timeout_seconds, 'second')}"
        stderr = _kept(stop, outputs)
        failure = Failure(message, None, stderr, timed_out=not interrupted, attempt=where.attempt or 1)
        return Outcome(failure=failure, interrupted=interrupted)

    def _placed(self, failure: Failure | None, where: Where) -> Failure | None:
        """The failure with its iteration, without details where logging is disabled."""
        if failure is None:
            return None
        message = failure.message
        if where.hidden and failure.exit_code is None and not failure.timed_out:
            message = HIDDEN_FAILURE
        if where.iteration is not None:
            message = f"{message} (failed iterations: {where.iteration})"
        stderr, stdout = ("", "") if where.hidden else (failure.stderr, failure.stdout)
        return failure._replace(
            message=message, iteration=where.iteration, stderr=stderr, stdout="" if stderr.strip() else stdout
        )

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


def resolve_entry(entry: Entry, scope: Scope) -> Entry:
    """An entry of inputs with its expressions replaced."""
    return {key: resolve_value(value, scope) for key, value in entry.items()}


def _recorded(definition: Definition, inputs: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """The inputs as the reports show them."""
    return inputs if definition.recorded is None else tuple(map(definition.recorded, inputs))


def _carry_out(definition: Definition, typed: list[Any], context: ActionContext, outputs: list[Entry]) -> Reboot | None:
    """Run the action for each entry, adding to `outputs` as they come."""
    for inputs in typed:
        context.check()
        answer = definition.run(inputs, context)
        reboot = answer if isinstance(answer, Reboot) else None
        given = reboot.outputs if reboot else answer
        if given is not None:
            outputs.append(_plain(definition, given))
        if reboot:
            return reboot
    return None


def _plain(definition: Definition, outputs: Any) -> Entry:
    """An action's outputs, its typed outputs or a dict, as an entry."""
    if isinstance(outputs, dict):
        return outputs
    return {field.key: getattr(outputs, field.name) for field in definition.output_fields}


def _kept(stop: StepTimedOut | Interrupted, outputs: list[Entry]) -> str:
    """Keep what a process had printed when it was stopped: its stdout in `outputs`; returns the end of its stderr."""
    stdout, stderr = stop.args if len(stop.args) == 2 else ("", "")
    if stdout:
        outputs.append({"stdout": stdout})
    return str(stderr)
