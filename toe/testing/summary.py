"""What runs of tests came to, in one line for people and as data that JSON can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toe.sinks.terminal_text import duration
from toe.testing.verdicts import CaseStatus, CaseVerdict, DocumentVerdict
from toe.words import NANOSECONDS, counted


def summary_line(verdicts: Sequence[DocumentVerdict], took_ns: int) -> str:
    """`3 documents, 12 steps: 11 passed, 1 skipped, 0 failed in 0.41 s`."""
    counts = _counts(verdicts)
    whole = f"{counted(len(verdicts), 'document')}, {counted(sum(counts.values()), 'step')}"
    parts = [f"{counts[CaseStatus.PASSED]} passed", f"{counts[CaseStatus.SKIPPED]} skipped"]
    parts += [f"{counts[CaseStatus.FAILED]} failed"]
    parts += [f"{counts[CaseStatus.NOT_RUN]} not run"] if counts[CaseStatus.NOT_RUN] else []
    warned = sum(bool(case.warnings) for verdict in verdicts for case in verdict.cases)
    parts += [f"{warned} with a warning"] if warned else []
    return f"{whole}: {', '.join(parts)} in {duration(took_ns)}"


def summary(verdicts: Sequence[DocumentVerdict], took_ns: int, *, logs_are_kept: bool) -> dict[str, Any]:
    """The same with every document and step. `logs_are_kept`: also those of documents that have not failed."""
    return {
        "status": "failed" if any(verdict.failed for verdict in verdicts) else "passed",
        "failureMessage": "",
        **{str(status): count for status, count in _counts(verdicts).items()},
        "seconds": _seconds(took_ns),
        "documents": [_document(verdict, logs_are_kept) for verdict in verdicts],
    }


def nothing_was_run(message: str) -> dict[str, Any]:
    """The data where nothing was run."""
    return {**summary((), 0, logs_are_kept=False), "status": "nothingRun", "failureMessage": message}


def _counts(verdicts: Sequence[DocumentVerdict]) -> dict[CaseStatus, int]:
    ended = [case.status for verdict in verdicts for case in verdict.cases]
    return {status: ended.count(status) for status in CaseStatus}


def _document(verdict: DocumentVerdict, logs_are_kept: bool) -> dict[str, Any]:
    result = verdict.result
    return {
        "path": verdict.tests.path,
        "name": verdict.tests.document.name,
        "status": verdict.status.value,
        "seconds": _seconds(result.ended_at_ns - result.started_at_ns) if result else 0,
        "failureMessage": result.failure_message if result else verdict.fault,
        "logDirectory": result.log_url if result and (logs_are_kept or verdict.failed) else "",
        "steps": [_step(case) for case in verdict.cases],
    }


def _step(verdict: CaseVerdict) -> dict[str, Any]:
    case = verdict.case
    return {
        "phase": case.phase,
        "name": case.name,
        "action": case.action,
        "line": case.line,
        "status": verdict.status.value,
        "seconds": _seconds(verdict.took_ns),
        "expectedSeconds": case.expected_seconds,
        "exitCode": verdict.exit_code,
        "message": verdict.message,
        "warnings": list(verdict.warnings),
    }


def _seconds(nanoseconds: int) -> float:
    return round(nanoseconds / NANOSECONDS, 3)
