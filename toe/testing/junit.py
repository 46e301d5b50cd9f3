"""The runs of tests as reports, from which JUnit's XML is made: with what was skipped whole, not run, or too slow."""

from __future__ import annotations

from toe.report.folder import read_folder
from toe.report.model import DocumentReport, PhaseReport, RunReport, StepReport
from toe.results import Status
from toe.testing.verdicts import CaseVerdict, DocumentVerdict


def report_of_tests(verdict: DocumentVerdict) -> RunReport:
    """The report of a document's run, read from its log folder, with every case. Raises ToeError."""
    run = read_folder(verdict.result.log_url) if verdict.result else _no_run(verdict)
    return run._replace(documents=(_with_cases(run.documents[0], verdict),)) if run.documents else run


def _no_run(verdict: DocumentVerdict) -> RunReport:
    document = verdict.tests.document
    report = DocumentReport(document.name, document.path, document.description, "", 0, 0, "", ())
    status = Status.FAILED if verdict.failed else Status.SUCCESS
    return RunReport(
        execution_id="",
        folder="",
        status=status.value,
        started_at_ns=0,
        ended_at_ns=0,
        failure_message=verdict.fault,
        documents=(report,),
        is_precise=False,
        waits_for_reboot=False,
        signal=None,
        resumed_at_ns=(),
        unread_lines=0,
    )


def _with_cases(document: DocumentReport, verdict: DocumentVerdict) -> DocumentReport:
    reported = {phase.name: phase for phase in document.phases}
    cases: dict[str, list[CaseVerdict]] = {}
    for case in verdict.cases:
        cases.setdefault(case.case.phase, []).append(case)
    phases = [_phase(name, reported.get(name), members) for name, members in cases.items()]
    return document._replace(phases=tuple(phases))


def _phase(name: str, phase: PhaseReport | None, cases: list[CaseVerdict]) -> PhaseReport:
    phase = phase or PhaseReport(name, "", 0, 0, "", ())
    steps = {step.name: step for step in phase.steps}
    return phase._replace(steps=tuple(_step(steps.get(case.case.name), case) for case in cases))


def _step(step: StepReport | None, verdict: CaseVerdict) -> StepReport:
    if step is not None and verdict.result is not None:
        return step._replace(warnings=(*step.warnings, *verdict.warnings))
    case, skipped = verdict.case, Status.SKIPPED.value
    return StepReport(
        number=0,
        name=case.name,
        action=case.action,
        status=skipped,
        started_at_ns=0,
        ended_at_ns=0,
        failure_message=verdict.message,
        exit_code=None,
        timeout_seconds=0,
        on_failure="",
        max_attempts=1,
        inputs=(),
        outputs=(),
        loop=None,
        hidden=False,
        line=case.line,
        warnings=(),
        attempts=(),
        nested=(),
    )
