"""What happens in a run, as it happens: immutable, in the past tense, in order.

`position` counts from 0 within the parent. Each event has `at_ns` (nanoseconds since the Unix epoch) and, below the
run, `where`. Sinks get them one by one.
"""

from __future__ import annotations

from enum import Enum

from toe.model import Document, Entry, Step
from toe.quick_typing import Protocol, TypeAlias
from toe.records import NamedTuple
from toe.results import DocumentResult, PhaseResult, RunResult, StepResult


class Where(NamedTuple):
    """The place in the run. `depth` counts nested documents; `hidden`: `disableLogging` holds here.

    In a hidden place the fan-out delivers no output, no log lines and no inputs: sinks need not care.
    """

    document: str
    phase: str = ""
    step: str = ""
    attempt: int = 0
    iteration: int | None = None
    depth: int = 0
    hidden: bool = False


class Audience(Enum):
    """Who is told of an event. After a reboot the reports are made anew of what is past, and the logs just go on."""

    EVERYONE = "everyone"
    REPORTS = "reports"
    LOGS = "logs"


class RunStarted(NamedTuple):
    """`log_directory` is the run's own folder (TOE_...), "" when no logs are written."""

    at_ns: int
    execution_id: str
    log_directory: str
    documents: tuple[Document, ...]
    phases: tuple[str, ...]


class RunResumed(NamedTuple):
    """A run goes on in its log folder. `rebooted`: after a reboot that it asked for, else after a crash or a stop.

    `finished_steps` counts those that are not run again, but for steps of nested documents.
    """

    at_ns: int
    execution_id: str
    log_directory: str
    documents: tuple[Document, ...]
    phases: tuple[str, ...]
    rebooted: bool
    finished_steps: int = 0


class DocumentStarted(NamedTuple):
    at_ns: int
    where: Where
    document: Document
    position: int


class PhaseStarted(NamedTuple):
    at_ns: int
    where: Where
    position: int


class StepStarted(NamedTuple):
    """`inputs` are unresolved, as the document has them."""

    at_ns: int
    where: Where
    step: Step
    position: int
    inputs: tuple[Entry, ...]


class InputsResolved(NamedTuple):
    """The inputs of one attempt or iteration after expressions were replaced."""

    at_ns: int
    where: Where
    inputs: tuple[Entry, ...]


class AttemptStarted(NamedTuple):
    at_ns: int
    where: Where
    max_attempts: int
    timeout_seconds: int


class IterationStarted(NamedTuple):
    at_ns: int
    where: Where
    value: str


class ActionStarted(NamedTuple):
    at_ns: int
    where: Where
    action: str


class LogLine(NamedTuple):
    """A line of an action or of the engine for the text logs; `debug` ones go to application.log alone.

    A `warning` is shown to people too.
    """

    at_ns: int
    where: Where
    text: str
    debug: bool = False
    warning: bool = False


class ProcessStarted(NamedTuple):
    at_ns: int
    where: Where
    argv: tuple[str, ...]


class Output(NamedTuple):
    """A block of output of a process: any bytes, whole lines wherever that is possible, live.

    `stream` is "stdout" or "stderr". The last block of a stream may lack its newline; a very long line may be split.
    """

    at_ns: int
    where: Where
    stream: str
    data: bytes


class ProcessExited(NamedTuple):
    """`exit_code` is 128+n after signal n, None when the process was stopped by `toe`.

    `held` names the streams that background processes still had open when `toe` stopped reading them; of those in `cut`
    output was still coming, and is lost. `asks_for_reboot`: the exit code is the one that asks for a reboot.
    """

    at_ns: int
    where: Where
    exit_code: int | None
    held: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    asks_for_reboot: bool = False


class ActionProgressed(NamedTuple):
    """How far a long transfer is, told now and then. Both in bytes; `total` is None where it is not known."""

    at_ns: int
    where: Where
    done: int
    total: int | None


class ActionFinished(NamedTuple):
    """`failure_message` is "" after a success."""

    at_ns: int
    where: Where
    action: str
    outputs: tuple[Entry, ...]
    failure_message: str = ""


class AttemptFinished(NamedTuple):
    at_ns: int
    where: Where
    succeeded: bool
    will_retry: bool


class StepFinished(NamedTuple):
    at_ns: int
    where: Where
    position: int
    result: StepResult


class PhaseFinished(NamedTuple):
    at_ns: int
    where: Where
    position: int
    result: PhaseResult


class DocumentFinished(NamedTuple):
    at_ns: int
    where: Where
    position: int
    result: DocumentResult


class RebootRequested(NamedTuple):
    """A step asked for a reboot."""

    at_ns: int
    where: Where
    exit_code: int


class RunFinished(NamedTuple):
    at_ns: int
    result: RunResult


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | DocumentStarted
    | PhaseStarted
    | StepStarted
    | InputsResolved
    | AttemptStarted
    | IterationStarted
    | ActionStarted
    | LogLine
    | ProcessStarted
    | Output
    | ProcessExited
    | ActionProgressed
    | ActionFinished
    | AttemptFinished
    | StepFinished
    | PhaseFinished
    | DocumentFinished
    | RebootRequested
    | RunFinished
)


class Sink(Protocol):
    """Something that is told of every event, in order. What it raises takes it out and changes no verdict.

    One with `is_report = True` shows the run as a whole: of a run that goes on it is told what is past as well.
    """

    def handle(self, event: Event) -> None: ...

    def close(self) -> None: ...
