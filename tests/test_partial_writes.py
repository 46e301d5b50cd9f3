"""A write of which the system takes a part only, as before a full disk or at a signal: nothing is lost unsaid."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import struct
import termios
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import toe.cli.terminal
import toe.system.files.opening
from toe.sinks.log_file import LogFile

DATA = bytes(range(32, 127)) * 20_000


def unread(pipe: int) -> int:
    (count,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    return int(count)


@pytest.mark.parametrize(
    "write",
    [
        toe.system.files.opening.write_all,
        lambda descriptor, data: toe.cli.terminal.write(descriptor, data.decode()),
    ],
    ids=["file", "terminal"],
)
def test_the_rest_follows_when_a_signal_cuts_a_write(write: Callable[[int, bytes], object]) -> None:
    read_end, write_end = os.pipe()
    writer, room = threading.main_thread(), fcntl.fcntl(write_end, fcntl.F_GETPIPE_SZ)
    received = bytearray()

    def interrupt_and_read() -> None:
        while unread(read_end) < room:  # then the writer waits, having written a part
            threading.Event().wait(0.01)
        signal.pthread_kill(writer.ident or 0, signal.SIGUSR1)
        interrupted.wait()
        while block := os.read(read_end, 1 << 16):
            received.extend(block)

    interrupted = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda number, frame: interrupted.set())
    reader = threading.Thread(target=interrupt_and_read)
    reader.start()
    try:
        write(write_end, DATA)
    finally:
        os.close(write_end)
        reader.join()
        os.close(read_end)
        signal.signal(signal.SIGUSR1, before)
    assert bytes(received) == DATA


def test_a_log_that_takes_a_part_only_is_an_error(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as raised:
            log.write([DATA])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        log.close()
    assert raised.value.errno == errno.EFBIG
    assert (tmp_path / "log").read_bytes() == DATA[:100_000]
