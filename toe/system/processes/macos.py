"""What only macOS needs: the process table and environments, by `ps`, for there is no /proc. Decides nothing."""

from __future__ import annotations

import os
import sys

from toe.system.processes.lineage import Process, Table

assert sys.platform != "win32"

_PS = "/bin/ps"
_NUMBERS = 3


def process_table() -> Table:
    """All processes of the system; empty when `ps` fails. `start` is its time of day to the second."""
    table: Table = {}
    for line in _ps("-axo", "pid=,ppid=,pgid=,stat=,lstart="):
        fields = line.split()
        if len(fields) > _NUMBERS + 1 and all(field.isdigit() for field in fields[:_NUMBERS]):
            pid, parent, group = map(int, fields[:_NUMBERS])
            start = b" ".join(fields[_NUMBERS + 1 :]).decode("ascii", "replace")
            table[pid] = Process(pid, parent, group, _session(pid), start, fields[_NUMBERS].startswith(b"Z"))
    return table


def marked_processes(mark: str) -> set[int]:
    """Processes that have `mark` in the environment they were started with, as far as we may look."""
    return _processes_with(mark.encode(), "-axwwEo")


def commanded_processes(text: str) -> set[int]:
    """Processes that have `text` in the command they were started with."""
    return _processes_with(os.fsencode(text), "-axwwo")


def _processes_with(wanted: bytes, options: str) -> set[int]:
    """Those of which `ps` with these options prints something that is wanted."""
    lines = [line.split(None, 1) for line in _ps(options, "pid=,command=") if wanted in line]
    return {int(fields[0]) for fields in lines if fields[0].isdigit()}


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def _ps(*arguments: str) -> list[bytes]:
    read_end, write_end = os.pipe()
    try:
        pid = os.posix_spawn(_PS, [_PS, *arguments], {}, file_actions=[(os.POSIX_SPAWN_DUP2, write_end, 1)])
    except OSError:
        os.close(write_end)
        os.close(read_end)
        return []
    os.close(write_end)
    with open(read_end, "rb") as output:
        text = output.read()
    os.waitpid(pid, 0)
    return text.splitlines()
