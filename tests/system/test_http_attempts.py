"""How long is waited between attempts."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toe.system.http.attempts import delay_after, retry_after_seconds
from toe.system.http.terms import Patience

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(("attempt", "longest"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (9, 120.0)])
def test_delay_after_doubles_with_jitter(attempt: int, longest: float) -> None:
    delays = [delay_after(attempt, None, Patience()) for _ in range(50)]
    assert longest / 2 <= min(delays) < max(delays) <= longest


@pytest.mark.parametrize(("asked", "delay"), [(7.0, 7.0), (86400.0, 120.0), (float("inf"), 120.0)])
def test_delay_after_does_as_the_server_asks_within_limits(asked: float, delay: float) -> None:
    assert delay_after(1, asked, Patience()) == delay


@pytest.mark.parametrize("asked", [0.0, 0.1])
def test_delay_after_doubles_also_when_the_server_asks_for_less(asked: float) -> None:
    delays = [delay_after(attempt, asked, Patience()) for attempt in (1, 2, 3, 4)]
    assert all(longest / 2 <= delay <= longest for delay, longest in zip(delays, (1, 2, 4, 8), strict=True))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 30 ", 30.0),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 13:01:30 +0100", 90.0),
        ("Tue, 24 Nov 2026 12:01:30 -0000", 90.0),
        ("Tue, 24 Nov 2026 11:59:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after_seconds_reads_numbers_and_dates(header: str, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=40) | st.from_regex(r"\A\w{3}, \d{1,9} \w{3} \d{1,9} \d\d:\d\d:\d\d [+-]?\d{0,6}\Z"))
def test_retry_after_seconds_survives_anything(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or seconds >= 0
