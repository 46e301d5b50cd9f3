"""What a `toe` that was killed left behind of its step: a process with all that it started, and a temporary folder.

Only what can be told from anybody else's is touched: a process by its number, its start and the boot, a folder by its
name, owner and mode.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from toe.records import NamedTuple
from toe.system.host import FOLDER_PREFIX, GRACE_SECONDS

if TYPE_CHECKING:
    from toe.system.processes.lineage import Lineage


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
    if sys.platform != "win32":
        from toe.system.processes.leftover_lineage import lineage_of

        return lineage_of(leftover)
    return None  # they die with the `toe` that started them
