"""The records of a state (reference, section 8): their kinds, results as plain data and back, and the past they tell.

Positions in the YAML are the document's and left out. What a step took and gave (inputs, outputs) is plain data already
and is kept as it is. Who reads records: toe.engine.state.reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from toe.expressions.scope import StepRecord
from toe.model import DelimitedLoop, ForEachLoop, ForLoop, Loop, OnFailure
from toe.quick_typing import TYPE_CHECKING, Any, TypeAlias
from toe.records import NamedTuple
from toe.results import Counts, DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult

if TYPE_CHECKING:
    from toe.system.boots import Moment
    from toe.system.processes.leftovers import Leftover

#: Positions of the document, the phase and the step. Of a step in a nested document: the key of the step that runs the
#: document, the attempt, the iteration (0 without a loop), then the positions.
Key: TypeAlias = "tuple[int, ...]"

#: The lengths of a key at the top, and of what a nested one has more.
TOP_KEY, NESTED_KEY = 3, 5

RUN, STEP, NESTED, REBOOT = "run", "step", "nested", "reboot"
FOLDER, STARTED = "folder", "started"
PASSED_OVER, STOPPED, RESUMED = "passed over", "stopped", "resumed"

#: Beside the fields of a result: which one it is.
_KIND = "@"
_KINDS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        Counts,
        DelimitedLoop,
        DocumentResult,
        Failure,
        ForEachLoop,
        ForLoop,
        Loop,
        PhaseResult,
        RunResult,
        StepResult,
    )
}
_WORDS: dict[str, Any] = {"status": Status, "on_failure": OnFailure}
_PLAIN = ("inputs", "outputs")
_LEFT_OUT = ("node",)


class FinishedStep(NamedTuple):
    """A step that needs not run again: its result, and what later expressions see of it."""

    result: StepResult
    record: StepRecord


class Unfinished(NamedTuple):
    """A step that asked for a reboot and runs again after it: its name, and the attempt that it goes on with."""

    name: str
    attempt: int


class Past(NamedTuple):
    """What has happened already. `attempts`: of the steps that asked for a reboot and have not finished.

    `nested`: the documents that ExecuteDocument steps ran, by the key that stands before their steps' positions.
    `reboots` counts those of the whole run; `rebooting`: the last one was asked for, at the moment `asked`, and nothing
    came after it. `passed_over`: a boot in which another run was begun instead. `running`: what a step had started and
    not ended, as far as anything was kept of its end.
    """

    finished: dict[Key, FinishedStep]
    attempts: dict[Key, Unfinished]
    nested: dict[Key, Mapping[str, Any]]
    reboots: int = 0
    rebooting: bool = False
    asked: Moment | None = None
    passed_over: str = ""
    running: Leftover | None = None

    @property
    def nested_under_way(self) -> Iterator[Mapping[str, Any]]:
        """The nested documents that a run that goes on will run, or replay, once more."""
        for key, document in self.nested.items():
            if not any(key[:length] in self.finished for length in range(TOP_KEY, len(key), NESTED_KEY)):
                yield document


def to_plain(value: Any) -> Any:
    """A result, with all that is below it, as data that JSON can hold; fields with their default are left out."""
    if not isinstance(value, tuple):
        return value
    fields = getattr(value, "_fields", None)
    if fields is None:
        return [to_plain(item) for item in value]
    defaults = value._field_defaults  # type: ignore[attr-defined]
    plain = {_KIND: type(value).__name__}
    for field, part in zip(fields, value, strict=True):
        if field not in _LEFT_OUT and not (field in defaults and part == defaults[field]):
            plain[field] = to_plain(part)
    return plain


def from_plain(data: Any) -> Any:
    """What `to_plain` was given. Raises KeyError, TypeError and ValueError for anything else."""
    if isinstance(data, list):
        return tuple(from_plain(item) for item in data)
    if not isinstance(data, dict):
        return data
    kind = _KINDS[data[_KIND]]
    return kind(**{field: _field(field, part) for field, part in data.items() if field != _KIND})


def _field(name: str, data: Any) -> Any:
    if name in _WORDS:
        return _WORDS[name](data)
    return tuple(data) if name in _PLAIN else from_plain(data)
