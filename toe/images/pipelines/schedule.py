"""When a pipeline runs: `cron(...)` or `rate(...)` with a time zone, and what else a schedule says. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from toe.images.pipelines.cron import ScheduleFault, calendars_of
from toe.records import NamedTuple

MATCH_ONLY = "EXPRESSION_MATCH_ONLY"
WITH_UPDATES = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
UTC = "UTC"
_UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_FORM = re.compile(r"(?P<kind>cron|rate)\((?P<inner>[^()]*)\)")
_RATE = re.compile(r"(?P<number>[0-9]{1,6}) +(?P<unit>[a-z]+)")
_HINT = "cron(0 4 ? * SUN *) or rate(7 days)"


class Schedule(NamedTuple):
    """A schedule. Either `calendars`, events of systemd without a time zone, or `every_seconds`.

    `needs_updates`: a run is left out as long as nothing has changed that the image is made of. `most_failures` in
    a row disable the pipeline; 0: none do.
    """

    expression: str
    calendars: tuple[str, ...]
    every_seconds: int
    timezone: str = UTC
    needs_updates: bool = False
    most_failures: int = 0

    def on_calendar(self) -> tuple[str, ...]:
        """The calendar events with their time zone, as OnCalendar= takes them."""
        return tuple(f"{calendar} {self.timezone}" for calendar in self.calendars)


def parse_expression(text: str) -> tuple[tuple[str, ...], int]:
    """The calendar events of `cron(...)` or the seconds of `rate(...)`; the other is empty. Raises ScheduleFault."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ScheduleFault(0, text, f"'{text}' is no schedule: it is cron(...) or rate(...)", _HINT)
    if found["kind"] == "cron":
        return calendars_of(found["inner"], found.start("inner")), 0
    return (), _rate(found["inner"], found.start("inner"))


def _rate(text: str, offset: int) -> int:
    found = _RATE.fullmatch(text.strip())
    unit = found["unit"].removesuffix("s") if found else ""
    if found is None or unit not in _UNIT_SECONDS or int(found["number"]) < 1:
        raise ScheduleFault(offset, text, f"'{text}' is no rate: a number with minutes, hours or days", "rate(7 days)")
    number = int(found["number"])
    if (number == 1) != (found["unit"] == unit):
        right = f"rate({number} {unit if number == 1 else unit + 's'})"
        raise ScheduleFault(offset, text, f"Image Builder refuses 'rate({text})'", f"write {right}")
    return number * _UNIT_SECONDS[unit]


def timezone_fault(name: str) -> str:
    """What is wrong with a time zone, "" for one that this machine knows."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # no such zone, an odd name, a folder
        return f"this machine knows no time zone '{name}'"
    return ""


def schedule_of(fields: Mapping[str, Any]) -> Schedule | None:
    """The schedule of a pipeline's fields (CreateImagePipeline), None without one. Raises ScheduleFault."""
    expression = (fields.get("schedule") or {}).get("scheduleExpression")
    if not expression:
        return None
    schedule = fields["schedule"]
    calendars, seconds = parse_expression(expression)
    # the API's own default, also where a template leaves it out
    condition = schedule.get("pipelineExecutionStartCondition", WITH_UPDATES)
    failures = int((schedule.get("autoDisablePolicy") or {}).get("failureCount", 0))
    return Schedule(
        expression, calendars, seconds, schedule.get("timezone") or UTC, condition == WITH_UPDATES, failures
    )
