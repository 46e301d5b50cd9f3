"""The units of systemd that run a pipeline: a service, and the timer that starts it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from toe.errors import ToeError
from toe.images.pipelines.schedule import Schedule
from toe.records import NamedTuple

PREFIX = "toe-pipeline-"
#: systemd leaves sections alone whose names begin so.
SECTION = "X-Toe"
#: What stands in that section of a timer.
LABELS = ("Pipeline", "File", "Schedule", "TimeZone")
#: How long after its start, and after a boot, a timer of `rate` first asks whether the pipeline is due.
_FIRST_SECONDS = 60
#: How often it asks then: what was missed while the machine was off is not missed for longer than that.
_MOST_SECONDS = 3600


class Units(NamedTuple):
    """The texts of both units, by `name`, which has no ending."""

    name: str
    service: str
    timer: str


class Command(NamedTuple):
    """What the service runs, in which folder, and variables that it needs beyond those of systemd."""

    argv: Sequence[str]
    folder: str
    environment: Sequence[tuple[str, str]] = ()


def units_of(pipeline: str, key: str, file: str, schedule: Schedule, command: Command) -> Units:
    """The units of a pipeline; `key` is its name as units have it. Raises ToeError for what cannot stand in a unit."""
    name = PREFIX + key
    values = (pipeline, file, schedule.expression, schedule.timezone)
    known = "".join(f"{label}={_plain(value)}\n" for label, value in zip(LABELS, values, strict=True))
    variables = "".join(f"Environment={quoted(f'{variable}={value}')}\n" for variable, value in command.environment)
    service = (
        "[Unit]\n"
        f"Description=toe: the image pipeline {_escaped(pipeline)}\n"
        "Wants=network-online.target\n"
        "After=network-online.target\n"
        "\n[Service]\n"
        "Type=oneshot\n"
        f"WorkingDirectory={_escaped(command.folder)}\n"
        f"{variables}"
        f"ExecStart={' '.join(map(quoted, command.argv))}\n"
        "KillMode=mixed\n"
    )
    timer = (
        "[Unit]\n"
        f"Description=toe: when the image pipeline {_escaped(pipeline)} runs\n"
        "\n[Timer]\n"
        f"{_when(schedule)}"
        "AccuracySec=1s\n"
        "\n[Install]\n"
        "WantedBy=timers.target\n"
        f"\n[{SECTION}]\n{known}"
    )
    return Units(name, service, timer)


def _when(schedule: Schedule) -> str:
    """A time that passed while the machine was off is made up for when it is on again.

    systemd does that for calendar events alone. A rate is counted by toe, from the last run, and the timer only asks.
    """
    if schedule.calendars:
        return "".join(f"OnCalendar={event}\n" for event in schedule.on_calendar()) + "Persistent=true\n"
    asks = min(schedule.every_seconds, _MOST_SECONDS)
    return f"OnActiveSec={_FIRST_SECONDS}\nOnUnitActiveSec={asks}\n"


def quoted(word: str) -> str:
    """A word of a command line as systemd reads it: nothing in it is expanded. Raises ToeError."""
    text = _escaped(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{text}"'


def _escaped(text: str) -> str:
    return _plain(text).replace("%", "%%")


def _plain(text: str) -> str:
    """A text of one line. Raises ToeError for another one: units are lines."""
    if not text.isprintable():
        raise ToeError(f"{text!r} cannot stand in a unit of systemd: it has a line break or the like")
    return text
