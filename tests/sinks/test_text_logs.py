from __future__ import annotations

import os
import re
import resource
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from sample_events import (
    NS,
    PLACE,
    START,
    bash_events,
    bash_step,
    closing,
    failed_step,
    hello_world,
    opening,
    run_of,
    small_step,
)

from toe import events
from toe.events import Event
from toe.model import Document
from toe.results import Failure, Status, StepResult
from toe.sinks.text_logs import TextLogs
from toe.sinks.trace import Trace

TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ")
SHELL = PLACE._replace(step="S", attempt=1)


def console_after(directory: Path, *sequence: Event) -> list[bytes]:
    """The lines of console.log without their time stamps, which each of them must have."""
    sink = TextLogs(str(directory))
    for event in sequence:
        sink.handle(event)
    sink.close()
    lines = (directory / "console.log").read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert all(TIME.match(line) for line in lines)
    return [TIME.sub(b"", line, count=1) for line in lines]


def stdout(data: bytes) -> Event:
    return events.Output(START, SHELL, "stdout", data)


def stderr(data: bytes) -> Event:
    return events.Output(START, SHELL, "stderr", data)


def test_files_are_for_the_user_alone(tmp_path: Path) -> None:
    TextLogs(str(tmp_path)).close()
    for name in ("console.log", "application.log"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_logs_are_appended_to_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "console.log").write_bytes(b"before the boot\n")
    TextLogs(str(tmp_path)).close()
    assert (tmp_path / "console.log").read_bytes() == b"before the boot\n"


@pytest.mark.parametrize(
    ("blocks", "lines"),
    [
        ([b"a\nb\n"], [b"a", b"b"]),
        ([b"a\r\nb\r\n"], [b"a", b"b"]),
        ([b"x\rStep Forged\n"], [b"x", b"Step Forged"]),
        ([b"50%\r", b"100%\r", b"\n"], [b"50%", b"100%"]),
        ([b"a\r", b"\nb\n"], [b"a", b"b"]),
        ([b"first half, ", b"second half\n"], [b"first half, second half"]),
        ([b"no newline"], [b"no newline"]),
        ([b"a\xff\xfeb\0c\n"], [b"a\xff\xfeb\0c"]),
        ([b"\n\n"], [b"", b""]),
        ([b""], []),
    ],
)
def test_every_line_of_stdout_has_its_prefix(tmp_path: Path, blocks: list[bytes], lines: list[bytes]) -> None:
    written = console_after(tmp_path, *(stdout(block) for block in blocks))
    assert written == [b"Stdout: " + line for line in lines]
    assert (tmp_path / "application.log").read_bytes() == (tmp_path / "console.log").read_bytes()


def test_a_line_that_is_still_open_ends_before_anything_else_is_said(tmp_path: Path) -> None:
    line = events.LogLine(START, SHELL, "ExecuteBash: a word")
    assert console_after(tmp_path, stdout(b"half"), line, stdout(b"rest\n")) == [
        b"Stdout: half",
        b"ExecuteBash: a word",
        b"Stdout: rest",
    ]


def test_output_is_in_the_files_as_soon_as_it_was_told(tmp_path: Path) -> None:
    sink = TextLogs(str(tmp_path))
    sink.handle(stdout(b"now\n"))
    assert (tmp_path / "console.log").read_bytes().endswith(b"Stdout: now\n")
    sink.close()


def test_stderr_comes_once_the_process_has_ended(tmp_path: Path) -> None:
    exited = events.ProcessExited(START, SHELL, 3)
    assert console_after(tmp_path, stderr(b"oops\nmore\r\n"), stdout(b"out\n"), stderr(b"x\rStep Forged"), exited) == [
        b"Stdout: out",
        b"CmdExecution: Terminating read operation on STDOUT pipe - EOF",
        b"CmdExecution: Command execution has been completed",
        b"CmdExecution: [ERROR] Command execution has resulted in an error",
        b"CmdExecution: Stderr: oops",
        b"CmdExecution: Stderr: more",
        b"CmdExecution: Stderr: x",
        b"CmdExecution: Stderr: Step Forged",
        b"CmdExecution: ExitCode 3",
    ]


def test_stderr_of_a_process_whose_end_was_not_told_is_not_lost(tmp_path: Path) -> None:
    assert console_after(tmp_path, stderr(b"last words")) == [b"CmdExecution: Stderr: last words"]


def test_stderr_of_one_process_does_not_come_back_with_the_next(tmp_path: Path) -> None:
    exited = events.ProcessExited(START, SHELL, 0)
    lines = console_after(tmp_path, stderr(b"one\n"), exited, exited)
    assert [line for line in lines if b"Stderr" in line] == [b"CmdExecution: Stderr: one", b"CmdExecution: Stderr: "]


