from __future__ import annotations

import pytest
from sample_events import NS, PLACE, START, failed_step, hello_world, run_of

from toe import events
from toe.results import Failure, RunResult, Status, StepResult
from toe.sinks.failure_block import failure_text
from toe.sinks.plain_progress import PlainProgress
from toe.sinks.progress_lines import progress_text
from toe.sinks.terminal_text import duration, printable, printable_lines


def plain_text(*sequence: events.Event) -> str:
    parts: list[str] = []
    sink = PlainProgress(parts.append)
    for event in sequence:
        sink.handle(event)
    sink.close()
    return "".join(parts)


def test_plain_text_has_a_line_for_each_document_phase_and_step() -> None:
    assert plain_text(*hello_world()) == (
        "Document hello-world-linux.yml\n"
        "  Phase build\n"
        "    ok  HelloWorldStep (ExecuteBash) 0.00 s\n"
        "  Phase validate\n"
        "    ok  HelloWorldStep (ExecuteBash) 0.00 s\n"
        "  Phase test\n"
        "    ok  HelloWorldStep (ExecuteBash) 0.00 s\n"
    )


def test_a_failure_says_why_in_its_line() -> None:
    failed = failed_step()._replace(attempts=2, max_attempts=2)
    line = plain_text(events.StepFinished(START, PLACE, 0, failed))
    assert line == "    FAILED  Breaks (ExecuteBash) 1.00 s, attempt 2 of 2: exit status 3\n"


def test_a_skipped_step_took_no_time() -> None:
    skipped = StepResult("S", "ReadFile", Status.SKIPPED, START, START)
    assert plain_text(events.StepFinished(START, PLACE, 0, skipped)) == "    skipped  S (ReadFile)\n"


def test_nested_documents_are_indented() -> None:
    started = events.PhaseStarted(START, PLACE._replace(depth=1), 0)
    assert plain_text(started) == "        Phase build\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\tb", "a    b"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\rb\x08c\x7f\x9b2J", "abc2J"),
        ("\x1bc\x1b(Bx", "x"),
        ("unfinished \x1b[", "unfinished "),
        ("\u202edesrever", "desrever"),
        ("ä 😀", "ä 😀"),
    ],
)
def test_printable_text_cannot_steer_a_terminal(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_printable_lines_are_the_lines_that_a_terminal_shows() -> None:
    assert printable_lines("a\r\nb\rc\n\n") == ["a", "b", "c"]
    assert printable_lines("\n") == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.05, "0.05 s"), (-1, "0.00 s"), (12.34, "12.3 s"), (184, "3 min 04 s"), (7500, "2 h 05 min")],
)
def test_durations_are_as_exact_as_they_are_useful(seconds: float, text: str) -> None:
    assert duration(int(seconds * NS)) == text


def test_the_block_names_all_that_is_known_of_the_failure() -> None:
    step = failed_step(stderr="".join(f"line {number}\n" for number in range(30)))
    text = failure_text(
        run_of(step._replace(max_attempts=2, failure=step.failure and step.failure._replace(attempt=2)))
    )
    head, _, stderr = text.partition("  Stderr, the last 20 lines:\n")
    assert head == (
        "Step Breaks FAILED\n"
        "  Document:  A (a.yml)\n"
        "  Phase:     build\n"
        "  Step:      Breaks at a.yml:7:13\n"
        "  Action:    ExecuteBash\n"
        "  Attempt:   2 of 2\n"
        "  Exit code: 3\n"
        "  Error:     exit status 3\n"
    )
    assert stderr.splitlines() == [*(f"    line {number}" for number in range(10, 30)), "  Logs:      logs/TOE_x"]


def test_the_block_strips_what_would_steer_the_terminal() -> None:
    assert "    red\n" in failure_text(run_of(failed_step(stderr="\x1b[31mred\x1b[0m\n")))


def test_the_block_names_the_innermost_step_and_who_called_it() -> None:
    inner = run_of(failed_step("Inner"), path="inner.yml", name="")
    outer = failed_step("Outer")._replace(action="ExecuteDocument", nested=(inner,))
    text = failure_text(run_of(outer))
    assert text.startswith("Step Inner FAILED\n  Document:  inner.yml\n")
    assert "  Called by: Outer of phase build in a.yml:7\n" in text


def test_the_block_names_the_nearest_caller_first() -> None:
    run = run_of(failed_step("Inner"), path="inner.yml", name="")
    for name, path in (("Middle", "middle.yml"), ("Outer", "a.yml")):
        run = run_of(failed_step(name)._replace(action="ExecuteDocument", nested=(run,)), path=path, name="")
    callers = [line.split()[2:] for line in failure_text(run).splitlines() if "Called by" in line]
    assert callers == [
        "Middle of phase build in middle.yml:7".split(),
        "Outer of phase build in a.yml:7".split(),
    ]


def test_the_block_passes_over_ignored_failures() -> None:
    ignored = failed_step("First")._replace(status=Status.IGNORED_FAILURE)
    slow = failed_step("Slow")._replace(status=Status.TIMED_OUT, failure=Failure("timed out after 1 s", timed_out=True))
    text = failure_text(run_of(ignored, slow, status=Status.TIMED_OUT))
    assert text.startswith("Step Slow TIMED OUT\n")
    assert "Exit code" not in text


def test_the_block_keeps_the_stderr_of_hidden_steps_to_itself() -> None:
    assert "oops" not in failure_text(run_of(failed_step()._replace(hidden=True)))


def test_the_block_of_a_run_without_a_failed_step_has_its_message() -> None:
    run = RunResult("id", Status.FAILED, START, failure_message="stopped by signal 15", log_url="logs")
    assert failure_text(run) == "Run FAILED\n  Error:     stopped by signal 15\n  Logs:      logs\n"


def test_there_is_no_block_after_a_success() -> None:
    assert failure_text(run_of(status=Status.SUCCESS)) == ""


def test_progress_is_told_in_mebibytes_and_percent() -> None:
    mib = 1 << 20
    assert progress_text(events.ActionProgressed(START, PLACE, 412 * mib, 1024 * mib)) == "412 of 1024 MiB (40 %)"
    assert progress_text(events.ActionProgressed(START, PLACE, 412 * mib, None)) == "412 MiB"
