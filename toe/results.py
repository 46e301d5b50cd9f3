"""What a run came to: immutable, complete, and all that the reports are made of.

Times are nanoseconds since the Unix epoch (`*_ns`); 0 stands for "not yet".
"""

from toe.model import Entry, Loop, OnFailure
from toe.records import NamedTuple
from toe.words import Word

#: What is kept of a process's output, of a step's inputs and of its outputs, and of those of all steps together, in
#: bytes as the reports hold them; events.jsonl keeps as much of output. console.log has all of it.
KEPT_PROCESS_BYTES = 8 * 1024 * 1024
KEPT_STEP_BYTES = KEPT_PROCESS_BYTES + 64 * 1024
KEPT_RUN_BYTES = 16 * 1024 * 1024
#: What a step keeps even when the others have kept too much.
KEPT_ALWAYS_BYTES = 64 * 1024


class Status(Word):
    """AWSTOE's words for how something ended (reference, section 2); `running` is ours, for what has not ended."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    TIMED_OUT = "timedOut"
    SKIPPED = "skipped"
    IGNORED_FAILURE = "ignoredFailure"
    SUCCESS_WITH_IGNORED_FAILURE = "successWithIgnoredFailure"


class Failure(NamedTuple):
    """Why a step failed. `stderr` holds the last lines of the process that failed, `exit_code` its exit code.

    `stdout` holds the last lines of its stdout where it wrote nothing to stderr: many programs explain themselves so.
    """

    message: str
    exit_code: int | None = None
    stderr: str = ""
    timed_out: bool = False
    attempt: int = 1
    iteration: int | None = None
    stdout: str = ""

    @property
    def said(self) -> str:
        """The last lines of the process that failed, of whichever stream there are any."""
        return self.stderr if self.stderr.strip() else self.stdout


class StepResult(NamedTuple):
    """One step. Inputs and outputs are empty where `disableLogging` hides them (`hidden`)."""

    name: str
    action: str
    status: Status
    started_at_ns: int
    ended_at_ns: int = 0
    timeout_seconds: int = 7200
    on_failure: OnFailure = OnFailure.ABORT
    max_attempts: int = 1
    attempts: int = 0
    inputs: "tuple[Entry, ...]" = ()
    outputs: "tuple[Entry, ...]" = ()
    loop: Loop | None = None
    failure: Failure | None = None
    nested: "tuple[RunResult, ...]" = ()
    hidden: bool = False
    line: int = 0
    column: int = 0

    @property
    def failure_message(self) -> str:
        """Why the step failed, "" after a success."""
        return self.failure.message if self.failure else ""


class PhaseResult(NamedTuple):
    """One phase and the steps of it that were reached."""

    name: str
    status: Status
    started_at_ns: int
    ended_at_ns: int = 0
    failure_message: str = ""
    steps: tuple[StepResult, ...] = ()


class DocumentResult(NamedTuple):
    """One document and the phases of it that were reached."""

    name: str
    path: str
    status: Status
    started_at_ns: int
    ended_at_ns: int = 0
    description: str = ""
    failure_message: str = ""
    phases: tuple[PhaseResult, ...] = ()
    arn: str = ""


class Counts(NamedTuple):
    """How many steps did what (reference, section 2); nested documents count in their own run."""

    executed: int = 0
    failed: int = 0
    ignored: int = 0
    skipped: int = 0


class RunResult(NamedTuple):
    """A whole run, or the run of a nested document.

    `reboot` is set when a step asked for a reboot: the run is not over. `signal` is the number of the one that
    stopped it, 0 where `Cancellation.cancel` did, None for a run that nobody stopped. `left_out` counts the steps that
    were not to run, though their phases were: they are in no other count, and not among the documents'.
    """

    execution_id: str
    status: Status
    started_at_ns: int
    ended_at_ns: int = 0
    failure_message: str = ""
    log_url: str = ""
    counts: Counts = Counts()
    documents: tuple[DocumentResult, ...] = ()
    reboot: bool = False
    signal: int | None = None
    exit_code: int = 0
    left_out: int = 0

    @property
    def cancelled(self) -> bool:
        """Whether somebody stopped it, by a signal or by `Cancellation.cancel` (`signal` is 0 then), before its end."""
        return self.signal is not None
