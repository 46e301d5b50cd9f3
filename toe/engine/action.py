"""Carrying out the action of a step: its inputs are resolved and told, the action runs, outputs and faults are taken.

How often that happens (attempts, loops) and what follows from it is decided in toe.engine.step.
"""

from __future__ import annotations

from collections.abc import Iterable

from toe.actions.base import Definition, Reboot
from toe.actions.fields import Shape
from toe.actions.inputs import typed_inputs
from toe.document.refusals import Refusals
from toe.document.text import has_only_comments
from toe.engine.context import ActionContext, RunDocument
from toe.engine.execution import Execution
from toe.engine.kept_outputs import KeptEntries, Room
from toe.errors import ActionError, Interrupted, StateError, StepTimedOut
from toe.events import ActionFinished, ActionStarted, InputsResolved, LogLine, Where
from toe.expressions.resolve import resolve_value
from toe.expressions.scope import Scope
from toe.model import Entry, Step
from toe.quick_typing import Any
from toe.records import NamedTuple
from toe.results import Failure, RunResult
from toe.system.cancellation import Cancellation
from toe.words import counted

HIDDEN_FAILURE = "the step failed (disableLogging hides the details)"
_SCRIPT = "commands"


class Outcome(NamedTuple):
    """What one attempt, iteration or action came to.

    `skipped`: the step's condition let none begin, or its failure has the exit code that asks for it.
    """

    inputs: tuple[Entry, ...] = ()
    outputs: tuple[Entry, ...] = ()
    failure: Failure | None = None
    reboot: Reboot | None = None
    interrupted: bool = False
    skipped: bool = False
    nested: tuple[RunResult, ...] = ()


class ActionRunner:
    """Runs the action of one step, as often as attempts and loop ask for it.

    `idle` says why the last run had nothing to do; `did_something` turns true with the first one that had.
    """

    def __init__(self, step: Step, scope: Scope, execution: Execution, run_document: RunDocument) -> None:
        self._step = step
        self._scope = scope
        self._execution = execution
        self._run_document = run_document
        self._room = self._inputs_room = Room(0)
        self.idle, self.did_something = "", False

    def begin_attempt(self) -> None:
        """Make room for the outputs of one more attempt: what a failed one gave is not kept."""
        self._room = self._execution.kept.room()

    def end(self) -> None:
        """Count what is kept of the step."""
        self._execution.kept.take(self._room, self._inputs_room)

    def run(self, definition: Definition, where: Where, scope: Scope, deadline: float | None) -> Outcome:
        """Run the action once. Whatever goes wrong is told in the outcome; nothing is raised."""
        execution = self._execution
        execution = execution._replace(key=(*execution.key, where.attempt, where.iteration or 0))
        context = ActionContext(definition.name, execution, where, scope, deadline, self._run_document)
        inputs: tuple[Entry, ...] = ()
        outputs: list[Entry] = KeptEntries(self._room)
        reboot, failure, interrupted, started = None, None, False, False
        try:
            context.check()
            resolved = tuple(resolve_entry(entry, scope) for entry in self._step.inputs)
            inputs = self._told(definition, resolved, where)
            execution.emit(ActionStarted(execution.now_ns(), where, definition.name))
            started = True
            if not definition.starts_process:  # a process is started first: what is written meanwhile costs no time
                execution.flush()
            # An action that always reboots is not even run where no reboot is to be had; of the others it turns out.
            obstacle = execution.reboot_obstacle() if definition.reboots else ""
            if not obstacle:
                reboot = _carry_out(definition, self._typed(definition, resolved), context, outputs)
                obstacle = execution.reboot_obstacle() if reboot is not None else ""
            if obstacle:
                raise ActionError(f"the step asked for a reboot, and {obstacle}", exit_code=reboot and reboot.exit_code)
            if reboot is not None:
                context.wait(reboot.delay_seconds)
        except StateError as error:  # of a nested document: no further step may run
            failure, interrupted = Failure(error.message, attempt=where.attempt), True
        except ActionError as error:
            if error.outputs:
                outputs.append(dict(error.outputs))
            stdout = "" if error.exit_code is None else context.stdout_end
            failure = Failure(error.message, error.exit_code, error.stderr, attempt=where.attempt, stdout=stdout)
        except Exception as error:
            failure = self._unexpected(error, definition, where)
        except (StepTimedOut, Interrupted) as stop:
            interrupted = isinstance(stop, Interrupted)
            failure = _stop_failure(
                stop, "the loop" if self._step.loop else "the step", self._step, where, execution.cancellation
            )
            failure = failure._replace(stderr=_kept(stop, outputs), stdout=context.stdout_end)
        if failure is not None:
            failure, reboot = _placed(failure, where), None
        if started:
            message = "" if failure is None else failure.message
            execution.emit(ActionFinished(execution.now_ns(), where, definition.name, tuple(outputs), message))
        self.idle = idle_reason(definition, inputs)
        self.did_something = self.did_something or not self.idle
        inputs = _recorded(definition, inputs)
        return Outcome(inputs, tuple(outputs), failure, reboot, interrupted, nested=tuple(context.nested))

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
            return [read_condition(self._step.inputs_node, Refusals())]
        if not inputs and not definition.each:
            return [typed_inputs(definition, {})]
        return [typed_inputs(definition, entry) for entry in inputs]

    def _unexpected(self, error: Exception, definition: Definition, where: Where) -> Failure:
        """A bug of an action fails its step: reports and logs are worth more than a traceback on a terminal."""
        import traceback

        lines = "".join(traceback.format_exception(error))
        self._execution.emit(LogLine(self._execution.now_ns(), where, f"{definition.name}: {lines}", debug=True))
        return Failure(f"bug in {definition.name}: {type(error).__name__}: {error}", attempt=where.attempt)


