"""What an action module is: a definition with typed inputs, and a function that carries it out.

The definition is the one source of the schema, the reference page, `toe actions` and the conversion of inputs.
Nothing here knows a particular action.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from toe.actions.fields import EVERYWHERE, LINUX, MACOS, POSIX, WINDOWS, Doc, Field, fields_of
from toe.errors import ActionError
from toe.model import Condition, Entry
from toe.quick_typing import TYPE_CHECKING, Any, Protocol
from toe.records import NamedTuple

if TYPE_CHECKING:
    from toe.results import RunResult
    from toe.system.host import Host

#: What is defined elsewhere, and had from here too: an action's file needs this module alone.
__all__ = ["EVERYWHERE", "LINUX", "MACOS", "POSIX", "WINDOWS", "Doc"]


class InputFault(NamedTuple):
    """A static fault of one entry of inputs: the key it stands under ("" for the entry as a whole).

    `is_published`: documents that AWS publishes have it, so that it is a warning and no error.
    """

    key: str
    message: str
    hint: str = ""
    is_published: bool = False


class Reboot(NamedTuple):
    """An action's answer: the machine must reboot; afterwards the same step runs again, or the next one.

    `exit_code` is what was seen, 194 or 3010. A value and not an exception, so that no `except` eats it.
    """

    exit_code: int
    same_step: bool
    delay_seconds: int = 0
    outputs: Any = None


class Completed(NamedTuple):
    """A process that ended by itself. `stdout` is text without its trailing newlines, cut at 8 MiB (then `cut`).

    `stderr` holds the last lines, 64 KiB at most; the logs have all of both. `exit_code` is 128+n after signal n.
    """

    exit_code: int
    stdout: str
    stderr: str
    cut: bool = False

    def failure(self, message: str, outputs: Entry | None = None) -> ActionError:
        """The error to raise when a process that ended like this has failed."""
        return ActionError(message, exit_code=self.exit_code, stderr=self.stderr, outputs=outputs)


class Context(Protocol):
    """All that an action may use of the world beside the file system."""

    @property
    def host(self) -> Host:
        """Facts of this machine and its operating system's effects."""

    @property
    def remaining_seconds(self) -> float | None:
        """Seconds until the step's time is over; None without a limit."""

    def log(self, text: str) -> None:
        """A line for console.log and application.log; the action's name is put before it."""

    def warn(self, text: str) -> None:
        """As `log`, for what people should see at once: it is shown while the run goes on."""

    def debug(self, text: str) -> None:
        """A line for application.log alone."""

    def print(self, text: str) -> None:
        """Print a text that the document asked to see (ReadFile's printFileContent) to where stdout goes."""

    def progress(self, done: int, total: int | None) -> None:
        """How many bytes of a transfer are done, of how many if that is known. Call it as often as convenient."""

    def check(self) -> None:
        """Raise StepTimedOut or Interrupted when it is time to stop. Call it between the items of long work."""

    def wait(self, seconds: float) -> None:
        """Wait so long, unless the step's time is over or the run is asked to stop before. Raises as `check`."""

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Completed:
        """Run a program to its end, its output going to the logs as it comes.

        Raises ActionError when it cannot be started; StepTimedOut or Interrupted after all that it started was ended.
        """

    def evaluate(self, condition: Condition) -> bool:
        """Whether a condition holds; resolves its expressions. Raises ActionError where one has no value."""

    def temporary_directory(self) -> AbstractContextManager[str]:
        """A fresh private directory (mode 0700) with AWSTOE's name and log lines, removed at the end."""

    def run_document(self, request: DocumentRequest) -> RunResult:
        """Run another document inside this step."""


class DocumentRequest(NamedTuple):
    """What ExecuteDocument asks the engine to run. `phases` empty: all."""

    document: str
    phases: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    bucket_owner: str = ""


class Definition(NamedTuple):
    """An action module.

    `each`: `inputs` is a list of maps, `run` is called for each; else one map. `fields` is empty and `condition` true
    for Assert, whose inputs are one condition: its `run` gets a `Condition`. `check` finds static faults of one entry
    of plain data, in which texts may still hold expressions: it must leave those alone. `fixed_timeout` and
    `fixed_attempts` are the only legal values of `timeoutSeconds` and `maxAttempts`, and their defaults.
    `starts_process`: it does nothing that takes long before it starts a process. `reboots`: it always asks for a
    reboot, and is not run where there is none to be had. `elsewhere_by` is the program that lets a run have it on a
    machine whose platform is none of `platforms`; who names platforms to a check is told of those alone. `recorded`
    makes of an entry of inputs what the reports show of it, where AWSTOE shows more than what was given.
    """

    name: str
    summary: str
    run: Callable[[Any, Context], Any]
    inputs: type | None
    outputs: type | None
    fields: tuple[Field, ...]
    output_fields: tuple[Field, ...]
    each: bool
    platforms: tuple[str, ...]
    check: Callable[[Entry], Iterable[InputFault]] | None
    condition: bool
    fixed_timeout: int | None
    fixed_attempts: int | None
    starts_process: bool
    reboots: bool = False
    elsewhere_by: str = ""
    recorded: Callable[[Entry], Entry] | None = None

    @property
    def paths(self) -> list[Field]:
        """The inputs that are paths and are checked as such."""
        return [field for field in self.fields if field.doc.path not in ("", "unchecked")]

    @property
    def needs_inputs(self) -> bool:
        """Whether a step without `inputs` is refused (reference, end of section 6)."""
        return self.condition or any(field.required for field in self.fields)


def action(
    name: str,
    inputs: type | None = None,
    *,
    outputs: type | None = None,
    each: bool = False,
    platforms: tuple[str, ...] = EVERYWHERE,
    check: Callable[[Entry], Iterable[InputFault]] | None = None,
    condition: bool = False,
    fixed_timeout: int | None = None,
    fixed_attempts: int | None = None,
    starts_process: bool = False,
    reboots: bool = False,
    elsewhere_by: str = "",
    recorded: Callable[[Entry], Entry] | None = None,
) -> Callable[[Callable[[Any, Context], Any]], Definition]:
    """Make a function the action module `name`; its docstring's first line is the summary."""

    def define(run: Callable[[Any, Context], Any]) -> Definition:
        return Definition(
            name=name,
            summary=(run.__doc__ or "").strip().split("\n")[0],
            run=run,
            inputs=inputs,
            outputs=outputs,
            fields=fields_of(inputs) if inputs else (),
            output_fields=fields_of(outputs) if outputs else (),
            each=each,
            platforms=platforms,
            check=check,
            condition=condition,
            fixed_timeout=fixed_timeout,
            fixed_attempts=fixed_attempts,
            starts_process=starts_process,
            reboots=reboots,
            elsewhere_by=elsewhere_by,
            recorded=recorded,
        )

    return define
