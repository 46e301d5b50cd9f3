"""Every place that a reboot can come from: nothing is lost, nothing runs twice, and the logs are those of one run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from resumed_runs import (
    bash,
    count,
    counted,
    document,
    only_folder,
    pause,
    reports,
    reset_counts,
    run_to_the_end,
    said,
    steps_of,
    timeless,
    times_said,
    with_reboots,
)

import toe
from toe.cli.summary import summary_text
from toe.engine.state.store import read_state
from toe.system.files.journal_lines import parse

#: Ends with 194 until it has run as often as the file `limit` says; an uninterrupted run of the same text has 0 there.
ASK = "[ $(wc -l < Ask.count) -gt $(cat limit) ] || exit 194"
ASK_IN_B = "[ {{ %s }} != b ] || [ $(grep -c b Ask.count) -gt $(cat limit) ] || exit 194"
NESTED = "{name: Nested, action: ExecuteDocument, inputs: {document: inner.yml}}"
ROUND = "parameters: [{Round: {type: string, default: a}}]\n"


class Place(NamedTuple):
    """The step that asks, the document inside it, and how often each step runs when there are `n` reboots."""

    steps: Callable[[int], list[str]]
    counts: Callable[[int], dict[str, int]]
    inner: Callable[[int], str] = lambda n: ""
    is_last: bool = False


def asks_twice(n: int) -> dict[str, int]:
    return {"Ask": n + 1}


def reboots(n: int) -> list[str]:
    """Reboot steps with a counted step after each."""
    return [
        step
        for number in range(n)
        for step in (f"{{name: Reboot{number}, action: Reboot}}", counted(f"Between{number}"))
    ]


def between(n: int) -> dict[str, int]:
    return {f"Between{number}": 1 for number in range(n)}


def around(*steps: str) -> str:
    """A nested document with these steps in the middle; the last one sees the output of the first."""
    see = "echo {{ build.Before.outputs.stdout }}"
    return document(counted("Before", "echo before-out"), *steps, counted("Behind", see))


def asking_binary(n: int) -> list[str]:
    script = f"echo x >> Ask.count; {ASK}"
    return [f"{{name: Ask, action: ExecuteBinary, inputs: {{path: bash, arguments: [-c, '{script}']}}}}"]


def nested_in_a_loop(n: int) -> list[str]:
    given = "parameters: [{name: Round, value: '{{ loop.value }}'}]"
    return [
        "{name: Nested, action: ExecuteDocument, loop: {forEach: [a, b, c]}, "
        f"inputs: {{document: inner.yml, {given}}}}}"
    ]


def asking_in_round_b(n: int) -> str:
    return document(
        bash("Before", "echo {{ Round }} >> Before-{{ Round }}.count", "echo before-{{ Round }}"),
        bash("Ask", "echo {{ Round }} >> Ask.count", ASK_IN_B % "Round"),
        bash("Behind", "echo {{ build.Before.outputs.stdout }} >> Behind-{{ Round }}.count"),
        head=ROUND,
    )


def each_round(n: int) -> dict[str, int]:
    return {"Ask": n + 3} | {f"{name}-{value}": 1 for name in ("Before", "Behind") for value in "abc"}


def nobody(n: int) -> dict[str, int]:
    return {}


ONCE = {"Before": 1, "Behind": 1}
LOOP = "{forEach: [a, b, c]}"
PLACES = {
    "the Reboot action": Place(reboots, between),
    "bash": Place(lambda n: [counted("Ask", ASK, "echo asked")], asks_twice),
    "binary": Place(asking_binary, asks_twice),
    "an iteration of a loop": Place(
        lambda n: [bash("Ask", "echo {{ loop.value }} >> Ask.count", ASK_IN_B % "loop.value", loop=LOOP)],
        lambda n: {"Ask": 2 * (n + 1) + 1},
    ),
    "a nested document": Place(
        lambda n: [NESTED], lambda n: {**asks_twice(n), **ONCE}, lambda n: around(counted("Ask", ASK))
    ),
    "a nested document in a loop": Place(nested_in_a_loop, each_round, asking_in_round_b),
    "the Reboot action in a nested document": Place(
        lambda n: [NESTED], lambda n: {**between(n), **ONCE}, lambda n: around(*reboots(n))
    ),
    "the Reboot action at the end of a nested document": Place(
        lambda n: [NESTED], nobody, lambda n: document(*(reboots(n)[::2] or [bash("Nothing", "true")]))
    ),
    "bash as the last step": Place(lambda n: [counted("Ask", ASK)], asks_twice, is_last=True),
    "the Reboot action as the last step": Place(
        lambda n: [bash("Nothing", "true"), *reboots(n)[::2]], nobody, is_last=True
    ),
    "a nested document as the last step": Place(
        lambda n: [NESTED], asks_twice, lambda n: document(counted("Ask", ASK)), is_last=True
    ),
}


def surrounded(place: Place, n: int) -> str:
    """The place's steps between steps that count, hide, skip and look back."""
    see = "echo {{ build.First.outputs.stdout }},{{ build.Quiet.outputs.stdout }},{{ build.Skipped.outputs.stdout }},"
    see += "{{ build.Made.inputs[1].path }} >> seen"
    before = [
        counted("First", "echo first-out"),
        counted("Quiet", "echo token-93", disableLogging="true"),
        counted("Skipped", if_="{fileExists: made-1}"),
        bash("Loop", "echo {{ loop.value }} >> Loop.count", loop="{for: {start: 1, end: 3, updateBy: 1}}"),
        "{name: Made, action: CreateFile, inputs: [{path: made-0, overwrite: false}, {path: made-1}]}",
    ]
    return document(*before, *place.steps(n), *([] if place.is_last else [counted("After", see)]))


