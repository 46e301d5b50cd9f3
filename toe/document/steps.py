"""Steps: from nodes to the typed model (reference, section 1). Inputs are converted by the action's definition.

A step with faults becomes a step all the same, with defaults in their place, so that the other passes can look at the
rest of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from toe import codes
from toe.document.fields import boolean_of, integer_of, name_of, values_of, word_of
from toe.document.keys import ON_FAILURE, STEP_KEYS, STEP_REQUIRED
from toe.document.refusals import Refusals, described, shown
from toe.model import DEFAULT_TIMEOUT_SECONDS, INFINITE_TIMEOUT, Entry, If, Loop, OnFailure, Step
from toe.nodes import Mapping, Node, Scalar, Sequence
from toe.quick_typing import Any, Protocol, TypeAlias


class ActionDefinition(Protocol):
    """What a step needs to know of its action."""

    @property
    def name(self) -> str:
        """The action's name."""

    @property
    def needs_inputs(self) -> bool:
        """Whether a step without inputs is refused."""

    @property
    def condition(self) -> bool:
        """Whether the inputs are one condition."""

    @property
    def fixed_timeout(self) -> int | None:
        """The only legal `timeoutSeconds`, and its default."""

    @property
    def fixed_attempts(self) -> int | None:
        """The only legal `maxAttempts`, and its default."""


class Actions(Protocol):
    """The table of actions, as far as it is needed here."""

    def find(self, name: str) -> ActionDefinition | None:
        """The definition of an action, None when nobody has one."""

    def names(self) -> tuple[str, ...]:
        """Every name, for suggestions."""


#: Converts what stands under `inputs` by an action's definition.
InputsReader: TypeAlias = "Callable[[Any, Node | None, Refusals], tuple[Entry, ...]]"

_ON_FAILURE = {word.value: word for word in OnFailure}
#: What a limit must be, in words, and the one number below 1 that it may be.
_LIMITS: dict[str, tuple[str, int | None]] = {
    "timeoutSeconds": ("a number of seconds of 1 or more, or -1 for no limit", INFINITE_TIMEOUT),
    "maxAttempts": ("an integer of 1 or more", None),
}


class StepReader:
    """Reads the steps of one document."""

    def __init__(self, actions: Actions, read_inputs: InputsReader, refuse: Refusals) -> None:
        self._actions = actions
        self._read_inputs = read_inputs
        self._refuse = refuse
        self._definitions: dict[str, ActionDefinition | None] = {}

    def read_all(self, items: Iterable[Node], phase: str) -> tuple[Step, ...]:
        """The steps of a phase; names that come twice are refused and kept."""
        steps: list[Step] = []
        names: dict[str, Node] = {}
        loops: dict[str, Node] = {}
        for item in items:
            if not isinstance(item, Mapping):
                self._refuse.wrong_kind(item, "a step", "a mapping")
                continue
            step = self._read(item, phase)
            steps.append(step)
            self._check_unique(names, item.get("name"), f"step name in phase '{phase}'")
            if step.loop is not None and isinstance(step.loop.node, Mapping):
                self._check_unique(loops, step.loop.node.get("name"), f"loop name in phase '{phase}'")
        return tuple(steps)

    def _check_unique(self, seen: dict[str, Node], node: Node | None, what: str) -> None:
        if not isinstance(node, Scalar) or not node.text:
            return
        first = seen.setdefault(node.text, node)
        if first is not node:
            message = f"duplicate {what}: {shown(node.text)} stands in line {first.line} already"
            self._refuse(node, codes.DUPLICATE_NAME, message)

    def _read(self, node: Mapping, phase: str) -> Step:
        refuse = self._refuse
        values = values_of(node, STEP_KEYS, STEP_REQUIRED, refuse)
        name = name_of(values["name"], "step", refuse, where=f" in phase '{phase}'") if "name" in values else ""
        definition = self._definition(values.get("action"))
        fixed = (definition.fixed_timeout, definition.fixed_attempts) if definition is not None else (None, None)
        inputs_node, loop, condition = values.get("inputs"), values.get("loop"), values.get("if")
        action = values.get("action")
        return Step(
            name=name,
            action=action.text if isinstance(action, Scalar) else "",
            inputs=() if definition is None else self._inputs(definition, inputs_node, node),
            timeout_seconds=self._limit(values, "timeoutSeconds", fixed[0], DEFAULT_TIMEOUT_SECONDS, definition),
            on_failure=_ON_FAILURE[word_of(values.get("onFailure"), "onFailure", ON_FAILURE, refuse) or "Abort"],
            max_attempts=self._limit(values, "maxAttempts", fixed[1], 1, definition),
            loop=None if loop is None else self._loop(loop),
            condition=None if condition is None else self._condition(condition),
            disable_logging=boolean_of(values.get("disableLogging"), "disableLogging", refuse) or False,
            node=node,
            inputs_node=inputs_node,
        )

    # What few steps have is imported when one has it.

    def _loop(self, node: Node) -> Loop | None:
        from toe.document.loops import read_loop

        return read_loop(node, self._refuse)

    def _condition(self, node: Node) -> If | None:
        from toe.document.conditions import read_if

        return read_if(node, self._refuse)

    def _definition(self, node: Node | None) -> ActionDefinition | None:
        if node is None:
            return None
        if not isinstance(node, Scalar):
            self._refuse(node, codes.UNKNOWN_ACTION, f"'action' must be the name of an action, not {node.described}")
            return None
        if node.text not in self._definitions:
            self._definitions[node.text] = self._actions.find(node.text) if node.text else None
        definition = self._definitions[node.text]
        if definition is None:
            near = self._refuse.did_you_mean(node.text, self._actions.names())
            message = f"unknown action {shown(node.text)}{near}"
            fix = ""
            if near:
                from toe.document.suggest import only_slip

                fix = only_slip(node.text, self._actions.names())
            self._refuse(node, codes.UNKNOWN_ACTION, message, "'toe actions' lists them", fix)
        return definition

    def _inputs(self, definition: ActionDefinition, node: Node | None, step: Mapping) -> tuple[Entry, ...]:
        if definition.needs_inputs and (node is None or (isinstance(node, Sequence) and not node.items)):
            message = f"Action {definition.name} has no inputs; it requires an 'inputs'"
            self._refuse(step.get("inputs") or step, codes.NO_INPUTS, message)
            return ()
        if definition.condition and node is not None:
            from toe.document.conditions import read_condition

            if read_condition(node, self._refuse) is None:
                return ()
            node = node.items[0] if isinstance(node, Sequence) else node
        return self._read_inputs(definition, node, self._refuse)

    def _limit(
        self, values: dict[str, Node], key: str, fixed: int | None, default: int, definition: ActionDefinition | None
    ) -> int:
        """A timeout or a number of attempts; an action may allow a single value, which is then the default too."""
        wanted, exception = _LIMITS[key]
        number = integer_of(values.get(key), key, self._refuse, wanted)
        if fixed is not None and definition is not None:
            if number not in (None, fixed):
                message = f"'{key}' may only be {fixed} for {definition.name}, not {described(values[key])}"
                self._refuse(values[key], codes.FIXED_SETTING, message, "leave it out")
            return fixed
        if number is None:
            return default
        if number < 1 and number != exception:
            self._refuse.wrong_value(values[key], f"'{key}'", wanted, codes.OUT_OF_RANGE)
            return default
        return number
