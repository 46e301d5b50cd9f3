from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from cloudwatch_service import broken_limit
from hypothesis import given, settings
from hypothesis import strategies as st

from toe.sinks.cloudwatch_lines import Batch, ConsoleLines
from toe.words import precise_time

NOW_MS = time.time_ns() // 1_000_000
HOUR_MS = 3_600_000


def line_at(time_ms: int, text: str = "x") -> str:
    return f"{precise_time(time_ms * 1_000_000)} {text}"


def batches(path: Path, *, partial: bool = False) -> list[Batch]:
    """All batches of a file, each within the limits."""
    lines = ConsoleLines(str(path))
    found = list(_batches(lines, partial))
    lines.close()
    assert {broken_limit(batch.events) for batch in found} <= {""}
    return found


def _batches(lines: ConsoleLines, partial: bool) -> Iterator[Batch]:
    while batch := lines.next_batch(NOW_MS, partial=partial):
        assert batch.end > lines.offset
        lines.offset = batch.end
        yield batch


def messages(found: list[Batch]) -> list[str]:
    return [event["message"] for batch in found for event in batch.events]


def times(found: list[Batch]) -> list[int]:
    return [event["timestamp"] for batch in found for event in batch.events]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "console.log"


def test_a_line_is_an_event_with_its_own_time_in_milliseconds(path: Path) -> None:
    lines = [line_at(NOW_MS - 5, "Stdout: grüße \x1b[1m"), line_at(NOW_MS - 5, "Stdout: "), line_at(NOW_MS)]
    path.write_text("\n".join([*lines, "half a li"]))
    found = batches(path)
    assert messages(found) == lines
    assert times(found) == [NOW_MS - 5, NOW_MS - 5, NOW_MS]


def test_a_last_line_without_its_end_is_taken_when_it_is_asked_for(path: Path) -> None:
    path.write_text("whole\ncut")
    assert messages(batches(path, partial=True)) == ["whole", "cut"]


def test_many_short_lines_fill_batches_of_10_000(path: Path) -> None:
    path.write_text("x\n" * 25_000)
    assert [len(batch.events) for batch in batches(path)] == [10_000, 10_000, 5_000]


def test_longer_lines_fill_batches_of_one_mebibyte(path: Path) -> None:
    path.write_text(("x" * (1024 - 26) + "\n") * 1025)
    assert [len(batch.events) for batch in batches(path)] == [1024, 1]


@pytest.mark.parametrize("size", [262_117, 262_118, 262_119, 2 * 262_118, 2 * 262_118 + 1, 3_000_000])
def test_a_line_beyond_the_limit_is_split_into_as_few_events_as_can_be(path: Path, size: int) -> None:
    path.write_text("a" * size + "\nafter\n")
    found = messages(batches(path))
    assert "".join(found[:-1]) == "a" * size
    assert len(found) - 1 == -(-size // 262_118)
    assert found[-1] == "after"


def test_a_split_line_keeps_its_characters(path: Path) -> None:
    text = "a" + "ü€😀" * 100_000
    path.write_text(text + "\n")
    assert "".join(messages(batches(path))) == text


def test_bytes_that_are_no_text_are_replaced_and_an_empty_line_is_a_space(path: Path) -> None:
    path.write_bytes(b"\n" + b"\xff" * 300_000 + b"\n\x00nul\n")
    first, *bad, last = messages(batches(path))
    assert (first, "".join(bad), last) == (" ", "\ufffd" * 300_000, "\x00nul")


def test_a_day_is_the_longest_time_in_a_batch(path: Path) -> None:
    at = [NOW_MS - hours * HOUR_MS for hours in (50, 26, 25, 0)]
    path.write_text("".join(line_at(time_ms) + "\n" for time_ms in at))
    found = batches(path)
    assert [len(batch.events) for batch in found] == [1, 2, 1]
    assert times(found) == at


def test_a_clock_that_is_set_back_makes_no_disorder_and_no_future(path: Path) -> None:
    at = [NOW_MS - 10, NOW_MS - 20, NOW_MS + 9 * HOUR_MS, NOW_MS - 1]
    path.write_text("".join(line_at(time_ms) + "\n" for time_ms in at))
    assert times(batches(path)) == [NOW_MS - 10, NOW_MS - 10, NOW_MS, NOW_MS]


def test_a_line_without_a_time_has_that_of_the_line_above(path: Path) -> None:
    path.write_text(f"first\n2026-99-99T99:99:99.000Z x\n{line_at(NOW_MS - 7)}\nthird\n")
    assert times(batches(path)) == [NOW_MS, NOW_MS, NOW_MS, NOW_MS]
    path.write_text(f"{line_at(NOW_MS - 7)}\nsecond\n")
    assert times(batches(path)) == [NOW_MS - 7, NOW_MS - 7]


def test_a_file_that_was_emptied_is_read_from_its_start(path: Path) -> None:
    path.write_text("one\ntwo\n")
    lines = ConsoleLines(str(path))
    lines.offset = 100
    batch = lines.next_batch(NOW_MS)
    lines.close()
    assert batch is not None
    assert [event["message"] for event in batch.events] == ["one", "two"]


def test_a_file_that_lost_its_end_in_a_crash_goes_on_at_its_present_end(path: Path) -> None:
    path.write_text("one\n")
    lines = ConsoleLines(str(path), offset=100)
    assert lines.next_batch(NOW_MS) is None
    path.write_text("one\ntwo\n")
    batch = lines.next_batch(NOW_MS)
    lines.close()
    assert batch is not None
    assert [event["message"] for event in batch.events] == ["two"]


def test_a_file_whose_name_is_gone_is_read_on(path: Path) -> None:
    with path.open("ab", buffering=0) as file:
        lines = ConsoleLines(str(path))
        path.unlink()
        file.write(b"said later\n")
    batch = lines.next_batch(NOW_MS)
    lines.close()
    assert batch is not None
    assert [event["message"] for event in batch.events] == ["said later"]


_STAMPS = st.integers(NOW_MS - 72 * HOUR_MS, NOW_MS + 72 * HOUR_MS).map(lambda at: line_at(at).encode())
_TEXTS = st.binary(max_size=40) | st.sampled_from(
    [b"\n", b"\xf0\x9f\x98\x80" * 70_000, b"\xff" * 90_000, b"z" * 300_000]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_STAMPS | _TEXTS, max_size=12).map(b"\n".join))
def test_whatever_the_file_holds_arrives_in_order(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("lines") / "console.log"
    path.write_bytes(data)
    found = messages(batches(path, partial=True))
    expected = [line.decode("utf-8", "replace") for line in data.removesuffix(b"\n").split(b"\n")] if data else []
    if max(map(len, data.split(b"\n"))) < 80_000:
        assert found == [line or " " for line in expected]
    else:
        assert "".join(found).replace(" ", "") == "".join(expected).replace(" ", "")


def test_a_large_file_takes_the_memory_of_one_batch(path: Path) -> None:
    line = f"{line_at(NOW_MS)} {'x' * 160}\n"
    for _ in range(4):
        with path.open("a") as file:
            file.write(line * 5000)
    lines, count = ConsoleLines(str(path)), 0
    tracemalloc.start()
    while batch := lines.next_batch(time.time_ns() // 1_000_000):
        count += len(batch.events)
        lines.offset = batch.end
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    lines.close()
    assert count == 20_000
    assert peak < 16 * 2**20