def write_documents(place: Place, n: int, limit: int) -> None:
    Path("doc.yml").write_text(surrounded(place, n))
    Path("inner.yml").write_text(place.inner(n))
    Path("limit").write_text(f"{limit}\n")


@pytest.mark.parametrize("n", [0, 1, 5])
@pytest.mark.parametrize("name", PLACES)
def test_a_run_goes_on_after_its_reboots(name: str, n: int) -> None:
    place = PLACES[name]
    write_documents(place, n, n)
    result, reboots_done = run_to_the_end(log_directory="logs")
    assert (reboots_done, result.status) == (n, toe.Status.SUCCESS), result.failure_message
    expected = {"First": 1, "Quiet": 1, "Skipped": 0, "Loop": 3, **place.counts(n)}
    assert {step: count(step) for step in expected} == expected
    if not place.is_last:
        assert count("After") == 1
        assert Path("seen").read_text() == "first-out,token-93,,made-1\n"
    assert list(Path("state").iterdir()) == []
    _logs_are_of_one_run(n)
    if n:
        _reports_are_those_of_an_uninterrupted_run(place, n, result)


def _logs_are_of_one_run(n: int) -> None:
    lines = said(only_folder())
    once_a_boot = ("Rebooting the system now", "Recovery completed for detailed output.")
    assert [times_said(lines, line) for line in once_a_boot] == [n, n]
    assert times_said(lines, "Executor: System has rebooted successfully") == n
    assert times_said(lines, "TOE has completed execution successfully") == 1
    assert lines[-1] == "TOE has completed execution successfully"
    assert times_said(lines, "Stdout: first-out") == 1
    assert not any("token-93" in line for line in lines)
    asked = [number for number, line in enumerate(lines) if line == "Rebooting the system now"]
    assert [lines[number + 1] for number in asked] == ["Recovery completed for detailed output."] * n
    for number in asked:
        on = lines.index("Executor: System has rebooted successfully", number)
        assert all(line.startswith(("Document ", "Phase ")) for line in lines[number + 2 : on])
        assert lines[on + 1].startswith(("Step ", "Executor: FINISHED EXECUTION"))


