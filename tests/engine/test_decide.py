from __future__ import annotations

import pytest

from toe.engine import decide
from toe.model import OnFailure
from toe.results import DocumentResult, Failure, PhaseResult, Status, StepResult


def step(status: Status, on_failure: OnFailure = OnFailure.ABORT) -> StepResult:
    return StepResult("Step", "ExecuteBash", status, 1, on_failure=on_failure)


@pytest.mark.parametrize(
    ("failure", "on_failure", "status"),
    [
        (None, OnFailure.ABORT, Status.SUCCESS),
        (Failure("x"), OnFailure.ABORT, Status.FAILED),
        (Failure("x"), OnFailure.CONTINUE, Status.FAILED),
        (Failure("x"), OnFailure.IGNORE, Status.IGNORED_FAILURE),
        (Failure("x", timed_out=True), OnFailure.ABORT, Status.TIMED_OUT),
        (Failure("x", timed_out=True), OnFailure.IGNORE, Status.IGNORED_FAILURE),
    ],
)
def test_step_status_follows_the_reference(failure: Failure | None, on_failure: OnFailure, status: Status) -> None:
    assert decide.step_status(failure, on_failure) is status


def test_only_an_unignored_failure_under_abort_stops_the_run() -> None:
    assert decide.stops_the_run(step(Status.FAILED))
    assert decide.stops_the_run(step(Status.TIMED_OUT))
    assert not decide.stops_the_run(step(Status.FAILED, OnFailure.CONTINUE))
    assert not decide.stops_the_run(step(Status.SUCCESS))


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], Status.SUCCESS),
        ([Status.SUCCESS, Status.SKIPPED], Status.SUCCESS),
        ([Status.SUCCESS, Status.IGNORED_FAILURE], Status.SUCCESS_WITH_IGNORED_FAILURE),
        ([Status.IGNORED_FAILURE, Status.FAILED], Status.FAILED),
        ([Status.TIMED_OUT], Status.FAILED),
    ],
)
def test_folded_status_is_the_worst(parts: list[Status], whole: Status) -> None:
    assert decide.folded_status(parts) is whole


def test_counts_and_run_status_cover_all_documents() -> None:
    statuses = [Status.SUCCESS, Status.FAILED, Status.TIMED_OUT, Status.IGNORED_FAILURE, Status.SKIPPED]
    phase = PhaseResult("build", Status.FAILED, 1, steps=tuple(step(status) for status in statuses))
    document = DocumentResult("", "a.yml", Status.FAILED, 1, phases=(phase,))
    assert decide.counts_of([document, document]) == (8, 4, 2, 2)
    assert decide.run_status([document]) is Status.TIMED_OUT


def test_may_retry_counts_attempts_and_never_after_an_interrupt() -> None:
    assert decide.may_retry(Failure("x"), False, 1, 2)
    assert not decide.may_retry(Failure("x"), False, 2, 2)
    assert not decide.may_retry(Failure("x"), True, 1, 2)
    assert not decide.may_retry(None, False, 1, 2)
