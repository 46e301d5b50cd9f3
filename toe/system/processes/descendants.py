"""What this process has started, ended: for libraries that start processes and end only the first of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

if sys.platform == "win32":

    def children() -> frozenset[int]:
        """None: no such library runs on Windows."""
        return frozenset()

    def kill_descendants() -> None:
        """As above."""

else:
    from toe.system.processes.lineage import subtrees

    if sys.platform == "darwin":
        from toe.system.processes.macos import process_table

        def children() -> frozenset[int]:
            """The processes that this one has started, by their ids."""
            own = os.getpid()
            return frozenset(process.pid for process in process_table().values() if process.parent == own)
    else:
        from toe.system.processes.linux import direct_children, process_table

        children = direct_children

    _ROUNDS, _PAUSE_SECONDS = 50, 0.02

    def kill_descendants() -> None:
        """Kill the children of this process, theirs, and so on, until none is left; the dead ones wait to be taken."""
        for _ in range(_ROUNDS):
            table = process_table()
            living = [pid for pid in subtrees(table, children()) if not table[pid].dead]
            if not living:
                return
            for pid in living:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)


def terminate(pids: Iterable[int]) -> None:
    """Ask processes to end."""
    for pid in pids:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM)
