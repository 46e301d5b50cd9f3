"""What is kept of a process's output."""

from __future__ import annotations

import pytest

from toe.engine.kept_outputs import STDERR_LIMIT, STDOUT_END_LIMIT, Capture
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


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        (b"a" * STDERR_LIMIT + b" b c", "b c"),
        (b"a" * STDERR_LIMIT + b" b\rc d", "c d"),
        (b"a" * STDERR_LIMIT + b"\n", ""),
        (b"a" * (STDERR_LIMIT + 1), ""),
    ],
)
def test_a_word_whose_beginning_is_cut_off_is_not_shown_for_it_may_be_half_a_secret(
    stream: str, printed: bytes, kept: str
) -> None:
    capture = Capture()
    capture.add(stream, printed)
    assert (capture.stdout_end() if stream == "stdout" else capture.stderr_end()) == kept
