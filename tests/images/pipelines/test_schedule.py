"""Schedules of Image Builder become calendar events of systemd, which says itself when these come."""

from __future__ import annotations

import calendar
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone

import pytest

from toe.images.pipelines.cron import ScheduleFault
from toe.images.pipelines.schedule import Schedule, parse_expression, schedule_of, timezone_fault

START = datetime(2026, 11, 29, tzinfo=timezone.utc)
Day = Callable[[date], bool]


def length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def nearest(number: int) -> Day:
    """Whether a day is the weekday nearest to that one of its month, as people find it."""

    def holds(day: date) -> bool:
        wanted = day.replace(day=min(number, length(day)))
        shift = {5: -1, 6: 1}.get(wanted.weekday(), 0)
        if shift == -1 and wanted.day == 1:
            shift = 2
        if shift == 1 and wanted.day == length(day):
            shift = -2
        return day == wanted + timedelta(days=shift)

    return holds


CASES: list[tuple[str, Day, str]] = [
    ("cron(0 0 * * ? *)", lambda day: True, "00:00"),
    ("cron(30 4 ? * SUN *)", lambda day: day.weekday() == 6, "04:30"),
    ("cron(30 4 ? * 1 *)", lambda day: day.weekday() == 6, "04:30"),
    ("cron(30 4 ? * mon-fri *)", lambda day: day.weekday() < 5, "04:30"),
    ("cron(0 4 ? * MON,7 *)", lambda day: day.weekday() in (0, 5), "04:00"),
    ("cron(0 4 ? * MON-FRI/2 *)", lambda day: day.weekday() in (0, 2, 4), "04:00"),
    ("cron(5 4 1 * ? *)", lambda day: day.day == 1, "04:05"),
    (
        "cron(5 4 1,15-17 JAN-MAR,12 ? *)",
        lambda day: day.day in (1, 15, 16, 17) and day.month in (1, 2, 3, 12),
        "04:05",
    ),
    ("cron(5 4 1/10 */3 ? *)", lambda day: day.day in (1, 11, 21, 31) and day.month in (1, 4, 7, 10), "04:05"),
    ("cron(5 4 */2 * ? 2027)", lambda day: day.day % 2 == 1 and day.year == 2027, "04:05"),
    ("cron(5 4 2-9/3 * ? 2027-2028)", lambda day: day.day in (2, 5, 8) and day.year in (2027, 2028), "04:05"),
    ("cron(0 1 L * ? *)", lambda day: day.day == length(day), "01:00"),
    ("cron(0 1 LW * ? *)", nearest(31), "01:00"),
    ("cron(0 1 15W * ? *)", nearest(15), "01:00"),
    ("cron(0 1 1W * ? *)", nearest(1), "01:00"),
    ("cron(0 1 27W * ? *)", nearest(27), "01:00"),
    ("cron(0 1 L,15W * ? *)", lambda day: day.day == length(day) or nearest(15)(day), "01:00"),
    ("cron(0 1 ? * FRI#2 *)", lambda day: day.weekday() == 4 and 8 <= day.day <= 14, "01:00"),
    ("cron(0 1 ? * 3#1 *)", lambda day: day.weekday() == 1 and day.day <= 7, "01:00"),
    ("cron(0 1 ? * fri#5 *)", lambda day: day.weekday() == 4 and day.day >= 29, "01:00"),
    ("cron(0 1 ? * 5L *)", lambda day: day.weekday() == 3 and day.day > length(day) - 7, "01:00"),
    ("cron(0 1 ? * FRIL *)", lambda day: day.weekday() == 4 and day.day > length(day) - 7, "01:00"),
    ("cron(0 1 ? * L *)", lambda day: day.weekday() == 6, "01:00"),
]


