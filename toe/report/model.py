"""What a log folder tells of a run: immutable, complete, and all that the reports are made of.

Times are nanoseconds since the Unix epoch (`*_ns`); 0 stands for "not yet", or "not known". A status is the word of the
folder: one of toe.results.Status, or whatever else stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from toe.records import NamedTuple
from toe.results import Status

#: One entry of inputs or outputs, as it stands in the JSON.
Entry: TypeAlias = "dict[str, Any]"

#: No deeper level of nested documents is read: `toe` and AWSTOE run them three levels below the top.
DEEPEST = 20
FAILED = frozenset((Status.FAILED.value, Status.TIMED_OUT.value))


class ProcessReport(NamedTuple):
    """A process of a step. `exit_code` is None where `toe` ended it, and where it had not ended."""

    argv: tuple[str, ...]
    exit_code: int | None
    has_ended: bool


class StreamReport(NamedTuple):
    """What one iteration printed to stdout or stderr. `left_out` counts the bytes that the folder lacks."""

    name: str
    text: str
    left_out: int = 0


class IterationReport(NamedTuple):
    """One execution of the action: an iteration of a loop, or (`position` None) the whole attempt of a step without."""

    position: int | None
    value: str
    started_at_ns: int
    ended_at_ns: int
    failure_message: str
    inputs: tuple[Entry, ...]
    streams: tuple[StreamReport, ...]
    processes: tuple[ProcessReport, ...]

    @property
    def outcome(self) -> str:
        """The word of an attempt for it."""
        if self.failure_message:
            return "failed"
        return "success" if self.ended_at_ns else "running"


class AttemptReport(NamedTuple):
    """One attempt. `outcome` is "success", "failed", "reboot" (it asked for one), "cut off" or "running"."""

    number: int
    outcome: str
    started_at_ns: int
    ended_at_ns: int
    iterations: tuple[IterationReport, ...]


class StepReport(NamedTuple):
    """One step. `number` counts all steps of the report from 1, also those of nested documents, in their order.

    `attempts` are known only where the folder has events.jsonl. `line` is that of the document, 0 for unknown.
    `exit_code` is that of the process that failed it.
    """

    number: int
    name: str
    action: str
    status: str
    started_at_ns: int
    ended_at_ns: int
    failure_message: str
    exit_code: int | None
    timeout_seconds: int
    on_failure: str
    max_attempts: int
    inputs: tuple[Entry, ...]
    outputs: tuple[Entry, ...]
    loop: Entry | None
    hidden: bool
    line: int
    warnings: tuple[str, ...]
    attempts: tuple[AttemptReport, ...]
    nested: tuple[NestedReport, ...]

    @property
    def has_failed(self) -> bool:
        """Whether it failed or timed out, and the document does not ignore that."""
        return self.status in FAILED

    @property
    def took_ns(self) -> int:
        """How long it ran; 0 for one that was skipped, has not ended, or whose times are not known."""
        is_known = self.started_at_ns and self.ended_at_ns and self.status != Status.SKIPPED.value
        return max(0, self.ended_at_ns - self.started_at_ns) if is_known else 0

    @property
    def streams(self) -> tuple[StreamReport, ...]:
        """All that it printed: by attempts, iterations and streams, or else the `stdout` of its outputs."""
        streams = [
            stream for attempt in self.attempts for iteration in attempt.iterations for stream in iteration.streams
        ]
        if not self.attempts:
            texts = [entry.get("stdout") for entry in self.outputs]
            streams = [StreamReport("stdout", text) for text in texts if isinstance(text, str) and text]
        return tuple(streams)

    @property
    def has_iterations(self) -> bool:
        """Whether the iterations of its loop are known."""
        return any(part.position is not None for attempt in self.attempts for part in attempt.iterations)

    def last_lines(self, count: int) -> list[str]:
        """The last lines of its last process: of stderr, or of stdout where it wrote nothing there."""
        iterations = self.attempts[-1].iterations if self.attempts else ()
        streams = {stream.name: stream.text for stream in iterations[-1].streams} if iterations else {}
        said = streams.get("stderr", "") if streams.get("stderr", "").strip() else streams.get("stdout", "")
        return said.rstrip("\n").split("\n")[-count:] if said.strip() else []


class PhaseReport(NamedTuple):
    """One phase and the steps of it that were reached."""

    name: str
    status: str
    started_at_ns: int
    ended_at_ns: int
    failure_message: str
    steps: tuple[StepReport, ...]


class DocumentReport(NamedTuple):
    """One document and the phases of it that were reached."""

    name: str
    path: str
    description: str
    status: str
    started_at_ns: int
    ended_at_ns: int
    failure_message: str
    phases: tuple[PhaseReport, ...]

    @property
    def label(self) -> str:
        """What the document is called: its name, or its path."""
        return self.name or self.path


class NestedReport(NamedTuple):
    """The run of a nested document, of one iteration where its step has a loop."""

    execution_id: str
    status: str
    documents: tuple[DocumentReport, ...]


class RunReport(NamedTuple):
    """A whole run.

    `is_precise`: its times are exact, else whole seconds. `waits_for_reboot`: it goes on after one. `signal` is the
    number of the one that stopped it, 0 for a stop without one. `resumed_at_ns` are the times at which it went on.
    `unread_lines` counts the lines of events.jsonl that make no sense, `left_out` the steps of its phases that were not
    asked for (`--only`, `--start-at`).
    """

    execution_id: str
    folder: str
    status: str
    started_at_ns: int
    ended_at_ns: int
    failure_message: str
    documents: tuple[DocumentReport, ...]
    is_precise: bool
    waits_for_reboot: bool
    signal: int | None
    resumed_at_ns: tuple[int, ...]
    unread_lines: int
    left_out: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether it came to its end, as far as the folder tells."""
        return self.status != Status.RUNNING.value and not self.waits_for_reboot


def steps_of(documents: tuple[DocumentReport, ...], *, nested: bool = True) -> Iterator[StepReport]:
    """The steps of documents in their order; those of nested documents follow the step that calls them."""
    for document in documents:
        for phase in document.phases:
            for step in phase.steps:
                yield step
                for run in step.nested if nested else ():
                    yield from steps_of(run.documents)
