"""Values out of JSON that anybody may have written: each getter gives the type that it names, whatever stands there."""

from __future__ import annotations

import calendar
import contextlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from toe.report.model import Entry
from toe.words import NANOSECONDS

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def text_of(fields: Mapping[str, Any], key: str) -> str:
    """A text, "" for none."""
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def number_of(fields: Mapping[str, Any], key: str) -> int | None:
    """A whole number, None for none."""
    value = fields.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def maps_of(fields: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in a list; what else is in it is left out."""
    value = fields.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts_of(fields: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts in a list."""
    value = fields.get(key)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def time_of(fields: Mapping[str, Any], key: str) -> int:
    """An RFC 3339 time in nanoseconds since the Unix epoch, 0 for none."""
    found = _TIME.fullmatch(text_of(fields, key))
    if found is None:
        return 0
    seconds, fraction, zone = found.groups()
    return max(0, _whole_seconds(seconds, zone) * NANOSECONDS + int((fraction or "0").ljust(9, "0")))


@lru_cache(maxsize=64)
def _whole_seconds(text: str, zone: str) -> int:
    """Cached: a run has many events in a second."""
    date, clock = text.split("T")
    parts = [int(part) for part in (*date.split("-"), *clock.split(":"))]
    try:
        whole = calendar.timegm((*parts, 0, 0, 0))
    except ValueError:  # the 13th month
        return 0
    away = 0 if zone == "Z" else (int(zone[1:3]) * 60 + int(zone[4:])) * 60
    return whole + away if zone.startswith("-") else whole - away


def entries_of(fields: Mapping[str, Any], key: str) -> tuple[Entry, ...]:
    """Inputs or outputs: a list, or its JSON text, which AWSTOE puts into a string."""
    value = fields.get(key)
    if isinstance(value, str):
        with contextlib.suppress(ValueError, RecursionError):  # shown as the text that it is
            value = json.loads(value) if value else []
    items = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(item if isinstance(item, dict) else {"value": item} for item in items)