def said_by_systemd(event: str, count: int) -> Iterator[datetime]:
    """The next times of a calendar event."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("needs systemd-analyze (apt-get install systemd)")
    base = f"--base-time={START:%Y-%m-%d %H:%M:%S} UTC"
    command = ["systemd-analyze", "calendar", f"--iterations={count}", base, event]
    environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    for found in re.finditer(r"(?:Next elapse|Iter\. #\d+): \w+ (\S+ \S+) UTC", done.stdout):
        yield datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)


def times(expression: str, zone: str = "UTC", count: int = 12) -> list[datetime]:
    calendars, seconds = parse_expression(expression)
    assert seconds == 0
    events = Schedule(expression, calendars, 0, zone).on_calendar()
    found = {time for event in events for time in said_by_systemd(event, count)}
    return sorted(found)[:count]


@pytest.mark.parametrize(("expression", "holds", "at"), CASES)
def test_systemd_comes_when_the_expression_says(expression: str, holds: Day, at: str) -> None:
    days = (START.date() + timedelta(days=number) for number in range(366 * 4))
    hour, minute = map(int, at.split(":"))
    expected = [datetime(day.year, day.month, day.day, hour, minute, tzinfo=timezone.utc) for day in days if holds(day)]
    assert times(expression) == [time for time in expected if time > START][:12]


def test_several_times_of_a_day() -> None:
    assert [f"{time:%d %H:%M}" for time in times("cron(0/30 8-9,17 ? * MON *)", count=7)] == [
        *("30 08:00", "30 08:30", "30 09:00", "30 09:30", "30 17:00", "30 17:30"),
        "07 08:00",
    ]


def test_times_are_those_of_the_zone() -> None:
    assert [time.hour for time in times("cron(0 4 1 * ? *)", "Europe/Berlin")] == [3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 3]
    assert timezone_fault("Europe/Berlin") == ""
    assert timezone_fault("Europe/Berlinn") == "this machine knows no time zone 'Europe/Berlinn'"
    assert timezone_fault("../etc") != ""


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(1 minute)", 60), ("rate(12 hours)", 43200), ("rate(7 days)", 604800), ("rate(1 day)", 86400)],
)
def test_rates(expression: str, seconds: int) -> None:
    assert parse_expression(expression) == ((), seconds)


@pytest.mark.parametrize(
    ("expression", "word", "message"),
    [
        ("every day", "every day", "'every day' is no schedule: it is cron(...) or rate(...)"),
        ("cron(0 4 * *)", "0 4 * *", "cron has six fields, and here are 4"),
        ("cron(0 4 * * * *)", "*", "one of day of the month and day of the week is '?', and the other is not"),
        ("cron(0 4 ? * ? *)", "?", "one of day of the month and day of the week is '?', and the other is not"),
        ("cron(60 4 * * ? *)", "60", "'60' is no minute"),
        ("cron(0 4 1,32 * ? *)", "32", "'32' is no day of the month"),
        ("cron(0 4 ? * FREI *)", "FREI", "'FREI' is no day of the week"),
        ("cron(0 4 ? * FRI-MON *)", "FRI-MON", "the range 'FRI-MON' ends before it begins"),
        ("cron(0 4 31W * ? *)", "31W", "'31W' depends on the length of the month, which systemd cannot ask for"),
        ("cron(0 4W * * ? *)", "4W", "'4W' is no hour: 'W' belongs to the day of the month"),
        ("cron(0 4 3#1 * ? *)", "3#1", "'3#1' is no day of the month: '#' belongs to the day of the week"),
        ("cron(0 4 ? * FRI#6 *)", "FRI#6", "'FRI#6': behind '#' stands which one of the month it is, 1 to 5"),
        ("cron(0/0 4 * * ? *)", "0/0", "the step of '0/0' is 1 or more"),
        ("cron(0 4 ?,1 * ? *)", "?,1", "'?' stands alone in a field, not as in '?,1'"),
        ("cron(0 4 * * ? 1969)", "1969", "'1969' is no year"),
        ("rate(1 days)", "1 days", "Image Builder refuses 'rate(1 days)'"),
        ("rate(7 day)", "7 day", "Image Builder refuses 'rate(7 day)'"),
        ("rate(2 weeks)", "2 weeks", "'2 weeks' is no rate: a number with minutes, hours or days"),
        ("rate(0 days)", "0 days", "'0 days' is no rate: a number with minutes, hours or days"),
    ],
)
def test_faults_say_what_and_where(expression: str, word: str, message: str) -> None:
    with pytest.raises(ScheduleFault) as fault:
        parse_expression(expression)
    assert (fault.value.message, fault.value.word) == (message, word)
    assert expression[fault.value.offset :].startswith(word)


def test_what_else_a_schedule_says() -> None:
    assert schedule_of({}) is None
    fields = {
        "schedule": {
            "scheduleExpression": "rate(1 day)",
            "timezone": "Europe/Berlin",
            "pipelineExecutionStartCondition": "EXPRESSION_MATCH_ONLY",
            "autoDisablePolicy": {"failureCount": 3},
        }
    }
    assert schedule_of(fields) == Schedule("rate(1 day)", (), 86400, "Europe/Berlin", False, 3)
    assert schedule_of({"schedule": {"scheduleExpression": "rate(1 day)"}}) == Schedule(
        "rate(1 day)", (), 86400, "UTC", True, 0
    )
