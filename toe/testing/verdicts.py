"""What a run of tests came to: a verdict a step, made of the result of the run of their document."""

from __future__ import annotations

from toe.engine.decide import FAILURES, stops_the_run
from toe.records import NamedTuple
from toe.results import RunResult, Status, StepResult
from toe.sinks.terminal_text import duration
from toe.testing.documents import Case, DocumentTests
from toe.words import NANOSECONDS, Word


class CaseStatus(Word):
    """How a case ended. It was not run where a step before it ended the run of its document."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_RUN = "notRun"


class CaseVerdict(NamedTuple):
    """What came of a case. `message` says why it failed, was skipped or was not run; `result` is None if it was not."""

    case: Case
    status: CaseStatus
    message: str = ""
    warnings: tuple[str, ...] = ()
    result: StepResult | None = None

    @property
    def took_ns(self) -> int:
        """How long it ran."""
        return self.result.ended_at_ns - self.result.started_at_ns if self.result else 0

    @property
    def exit_code(self) -> int | None:
        """The exit code by which it failed or was skipped, None where there is none."""
        return self.result.failure.exit_code if self.result and self.result.failure else None


class DocumentVerdict(NamedTuple):
    """What came of the tests of a document. `result` is None where it was not run, `fault` says why it could not be."""

    tests: DocumentTests
    cases: tuple[CaseVerdict, ...]
    result: RunResult | None = None
    fault: str = ""

    @property
    def failed(self) -> bool:
        """Whether something of it failed, be it a step or the run around the steps."""
        if self.result is None:
            return bool(self.fault)
        # A document that was changed meanwhile can succeed without the steps that it had.
        is_incomplete = any(case.status is CaseStatus.NOT_RUN for case in self.cases)
        return is_incomplete or self.result.status is not Status.SUCCESS

    @property
    def status(self) -> CaseStatus:
        """One word for the whole."""
        if self.failed:
            return CaseStatus.FAILED
        if self.result is None:
            return CaseStatus.SKIPPED if self.tests.skipped else CaseStatus.NOT_RUN
        ended = {verdict.status for verdict in self.cases}
        return CaseStatus.SKIPPED if ended == {CaseStatus.SKIPPED} else CaseStatus.PASSED


def verdict_of_result(tests: DocumentTests, result: RunResult) -> DocumentVerdict:
    """The verdict of a document that was run."""
    phases = [phase for document in result.documents for phase in document.phases]
    ended = {(phase.name, step.name): step for phase in phases for step in phase.steps}
    stopped_by = next((step.name for step in ended.values() if stops_the_run(step)), "")
    why = f"step '{stopped_by}' before it failed" if stopped_by else "the run ended before it"
    return DocumentVerdict(
        tests,
        tuple(
            _case_verdict(case, ended[case.phase, case.name])
            if (case.phase, case.name) in ended
            else CaseVerdict(case, CaseStatus.NOT_RUN, f"not run: {why}")
            for case in tests.cases
        ),
        result,
    )


def verdict_without_run(tests: DocumentTests, why: str = "") -> DocumentVerdict:
    """The verdict of a document that is not run: its platform does not let it, or `why`."""
    status = CaseStatus.SKIPPED if tests.skipped else CaseStatus.NOT_RUN
    message = tests.skipped or f"not run: {why}"
    return DocumentVerdict(tests, tuple(CaseVerdict(case, status, message) for case in tests.cases))


def _case_verdict(case: Case, step: StepResult) -> CaseVerdict:
    message = step.failure_message
    if step.status is Status.SKIPPED:
        return CaseVerdict(case, CaseStatus.SKIPPED, message or "its condition skips it", result=step)
    warnings = []
    if too_slow := slow_warning(case, step):
        warnings.append(too_slow)
    if step.status is Status.IGNORED_FAILURE:
        warnings.append(f"failed, which the document ignores: {message}")
    status = CaseStatus.FAILED if step.status in FAILURES else CaseStatus.PASSED
    return CaseVerdict(case, status, message if status is CaseStatus.FAILED else "", tuple(warnings), step)


def slow_warning(case: Case, step: StepResult) -> str:
    """What is said of a step that took longer than its document expects, "" for none."""
    if case.expected_seconds is None or step.status is Status.SKIPPED:
        return ""
    took_ns, expected_ns = step.ended_at_ns - step.started_at_ns, round(case.expected_seconds * NANOSECONDS)
    if took_ns <= expected_ns:
        return ""
    return f"step {step.name} took {duration(took_ns)}, longer than the {duration(expected_ns)} that were expected"