def _reports_are_those_of_an_uninterrupted_run(place: Place, n: int, result: toe.RunResult) -> None:
    reset_counts()
    for made in ("made-0", "made-1", "seen"):
        Path(made).unlink(missing_ok=True)
    write_documents(place, n, 0)
    for path in (Path("doc.yml"), Path("inner.yml")):
        path.write_text(path.read_text().replace("action: Reboot", "action: Pause"))
    whole = toe.run("doc.yml", execution_id="run-1", log_directory="whole", actions=[pause])
    ours, theirs = only_folder(), only_folder("whole")
    assert [str(report).replace("Pause", "Reboot") for report in reports(theirs)] == list(map(str, reports(ours)))
    assert timeless(repr(whole), theirs).replace("Pause", "Reboot") == timeless(repr(result), ours)
    assert timeless(summary_text(whole), theirs) == timeless(summary_text(result), ours)
    assert sorted(path.name for path in theirs.iterdir()) == sorted(path.name for path in ours.iterdir())


@pytest.mark.parametrize("n", [1, 5])
def test_a_condition_is_not_evaluated_again(n: int) -> None:
    Path("limit").write_text(f"{n}\n")
    choice = "{not: {fileExists: asked}}"
    nested = f"{{name: Nested, action: ExecuteDocument, if: {choice}, inputs: {{document: inner.yml}}}}"
    Path("inner.yml").write_text(document(counted("Ask", "touch asked", ASK, if_=choice), counted("Behind")))
    Path("doc.yml").write_text(document(nested, counted("After")))
    result, reboots_done = run_to_the_end(log_directory=None)
    assert (reboots_done, count("Ask"), count("Behind"), count("After")) == (n, n + 1, 1, 1)
    assert (result.counts.executed, result.counts.skipped) == (2, 0)
    (nested_run,) = steps_of(result)[0].nested
    assert (nested_run.counts.executed, nested_run.counts.skipped) == (2, 0)


def test_a_reboot_takes_no_attempt() -> None:
    """Runs 1 fails, 2 to 4 ask, 5 fails, 6 succeeds: three attempts."""
    script = "case $(wc -l < Ask.count) in 1|5) exit 1;; 2|3|4) exit 194;; esac"
    Path("doc.yml").write_text(document(counted("Ask", script, maxAttempts=3), counted("After")))
    result, reboots_done = run_to_the_end(log_directory=None)
    assert (reboots_done, count("Ask"), count("After")) == (3, 6, 1)
    assert (result.status, steps_of(result)[0].attempts) == (toe.Status.SUCCESS, 3)


def test_attempts_are_over_after_a_reboot_as_they_would_be_without_one() -> None:
    script = "[ $(wc -l < Ask.count) != 2 ] || exit 194; exit 3"
    Path("doc.yml").write_text(document(counted("Ask", script, maxAttempts=2), counted("After")))
    result, reboots_done = run_to_the_end(log_directory=None)
    assert (reboots_done, count("Ask"), count("After")) == (1, 3, 0)
    assert "attempt 2 of 2: exit status 3" in result.failure_message


def test_failures_of_the_first_half_are_still_failures() -> None:
    Path("limit").write_text("1\n")
    steps = [
        counted("Fails", "echo why >&2", "exit 3", onFailure="Continue"),
        counted("Ignored", "exit 4", onFailure="Ignore"),
        counted("Ask", ASK),
        counted("After"),
    ]
    Path("doc.yml").write_text(document(*steps))
    result, _ = run_to_the_end(log_directory="logs")
    assert (result.status, result.exit_code) == (toe.Status.FAILED, 1)
    assert result.counts == toe.RunResult("", toe.Status.FAILED, 0).counts._replace(executed=4, failed=1, ignored=1)
    assert "step 'Fails', action ExecuteBash, attempt 1 of 1: exit status 3\nwhy" in result.failure_message
    assert [count(name) for name in ("Fails", "Ignored", "Ask", "After")] == [1, 1, 2, 1]


