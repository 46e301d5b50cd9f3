from __future__ import annotations

import pytest
from sample_events import NS, PLACE, START, failed_step, hello_world, run_of

from toe import events
from toe.results import Counts, Failure, RunResult, Status, StepResult
from toe.sinks.failure_block import failure_text
from toe.sinks.progress_lines import PlainProgress, StepOutput, progress_text, run_line
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
        ("std::vector # ##", "std::vector # ##"),
        ("::error::x", ": :error::x"),
        ("\t::\x07:x", "    : ::x"),
        (":\x07:x", ": :x"),
        ("a ##[error]b ##vso[x]###[y]", "a # #[error]b # #vso[x]## #[y]"),
        ("a\u061cb", "ab"),
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
    assert stderr.splitlines() == [f"    line {number}" for number in range(10, 30)]


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


def test_the_block_shows_stdout_where_stderr_is_empty() -> None:
    silent = failed_step(stderr="\n")
    assert silent.failure is not None
    text = failure_text(run_of(silent._replace(failure=silent.failure._replace(stdout="no space left\n"))))
    assert text.endswith("  Error:     exit status 3\n  Stdout:\n    no space left\n")
    loud = failed_step()
    assert loud.failure is not None
    text = failure_text(run_of(loud._replace(failure=loud.failure._replace(stdout="no space left\n"))))
    assert text.endswith("  Stderr:\n    oops\n")


def test_the_block_names_every_failed_step() -> None:
    inner = run_of(failed_step("InnerA", stderr=""), failed_step("InnerB"), path="inner.yml", name="")
    outer = failed_step("Outer")._replace(action="ExecuteDocument", nested=(inner,))
    slow = failed_step("Slow", stderr="a\nwaiting\n")._replace(status=Status.TIMED_OUT)
    text = failure_text(run_of(failed_step("First"), outer, slow))
    assert text.startswith("Step First FAILED\n")
    assert text.endswith(
        "Also FAILED: step InnerA of phase build at inner.yml:7:13: exit status 3\n"
        "Also FAILED: step InnerB of phase build at inner.yml:7:13: exit status 3\n"
        "  oops\n"
        "Also TIMED OUT: step Slow of phase build at a.yml:7:13: exit status 3\n"
        "  waiting\n"
    )


def test_the_last_line_of_a_run_has_its_counts_its_time_and_its_logs() -> None:
    run = run_of(status=Status.TIMED_OUT)._replace(counts=Counts(3, 2, 1, 4))
    assert (
        run_line(run)
        == "timed out: 3 steps, 2 failed, 1 with an ignored failure, 4 skipped in 1.00 s; logs: logs/TOE_x"
    )
    good = run_of(status=Status.SUCCESS)._replace(counts=Counts(1), log_url="")
    assert run_line(good) == "success: 1 step in 1.00 s"


def test_the_last_line_counts_what_nested_documents_ignored() -> None:
    inner = run_of(path="inner.yml", status=Status.SUCCESS)._replace(counts=Counts(2, 0, 2))
    middle = run_of(failed_step()._replace(nested=(inner,)), status=Status.SUCCESS)._replace(counts=Counts(1, 0, 1))
    outer = run_of(failed_step()._replace(nested=(middle,)), status=Status.SUCCESS)._replace(counts=Counts(1))
    assert run_line(outer).startswith("success: 1 step, 3 with an ignored failure in nested documents in ")


def output(data: bytes, stream: str = "stdout") -> events.Output:
    return events.Output(START, PLACE, stream, data)


def test_output_is_shown_line_by_line_and_cannot_steer_a_terminal() -> None:
    shown = StepOutput()
    assert shown.lines(output(b"a\r\n\x1b[2Jb\rc\n\xff\n")) == [f"      | {text}" for text in ("a", "b", "c", "\ufffd")]
    assert shown.lines(output(b"\n")) == ["      |"]
    assert shown.lines(output(b"x", "stderr")._replace(where=PLACE._replace(depth=1))) == []
    assert shown.lines(events.ProcessExited(START, PLACE, 0)) == ["      | x"]


def test_a_line_of_output_waits_for_its_end() -> None:
    shown = StepOutput()
    assert shown.lines(output(b"one ")) == []
    assert shown.lines(output(b"err\n", "stderr")) == ["      | err"]
    assert shown.lines(output(b"line\r")) == []
    assert shown.lines(output(b"\nnext")) == ["      | one line"]
    assert shown.lines(events.ActionFinished(START, PLACE, "ExecuteBash", ())) == ["      | next"]
    assert shown.lines(output(b"x" * 20_000)) == ["      | " + "x" * 20_000]


def test_plain_text_shows_output_only_when_it_is_asked_for() -> None:
    parts: list[str] = []
    PlainProgress(parts.append, StepOutput()).handle(output(b"a\nb\n"))
    assert parts == ["      | a\n      | b\n"]
    assert plain_text(output(b"a\nb\n")) == ""


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
    assert failure_text(run) == "Run FAILED\n  Error:     stopped by signal 15\n"


def test_there_is_no_block_after_a_success() -> None:
    assert failure_text(run_of(status=Status.SUCCESS)) == ""


def test_progress_is_told_in_a_fitting_unit() -> None:
    mib = 1 << 20
    assert progress_text(412 * mib, 1024 * mib) == "412 of 1024 MiB"
    assert progress_text(412 * mib, None) == "412 MiB"
    assert progress_text(3000, 9 * mib) == "2 of 9216 KiB"
    assert progress_text(12 * mib << 10, None) == "12 GiB"
    assert progress_text(0, 0) == "0 bytes"
