"""What has happened in a run before this process, read off the records of its state (reference, section 8)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from toe.engine.state_records import from_plain
from toe.expressions.scope import StepRecord
from toe.records import NamedTuple
from toe.results import StepResult

if TYPE_CHECKING:
    from toe.system.boots import Moment
    from toe.system.leftovers import Leftover

#: Positions of the document, the phase and the step. Of a step in a nested document: the key of the step that runs the
#: document, the attempt, the iteration (0 without a loop), then the positions.
Key: TypeAlias = "tuple[int, ...]"

#: The lengths of a key at the top, and of what a nested one has more.
TOP_KEY, NESTED_KEY = 3, 5

RUN, STEP, NESTED, REBOOT = "run", "step", "nested", "reboot"
FOLDER, STARTED = "folder", "started"
PASSED_OVER, STOPPED, RESUMED = "passed over", "stopped", "resumed"


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


def read_past(records: Iterable[dict[str, Any]], path: str = "") -> Past:
    """The past that the records of the journal at `path` tell. Raises ToeError when they are not ours."""
    from toe.engine.state_head import understood

    past = Past({}, {}, {})
    with understood(path):
        for record in records:
            past = _with(past, record)
    return past


def _with(past: Past, record: dict[str, Any]) -> Past:
    from toe.engine.state_head import require

    kind = record["t"]
    if kind in (FOLDER, STARTED):
        return past._replace(rebooting=False, running=_running(past.running, record))
    if kind in (STEP, REBOOT, STOPPED, RESUMED):
        past = past._replace(running=None)
    if kind == STEP:
        key = _key(record)
        result: StepResult = from_plain(record["r"])
        require({"name": result.name}, {"name": str})
        inputs = tuple(record["i"]) if "i" in record else result.inputs
        outputs = tuple(record["o"]) if "o" in record else result.outputs
        past.finished[key] = FinishedStep(result, StepRecord(inputs, outputs, record.get("s", False)))
        past.attempts.pop(key, None)
    elif kind == REBOOT:
        require(record, {"n": str, "attempt": int})
        past.attempts[_key(record)] = Unfinished(record["n"], record["attempt"])
    elif kind == NESTED:
        require(record["doc"], {"path": str, "sha256": str, "phases": list, "owner": str})
        past.nested[_key(record)] = {key: record["doc"][key] for key in ("path", "sha256", "phases", "owner")}
    elif kind == PASSED_OVER:
        return past._replace(passed_over=str(record["boot"]))
    return _with_reboot(past, record) if "from" in record else past._replace(rebooting=False)


def _with_reboot(past: Past, record: Mapping[str, Any]) -> Past:
    """The steps around a nested one that asked run again too, each with the attempt that is in the key."""
    from toe.system.boots import moment_from_plain

    key = _key(record)
    for length in range(TOP_KEY, len(key), NESTED_KEY):
        past.attempts[key[:length]] = Unfinished("", key[length])
    asked = moment_from_plain(record["from"])
    return past._replace(reboots=past.reboots + 1, rebooting=True, asked=asked, passed_over="")


def _key(record: Mapping[str, Any]) -> Key:
    return tuple(map(int, record["k"]))


def _running(before: Leftover | None, record: Mapping[str, Any]) -> Leftover:
    """A folder is made before the processes in it are started; the next one, when all of that is gone."""
    from toe.system.leftovers import Leftover

    boot = str(record["boot"])
    if record["t"] == FOLDER:
        return Leftover(boot, os.fspath(record["p"]))
    since, until = map(int, record["at"])
    return Leftover(boot, before.folder if before else "", int(record["pid"]), (since, until))
