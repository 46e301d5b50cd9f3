"""`cron(...)` of Image Builder as calendar events of systemd. Pure.

Six fields: minute, hour, day of the month, month, day of the week, year (Image Builder's guide, "cron expressions").
Samples of AWS leave the year out, which then is any.
What one calendar event cannot say, such as the weekday that is nearest to a day, several say together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from toe.records import NamedTuple

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_FIELDS = 6
_ATOM = re.compile(r"(?P<first>\*|[A-Za-z0-9]+)(?:-(?P<last>[A-Za-z0-9]+))?(?:/(?P<step>[0-9]{1,4}))?")
#: Beyond this day the nearest weekday depends on the length of the month, which a calendar event cannot ask for.
_LAST_NEAREST = 27


class ScheduleFault(ValueError):
    """What is wrong with an expression: `word` at `offset` of its text, and what helps."""

    def __init__(self, offset: int, word: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.word = word
        self.message = message
        self.hint = hint


class _Kind(NamedTuple):
    """A field: its name, its smallest and largest value, and the words for values, the first for the smallest."""

    name: str
    least: int
    most: int
    words: tuple[str, ...] = ()


_MINUTE, _HOUR = _Kind("minute", 0, 59), _Kind("hour", 0, 23)
_DAY = _Kind("day of the month", 1, 31)
_MONTH = _Kind("month", 1, 12, _MONTHS)
_WEEKDAY = _Kind("day of the week", 1, 7, _DAYS)
_YEAR = _Kind("year", 1970, 2199)
_KINDS = (_MINUTE, _HOUR, _DAY, _MONTH, _WEEKDAY, _YEAR)


class _Field(NamedTuple):
    """A field as it is written, and where it begins in the expression."""

    kind: _Kind
    text: str
    offset: int

    def items(self) -> Iterator[_Field]:
        """The items between its commas."""
        offset = self.offset
        for text in self.text.split(","):
            yield _Field(self.kind, text, offset)
            offset += len(text) + 1

    def fault(self, message: str, hint: str = "") -> ScheduleFault:
        """What is wrong with it."""
        return ScheduleFault(self.offset, self.text, message, hint)


def calendars_of(text: str, offset: int = 0) -> tuple[str, ...]:
    """The calendar events, without a time zone, that the fields within `cron(...)` stand for; all of them count.

    `offset` is where the fields begin in what faults are told of. Raises ScheduleFault.
    """
    fields = [(found[0], offset + found.start()) for found in re.finditer(r"\S+", text)]
    if len(fields) == _FIELDS - 1:
        fields.append(("*", offset + len(text)))
    if len(fields) != _FIELDS:
        hint = "minute hour day month weekday year, such as cron(0 4 ? * SUN *)"
        raise ScheduleFault(offset, text, f"cron has six fields, and here are {len(fields)}", hint)
    minute, hour, day, month, weekday, year = (_Field(kind, *field) for kind, field in zip(_KINDS, fields, strict=True))
    _check_days(day, weekday)
    at = f"{_plain(hour)}:{_plain(minute)}:00"
    before = f"{_plain(year)}-{_plain(month)}"
    events = _days(day) if weekday.text == "?" else _weekdays(weekday)
    return tuple(f"{name} {before}{days} {at}".strip() for name, days in events)


def _check_days(day: _Field, weekday: _Field) -> None:
    for field in (day, weekday):
        if "?" in field.text and field.text != "?":
            raise field.fault(f"'?' stands alone in a field, not as in '{field.text}'")
    if (day.text == "?") == (weekday.text == "?"):
        message = "one of day of the month and day of the week is '?', and the other is not"
        raise weekday.fault(message, "write '?' for the one that does not matter")


def _days(field: _Field) -> Iterator[tuple[str, str]]:
    """Weekdays ("" for all) and days of the month, as they stand behind year and month."""
    plain: list[str] = []
    for item in field.items():
        text = item.text.upper()
        nearest = re.fullmatch(r"([0-9]{1,2})W", text)
        if text == "L":
            yield "", "~01"
        elif text in ("LW", "WL"):
            yield from (("Mon..Fri", "~01"), ("Fri", "~02"), ("Fri", "~03"))
        elif nearest:
            yield from _nearest(item, int(nearest[1]))
        else:
            plain.append(_atom(item))
    if plain:
        yield "", f"-{','.join(plain)}"


def _nearest(item: _Field, day: int) -> Iterator[tuple[str, str]]:
    """The weekday that is nearest to a day, in the same month: Friday before a Saturday, Monday behind a Sunday."""
    if not 1 <= day <= _DAY.most:
        raise item.fault(f"'{item.text}' is no day of the month: it is 1 to 31")
    if day > _LAST_NEAREST:
        message = f"'{item.text}' depends on the length of the month, which systemd cannot ask for"
        raise item.fault(message, f"up to {_LAST_NEAREST}W, or LW for the last weekday of the month")
    yield "Mon..Fri", f"-{day}"
    yield from (("Mon", "-3"),) if day == 1 else (("Fri", f"-{day - 1}"),)
    yield "Mon", f"-{day + 1}"


def _weekdays(field: _Field) -> Iterator[tuple[str, str]]:
    names: dict[str, None] = {}
    for item in field.items():
        text = item.text.upper()
        last = re.fullmatch(r"([A-Z]{3}|[0-9])L", text)
        numbered = re.fullmatch(r"([A-Z0-9]+)#([0-9]+)", text)
        if text == "*" and field.text == "*":
            yield "", "-*"
        elif text == "L":  # the guide: "Sunday for day of the week"
            names["Sun"] = None
        elif last:
            yield _weekday_name(_value(item, last[1])), "~07/1"
        elif numbered:
            yield _numbered(item, numbered[1], int(numbered[2]))
        else:
            names |= dict.fromkeys(map(_weekday_name, _values(item)))
    if names:
        yield ",".join(names), "-*"


def _numbered(item: _Field, day: str, number: int) -> tuple[str, str]:
    if not 1 <= number <= 5:
        raise item.fault(f"'{item.text}': behind '#' stands which one of the month it is, 1 to 5")
    first = 7 * (number - 1) + 1
    return _weekday_name(_value(item, day)), f"-{first}..{min(first + 6, _DAY.most)}"


def _weekday_name(value: int) -> str:
    return _DAYS[value - 1].capitalize()


def _plain(field: _Field) -> str:
    return ",".join(_atom(item) for item in field.items())


def _atom(item: _Field) -> str:
    """An item as systemd writes it: `*`, `5`, `5..9`, `5..9/2`, `5/2`."""
    first, last, step = _parts(item)
    if first is None:
        return f"{item.kind.least}/{step}" if step else "*"
    shown = f"{first}..{last}" if last is not None else str(first)
    return f"{shown}/{step}" if step else shown


def _values(item: _Field) -> Iterator[int]:
    first, last, step = _parts(item)
    if first is None:
        first, last = item.kind.least, item.kind.most
    elif last is None:
        last = item.kind.most if step else first
    yield from range(first, (last or first) + 1, step or 1)


def _parts(item: _Field) -> tuple[int | None, int | None, int]:
    """First (None for `*`), last and step (0 for none) of an item. Raises ScheduleFault."""
    found = _ATOM.fullmatch(item.text)
    if found is None:
        raise item.fault(f"'{item.text}' is no {item.kind.name}{_also(item)}", _range_of(item.kind))
    step = int(found["step"] or 0)
    if found["step"] is not None and step < 1:
        raise item.fault(f"the step of '{item.text}' is 1 or more")
    if found["first"] == "*":
        if found["last"] is not None:
            raise item.fault(f"'{item.text}': a range has a first and a last {item.kind.name}")
        return None, None, step
    first = _value(item, found["first"])
    last = _value(item, found["last"]) if found["last"] is not None else None
    if last is not None and last < first:
        raise item.fault(f"the range '{item.text}' ends before it begins", "write two of them, with a comma")
    return first, last, step


def _value(item: _Field, word: str) -> int:
    kind = item.kind
    if word.upper() in kind.words:
        return kind.words.index(word.upper()) + 1
    if not word.isdecimal() or not kind.least <= int(word) <= kind.most:
        where = "" if word == item.text else f" in '{item.text}'"
        raise item.fault(f"'{word}'{where} is no {kind.name}{_also(item)}", _range_of(kind))
    return int(word)


def _also(item: _Field) -> str:
    """Where a wildcard would have its place."""
    places: Mapping[str, str] = {"W": "day of the month", "#": "day of the week"}
    for sign, place in places.items():
        if sign in item.text.upper() and item.kind.name != place and not item.kind.words:
            return f": '{sign}' belongs to the {place}"
    return ""


def _range_of(kind: _Kind) -> str:
    words = f", or {kind.words[0]} to {kind.words[-1]}" if kind.words else ""
    return f"it is {kind.least} to {kind.most}{words}"
