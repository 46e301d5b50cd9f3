"""What only Linux has: adopting orphans, the process table and the open pipes under /proc. Decides nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import sys
from collections.abc import Mapping

from toe.quick_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toe.system.processes.lineage import Table

assert sys.platform == "linux"

_PR_SET_CHILD_SUBREAPER = 36
# Fields of /proc/PID/stat that stand after the parenthesis of the command (proc(5)).
_STATE, _PARENT, _GROUP, _SESSION, _THREADS, _START = 0, 1, 2, 3, 17, 19


def become_subreaper() -> bool:
    """Let orphaned descendants become children of this process; false where the kernel refuses.

    An ignored SIGCHLD, which a parent may hand down, is set back: with it no exit code would ever be known.
    """
    try:
        if _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            return False
    except (OSError, AttributeError):
        return False
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        with contextlib.suppress(ValueError):  # only the main thread may
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    return True


def _prctl(*arguments: int) -> int:
    """Call prctl(2), for which Python has no function. Raises OSError or AttributeError where there is none."""
    try:
        # The private core of ctypes does it alone: importing all of ctypes takes 2 ms, which every run would wait for.
        from _ctypes import call_function, dlopen, dlsym

        done: int = call_function(dlsym(dlopen(None, 0), "prctl"), arguments)  # type: ignore[arg-type]
    except ImportError:  # not CPython
        import ctypes

        done = ctypes.CDLL(None).prctl(*arguments)
    return done


def direct_children() -> frozenset[int]:
    """The children of this process, dead ones included. Costs a microsecond when there are none."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return frozenset()
    try:
        return frozenset(child for thread in os.listdir("/proc/self/task") for child in _children_of_thread(thread))
    except OSError:  # a kernel without these files
        own = os.getpid()
        return frozenset(process.pid for process in process_table().values() if process.parent == own)


def reap_orphans(child: int = 0) -> None:
    """Take the exit status of adopted processes that have ended, as init would; a script may wait for them to vanish.

    Left alone: `child`, which somebody waits for, and what another part of this program started: that has our session,
    while each step has its own.
    """
    own_session = os.getsid(0)
    try:
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == child or os.getsid(ended.si_pid) == own_session:
                break
            os.waitpid(ended.si_pid, os.WNOHANG)
        else:
            return
        for pid in direct_children() - {child}:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                if os.getsid(pid) != own_session:
                    os.waitpid(pid, os.WNOHANG)
    except (ChildProcessError, ProcessLookupError):
        return


def process_table() -> Table:
    """All processes of the system; empty where /proc is not mounted."""
    from toe.system.processes.lineage import Process

    table: Table = {}
    for pid in process_ids():
        with contextlib.suppress(OSError):
            stat = _read(f"/proc/{pid}/stat")
            fields = stat[stat.rindex(b")") + 2 :].split()
            # The first thread of a process may end before the others: then it is a zombie, and the process lives.
            dead = fields[_STATE] in b"ZX" and fields[_THREADS] in (b"0", b"1")
            parent, group, session = int(fields[_PARENT]), int(fields[_GROUP]), int(fields[_SESSION])
            table[int(pid)] = Process(int(pid), parent, group, session, fields[_START].decode(), dead)
    return table


def marked_processes(mark: str) -> set[int]:
    """Processes that have `mark` in the environment they were started with, as far as we may look."""
    return _processes_with(mark.encode(), "environ")


def commanded_processes(text: str) -> set[int]:
    """Processes that have `text` in an argument of the command they were started with."""
    return _processes_with(os.fsencode(text), "cmdline")


def _processes_with(wanted: bytes, file: str) -> set[int]:
    found = set()
    for pid in process_ids():
        with contextlib.suppress(OSError):
            if wanted in _read(f"/proc/{pid}/{file}"):
                found.add(int(pid))
    return found


def process_ids() -> list[str]:
    """The numbers of all processes, as text; empty where /proc is not mounted."""
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []


def _children_of_thread(thread: str) -> list[int]:
    return [int(pid) for pid in _read(f"/proc/self/task/{thread}/children").split()]


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        return file.read()


def streams_of_waiting_filters(pipes: Mapping[str, int]) -> set[str]:
    """The streams to which a process will write that has unread input in a pipe: output is still to come of it.

    `exec > >(sleep 9; cat)`: nothing is printed for 9 seconds, and yet all that the script has said is in cat's input.
    `pipes` are streams and their pipes, of which we have the reading end. Processes that we may not look at do not
    count.
    """
    own = str(os.getpid())
    streams = {f"pipe:[{os.fstat(descriptor).st_ino}]": stream for stream, descriptor in pipes.items()}
    found: set[str] = set()
    for name in process_ids():
        if name != own:
            with contextlib.suppress(OSError):  # it has ended, or is not ours
                folder = f"/proc/{name}/fd"
                if os.readlink(f"{folder}/0").startswith("pipe:"):
                    written = _targets(folder) & streams.keys()
                    if written and _has_unread_bytes(f"{folder}/0"):
                        found.update(streams[pipe] for pipe in written)
    return found


def _targets(folder: str) -> set[str]:
    """What a process has open."""
    found = set()
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(f"{folder}/{name}"))
    return found


def _has_unread_bytes(pipe: str) -> bool:
    import fcntl
    import termios

    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        (count,) = struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)))
    finally:
        os.close(descriptor)
    return bool(count)
