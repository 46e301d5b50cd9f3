"""What a `toe` that was killed left behind of its step: a process with all that it started, and a temporary folder.

Only what can be told from anybody else's is touched: a process by its number, its start and the boot, a folder by its
name, owner and mode.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from toe.records import NamedTuple
from toe.system.boot import boot_id

if TYPE_CHECKING:
    from toe.system.lineage import Lineage, Table

FOLDER_PREFIX = "AWSTOE"
GRACE_SECONDS = 5.0
_NOBODY = -1


class Leftover(NamedTuple):
    """What was running in a boot. `pid` is also its session's and group's number, 0 where it was not known any more.

    `started`: the process was started between these two `start_mark`s. `folder`: the temporary one, "" for none.
    """

    boot: str
    folder: str = ""
    pid: int = 0
    started: tuple[int, int] = (0, 0)


def start_mark() -> int:
    """The time as the system's table of processes has it for their starts; not the same count on each system."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) * os.sysconf("SC_CLK_TCK") // 1_000_000_000
    return int(time.time())


def processes_of(leftover: Leftover) -> dict[int, int]:
    """The processes that still live of what was running, parents first, and their groups."""
    lineage = _lineage(leftover)
    return {} if lineage is None else lineage.alive()


def end_processes(leftover: Leftover, is_urgent: Callable[[], bool]) -> bool:
    """End all of them, TERM, a grace period, KILL; returns whether there were any. `is_urgent` ends the grace."""
    lineage = _lineage(leftover)
    if sys.platform == "win32" or lineage is None or not lineage.alive():
        return False
    from toe.system.ending import end_all
    from toe.system.pipe_reader import PipeReader

    end_all(lineage, PipeReader({}, lambda stream, block: None), GRACE_SECONDS, is_urgent)
    return True


def remove_folder(leftover: Leftover) -> bool:
    """Remove the temporary folder with the script; returns whether there was one that is ours."""
    path = leftover.folder
    try:
        status = os.lstat(path)
    except OSError:
        return False
    is_private = stat.S_ISDIR(status.st_mode) and not (sys.platform != "win32" and stat.S_IMODE(status.st_mode) & 0o077)
    is_ours = sys.platform == "win32" or status.st_uid == os.geteuid()
    if not (is_private and is_ours and os.path.basename(path).startswith(FOLDER_PREFIX)):
        return False
    from shutil import rmtree

    rmtree(path, ignore_errors=True)
    return True


def _lineage(leftover: Leftover) -> Lineage | None:
    if sys.platform == "win32" or not leftover.boot or leftover.boot != boot_id():
        return None  # on Windows they die with the `toe` that started them
    from toe.system.lineage import MarkedLineage

    if sys.platform == "linux":
        from toe.system.linux import commanded_processes, process_table
    else:
        from toe.system.macos import commanded_processes, process_table

    def leaders(folder: str) -> set[int]:
        """Of a kill between the start of the process and the note of its number: its script is in the folder."""
        table = process_table()
        return {pid for pid in commanded_processes(folder) if pid in table and table[pid].session == pid}

    def none(mark: str) -> set[int]:
        return set()

    session = _session(leftover, process_table())
    by_folder = leaders if leftover.folder and not leftover.pid else none
    return MarkedLineage(session, leftover.folder, process_table, by_folder)


def _session(leftover: Leftover, table: Table) -> int:
    """The number of the session; one that nobody has when its number is another process's now."""
    leader = table.get(leftover.pid)
    first, last = leftover.started
    if not leftover.pid or (leader is not None and not first - 1 <= _start(leader.start) <= last + 1):
        return _NOBODY
    return leftover.pid


def _start(told: str) -> int:
    """The start of a process as `start_mark` counts."""
    if told.isdigit():
        return int(told)
    with suppress(ValueError):
        return int(time.mktime(time.strptime(told, "%a %b %d %H:%M:%S %Y")))
    return 0
