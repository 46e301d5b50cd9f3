"""`toe test`: the phases `validate` and `test` of component documents, with a verdict a step."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from toe.check.project import is_excluded
from toe.cli.command import split_names
from toe.cli.order import split_parameters
from toe.cli.run import github_sinks
from toe.cli.signals import end_on_signals, stop_on_signals
from toe.cli.summary import harmless_json, tell_machines, tell_nothing_was_run
from toe.cli.targets import targets_of
from toe.cli.terminal import STDERR, STDOUT, say, say_error, say_line, write, write_file
from toe.errors import EXIT_FAILED, EXIT_NOTHING_TO_TEST, EXIT_SUCCESS, ToeError
from toe.report.junit import junit_report
from toe.report.model import RunReport
from toe.session.order import Order
from toe.sinks.failure_block import failure_text
from toe.sinks.progress_lines import PlainProgress, StepOutput
from toe.system.cancellation import Cancellation
from toe.testing.collection import collected
from toe.testing.documents import DocumentTests
from toe.testing.junit import report_of_tests
from toe.testing.run import SlowSteps, TemporaryLogs, run_tests
from toe.testing.summary import nothing_was_run, summary, summary_line
from toe.testing.verdicts import CaseStatus, DocumentVerdict
from toe.words import counted


def test(options: Mapping[str, Any]) -> int:
    """Carry out `toe test` with the values of its options (toe.cli.options) and return the exit code."""
    end_on_signals(lambda signal_name: say(f"toe: stopped by {signal_name}: nothing was run"))
    try:
        return _Testing(options).run(_tests(options))
    except ToeError as error:
        tell_nothing_was_run(error)
        write(STDOUT, harmless_json(nothing_was_run(error.message)))
        return error.exit_code


def _tests(options: Mapping[str, Any]) -> Sequence[DocumentTests]:
    """All that is to be run, checked. Raises ToeError."""
    paths = options["paths"] or (".",)
    keyword = options["keyword"] or ""
    targets = [
        (target.path, target.found) for target in targets_of(paths) if not (target.found and is_excluded(target.path))
    ]
    found = collected(targets, split_parameters(options["parameters"]), split_names(options["mask"]), keyword)
    if found.without_tests:
        what = counted(found.without_tests, "document")
        say(f"toe: {what} without a phase 'validate' or 'test': left out")
    for warning in found.warnings:
        say_line(f"toe: warning: {warning}")
    if not found.has_any:
        raise ToeError(
            f"nothing to test: no component document in {', '.join(paths)} has a phase 'validate' or 'test'",
            exit_code=EXIT_NOTHING_TO_TEST,
        )
    if not found.tests:
        raise ToeError(
            f"nothing to test: no path, no name of a document and no PHASE.STEP has '{keyword}' in it",
            exit_code=EXIT_NOTHING_TO_TEST,
        )
    return found.tests


class _Testing:
    """One call of `toe test`. Where no log directory is named, the folders in a temporary one are kept for failures."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options
        self._cancellation = Cancellation()
        # A plain dict that never changes: it is encoded for the first process alone.
        self._environment = dict(os.environ)
        self._logs: TemporaryLogs | None = None
        self._log_directory: str = options["log_directory"] or ""

    def run(self, tests: Sequence[DocumentTests]) -> int:
        """Run the tests, tell of them, and return the exit code."""
        started_at_ns = time.monotonic_ns()
        stop_on_signals(self._cancellation)
        if not self._log_directory:
            self._logs = TemporaryLogs()
            self._log_directory = self._logs.folder
        verdicts: list[DocumentVerdict] = []
        reports: list[RunReport] = []
        try:
            for verdict in run_tests(tests, self._hooked, fail_fast=bool(self._options["fail_fast"])):
                verdicts.append(verdict)
                _tell(verdict)
                if self._options["junit_xml"]:
                    reports.append(report_of_tests(verdict))
                if self._logs is not None:
                    self._logs.keep_failure(verdict)
        finally:
            if self._logs is not None:
                self._logs.close()
        return self._told(verdicts, reports, time.monotonic_ns() - started_at_ns)

    def _hooked(self, tests: DocumentTests, order: Order) -> Order:
        output = StepOutput() if self._options["show_output"] else None
        progress = github_sinks() or [PlainProgress(lambda text: write(STDERR, text), output)]
        return order._replace(
            log_directory=self._log_directory,
            environment=self._environment,
            own_process=True,
            cancellation=self._cancellation,
            listeners=lambda: [*progress, SlowSteps(tests, say_line)],
            report=say_line,
        )

    def _told(self, verdicts: list[DocumentVerdict], reports: list[RunReport], took_ns: int) -> int:
        """Tell of all of them, write what is asked for, and return the exit code."""
        say(summary_line(verdicts, took_ns))
        exit_code = EXIT_FAILED if any(verdict.failed for verdict in verdicts) else EXIT_SUCCESS
        for result in (verdict.result for verdict in verdicts):
            if result is not None and result.cancelled:
                exit_code = result.exit_code
        if self._options["junit_xml"]:
            try:
                write_file(self._options["junit_xml"], [junit_report(*reports, command="toe test")])
            except ToeError as error:
                say_error(error)
                exit_code = exit_code or EXIT_FAILED
        data = summary(verdicts, took_ns, logs_are_kept=self._logs is None)
        if not tell_machines(harmless_json(data), None):
            exit_code = exit_code or EXIT_FAILED
        return exit_code


def _tell(verdict: DocumentVerdict) -> None:
    """What the progress has not told: the steps that were not reached, and why something failed."""
    if verdict.result is None:
        say_line(f"Document {verdict.tests.path}")
    for case in verdict.cases:
        if case.result is None:
            word = "skipped" if case.status is CaseStatus.SKIPPED else "not run"
            reason = case.message.removeprefix("not run: ")
            say_line(f"    {word}  {case.case.label} ({case.case.action}): {reason}")
    if verdict.result and verdict.failed:
        write(STDERR, failure_text(verdict.result))
        say_line(f"  Logs:      {verdict.result.log_url}")
