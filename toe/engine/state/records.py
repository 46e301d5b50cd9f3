"""Results as plain data and back, for the journal of a run. Positions in the YAML are the document's and left out.

What a step took and gave (inputs, outputs) is plain data already and is kept as it is.
"""

from __future__ import annotations

from typing import Any

from toe.model import DelimitedLoop, ForEachLoop, ForLoop, Loop, OnFailure
from toe.results import Counts, DocumentResult, Failure, PhaseResult, RunResult, Status, StepResult

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
