"""What the tests of actions run them with: a context of the real machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from toe.actions import ActionTable
from toe.actions.base import Completed, Definition, DocumentRequest
from toe.actions.inputs import static_faults, typed_inputs
from toe.engine.kept_outputs import Capture
from toe.model import Condition
from toe.results import RunResult
from toe.system.cancellation import Cancellation
from toe.system.host import Host, platform_name
from toe.system.processes.runner import ProcessEnd, ProcessRunner


class NoProcesses:
    """A runner for actions that start no process."""

    child_pid = 0

    def run(self, argv: Sequence[str], **_: Any) -> ProcessEnd:
        raise AssertionError(f"no process was expected: {argv}")

    def close(self) -> None:
        pass


class LocalContext:
    """A `Context` of this machine that keeps what it is told. `stop_after` checks, `check` raises `stop_with`."""

    def __init__(self, processes: ProcessRunner) -> None:
        self.host = Host(platform_name(), os.environ, os.geteuid() == 0, processes)
        self.remaining_seconds: float | None = None
        self.logged: list[str] = []
        self.warned: list[str] = []
        self.debugged: list[str] = []
        self.printed: list[str] = []
        self.progressed: list[tuple[int, int | None]] = []
        self.checks = 0
        self.stop_after = -1
        self.stop_with: BaseException = AssertionError("stop_with is not set")

    def log(self, text: str) -> None:
        self.logged.append(text)

    def warn(self, text: str) -> None:
        self.warned.append(text)

    def debug(self, text: str) -> None:
        self.debugged.append(text)

    def print(self, text: str) -> None:
        self.printed.append(text)

    def check(self) -> None:
        self.checks += 1
        if 0 <= self.stop_after < self.checks:
            raise self.stop_with

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Completed:
        raise NotImplementedError

    def progress(self, done: int, total: int | None) -> None:
        self.progressed.append((done, total))

    def wait(self, seconds: float) -> None:
        raise NotImplementedError

    def evaluate(self, condition: Condition) -> bool:
        raise NotImplementedError

    @contextmanager
    def temporary_directory(self) -> Iterator[str]:
        with TemporaryDirectory() as path:
            yield path

    def run_document(self, request: DocumentRequest) -> RunResult:
        raise NotImplementedError


class ProcessContext(LocalContext):
    """A context on a host of the test's choice, which starts processes."""

    def __init__(self, host: Host) -> None:
        super().__init__(host.processes)
        self.host = host

    def run(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Completed:
        capture = Capture()
        end = self.host.processes.run(
            argv,
            environment=self.host.environment if environment is None else environment,
            deadline=None,
            cancellation=Cancellation(),
            on_start=lambda: None,
            on_output=capture.add,
        )
        return Completed(end.exit_code, capture.take_stdout(), capture.stderr_end(), capture.cut)


class Actions:
    """Runs actions by their names, with inputs as a document gives them."""

    def __init__(self) -> None:
        self.ctx = LocalContext(NoProcesses())
        self._table = ActionTable()

    def definition(self, name: str) -> Definition:
        found = self._table.find(name)
        assert found is not None
        return found

    def __call__(self, name: str, **entry: Any) -> Any:
        """Run the action with the entry's resolved inputs; paths may be `Path` objects."""
        definition = self.definition(name)
        plain = {key: os.fspath(value) if isinstance(value, os.PathLike) else value for key, value in entry.items()}
        return definition.run(typed_inputs(definition, plain), self.ctx)

    def faults(self, name: str, **entry: Any) -> list[tuple[str, str]]:
        """Key and message of each static fault."""
        return [(fault.key, fault.message) for fault in static_faults(self.definition(name), entry)]


@pytest.fixture
def act() -> Actions:
    return Actions()