def failed(message: str, where: Where) -> Outcome:
    """The outcome where not even the action was reached."""
    return Outcome(failure=_placed(Failure(message, attempt=where.attempt or 1), where))


def stopped(
    stop: StepTimedOut | Interrupted, what: str, step: Step, where: Where, cancellation: Cancellation
) -> Outcome:
    """The outcome of `what` ("the loop") when the step's time is over, or the run is asked to stop."""
    failure = _stop_failure(stop, what, step, where, cancellation)
    return Outcome(failure=failure, interrupted=isinstance(stop, Interrupted))


def _stop_failure(
    stop: StepTimedOut | Interrupted, what: str, step: Step, where: Where, cancellation: Cancellation
) -> Failure:
    if isinstance(stop, Interrupted):
        return Failure(f"interrupted {cancellation.described}", attempt=where.attempt or 1)
    message = f"{what} timed out after {counted(step.timeout_seconds, 'second')}"
    return Failure(message, timed_out=True, attempt=where.attempt or 1)


def _placed(failure: Failure, where: Where) -> Failure:
    """The failure with its iteration, without details where logging is disabled."""
    message = failure.message
    if where.hidden and failure.exit_code is None and not failure.timed_out:
        message = HIDDEN_FAILURE
    if where.iteration is not None:
        message = f"{message} (failed iterations: {where.iteration})"
    stderr, stdout = ("", "") if where.hidden else (failure.stderr, failure.stdout)
    return failure._replace(
        message=message, iteration=where.iteration, stderr=stderr, stdout="" if stderr.strip() else stdout
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


def idle_reason(definition: Definition, inputs: Iterable[Entry]) -> str:
    """Why an action with these resolved inputs has nothing to do; "" when it has."""
    for field in definition.fields:
        if field.shape is Shape.TEXTS and (field.required or field.key == _SCRIPT):
            for entry in inputs:
                items = entry.get(field.key)
                if items == []:
                    return f"'{field.key}' is empty"
                if (
                    field.key == _SCRIPT
                    and isinstance(items, list)
                    and all(has_only_comments(str(item)) for item in items)
                ):
                    return f"'{field.key}' has nothing but comments"
    return ""
