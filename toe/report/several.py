"""The runs of several hosts as one run, for one report: each document is called by its host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from toe.report.model import DocumentReport, RunReport, StepReport
from toe.results import Status


def joined(runs: Mapping[str, RunReport], missing: Mapping[str, str], execution_id: str, folder: str) -> RunReport:
    """One report of all `runs`, by host. `missing` says of hosts without a log folder why there is none."""
    numbers = count(1)
    documents = [
        _renumbered(document, numbers)._replace(name=f"{host}: {document.label}")
        for host, run in runs.items()
        for document in run.documents
    ]
    documents += [
        DocumentReport(f"{host}: {reason}", host, "", Status.FAILED.value, 0, 0, reason, ())
        for host, reason in missing.items()
    ]
    statuses = {run.status for run in runs.values()}
    good = statuses <= {Status.SUCCESS.value} and not missing
    return RunReport(
        execution_id,
        folder,
        Status.SUCCESS.value if good else Status.FAILED.value,
        min((run.started_at_ns for run in runs.values() if run.started_at_ns), default=0),
        max((run.ended_at_ns for run in runs.values()), default=0),
        "; ".join(f"{host}: {run.failure_message}" for host, run in runs.items() if run.failure_message),
        tuple(documents),
        all(run.is_precise for run in runs.values()),
        False,
        None,
        (),
        sum(run.unread_lines for run in runs.values()),
        sum(run.left_out for run in runs.values()),
    )


def _renumbered(document: DocumentReport, numbers: Iterator[int]) -> DocumentReport:
    """Steps are counted through all of a report."""
    phases = tuple(
        phase._replace(steps=tuple(_step(step, numbers) for step in phase.steps)) for phase in document.phases
    )
    return document._replace(phases=phases)


def _step(step: StepReport, numbers: Iterator[int]) -> StepReport:
    number = next(numbers)
    nested = tuple(
        run._replace(documents=tuple(_renumbered(document, numbers) for document in run.documents))
        for run in step.nested
    )
    return step._replace(number=number, nested=nested)
