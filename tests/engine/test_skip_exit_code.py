"""The exit code by which a step of a test says that it can test nothing here."""

from __future__ import annotations

from pathlib import Path

import toe
from toe.results import Status
from toe.session.order import Order, Request
from toe.session.run import run

DOCUMENT = """
name: Skips
schemaVersion: 1.0
phases:
  - name: test
    steps:
      - name: NotHere
        action: ExecuteBash
        maxAttempts: 3
        inputs: {commands: [echo once >> attempts; exit 77]}
      - name: Next
        action: ExecuteBash
        inputs: {commands: ['echo "[{{ test.NotHere.outputs.stdout }}]"']}
"""


def outcome(skip_exit_code: int | None) -> tuple[toe.RunResult, list[toe.StepResult]]:
    Path("doc.yml").write_text(DOCUMENT)
    result = run(Order((Request("doc.yml"),), skip_exit_code=skip_exit_code))
    return result, list(result.documents[0].phases[0].steps)


def test_a_step_that_ends_with_it_is_skipped_and_the_phase_goes_on() -> None:
    result, (not_here, following) = outcome(77)
    assert (result.status, result.exit_code) == (Status.SUCCESS, 0)
    assert (not_here.status, following.status) == (Status.SKIPPED, Status.SUCCESS)
    assert not_here.failure is not None
    assert not_here.failure.exit_code == 77
    assert Path("attempts").read_text() == "once\n"
    assert following.outputs[0]["stdout"] == "[]"


def test_without_it_77_is_a_failure_like_any_other() -> None:
    result, steps = outcome(None)
    assert result.status is Status.FAILED
    assert [step.status for step in steps] == [Status.FAILED]
    assert len(Path("attempts").read_text().split()) == 3
