"""What is kept of a process's output."""

from __future__ import annotations

from toe.engine.capture import STDERR_LIMIT, STDOUT_END_LIMIT, Capture
from toe.results import KEPT_PROCESS_BYTES


def test_the_end_of_stdout_is_kept_in_whole_lines() -> None:
    capture = Capture()
    capture.add("stdout", b"a\r\nb\n\n")
    assert capture.stdout_end() == "a\nb"
    capture.add("stdout", b"".join(b"%07d\n" % number for number in range(STDOUT_END_LIMIT)))
    lines = capture.stdout_end().split("\n")
    assert lines[-1] == f"{STDOUT_END_LIMIT - 1:07d}"
    assert {len(line) for line in lines} == {7}
    assert len(lines) >= STDOUT_END_LIMIT // 8 - 1


def test_the_end_of_stdout_is_kept_where_the_beginning_is_all_that_is_returned() -> None:
    capture = Capture()
    capture.add("stdout", b"x" * (KEPT_PROCESS_BYTES - 4) + b"\nbehind\n")
    assert capture.stdout_end() == "behind"
    capture.add("stdout", b"the end\n")
    assert capture.stdout_end() == "behind\nthe end"
    assert "the end" not in capture.take_stdout()


def test_of_stderr_the_end_is_kept_in_whole_lines() -> None:
    capture = Capture()
    for first in range(0, STDERR_LIMIT, 1000):
        capture.add("stderr", b"".join(b"%07d\n" % number for number in range(first, first + 1000)))
    lines = capture.stderr_end().split("\n")
    last = len(range(0, STDERR_LIMIT, 1000)) * 1000
    assert lines == [f"{number:07d}" for number in range(last - len(lines), last)]
    assert len(lines) >= STDERR_LIMIT // 8 - 1


def test_of_a_line_of_stderr_without_an_end_the_last_is_kept() -> None:
    capture = Capture()
    capture.add("stderr", b"a" * STDERR_LIMIT + b"b" * (STDERR_LIMIT - 1))
    assert capture.stderr_end() == "a" + "b" * (STDERR_LIMIT - 1)
