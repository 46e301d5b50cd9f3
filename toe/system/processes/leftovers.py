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

from toe.records import NamedTuple
from toe.system.boot import boot_id
from toe.system.host import FOLDER_PREFIX
from toe.system.processes.lineage import Lineage, MarkedLineage, Table
from toe.system.processes.runner import GRACE_SECONDS

if sys.platform == "linux":
    from toe.system.processes.linux import commanded_processes, process_table
elif sys.platform != "win32":
    from toe.system.processes.macos import commanded_processes, process_table
else:

    def process_table() -> Table:
        """Nothing: on Windows all that a `toe` started ends with it."""
        return {}

    def commanded_processes(text: str) -> set[int]:
        return set()


_NOBODY = -1


class Leftover(NamedTuple):
    """What was running in a boot. `pid` is also its session's and group's number, 0 where it was not known any more.

    `started`: the process was started between these two `start_mark`s. `folder`: the temporary one, "" for none.
    """

    boot: str
    folder: str = ""
    pid: int = 0
    started: tuple[int, int] = (0, 0)


def processes_of(leftover: Leftover) -> dict[int, int]:
    """The processes that still live of what was running, parents first, and their groups."""
    lineage = _lineage(leftover)
    return {} if lineage is None else lineage.alive()


def end_processes(leftover: Leftover, is_urgent: Callable[[], bool]) -> bool:
    """End all of them, TERM, a grace period, KILL; returns whether there were any. `is_urgent` ends the grace."""
    lineage = _lineage(leftover)
    if lineage is None or not lineage.alive():
        return False
    if sys.platform != "win32":
        from toe.system.processes.ending import end_all
        from toe.system.processes.pipe_reader import PipeReader

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
    """What was running, as far as it can be told from anybody else's; None in another boot."""
    if not leftover.boot or leftover.boot != boot_id():
        return None

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
