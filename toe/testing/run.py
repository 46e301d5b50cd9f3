"""Runs the tests of documents, one document after the other."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator

from toe.errors import ToeError
from toe.events import Event, StepFinished
from toe.session.order import Order
from toe.session.run import run as run_order
from toe.testing.documents import DocumentTests
from toe.testing.verdicts import DocumentVerdict, slow_warning, verdict_of_result, verdict_without_run


def run_tests(
    documents: Iterable[DocumentTests],
    hooked: Callable[[DocumentTests, Order], Order],
    *,
    fail_fast: bool = False,
) -> Iterator[DocumentVerdict]:
    """The verdict of each document, when it is done. `hooked` says where its logs go, and who is told of its run.

    After a stop, and with `fail_fast` after a failure, the remaining documents are not run. A run that does not come
    about has failed. Raises ToeError where it is the first one: no document was run then.
    """
    why = ""
    has_run = False
    for tests in documents:
        if tests.skipped or why:
            yield verdict_without_run(tests, why)
            continue
        try:
            result = run_order(hooked(tests, tests.order))
        except ToeError as error:
            if not has_run:
                raise
            verdict = verdict_without_run(tests, error.message)._replace(fault=error.in_one_line)
        else:
            has_run = True
            verdict = verdict_of_result(tests, result)
        if verdict.result is not None and verdict.result.cancelled:
            why = "the tests were stopped"
        elif verdict.failed and fail_fast:
            why = f"'{tests.path}' before it failed"
        yield verdict


class SlowSteps:
    """Tells of each step that took longer than its document expects, when it ends."""

    name = "the warnings of slow steps"

    def __init__(self, tests: DocumentTests, tell: Callable[[str], object]) -> None:
        self._cases = {(case.phase, case.name): case for case in tests.cases}
        self._tell = tell

    def handle(self, event: Event) -> None:
        """Take note of the end of a step, unless it is one of a nested document."""
        if isinstance(event, StepFinished) and not event.where.depth:
            case = self._cases.get((event.where.phase, event.result.name))
            warning = slow_warning(case, event.result) if case else ""
            if warning:
                self._tell(f"    warning: {warning}")

    def close(self) -> None:
        """Nothing is open."""


class TemporaryLogs:
    """A temporary folder for the logs of runs, of which those of failures are kept."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="toe-test-")

    def keep_failure(self, verdict: DocumentVerdict) -> None:
        """Remove the log folder of a document that has been run, unless it failed."""
        if verdict.result is not None and not verdict.failed:
            shutil.rmtree(verdict.result.log_url, ignore_errors=True)

    def close(self) -> None:
        """Remove the folder where nothing failed."""
        with contextlib.suppress(OSError):  # it is not empty
            os.rmdir(self.folder)
