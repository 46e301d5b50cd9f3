"""Which processes still run of what a `toe` that was killed had started."""

from __future__ import annotations

import sys
import time
from contextlib import suppress

from toe.system.boot import boot_id
from toe.system.processes.leftovers import Leftover
from toe.system.processes.lineage import Lineage, MarkedLineage, Table

assert sys.platform != "win32"

if sys.platform == "linux":
    from toe.system.processes.linux import commanded_processes, process_table
else:
    from toe.system.processes.macos import commanded_processes, process_table

_NOBODY = -1


def lineage_of(leftover: Leftover) -> Lineage | None:
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
