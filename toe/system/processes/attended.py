"""A piece of work in a process that another one attends: in a container, where whoever waits for it is outside."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

if sys.platform != "linux":

    def attended(work: Callable[[], int]) -> int:
        """There are no such containers elsewhere."""
        raise OSError("containers need Linux")

    def hand_over(folder: str) -> None:
        """Files have no such owners."""

else:
    from toe.system.processes.linux import become_subreaper, direct_children

    def attended(work: Callable[[], int]) -> int:
        """Do the work in a child and return its exit code; 128+n when signal n ended it. Nothing of it lives on.

        Signals come as lines with their names through standard input, and are passed on. When that ends, nobody waits
        for the work any more: everything is killed.
        """
        become_subreaper()
        child = os.fork()
        if child == 0:
            with open(os.devnull, "rb") as nothing:
                os.dup2(nothing.fileno(), 0)
            os._exit(work())
        Thread(target=_listen, args=(child,), daemon=True).start()
        try:
            return _end_of(child)
        finally:
            _end_descendants()

    def _listen(child: int) -> None:
        with open(0, encoding="ascii", errors="replace", closefd=False) as lines:
            for line in lines:
                number = getattr(signal, line.strip(), None)
                if isinstance(number, signal.Signals):
                    with suppress(ProcessLookupError):
                        os.kill(child, number)
        _end_descendants()
        os._exit(128 + signal.SIGKILL)

    def _end_of(child: int) -> int:
        """The exit code of the work; orphans of its processes are taken as init takes them."""
        while True:
            pid, status = os.wait()
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code

    def _end_descendants() -> None:
        """Under chroot nothing else ends them."""
        while children := direct_children():
            for pid in children:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in children:
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def hand_over(folder: str) -> None:
        """Give what is in a folder to the folder's owner: on the other side of a mount that is not root."""
        owner = os.stat(folder)
        if owner.st_uid == os.geteuid():
            return
        for _, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
            for name in (*folders, *files):
                with suppress(OSError):
                    os.chown(name, owner.st_uid, owner.st_gid, dir_fd=descriptor, follow_symlinks=False)
