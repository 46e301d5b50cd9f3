"""Whether the reboot that a run asked for is the one that has happened, by what the system keeps of its boots."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

from toe.errors import ToeError
from toe.records import NamedTuple
from toe.system.boot import boot_id
from toe.system.machine import is_same_machine, machine_marks
from toe.system.resume.programs import below, find_program, run_program
from toe.words import counted

_WTMP = "/var/log/wtmp"
# A record of a boot: `ut_id` and the beginning of `ut_user` (utmp(5)), which lie side by side on every machine.
_WTMP_BOOT = b"~~\0\0reboot\0"
_JOURNAL_BOOT = re.compile(rb"\b[0-9a-f]{32}\b")
_PROGRAM_SECONDS = 20
#: Where the system keeps no record of its boots: a reboot that began later than this after it was asked for is another.
#: Updates of Windows are put in while it goes down and comes up.
LATEST_HOURS = 2


class Moment(NamedTuple):
    """When a reboot was asked for: the boot, the marks of the machine, the time, the bytes of /var/log/wtmp."""

    boot: str
    machine: Mapping[str, str]
    at_ns: int
    recorded_bytes: int = 0

    def to_plain(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        return dict(zip(self._fields, self, strict=True))


def moment_from_plain(data: Mapping[str, Any]) -> Moment:
    """What `Moment.to_plain` gave. Raises KeyError, TypeError, ValueError and AttributeError for anything else."""
    machine = {str(name): str(mark) for name, mark in data["machine"].items()}
    return Moment(str(data["boot"]), machine, int(data["at_ns"]), int(data["recorded_bytes"]))


def this_moment(root: str = "/") -> Moment:
    """The moment that it is. `root`: where the files of a Linux system lie."""
    return Moment(boot_id(), machine_marks(root), time.time_ns(), _wtmp_bytes(root))


def is_elsewhere(asked: Moment, root: str = "/") -> bool:
    """Whether this is another machine than the one on which a reboot was asked for."""
    return not is_same_machine(asked.machine, machine_marks(root))


def why_another_boot(asked: Moment, environment: Mapping[str, str], root: str = "/") -> str:
    """Why this boot is not the reboot that was asked for, "" when it is, as far as this system can tell."""
    boot = boot_id()
    if not boot or boot == asked.boot:
        return "the machine has not been rebooted since"
    if is_elsewhere(asked, root):
        return "that was on another machine"
    boots = _boots_in_the_journal(asked.boot, boot, environment, root) or _boots_in_wtmp(asked, root)
    if boots > 1:
        return f"the machine has been booted {counted(boots, 'time')} since"
    late = 0 if boots else _hours_late(asked)
    return f"this boot began {counted(late, 'hour')} later" if late > LATEST_HOURS else ""


def _boots_in_the_journal(asked: str, now: str, environment: Mapping[str, str], root: str) -> int:
    """How many boots systemd's journal has after the one that asked, up to this one; 0 when it does not have both."""
    program = find_program("journalctl", environment, root) if sys.platform == "linux" else None
    if program is None:
        return 0
    argv = [program, "--list-boots", "--no-pager", "--quiet"]
    try:
        listed = run_program(argv, environment, timeout_seconds=_PROGRAM_SECONDS).stdout
    except ToeError:
        return 0
    boots = [found.group().decode() for found in map(_JOURNAL_BOOT.search, listed.splitlines()) if found]
    first, last = asked.replace("-", ""), now.replace("-", "")
    return boots.index(last) - boots.index(first) if first in boots and last in boots else 0


def _wtmp_bytes(root: str) -> int:
    try:
        return os.stat(below(root, _WTMP)).st_size if sys.platform == "linux" else 0
    except OSError:
        return 0


def _boots_in_wtmp(asked: Moment, root: str) -> int:
    """How many boots were recorded since; 0 when that is not known, as where the file was begun anew."""
    if sys.platform != "linux" or _wtmp_bytes(root) < asked.recorded_bytes:
        return 0
    try:
        with open(below(root, _WTMP), "rb") as file:
            file.seek(asked.recorded_bytes)
            return file.read().count(_WTMP_BOOT)
    except OSError:
        return 0


def _hours_late(asked: Moment) -> int:
    """Hours from the wish to the beginning of this boot; 0 where that is not known."""
    return max(0, time.time_ns() - _up_ns() - asked.at_ns) // 3_600_000_000_000


def _up_ns() -> int:
    """Nanoseconds since the boot, sleep included."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    if sys.platform != "win32":
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    return time.monotonic_ns()
