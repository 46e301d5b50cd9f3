"""Child processes on Windows: run one to its end, and end all that it started when it takes too long.

The same promises as toe.system.processes.posix. How a program is started and ended there is `child`'s business, so
that what stands here runs on any system.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Protocol

from toe.system.cancellation import Cancellation
from toe.system.processes.last_output import read_last_output, read_while_ending
from toe.system.processes.runner import GRACE_SECONDS, OUTPUT_PATIENCE, OutputPatience, ProcessEnd, require_time
from toe.system.processes.threaded_output import ThreadedOutput
from toe.system.windows.code_page import Utf8Output, console_code_page

KILL_SECONDS = 10.0
# Signal handlers run in this thread, and not while it waits: a request to stop is seen so much later at most.
_SLICE_SECONDS = 0.1


class StartedChild(Protocol):
    """A program that was started, and all that it starts itself."""

    @property
    def pipes(self) -> Mapping[str, IO[bytes]]:
        """Its stdout and stderr, unbuffered; they belong to who reads them."""

    def wait(self) -> int:
        """Its exit code, once it has ended. Called in a thread of its own as well."""

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""

    def ask_to_end(self) -> bool:
        """Ask it and all that it started to end; false when they cannot be reached."""

    def kill(self) -> None:
        """End it and all that it started at once."""

    def is_gone(self) -> bool:
        """Whether it and all that it started have ended."""

    def close(self, *, let_live: bool) -> None:
        """Give it back; what is left of it lives on or is ended."""


def start_windows_child(argv: Sequence[str], environment: Mapping[str, str]) -> StartedChild:
    """Start a program in a job of its own. Raises OSError."""
    from toe.system.windows.child import WindowsChild

    return WindowsChild(argv, environment)


class WindowsProcesses:
    """Runs one child process at a time and ends all that it started; nothing gets out of its Job Object.

    `grace_seconds` passes between CTRL_BREAK and the end of the job. A request to stop is seen within 0.1 s. Pipes that
    background children hold are read until the end of this process, for a read cannot be broken off.
    """

    def __init__(
        self,
        *,
        grace_seconds: float = GRACE_SECONDS,
        patience: OutputPatience = OUTPUT_PATIENCE,
        start: Callable[[Sequence[str], Mapping[str, str]], StartedChild] = start_windows_child,
    ) -> None:
        self._grace_seconds = grace_seconds
        self._patience = patience
        self._start = start
        self.child_pid = 0

    def run(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        deadline: float | None,
        cancellation: Cancellation,
        on_start: Callable[[], None],
        on_output: Callable[[str, bytes], None],
    ) -> ProcessEnd:
        """As `ProcessRunner.run`; `argv` may be a `CommandLine`. Output is UTF-8, whatever the console's code page."""
        require_time(deadline, cancellation)
        child = self._start(argv, environment)
        output = ThreadedOutput(child.pipes, on_output, Utf8Output(console_code_page).convert)
        output.notice(child.wait)
        ended_by_itself = True
        try:
            try:
                on_start()
                code = _wait(child, output, deadline, cancellation)
                output.read_written()
                held, cut = read_last_output(output, self._patience, deadline, cancellation, _SLICE_SECONDS)
            except BaseException as reason:
                ended_by_itself = child.exit_code() is not None
                if not ended_by_itself:
                    self._end(child, output, reason, cancellation)
                raise
            output.finish()
        finally:
            output.let_go()
            child.close(let_live=ended_by_itself)
        return ProcessEnd(code, held, cut)

    def close(self) -> None:
        """Nothing: what background children still hold is given back by the threads that read it."""

    def _end(
        self, child: StartedChild, output: ThreadedOutput, reason: BaseException, cancellation: Cancellation
    ) -> None:
        """End all that the step started; `reason` is what broke the run of the child off."""

        def kill() -> None:
            _kill(child, output)

        def ask_and_kill() -> None:
            self._ask(child, output, cancellation)
            kill()

        read_while_ending(output, reason, ask_and_kill, kill)

    def _ask(self, child: StartedChild, output: ThreadedOutput, cancellation: Cancellation) -> None:
        """Ask all to end and wait until they have, the grace is over or it gets urgent."""
        limit = time.monotonic() + self._grace_seconds
        if not child.ask_to_end():
            return
        while not child.is_gone() and not cancellation.is_urgent and (left := limit - time.monotonic()) > 0:
            output.wait(min(left, _SLICE_SECONDS))


def _wait(child: StartedChild, output: ThreadedOutput, deadline: float | None, cancellation: Cancellation) -> int:
    """Hand on output until the program has ended. Raises StepTimedOut or Interrupted, with all still alive."""
    while True:
        left = _SLICE_SECONDS if deadline is None else min(_SLICE_SECONDS, deadline - time.monotonic())
        output.wait(left)
        code = child.exit_code()
        if code is not None:
            return code
        require_time(deadline, cancellation)


def _kill(child: StartedChild, output: ThreadedOutput) -> None:
    limit = time.monotonic() + KILL_SECONDS
    while not child.is_gone() and time.monotonic() < limit:
        child.kill()
        output.wait(_SLICE_SECONDS)