def test_documents_and_phases_that_are_over_stay_over() -> None:
    Path("limit").write_text("2\n")
    phases = "schemaVersion: 1.0\nphases:\n"
    for phase, steps in {"build": [counted("Build")], "test": [counted("Ask", ASK), counted("Test")]}.items():
        phases += f"  - name: {phase}\n    steps: [{', '.join(steps)}]\n"
    Path("a.yml").write_text(document(counted("Earlier")))
    Path("b.yml").write_text(phases)
    Path("c.yml").write_text(document(counted("Later")))
    result, reboots_done = run_to_the_end(["a.yml", "b.yml", "c.yml"], log_directory="logs")
    assert (reboots_done, result.status) == (2, toe.Status.SUCCESS)
    assert [count(name) for name in ("Earlier", "Build", "Ask", "Test", "Later")] == [1, 1, 3, 1, 1]
    lines = said(only_folder())
    seen = [times_said(lines, line) for line in ("Document a.yml", "Phase build", "Step Build", "Step Ask")]
    assert seen == [1, 3, 1, 3]  # `Phase build` is in each of the documents
    report = reports(only_folder())[0]
    assert [document["status"] for document in report["documents"]] == ["success"] * 3


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_run_that_never_stops_asking_fails(is_nested: bool) -> None:
    Path("inner.yml").write_text(document(counted("Ask", "exit 194")))
    Path("doc.yml").write_text(document(NESTED if is_nested else counted("Ask", "exit 194"), counted("After")))
    result, reboots_done = run_to_the_end(log_directory=None)
    assert (reboots_done, count("Ask"), count("After")) == (15, 16, 0)
    assert (result.status, result.reboot, result.exit_code) == (toe.Status.FAILED, False, 1)
    assert "this run has rebooted 15 times already" in result.failure_message


def test_reboots_of_different_steps_count_together() -> None:
    Path("doc.yml").write_text(document(*reboots(16)))
    result, reboots_done = run_to_the_end(log_directory=None)
    assert (reboots_done, result.exit_code) == (15, 1)
    assert [count(f"Between{number}") for number in (14, 15)] == [1, 0]


def test_a_program_is_told_of_the_second_half_alone() -> None:
    Path("limit").write_text("1\n")
    Path("doc.yml").write_text(document(counted("First"), counted("Ask", ASK)))
    toe.run("doc.yml", execution_id="run-1", log_directory=None, environment=with_reboots())
    events: list[str] = []
    toe.resume("run-1", environment=with_reboots(), on_event=lambda event: events.append(type(event).__name__))
    assert events[0] == "RunResumed"
    assert (events.count("StepStarted"), events.count("StepFinished"), events.count("RunStarted")) == (1, 1, 0)


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("step", ["{name: Ask, action: Reboot}", counted("Ask", "exit 194")])
def test_what_a_reboot_broke_off_is_not_told_to_have_finished(step: str, is_nested: bool) -> None:
    Path("inner.yml").write_text(document(step, counted("Behind")))
    Path("doc.yml").write_text(document(NESTED if is_nested else step, counted("After")))
    finished: list[str] = []
    result = toe.run(
        "doc.yml",
        execution_id="run-1",
        log_directory="logs",
        environment=with_reboots(),
        on_event=lambda event: finished.append(type(event).__name__),
    )
    assert result.reboot
    assert not {"PhaseFinished", "DocumentFinished"} & set(finished)
    (report,) = json.loads((only_folder() / "detailedoutput.json").read_text())["documents"]
    assert (report["status"], report["phases"][0]["status"]) == ("running", "running")


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_reboot_step_that_is_over_and_its_wish_are_one_record(is_nested: bool) -> None:
    """A power cut between two of them would leave a step that is over, and no reboot."""
    Path("inner.yml").write_text(document(*reboots(1)))
    Path("doc.yml").write_text(document(*([NESTED] if is_nested else reboots(1))))
    assert toe.run("doc.yml", execution_id="run-1", log_directory=None, environment=with_reboots()).reboot
    journal = Path("state/run-1.journal")
    records = parse(journal.read_bytes(), "").records
    assert [record["t"] for record in records] == (["run", "nested", "step"] if is_nested else ["run", "step"])
    assert read_state(str(journal)).past.rebooting
    assert toe.resume("run-1", environment=with_reboots()).status is toe.Status.SUCCESS
    assert count("Between0") == 1
