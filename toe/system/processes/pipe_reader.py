"""Waiting for a child's output and handing it on in blocks, beside other descriptors that somebody waits for."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from toe.system.processes.output import Output

if sys.platform != "win32":
    from toe.system.processes.child import kept_back, spawn

assert sys.platform != "win32"

# Larger buffers are slower: the allocator gets fresh pages for each from the system.
READ_BYTES = 64 * 1024
PIPE_BYTES = 1024 * 1024
# From here on a stream is a torrent: to read every few KiB as they come costs more than the writer's work, so its pipe
# is made larger and is read after short pauses, in which a fast writer does not fill it.
TORRENT_BYTES = 1024 * 1024
PAUSE_SECONDS = 0.0002
# Whoever finds more than this is slower than the writer: no time to pause.
PAUSE_BELOW_BYTES = PIPE_BYTES // 2
_F_SETPIPE_SZ = 1031
_SHELL = "/bin/sh"
# The shell ends at once: `cat` is then nobody's child but init's, which reaps it, or ours where we stand in for init.
_DRAIN = "cd /; exec 3<&0; cat <&3 3<&- &"


class PipeReader(Output):
    """Reads the pipes `{descriptor: stream name}` to their end and owns them until `release`."""

    def __init__(self, pipes: dict[int, str], on_output: Callable[[str, bytes], None]) -> None:
        super().__init__(pipes.values(), on_output)
        self._streams = pipes
        self._open = set(pipes)
        self._received_before_torrent = dict.fromkeys(pipes, 0)
        self._torrents: set[int] = set()
        self._poll = select.poll()
        for descriptor in pipes:
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)

    @property
    def is_open(self) -> bool:
        """Whether somebody may still write."""
        return bool(self._open)

    def watch(self, descriptor: int) -> None:
        """Let `wait` return when `descriptor` is readable."""
        self._poll.register(descriptor, select.POLLIN)

    def forget(self, descriptor: int) -> None:
        """Undo `watch`."""
        self._poll.unregister(descriptor)

    def wait(self, seconds: float) -> list[int]:
        """Wait until something happens; hand on what the pipes have and return who else is readable."""
        others = []
        pause = False
        for descriptor, _ in self._poll.poll(max(0.0, seconds) * 1000):
            if descriptor in self._open:
                received = self._read(descriptor)
                pause = pause or (descriptor in self._torrents and received < PAUSE_BELOW_BYTES)
            else:
                others.append(descriptor)
        if pause and not others:
            time.sleep(PAUSE_SECONDS)
        return others

    def open_streams(self) -> dict[str, int]:
        """The streams that somebody may still write to, and their descriptors."""
        return {name: descriptor for descriptor, name in self._streams.items() if descriptor in self._open}

    def read_written(self) -> None:
        """Hand on all that the pipes hold.

        What was written before the call is complete however slow the receiver is: a pipe holds no more than 1 MiB.
        """
        for descriptor in tuple(self._open):
            left = PIPE_BYTES
            while left > 0 and (count := self._read_once(descriptor)):
                left -= count

    def release(self, inheritable: Iterable[int] = ()) -> None:
        """Give up what is still open: a process of its own reads each pipe on to its end, and drops what comes.

        Closing the pipe would kill a background child, such as a daemon, by SIGPIPE at its next word; leaving it unread
        would block the child. A thread of ours would read until our own end only, however that comes. Where no process
        can be started, whoever writes gets SIGPIPE. `inheritable` are open descriptors that must not go to those
        processes.
        """
        for pipe in self._open:
            os.set_blocking(pipe, True)
            with suppress(OSError):
                _start_draining(pipe, inheritable)
            os.close(pipe)
        self._open.clear()

    def _read(self, descriptor: int) -> int:
        """Read once, or all that a torrent's pipe holds; then see whether it has become one. Returns the bytes read."""
        count = received = self._read_once(descriptor)
        while count == READ_BYTES and received < PIPE_BYTES and descriptor in self._torrents:
            count = self._read_once(descriptor)
            received += count
        self._received_before_torrent[descriptor] += received
        if received and descriptor not in self._torrents and self._received_before_torrent[descriptor] >= TORRENT_BYTES:
            self._received_before_torrent[descriptor] = 0
            if _enlarge(descriptor):
                self._torrents.add(descriptor)
        return received

    def _read_once(self, descriptor: int) -> int:
        try:
            data = os.read(descriptor, READ_BYTES)
        except BlockingIOError:
            return 0
        if data:
            self._take(self._streams[descriptor], data)
        else:
            self._poll.unregister(descriptor)
            self._open.remove(descriptor)
            os.close(descriptor)
        return len(data)


def _enlarge(pipe: int) -> bool:
    """Let a pipe hold 1 MiB; false where the system does not allow that, or the user's share is used up."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.fcntl(pipe, _F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        return False
    return True


def _start_draining(pipe: int, inheritable: Iterable[int]) -> None:
    actions = [
        (os.POSIX_SPAWN_DUP2, pipe, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    environment = {"PATH": os.environ.get("PATH") or os.defpath}
    with kept_back(inheritable) as closings:
        pid = spawn(_SHELL, [_SHELL, "-c", _DRAIN], environment, [*actions, *closings])
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)
