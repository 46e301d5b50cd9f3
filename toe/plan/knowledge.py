"""What expressions come to before a run: a value, a secret that is not to be shown, or something that nobody knows yet.

The engine's own resolving is used wherever there is a value. What there is to know about a value travels with it, as a
subclass of `str`: so parameters, inputs of earlier steps and values of loops can hold it without knowing of plans.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from toe.check.lint.secret_patterns import is_secret_name
from toe.errors import ActionError
from toe.expressions.parse import (
    ContextRef,
    EnvRef,
    ImdsRef,
    LoopRef,
    NameRef,
    Reference,
    SsmIndirectRef,
    SsmRef,
    SsmResolveRef,
    StepRef,
    parse_template,
)
from toe.expressions.reference_values import reference_value, text_of
from toe.expressions.scope import Scope
from toe.model import Entry, ParameterValue, Value
from toe.records import NamedTuple

T = TypeVar("T")

#: Stands in a scope for the number of an iteration that is not known.
NO_ITERATION = -1
OF_A_LOOP = "the values of the loop are known only at run time"
_OF_A_RUN = {
    "executionId": "each run gets its own",
    "date": "the day of the run",
    "dateTime": "the time of the run",
    "uuid": "a new one each time",
    "accountId": "AWS is asked for it",
    "region": "AWS may be asked for it",
}


class Unknown(str):
    """Stands for a value that is known only at run time; the text is the expression's, `why` the reason."""

    why = ""


class Secret(str):
    """A value that is known, and is not shown."""


class Resolved(NamedTuple):
    """What data comes to (leaves may be Unknown or Secret), and what of it may be shown."""

    value: Any
    shown: Any


class Seen:
    """What was met while the texts of one step were resolved: for each expression its reason, and names of secrets."""

    def __init__(self) -> None:
        self.unknown: dict[str, str] = {}
        self.secrets: dict[str, None] = {}
        self.remote: dict[str, None] = {}


class Knowledge:
    """What is known before a run. `masked` are names whose values are secrets; so are those that sound like one.

    `has_id`: the execution id was given, and is no longer one of the things that only a run knows.
    """

    def __init__(self, masked: Collection[str], *, has_id: bool) -> None:
        self._masked = masked
        self._has_id = has_id

    def is_secret(self, name: str) -> bool:
        """Whether the value of a parameter, a constant or an environment variable is not to be shown."""
        return name in self._masked or is_secret_name(name)

    def marked(self, name: str, value: ParameterValue) -> ParameterValue:
        """The value of a parameter or a constant; of a secret one that says so."""
        if isinstance(value, Unknown) or not self.is_secret(name):
            return value
        return secret_of(value)

    def text(self, text: str, scope: Scope, seen: Seen) -> Resolved:
        """A text with the expressions replaced that are known now. What is not stays, and is noted in `seen`."""
        if "{{" not in text:
            return Resolved(text, text)
        values, shown, unknown, secret = [], [], "", False
        for part in parse_template(text):
            if isinstance(part, str):
                values.append(part)
                shown.append(part)
                continue
            value = self.value(part, scope, seen)
            reason = next(_of(value, Unknown), None)
            unknown = unknown or (reason.why if reason is not None else "")
            hidden = next(_of(value, Secret), None) is not None
            secret = secret or hidden
            values.append(text_of(value))
            shown.append(part.raw if hidden or reason is not None else text_of(value))
        whole = "".join(shown)
        if unknown:
            return Resolved(unknown_text(whole, unknown), whole)
        return Resolved(Secret("".join(values)) if secret else "".join(values), whole)

    def data(self, value: Value, scope: Scope, seen: Seen) -> Resolved:
        """The same for plain data."""
        if isinstance(value, str):
            return self.text(value, scope, seen)
        if isinstance(value, list):
            items = [self.data(item, scope, seen) for item in value]
            return Resolved([item.value for item in items], [item.shown for item in items])
        if isinstance(value, dict):
            return self.entry(value, scope, seen)
        return Resolved(value, value)

    def entry(self, entry: Entry, scope: Scope, seen: Seen) -> Resolved:
        """The same for an entry of inputs."""
        found = {key: self.data(value, scope, seen) for key, value in entry.items()}
        return Resolved({key: one.value for key, one in found.items()}, {key: one.shown for key, one in found.items()})

    def value(self, reference: Reference, scope: Scope, seen: Seen) -> Any:
        """The value of one reference, with Unknown or Secret in it where that is so."""
        why = self._unknown_because(reference, scope)
        value: Any = unknown_text(reference.raw, why)
        if not why:
            try:
                value = reference_value(reference, scope)
            except ActionError as error:
                value = unknown_text(reference.raw, error.message.removeprefix(f"'{reference.raw}' has no value: "))
        if isinstance(reference, EnvRef) and self.is_secret(reference.name) and not isinstance(value, Unknown):
            value = Secret(value)
        for reason in _of(value, Unknown):
            seen.unknown.setdefault(reference.raw, reason.why)
        name = reference.raw.strip("{} ")
        if isinstance(reference, (SsmRef, SsmResolveRef, SsmIndirectRef)) or next(_of(value, Secret), None) is not None:
            seen.secrets[name] = None
        if isinstance(reference, (SsmRef, SsmResolveRef, SsmIndirectRef, ImdsRef)) or name == "context:accountId":
            seen.remote[name] = None
        return value

    def _unknown_because(self, reference: Reference, scope: Scope) -> str:
        """Why there is no value before the run; "" where there may be one."""
        match reference:
            case NameRef():
                return "" if reference.name in scope.values else "there is no such parameter"
            case StepRef():
                return _unknown_of_step(reference, scope)
            case LoopRef():
                own = scope.loop is not None and reference.loop_name in ("loop", scope.loop.name)
                no_number = scope.loop is not None and scope.loop.iteration == NO_ITERATION
                return OF_A_LOOP if own and no_number else ""
            case EnvRef():
                return "" if scope.execution.variable(reference.name) is not None else "it is not set now"
            case ContextRef():
                if reference.key == "executionId" and self._has_id:
                    return ""
                return _OF_A_RUN.get(reference.key, "")
            case ImdsRef():
                return "instance metadata are read when the step runs"
            case _:
                return "Systems Manager is asked when the step runs"


def secret_of(value: ParameterValue) -> ParameterValue:
    """The value of a parameter as one that is not to be shown."""
    return Secret(value) if isinstance(value, str) else tuple(map(Secret, value))


def unknown_text(text: str, why: str) -> Unknown:
    """A text that is known only at run time."""
    unknown = Unknown(text)
    unknown.why = why
    return unknown


def holds_unknown(value: Any) -> bool:
    """Whether any part of it is known only at run time."""
    return next(_of(value, Unknown), None) is not None


def holds_secret(value: Any) -> bool:
    """Whether any part of it is not to be shown."""
    return next(_of(value, Secret), None) is not None


def _unknown_of_step(reference: StepRef, scope: Scope) -> str:
    name = f"{reference.phase}.{reference.step}"
    record = scope.record(reference.phase, reference.step)
    if record is not None and (record.skipped or reference.side == "inputs" or record.outputs):
        return ""
    return f"step {name} gives it" if reference.side == "outputs" else f"it is known when step {name} has run"


def _of(value: Any, kind: type[T]) -> Iterator[T]:
    """The texts of this kind in plain data."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _of(item, kind)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _of(item, kind)
