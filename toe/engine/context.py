"""What an action sees of the run: the `Context` of toe.actions.base, made of an execution and a place in it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from toe.actions.base import Completed, DocumentRequest
from toe.engine.execution import Execution
from toe.engine.kept_outputs import Capture
from toe.errors import ActionError, Interrupted, StepTimedOut
from toe.events import ActionProgressed, LogLine, Output, ProcessExited, ProcessStarted, Where
from toe.expressions.scope import Scope
from toe.model import Condition
from toe.results import RunResult
from toe.system.boot import start_mark
from toe.system.host import FOLDER_PREFIX, Host
from toe.system.processes.runner import require_time

#: Progress is told no more often than this.
PROGRESS_SECONDS = 0.25

RunDocument = Callable[[DocumentRequest, Execution, Where], RunResult]


class ActionContext:
    """One action's view. `nested` collects the results of the documents that it ran.

    `stdout_end` is the end of what the last process printed, if that was stopped or its exit code is not 0.
    """

    def __init__(
        self,
        action: str,
        execution: Execution,
        where: Where,
        scope: Scope,
        deadline: float | None,
        run_document: RunDocument,
    ) -> None:
        self._action = action
        self._execution = execution
        self._where = where
        self._scope = scope
        self._deadline = deadline
        self._run_document = run_document
        self._progressed_at = time.monotonic()
        self.nested: list[RunResult] = []
        self.stdout_end = ""

    @property
    def host(self) -> Host:
        return self._execution.host

    @property
    def remaining_seconds(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def log(self, text: str) -> None:
        self._emit_line(text)

    def warn(self, text: str) -> None:
        self._emit_line(text, warning=True)
        self._execution.flush()

    def debug(self, text: str) -> None:
        self._emit_line(text, debug=True)

    def _emit_line(self, text: str, *, debug: bool = False, warning: bool = False) -> None:
        execution = self._execution
        execution.emit(LogLine(execution.now_ns(), self._where, f"{self._action}: {text}", debug, warning))

    def print(self, text: str) -> None:
        block = text.encode("utf-8", "surrogateescape")
        block = block if block.endswith(b"\n") else block + b"\n"
        self._execution.emit(Output(self._execution.now_ns(), self._where, "stdout", block))

    def progress(self, done: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._progressed_at >= PROGRESS_SECONDS:
            self._progressed_at = now
            self._execution.emit(ActionProgressed(self._execution.now_ns(), self._where, done, total))
            self._execution.flush()

    def check(self) -> None:
        require_time(self._deadline, self._execution.cancellation)

    def wait(self, seconds: float) -> None:
        """Wait so long, unless the step's time is over or the run is asked to stop before. Raises as `check`."""
        remaining = self.remaining_seconds
        self._execution.cancellation.wait(seconds if remaining is None else min(seconds, remaining))
        self.check()

    def evaluate(self, condition: Condition) -> bool:
        from toe.expressions.operators import evaluate

        return evaluate(condition, self._scope, self.host.environment, self.host.platform)

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Completed:
        execution, where, capture = self._execution, self._where, Capture()
        since = start_mark()

        def on_start() -> None:
            execution.state.started(execution.host.processes.child_pid, since, start_mark())
            execution.flush()

        execution.emit(ProcessStarted(execution.now_ns(), where, tuple(argv)))

        def on_output(stream: str, block: bytes) -> None:
            capture.add(stream, block)
            execution.emit(Output(execution.now_ns(), where, stream, block))
            execution.flush()

        try:
            end = execution.host.processes.run(
                argv,
                environment=self.host.environment if environment is None else environment,
                deadline=self._deadline,
                cancellation=execution.cancellation,
                on_start=on_start,
                on_output=on_output,
            )
        except OSError as error:
            execution.emit(ProcessExited(execution.now_ns(), where, None))
            from toe.system.processes.start_faults import why_not_started

            given = self.host.environment if environment is None else environment
            raise ActionError(f"cannot start '{argv[0]}': {why_not_started(argv, error, given)}") from error
        except (StepTimedOut, Interrupted) as stop:
            execution.emit(ProcessExited(execution.now_ns(), where, None, stop.held))
            self.stdout_end = capture.stdout_end()
            stop.args = (capture.take_stdout(), capture.stderr_end())
            raise
        code = end.exit_code if end.exit_code >= 0 else 128 - end.exit_code
        asks_for_reboot = code == self.host.reboot_exit_code
        execution.emit(ProcessExited(execution.now_ns(), where, code, end.held, end.cut, asks_for_reboot))
        self.stdout_end = capture.stdout_end() if code else ""
        capture.lose(end.cut)
        return Completed(code, capture.take_stdout(), capture.stderr_end(), capture.cut)

    @contextmanager
    def temporary_directory(self) -> Iterator[str]:
        path = _make_private_directory(self.host.environment, self._execution.state.making_folder)
        self.log(f"Created temporary directory: {path}")
        try:
            yield path
        finally:
            self.log(f"Removing temporary directory: {path}")
            _remove(path)
            self.log(f"Successfully removed temporary directory: {path}")

    def run_document(self, request: DocumentRequest) -> RunResult:
        result = self._run_document(request, self._execution, self._where)
        self.nested.append(result)
        state = self._execution.state
        if state.halted and state.fault is not None:
            raise state.fault
        if result.signal is not None:
            raise Interrupted
        return result


def _make_private_directory(environment: Mapping[str, str], making: Callable[[str], None]) -> str:
    """A new folder with AWSTOE's name; `making` is told before. Raises ActionError."""
    base = environment.get("TMPDIR") or environment.get("TEMP") or ("/tmp" if os.path.isdir("/tmp") else os.getcwd())
    for _ in range(100):
        path = os.path.join(base, f"{FOLDER_PREFIX}{random_digits()}")
        making(path)
        try:
            os.mkdir(path, 0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise ActionError(f"cannot create a temporary directory in '{base}': {error.strerror}") from error
        return path
    raise ActionError(f"cannot create a temporary directory in '{base}': too many of them are there")


def random_digits() -> str:
    """A random decimal number as AWSTOE puts it into temporary names (up to 32 bits)."""
    return str(int.from_bytes(os.urandom(4), "big"))


def _remove(path: str) -> None:
    """Remove a flat folder quickly; one that the script put more into, thoroughly. What cannot be removed stays."""
    try:
        for name in os.listdir(path):
            os.unlink(os.path.join(path, name))
        os.rmdir(path)
    except OSError:
        from shutil import rmtree

        rmtree(path, ignore_errors=True)
