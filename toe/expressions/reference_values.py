"""The value of a single reference in a scope (reference, section 3).

One that has no value raises ActionError, whose message names it. A loop reference outside of its loop is its own text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from toe.errors import ActionError
from toe.expressions.parse import (
    ContextRef,
    EnvRef,
    ImdsRef,
    LoopRef,
    NameRef,
    PathSegment,
    Reference,
    SsmIndirectRef,
    SsmRef,
    SsmResolveRef,
    StepRef,
)
from toe.expressions.scope import Scope, StepRecord
from toe.model import Entry, ParameterValue, Value

#: A stringList is a tuple; lists come from inputs and outputs.
Resolved: TypeAlias = "Value | tuple[str, ...]"

MOST_NAMES_SHOWN = 10


def reference_text(reference: Reference, scope: Scope) -> str:
    """The value of a reference as it stands in a text. Raises ActionError."""
    return text_of(reference_value(reference, scope))


def reference_items(reference: Reference, scope: Scope) -> list[str]:
    """The items that a reference stands for as the whole of a `forEach`: those of a stringList, else its text.

    Raises ActionError.
    """
    value = reference_value(reference, scope)
    return list(value) if isinstance(value, tuple) else [text_of(value)]


def text_of(value: Resolved) -> str:
    """A value as it stands in a text: lists joined with commas, mappings as compact JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(text_of(item) for item in value)
    if isinstance(value, dict):
        from json import dumps

        return dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def reference_value(reference: Reference, scope: Scope) -> Resolved:
    """The value of one reference. Raises ActionError."""
    try:
        return _value(reference, scope)
    except ActionError as error:
        raise ActionError(f"'{reference.raw}' has no value: {error.message}") from error


def _value(reference: Reference, scope: Scope) -> Resolved:
    match reference:
        case NameRef():
            return _named(reference.name, scope)
        case StepRef():
            return _chained(reference, scope)
        case LoopRef():
            return _of_loop(reference, scope)
        case EnvRef():
            return _of_environment(reference.name, scope)
        case ContextRef():
            return _of_context(reference.key, scope)
        case SsmRef():
            return scope.execution.remote.ssm(reference.path, scope.check)
        case SsmResolveRef():
            return scope.execution.remote.ssm(text_of(_named(reference.name, scope)), scope.check)
        case SsmIndirectRef():
            return _of_named_parameter(reference.path, scope)
        case ImdsRef():
            return scope.execution.remote.imds(reference.path, scope.check)


def _named(name: str, scope: Scope) -> ParameterValue:
    if name not in scope.values:
        raise ActionError(f"there is no parameter or constant '{name}'{_choice(name, scope.values)}")
    return scope.values[name]


def _of_named_parameter(path: str, scope: Scope) -> ParameterValue:
    """The value of an SSM parameter whose name is the value of the parameter at `path`."""
    remote = scope.execution.remote
    name = text_of(remote.ssm(path, scope.check)).strip()
    if not name:
        raise ActionError(f"the parameter '{path}' holds no name of a parameter: it is empty")
    return remote.ssm(name, scope.check)


def _of_loop(reference: LoopRef, scope: Scope) -> str:
    loop = scope.loop
    if loop is None or reference.loop_name not in ("loop", loop.name):
        return reference.raw
    return str(loop.iteration) if reference.field == "index" else loop.value


def _of_environment(name: str, scope: Scope) -> str:
    value = scope.execution.variable(name)
    if value is None:
        raise ActionError(f"the environment variable '{name}' is not set")
    return value


def _of_context(key: str, scope: Scope) -> str:
    if key == "phase":
        return scope.phase
    if key == "step":
        return scope.step
    return scope.execution.context(key, scope.check)


def _chained(reference: StepRef, scope: Scope) -> Value:
    record = scope.record(reference.phase, reference.step)
    if record is None:
        reached = (f"{phase}.{step}" for phase, step in scope.steps_reached())
        name = f"{reference.phase}.{reference.step}"
        raise ActionError(f"step '{name}' has not run{_choice(name, reached)}")
    if record.skipped:
        return ""
    value: Value = _entry(reference, record)
    seen = f"the {reference.side} of step '{reference.phase}.{reference.step}'"
    for segment in reference.path:
        value = _member(value, segment, seen)
        seen = f"'{segment}' in {seen}" if isinstance(segment, str) else f"item {segment} of {seen}"
    return value


def _entry(reference: StepRef, record: StepRecord) -> dict[str, Value]:
    entries: tuple[Entry, ...] = record.entries(reference.side)
    index = reference.index or 0
    if index < len(entries):
        return entries[index]
    step = f"step '{reference.phase}.{reference.step}'"
    if not entries:
        raise ActionError(f"{step} has no {reference.side}")
    count = f"1 entry of {reference.side}" if len(entries) == 1 else f"{len(entries)} entries of {reference.side}"
    raise ActionError(f"{step} has {count}, counted from 0, and no entry {index}")


def _member(value: Value, segment: PathSegment, seen: str) -> Value:
    if isinstance(segment, int):
        if not isinstance(value, list):
            raise ActionError(f"{seen} is no list, it has no item {segment}")
        if segment >= len(value):
            raise ActionError(f"{seen} has no item {segment}: it has {len(value)}, counted from 0")
        return value[segment]
    if not isinstance(value, dict):
        raise ActionError(f"{seen} is no mapping, it has no field '{segment}'")
    if segment not in value:
        raise ActionError(f"there is no field '{segment}' in {seen}{_choice(segment, value)}")
    return value[segment]


def _choice(name: str, candidates: Iterable[str]) -> str:
    """A hint at what exists: the nearest name, or else a few names."""
    from difflib import get_close_matches

    names = list(candidates)
    nearest = get_close_matches(name[:100], names, n=1) if len(names) <= 1000 else []
    if nearest:
        return f" (did you mean '{nearest[0]}'?)"
    if not names:
        return ""
    more = ", ..." if len(names) > MOST_NAMES_SHOWN else ""
    return f" (there are: {', '.join(names[:MOST_NAMES_SHOWN])}{more})"
