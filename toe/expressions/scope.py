"""What a step's expressions see: values, results of earlier steps, the loop in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from toe.errors import Check, go_on
from toe.expressions.execution_values import ExecutionValues
from toe.model import Entry, ParameterValue
from toe.records import NamedTuple


class StepRecord(NamedTuple):
    """What is known of a step that was reached."""

    inputs: tuple[Entry, ...] = ()
    outputs: tuple[Entry, ...] = ()
    skipped: bool = False

    def entries(self, side: str) -> tuple[Entry, ...]:
        """The entries of a side, "inputs" or "outputs"."""
        return self.inputs if side == "inputs" else self.outputs


class LoopPosition(NamedTuple):
    """Where the running step's loop is. Iterations count from 0."""

    name: str | None
    iteration: int
    value: str


class Scope:
    """The scope of one run of one document. Scopes derived from it share its records of steps.

    `values` are the parameters and constants by name. `check` is called while a value is waited for, and raises when
    the step is to end.
    """

    __slots__ = ("_steps", "check", "execution", "loop", "phase", "step", "values")

    def __init__(self, values: Mapping[str, ParameterValue], execution: ExecutionValues) -> None:
        self.values = values
        self.execution = execution
        self.phase = ""
        self.step = ""
        self.loop: LoopPosition | None = None
        self.check: Check = go_on
        self._steps: dict[tuple[str, str], StepRecord] = {}

    def at(self, phase: str, step: str) -> Scope:
        """The scope of a step, outside of its loop."""
        return self._derived(phase, step, None)

    def in_loop(self, name: str | None, index: int, value: str) -> Scope:
        """The scope of one iteration of the step's loop; `name` is the loop's own, if it has one."""
        return self._derived(self.phase, self.step, LoopPosition(name, index, value))

    def within(self, check: Check) -> Scope:
        """The same scope for as long as `check` raises nothing."""
        derived = self._derived(self.phase, self.step, self.loop)
        derived.check = check
        return derived

    def _derived(self, phase: str, step: str, loop: LoopPosition | None) -> Scope:
        derived = Scope(self.values, self.execution)
        derived.phase, derived.step, derived.loop = phase, step, loop
        derived.check = self.check
        derived._steps = self._steps
        return derived

    def record(self, phase: str, step: str) -> StepRecord | None:
        """What is known of a step, None when it was not reached."""
        return self._steps.get((phase, step))

    def steps_reached(self) -> tuple[tuple[str, str], ...]:
        """Phase and step name of every step that was reached, in order."""
        return tuple(self._steps)

    def record_inputs(self, phase: str, step: str, entries: Sequence[Entry]) -> None:
        """Keep a step's resolved inputs for later steps."""
        known = self._steps.get((phase, step), StepRecord())
        self._steps[phase, step] = known._replace(inputs=tuple(entries))

    def record_outputs(self, phase: str, step: str, entries: Sequence[Entry]) -> None:
        """Keep a step's outputs for later steps."""
        known = self._steps.get((phase, step), StepRecord())
        self._steps[phase, step] = known._replace(outputs=tuple(entries))

    def restore(self, phase: str, step: str, record: StepRecord) -> None:
        """Keep what is known of a step that ran before a reboot or a crash."""
        self._steps[phase, step] = record

    def record_skipped(self, phase: str, step: str) -> None:
        """Keep that a step was skipped: references to it yield nothing."""
        self._steps[phase, step] = StepRecord(skipped=True)
