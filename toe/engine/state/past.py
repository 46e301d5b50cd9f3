"""What has happened in a run before this process (reference, section 8); toe.engine.state.reading reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from toe.expressions.scope import StepRecord
from toe.records import NamedTuple
from toe.results import StepResult

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
