"""Reads the records of a state: the head, what a run is and where it goes on, and what has happened in it since.

Everything is looked at before it is used. Not loaded by a run that begins anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from toe.engine.state.records import (
    FOLDER,
    NESTED,
    NESTED_KEY,
    PASSED_OVER,
    REBOOT,
    RESUMED,
    STARTED,
    STEP,
    STOPPED,
    TOP_KEY,
    FinishedStep,
    Key,
    Past,
    Unfinished,
    from_plain,
)
from toe.errors import ToeError
from toe.expressions.scope import StepRecord
from toe.results import StepResult
from toe.system.boots import moment_from_plain
from toe.system.processes.leftovers import Leftover

_HEAD = {
    "id": str,
    "directory": str,
    "folder": str,
    "started_at": int,
    "identity": dict,
    "order": dict,
    "new_folders": list,
}
_IDENTITY = {"program": str, "documents": list, "phases": list, "parameters": list}
_DOCUMENT = {"path": str, "sha256": str}
_HINT = "toe abandon puts it aside; then run the documents anew"


def require_head(path: str, head: Mapping[str, Any]) -> None:
    """Raise ToeError when the state at `path` lacks something that it must begin with."""
    with understood(path):
        _require(head, _HEAD)
        identity = head["identity"]
        _require(identity, _IDENTITY)
        for document in identity["documents"]:
            _require(document, _DOCUMENT)
        for parameters in identity["parameters"]:
            if not isinstance(parameters, dict):
                raise TypeError("'parameters' has something that is no dict")
        if len(identity["documents"]) != len(identity["parameters"]):
            raise ValueError("it has parameters of other documents")


def read_past(records: Iterable[dict[str, Any]], path: str = "") -> Past:
    """The past that the records of the journal at `path` tell. Raises ToeError when they are not ours."""
    past = Past({}, {}, {})
    with understood(path):
        for record in records:
            past = _with(past, record)
    return past


def _with(past: Past, record: dict[str, Any]) -> Past:
    kind = record["t"]
    if kind in (FOLDER, STARTED):
        return past._replace(rebooting=False, running=_running(past.running, record))
    if kind in (STEP, REBOOT, STOPPED, RESUMED):
        past = past._replace(running=None)
    if kind == STEP:
        key = _key(record)
        result: StepResult = from_plain(record["r"])
        _require(result._asdict(), {"name": str})
        inputs = tuple(record["i"]) if "i" in record else result.inputs
        outputs = tuple(record["o"]) if "o" in record else result.outputs
        past.finished[key] = FinishedStep(result, StepRecord(inputs, outputs, record.get("s", False)))
        past.attempts.pop(key, None)
    elif kind == REBOOT:
        _require(record, {"n": str, "attempt": int})
        past.attempts[_key(record)] = Unfinished(record["n"], record["attempt"])
    elif kind == NESTED:
        _require(record["doc"], {"path": str, "sha256": str, "phases": list, "owner": str})
        past.nested[_key(record)] = {key: record["doc"][key] for key in ("path", "sha256", "phases", "owner")}
    elif kind == PASSED_OVER:
        return past._replace(passed_over=str(record["boot"]))
    return _with_reboot(past, record) if "from" in record else past._replace(rebooting=False)


def _with_reboot(past: Past, record: Mapping[str, Any]) -> Past:
    """The steps around a nested one that asked run again too, each with the attempt that is in the key."""
    key = _key(record)
    for length in range(TOP_KEY, len(key), NESTED_KEY):
        past.attempts[key[:length]] = Unfinished("", key[length])
    asked = moment_from_plain(record["from"])
    return past._replace(reboots=past.reboots + 1, rebooting=True, asked=asked, passed_over="")


def _key(record: Mapping[str, Any]) -> Key:
    return tuple(map(int, record["k"]))


def _running(before: Leftover | None, record: Mapping[str, Any]) -> Leftover:
    """A folder is made before the processes in it are started; the next one, when all of that is gone."""
    boot = str(record["boot"])
    if record["t"] == FOLDER:
        return Leftover(boot, os.fspath(record["p"]))
    since, until = map(int, record["at"])
    return Leftover(boot, before.folder if before else "", int(record["pid"]), (since, until))


@contextmanager
def understood(path: str = "") -> Iterator[None]:
    """Turn what comes of a record with missing or odd parts into one ToeError."""
    try:
        yield
    except KeyError as error:
        raise _not_understood(path, f"{error} is missing") from error
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise _not_understood(path, str(error)) from error


def _require(data: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Raise KeyError or TypeError when a record lacks one of these keys, or has something of another kind there."""
    for key, kind in kinds.items():
        if not isinstance(data[key], kind):
            raise TypeError(f"'{key}' is no {kind.__name__}")


def _not_understood(path: str, why: str) -> ToeError:
    named = f"the state '{path}'" if path else "the state"
    return ToeError(f"{named} holds a record that is not understood: {why}", hint=_HINT)
