"""Component documents as pytest has tests: a collector for a document, an item for a step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from toe.check.project import is_excluded
from toe.check.reading import DocumentReader
from toe.cli.order import split_parameters
from toe.document.source import YAML_ENDINGS
from toe.errors import ToeError
from toe.session.given import bound
from toe.session.order import Order
from toe.sinks.failure_block import failure_text
from toe.system.cancellation import Cancellation
from toe.testing.documents import Case, DocumentTests, load_cases, planned_tests
from toe.testing.run import TemporaryLogs, run_tests
from toe.testing.verdicts import CaseStatus, CaseVerdict, DocumentVerdict

_WARNING = "warning"


class Components:
    """What `--toe` adds to a run of pytest."""

    def __init__(self, parameters: Sequence[str]) -> None:
        try:
            pieces = split_parameters(parameters)
            # The documents are not known yet, and so each comma is taken to stand before another parameter.
            self.parameters = bound(pieces, [piece.name for piece in pieces]).values
        except ToeError as error:
            raise pytest.UsageError(f"--toe-parameters: {error.in_one_line}") from None
        self._declared: set[str] = set()
        self._has_documents = False

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A collector for every file with a YAML ending; it finds out what is in the file."""
        if not file_path.name.lower().endswith(YAML_ENDINGS):
            return None
        file: ComponentFile = ComponentFile.from_parent(parent, path=file_path)
        file.components = self
        return file

    def planned(self, path: str, *, is_named: bool) -> DocumentTests | None:
        """The tests of a document, checked; None for what is none, or is excluded and not named. Raises ToeError."""
        if not is_named and is_excluded(path):
            return None
        loaded = load_cases(path, DocumentReader(), found=True)
        if loaded is None:
            return None
        document, cases = loaded
        self._has_documents = True
        self._declared.update(parameter.name for parameter in document.parameters)
        return planned_tests(document, cases, self.parameters, (), found=True) if cases else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Have a skip be told with the step's place: pytest takes that of the line of Python that skips."""
        report = yield
        if isinstance(item, CaseItem) and report.skipped and isinstance(report.longrepr, tuple):
            path, line, _ = item.reportinfo()
            report.longrepr = str(path), (line or 0) + 1, report.longrepr[2]
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what is to be known and is no failure; pytest's own warnings are failures in many projects."""
        # With xdist the workers collect, and this process knows no document.
        unused = [name for name in self.parameters if name not in self._declared] if self._has_documents else []
        lines = [f"no document declares the parameter '{name}'" for name in unused]
        for reports in terminalreporter.stats.values():
            for report in reports:
                if getattr(report, "when", "") == "call":
                    said = [value for name, value in report.user_properties if name == _WARNING]
                    lines += [f"{report.nodeid}: {text}" for text in said]
        if lines:
            terminalreporter.section("warnings of toe")
            for line in lines:
                terminalreporter.line(line)


class ComponentFile(pytest.File):
    """A document. It runs once, when the first of its items is due."""

    components: Components
    _tests: DocumentTests
    _verdict: DocumentVerdict | None = None
    _fault: ToeError | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each step."""
        try:
            tests = self.components.planned(_shown(self.path), is_named=self.session.isinitpath(self.path))
        except ToeError as error:
            raise self.CollectError(_told(error)) from error
        if tests is not None:
            self._tests = tests
            for case in tests.cases:
                yield CaseItem.from_parent(self, name=case.label, case=case)

    def verdict(self) -> DocumentVerdict:
        """What came of the document. Raises ToeError, each time, when it could not be run."""
        if self._fault is not None:
            raise self._fault
        if self._verdict is None:
            try:
                self._verdict = self._run()
            except ToeError as error:
                self._fault = error
                raise
        return self._verdict

    def _run(self) -> DocumentVerdict:
        logs = TemporaryLogs()

        def hooked(tests: DocumentTests, order: Order) -> Order:
            return order._replace(log_directory=logs.folder, environment=dict(os.environ), cancellation=cancellation)

        try:
            with _interruptible() as cancellation:
                (verdict,) = run_tests([self._tests], hooked)
            logs.keep_failure(verdict)
        finally:
            logs.close()
        if cancellation.requested:
            raise KeyboardInterrupt
        return verdict

    def shows(self, label: str) -> bool:
        """Whether the item of a step is among those that run, and so tells of its failure itself."""
        return any(item.parent is self and item.name == label for item in self.session.items)


@contextmanager
def _interruptible() -> Iterator[Cancellation]:
    """Have Ctrl-C stop the run, which ends what its step has started. An exception could come at any point of it."""
    cancellation = Cancellation()
    try:
        if threading.current_thread() is not threading.main_thread():  # where Python lets nobody handle signals
            yield cancellation
            return

        def ask(number: int, frame: FrameType | None) -> None:
            if cancellation.requested:
                cancellation.hurry()
            cancellation.cancel(number)

        before = signal.signal(signal.SIGINT, ask)
        try:
            yield cancellation
        finally:
            signal.signal(signal.SIGINT, before)
    finally:
        cancellation.close()


class CaseFailedError(Exception):
    """A step failed; the text tells all about it."""


class CaseItem(pytest.Item):
    """A step of a document."""

    def __init__(self, *, case: Case, **options: Any) -> None:
        super().__init__(**options)
        self._case = case

    def runtest(self) -> None:
        """Report the step's own verdict."""
        file = self.parent
        assert isinstance(file, ComponentFile)
        whole = file.verdict()
        verdict = next(one for one in whole.cases if one.case == self._case)
        self.user_properties += [(_WARNING, text) for text in verdict.warnings]
        if verdict.status is CaseStatus.FAILED:
            raise CaseFailedError(_story(whole, verdict))
        if verdict.status is CaseStatus.SKIPPED:
            pytest.skip(verdict.message)
        if verdict.status is CaseStatus.NOT_RUN:
            # Where the step that failed was deselected (`-k`), a skip would let the whole pass.
            if any(one.status is CaseStatus.FAILED and file.shows(one.case.label) for one in whole.cases):
                pytest.skip(verdict.message)
            raise CaseFailedError("\n".join([verdict.message, *_block(whole)]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What failed in the document's terms; a traceback would show the insides of toe."""
        if isinstance(excinfo.value, CaseFailedError):
            return str(excinfo.value)
        if isinstance(excinfo.value, ToeError):
            return _told(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Where the step stands, and a title. Of a title that ends the item's id, pytest would show other dots."""
        return self.path, max(0, self._case.line - 1), f"step {self.name}"


def _story(whole: DocumentVerdict, verdict: CaseVerdict) -> str:
    """The block that `toe run` ends with, of one step alone."""
    result, case = whole.result, verdict.case
    assert result is not None
    documents = [
        document._replace(
            phases=tuple(
                phase._replace(steps=tuple(step for step in phase.steps if step.name == case.name))
                for phase in document.phases
                if phase.name == case.phase
            )
        )
        for document in result.documents
    ]
    return "\n".join(_block(whole._replace(result=result._replace(documents=tuple(documents)))))


def _block(whole: DocumentVerdict) -> list[str]:
    if whole.result is None:
        return []
    return [*failure_text(whole.result).splitlines(), f"  Logs:      {whole.result.log_url}"]


def _told(error: ToeError) -> str:
    """The problems of a document, or the message with its hint."""
    if not error.problems:
        return error.in_one_line
    from toe.check.formats.people_text import problem_text

    problems = [problem._replace(hint=problem.hint.replace("--param", "--toe-param")) for problem in error.problems]
    return "\n".join(map(problem_text, problems))


def _shown(path: Path) -> str:
    """A path as people would write it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
