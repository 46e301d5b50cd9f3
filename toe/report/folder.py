"""Reads the log folder of a run, ours or AWSTOE's: detailedoutput.json, and what events.jsonl adds to it."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any

from toe.errors import ActionError, ToeError
from toe.report.events_file import TracedRun, read_trace
from toe.report.fields import entries_of, maps_of, number_of, text_of, time_of
from toe.report.model import DEEPEST, DocumentReport, NestedReport, PhaseReport, RunReport, StepReport
from toe.report.trace import TracedDocument, TracedPhase, TracedStep
from toe.system.files.opening import read_bytes
from toe.system.files.path_faults import told

REPORT = "detailedoutput.json"
_PREFIX = "TOE_"

Fields = dict[str, Any]


def read_folder(folder: str) -> RunReport:
    """The run whose logs a folder holds, also one that has not ended. Raises ToeError for any other folder."""
    report = _report_in(folder)
    try:
        trace = read_trace(folder)
    except (OSError, ActionError) as error:
        raise ToeError(f"cannot read '{os.path.join(folder, 'events.jsonl')}': {_reason(error, folder)}") from error
    return _Builder(trace or TracedRun()).run(report, folder, is_precise=trace is not None)


def _report_in(folder: str) -> Fields:
    path = os.path.join(folder, REPORT)
    try:
        if not os.path.isdir(folder):
            os.stat(folder)
            raise ToeError(f"'{folder}' is a file, and no log folder", hint="name the folder that it lies in")
        report = json.loads(read_bytes(path))
    except FileNotFoundError as error:
        if os.path.isdir(folder):
            raise ToeError(f"'{folder}' is no log folder: it has no {REPORT}", hint=_other_folders(folder)) from error
        raise ToeError(f"cannot read the log folder '{folder}': {told(error, folder)}") from error
    except (OSError, ActionError) as error:
        raise ToeError(f"cannot read '{path}': {_reason(error, path)}") from error
    except (ValueError, RecursionError) as error:
        raise ToeError(f"'{path}' is damaged: it is no JSON") from error
    if not isinstance(report, dict) or "documents" not in report or not text_of(report, "status"):
        raise ToeError(f"'{path}' is no report of a run: it has no status or no documents")
    return report


def _reason(error: Exception, path: str) -> str:
    return error.message if isinstance(error, ActionError) else told(error, path)


def _other_folders(folder: str) -> str:
    """The log folders that lie in the one named, the newest first: a hint, "" for none."""
    try:
        names = [name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, REPORT))]
    except OSError:
        return ""
    names.sort(key=lambda name: (name.startswith(_PREFIX), name), reverse=True)
    more = f", and {len(names) - 1} more" if len(names) > 1 else ""
    return f"there is one in it: '{os.path.join(folder, names[0])}'{more}" if names else ""


class _Builder:
    """Makes the report out of the entries of detailedoutput.json and their traces, found by position and by name."""

    def __init__(self, trace: TracedRun) -> None:
        self._trace = trace
        self._numbers = itertools.count(1)
        self._depth = 0

    def run(self, entry: Fields, folder: str, *, is_precise: bool) -> RunReport:
        started, finished = self._trace.started, self._trace.finished
        documents = tuple(
            self._document(document, self._trace.documents.get(position))
            for position, document in enumerate(maps_of(entry, "documents"))
        )
        return RunReport(
            execution_id=text_of(entry, "executionId"),
            folder=os.path.abspath(folder),
            status=text_of(entry, "status"),
            started_at_ns=time_of(started, "at") or time_of(entry, "startTime"),
            ended_at_ns=time_of(finished, "at") or time_of(entry, "endTime"),
            failure_message=text_of(entry, "failureMessage") or text_of(finished, "failureMessage"),
            documents=documents,
            is_precise=is_precise,
            waits_for_reboot=bool(finished.get("reboot")),
            signal=number_of(finished, "signal"),
            resumed_at_ns=tuple(self._trace.resumed_at_ns),
            unread_lines=self._trace.unread_lines,
            left_out=number_of(finished, "leftOutSteps") or 0,
        )

    def _document(self, entry: Fields, trace: TracedDocument | None) -> DocumentReport:
        trace = trace or TracedDocument()
        return DocumentReport(
            name=text_of(entry, "name"),
            path=text_of(entry, "filePath"),
            description=text_of(entry, "description"),
            status=text_of(entry, "status"),
            started_at_ns=time_of(trace.started, "at") or time_of(entry, "startTime"),
            ended_at_ns=time_of(trace.finished, "at") or time_of(entry, "endTime"),
            failure_message=text_of(entry, "failureMessage"),
            phases=tuple(
                self._phase(phase, trace.phases.get(text_of(phase, "name"))) for phase in maps_of(entry, "phases")
            ),
        )

    def _phase(self, entry: Fields, trace: TracedPhase | None) -> PhaseReport:
        trace = trace or TracedPhase()
        return PhaseReport(
            name=text_of(entry, "name"),
            status=text_of(entry, "status"),
            started_at_ns=time_of(trace.started, "at") or time_of(entry, "startTime"),
            ended_at_ns=time_of(trace.finished, "at") or time_of(entry, "endTime"),
            failure_message=text_of(entry, "failureMessage"),
            steps=tuple(self._step(step, trace.steps.get(text_of(step, "name"))) for step in maps_of(entry, "steps")),
        )

    def _step(self, entry: Fields, trace: TracedStep | None) -> StepReport:
        number = next(self._numbers)  # before those of its nested documents
        trace = trace or TracedStep()
        started, finished = trace.started, trace.finished
        failure = finished.get("failure")
        loop = entry.get("loop")
        return StepReport(
            number=number,
            name=text_of(entry, "name"),
            action=text_of(entry, "action"),
            status=text_of(entry, "status"),
            started_at_ns=time_of(finished, "startedAt") or time_of(started, "at") or time_of(entry, "startTime"),
            ended_at_ns=time_of(finished, "endedAt") or time_of(entry, "endTime"),
            failure_message=text_of(entry, "failureMessage"),
            exit_code=number_of(failure, "exitCode") if isinstance(failure, dict) else None,
            timeout_seconds=number_of(entry, "timeoutSeconds") or 0,
            on_failure=text_of(entry, "onFailure"),
            max_attempts=number_of(entry, "maxAttempts") or 1,
            inputs=entries_of(entry, "inputs"),
            outputs=entries_of(entry, "outputs"),
            loop=loop if isinstance(loop, dict) else None,
            hidden=bool(finished.get("hidden")),
            line=number_of(finished, "line") or 0,
            warnings=tuple(trace.warnings),
            attempts=trace.attempts(),
            nested=tuple(self._nested(entry, trace)),
        )

    def _nested(self, entry: Fields, trace: TracedStep) -> Iterator[NestedReport]:
        """The runs of nested documents, one an iteration; those of a step that has not ended are in its trace alone."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ToeError(f"{REPORT} nests documents more than {DEEPEST} deep: that is no report of a run")
        traces = [trace.nested[iteration] for iteration in sorted(trace.nested)]
        runs = maps_of(entry, "detailedOutput") or [nested.as_report() for nested in traces]
        for run, nested in itertools.zip_longest(runs, traces):
            if run is not None:
                documents = tuple(self._document(document, nested) for document in maps_of(run, "documents"))
                yield NestedReport(text_of(run, "executionId"), text_of(run, "status"), documents)
        self._depth -= 1