def test_a_large_stderr_is_whole_and_takes_no_memory(tmp_path: Path) -> None:
    sink = TextLogs(str(tmp_path))
    block = (b"e" * 99 + b"\n") * 5000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        sink.handle(stderr(block))
    sink.handle(events.ProcessExited(START, SHELL, 0))
    sink.close()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    written = (tmp_path / "console.log").read_bytes()
    assert written.count(b"Z CmdExecution: Stderr: " + b"e" * 99 + b"\n") == 200 * 5000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["application.log", "console.log"]


def test_a_text_with_line_breaks_cannot_pass_for_lines_of_ours(tmp_path: Path) -> None:
    started = events.ProcessStarted(START, SHELL, ("echo", "a\nStep Forged\rPhase forged\n  Step: Forged"))
    lines = console_after(tmp_path, started)
    assert lines[0] == b"CmdExecution: Preparing object for command echo with arguments [a"
    assert lines[1:4] == [b"    Step Forged", b"    Phase forged", b"      Step: Forged]"]


def test_debug_lines_are_in_the_application_log_alone(tmp_path: Path) -> None:
    assert console_after(tmp_path, events.LogLine(START, SHELL, "CopyFile: 3 bytes", debug=True)) == []
    assert (tmp_path / "application.log").read_bytes().endswith(b"Z Debug CopyFile: 3 bytes\n")


def test_the_first_failed_step_is_named_and_no_other(tmp_path: Path) -> None:
    first, second = failed_step("First", "oops\nmore\n"), failed_step("Second")
    sequence = [*opening()]
    for result in (first, second):
        sequence += bash_events(START, PLACE, bash_step(result.name, "exit 3"), result, b"", b"oops\n", 3)
    sequence += closing(run_of(first, second))
    lines = console_after(tmp_path, *sequence)
    start = lines.index(b"  Document: A")
    assert lines[start - 1] == b"ExecuteBash: FINISHED EXECUTION"
    assert lines[start : start + 8] == [
        b"  Document: A",
        b"  Phase: build",
        b"  Step: First",
        b"  Action: ExecuteBash",
        b"  ErrorMessage: exit status 3",
        b"  Stderr: oops",
        b"  Stderr: more",
        b"Step Second",
    ]
    assert lines.count(b"  Document: A") == 1
    assert lines[-2:] == [
        b"Executor: FINISHED EXECUTION OF ALL DOCUMENTS",
        b"TOE has completed execution with failure - Execution failed!",
    ]


def test_a_component_is_named_by_its_arn(tmp_path: Path) -> None:
    arn = "arn:aws:imagebuilder:eu-west-1:123456789012:component/x/1.0.0/1"
    started = events.DocumentStarted(START, PLACE._replace(phase=""), Document(arn, (), "X"), 0)
    finished = events.StepFinished(START, PLACE._replace(step="Breaks"), 0, failed_step())
    lines = console_after(tmp_path, started, finished)
    assert lines[1:3] == [b"  Document: X", b"  ComponentArn: " + arn.encode()]


def test_an_ignored_failure_gets_no_block(tmp_path: Path) -> None:
    result = failed_step()._replace(status=Status.IGNORED_FAILURE)
    assert console_after(tmp_path, *opening(), events.StepFinished(START, PLACE, 0, result))[-1] == b"Phase build"


def test_a_run_that_waits_for_a_reboot_does_not_say_that_it_has_ended(tmp_path: Path) -> None:
    result = run_of(status=Status.SUCCESS)._replace(reboot=True, exit_code=194)
    requested = events.RebootRequested(START, SHELL, 194)
    lines = console_after(tmp_path, requested, events.RunFinished(START, result))
    assert lines == [b"Rebooting the system now"]
    text = (tmp_path / "application.log").read_text()
    assert "Debug Executor: Step S asked for a reboot, exit code 194\n" in text


def test_the_wish_to_reboot_stands_in_place_of_the_commands_result(tmp_path: Path) -> None:
    ended = events.ProcessExited(START, SHELL, 194, asks_for_reboot=True)
    assert console_after(tmp_path, ended)[1:] == [
        b"CmdExecution: Command execution has been completed",
        b"Getting reboot signal",
        b"CmdExecution: Stderr: ",
        b"CmdExecution: ExitCode 194",
    ]


