"""The errors that `toe` expects, the problems of a document, and the table of exit codes.

Not for bugs: whatever is not a `ToeError` is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toe.quick_typing import TYPE_CHECKING, TypeAlias
from toe.records import NamedTuple
from toe.words import Word

if TYPE_CHECKING:
    from toe.model import Entry

EXIT_SUCCESS = 0
EXIT_FAILED = 1
EXIT_NOTHING_RUN = 2
EXIT_NOTHING_TO_TEST = 5
EXIT_SIGNAL_BASE = 128
EXIT_REBOOT_POSIX = 194
EXIT_REBOOT_WINDOWS = 3010


class Severity(Word):
    """How bad a problem is; only an error makes a document invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Problem(NamedTuple):
    """One static finding about a document. Lines and columns count from 1; the end column is exclusive.

    `fix` is the word that mends it in the place of the one that stands there; "" where people must decide.
    """

    code: str
    severity: Severity
    message: str
    hint: str = ""
    file: str = ""
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    source_line: str = ""
    fix: str = ""

    @property
    def place(self) -> str:
        """`file:line:column`, the form that editors and CI systems link."""
        return f"{self.file}:{self.line}:{self.column}"


def first_of(problems: Sequence[Problem]) -> str:
    """The first problem with its place, and how many more there are: for where one line must do."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.place}: {first.message}{more}"


class ToeError(Exception):
    """An expected error: a message, a way out, and the exit code of the command line."""

    def __init__(
        self, message: str, *, hint: str = "", exit_code: int = EXIT_NOTHING_RUN, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.problems = problems

    @property
    def in_one_line(self) -> str:
        """The message, with the hint behind it where there is one."""
        return f"{self.message} ({self.hint})" if self.hint else self.message


class StateError(ToeError):
    """The state of a run cannot be written: nothing more may run."""


class DocumentError(ToeError):
    """A document that cannot be read or is not valid; `problems` says where and why."""


class ActionError(Exception):
    """An expected failure of an action module, with what it had put out until then.

    `exit_code` is set where a process ended the action; `stderr` holds the last lines of that process.
    """

    def __init__(
        self, message: str, *, exit_code: int | None = None, stderr: str = "", outputs: Entry | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.stderr = stderr
        self.outputs = outputs


class StepTimedOut(BaseException):
    """The step's time is over. A BaseException, so that no action's `except Exception` swallows it.

    `held` are the streams that a process of the step has open all the same: it could not be ended.
    """

    held: tuple[str, ...] = ()


class Interrupted(BaseException):
    """Somebody asked the run to stop (a signal, or `Cancellation.cancel`). `held` as with `StepTimedOut`."""

    held: tuple[str, ...] = ()


#: Called all the time while something is waited for; raises one of these two when the wait is to end.
Check: TypeAlias = "Callable[[], None]"


def go_on() -> None:
    """The check of a wait that nobody ends. No lambda: some are sent to other processes."""