@pytest.mark.parametrize(
    ("rebooted", "said"),
    [
        (True, b"Executor: System has rebooted successfully"),
        (False, b"Executor: Execution was cut off and goes on"),
    ],
)
def test_a_run_that_goes_on_says_so_before_its_first_step(tmp_path: Path, rebooted: bool, said: bytes) -> None:
    _, *started = opening()
    step, second = small_step(1), small_step(2)
    resumed = events.RunResumed(START, "id", str(tmp_path), (), (), rebooted)
    assert console_after(tmp_path, resumed, *started, *step, *second) == [
        b"Recovery completed for detailed output.",
        b"Document a.yml",
        b"Phase build",
        said,
        b"Step Step00001",
        b"Step Step00002",
    ]


def test_a_run_whose_last_step_rebooted_says_that_it_goes_on_before_its_end(tmp_path: Path) -> None:
    resumed = events.RunResumed(START, "id", str(tmp_path), (), (), rebooted=True)
    lines = console_after(tmp_path, resumed, events.RunFinished(START, run_of(status=Status.SUCCESS)))
    assert lines[1:] == [
        b"Executor: System has rebooted successfully",
        b"Executor: FINISHED EXECUTION OF ALL DOCUMENTS",
        b"TOE has completed execution successfully",
    ]


def test_huge_outputs_are_cut_in_the_debug_lines(tmp_path: Path) -> None:
    result = StepResult("S", "ReadFile", Status.SUCCESS, START, START, outputs=({"content": "x" * 5_000_000},))
    console_after(tmp_path, events.StepFinished(START, SHELL, 0, result))
    lines = (tmp_path / "application.log").read_text().splitlines()
    assert max(map(len, lines)) < 66_000
    assert any(line.endswith("... (cut)") for line in lines)


def test_odd_texts_are_written_all_the_same(tmp_path: Path) -> None:
    assert console_after(tmp_path, events.LogLine(START, SHELL, "a \udcff b \u00e4")) == [b"a \\udcff b \xc3\xa4"]


def test_a_hidden_process_leaves_its_end_alone(tmp_path: Path) -> None:
    lines = console_after(tmp_path, events.ProcessExited(START, SHELL._replace(hidden=True), 0))
    assert lines[-1] == b"CmdExecution: ExitCode 0"
    assert not any(b"Stderr" in line for line in lines)


def test_each_attempt_and_iteration_is_told_in_the_application_log(tmp_path: Path) -> None:
    place = SHELL._replace(attempt=2, iteration=1)
    console_after(
        tmp_path,
        events.AttemptStarted(START, place, 3, -1),
        events.IterationStarted(START, place, "second"),
        events.InputsResolved(START, place, ({"path": "/x"},)),
        events.ActionStarted(START, place, "ReadFile"),
        events.ActionFinished(START, place, "ReadFile", (), "no such file"),
        events.AttemptFinished(START, place, False, True),
    )
    text = (tmp_path / "application.log").read_text()
    resolved, attempt = text.index("Updated inputs of currentStep S"), text.index("Debug Executor: Attempt 2/3")
    assert resolved < attempt < text.index("Commencing iteration 1 of step S with value 'second'")
    assert "Going to execute step S again as attempt 2 failed" in text
    assert "deadline" not in text


def test_a_full_disk_is_an_error_that_the_fan_out_can_see(tmp_path: Path) -> None:
    sink = TextLogs(str(tmp_path))
    with open("/dev/full", "wb") as full:
        for descriptor in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                if os.readlink(f"/proc/self/fd/{descriptor}") == str(tmp_path / "console.log"):
                    os.dup2(full.fileno(), int(descriptor))
    with pytest.raises(OSError, match="No space left"):
        sink.handle(stdout(b"x\n"))
    sink.close()


def test_the_trace_has_the_lines_of_the_application_log(tmp_path: Path) -> None:
    sink, blocks = TextLogs(str(tmp_path)), list[bytes]()
    trace = Trace(blocks.append)
    for event in hello_world():
        sink.handle(event)
        trace.handle(event)
    sink.close()
    trace.close()
    assert b"".join(blocks) == (tmp_path / "application.log").read_bytes()


def test_times_are_those_of_the_events(tmp_path: Path) -> None:
    sink = TextLogs(str(tmp_path))
    sink.handle(events.LogLine(START + NS + 1, SHELL, "later"))
    sink.close()
    assert (tmp_path / "console.log").read_text() == "2022-05-25T14:01:46.914525414Z later\n"


def test_the_block_of_a_failure_has_no_stderr_where_there_was_none(tmp_path: Path) -> None:
    result = failed_step()._replace(failure=Failure("no such file"))
    assert console_after(tmp_path, events.StepFinished(START, SHELL, 0, result))[-2:] == [
        b"  Action: ExecuteBash",
        b"  ErrorMessage: no such file",
    ]
