"""Output that comes after the end of the program that was started: of its filters, and of what it left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from group_child import GroupChild

from toe.system.cancellation import Cancellation
from toe.system.processes.posix import PosixProcesses
from toe.system.processes.runner import OutputPatience, ProcessEnd
from toe.system.windows.runner import WindowsProcesses

ENDLESS = 1000.0
PATIENT = OutputPatience(ENDLESS, ENDLESS)
#: Waits until whoever started the script has taken its exit status.
AFTER_THE_END = "while kill -0 $$ 2>/dev/null; do sleep 0.01; done"
CHATTERER = "(while :; do echo tick; sleep 0.01; done) & echo $! >&2"


class Script:
    """A bash script that was run, what it printed, and how it ended."""

    def __init__(self, text: str, patience: OutputPatience, *, threads: bool = False, seconds: float = ENDLESS) -> None:
        processes = (
            WindowsProcesses(patience=patience, start=GroupChild)
            if threads
            else PosixProcesses(own_process=False, patience=patience)
        )
        self.cancellation = Cancellation()
        self.blocks: list[tuple[str, bytes]] = []
        self.end: ProcessEnd = processes.run(
            ["bash", "-c", text],
            environment=os.environ,
            deadline=time.monotonic() + seconds,
            cancellation=self.cancellation,
            on_start=lambda: None,
            on_output=self._take,
        )
        self.cancellation.close()

    def printed(self, stream: str = "stdout") -> bytes:
        return b"".join(block for name, block in self.blocks if name == stream)

    def _take(self, stream: str, block: bytes) -> None:
        self.blocks.append((stream, block))
        if block == b"stop\n":
            self.cancellation.cancel(signal.SIGTERM)


@contextmanager
def killed(pid: int) -> Iterator[None]:
    """End what a script has left behind, whatever the test finds."""
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("threads", [False, True])
def test_filter_that_prints_line_by_line_loses_nothing(threads: bool) -> None:
    script = Script("exec > >(while read -r l; do echo $(date +%T) $l; done) 2>&1; seq 300", PATIENT, threads=threads)
    assert script.printed().count(b"\n") == 300
    assert script.printed().endswith(b" 300\n")
    assert script.end == ProcessEnd(0)


@pytest.mark.parametrize("threads", [False, True])
def test_each_block_restarts_the_silence(threads: bool) -> None:
    filtered = "exec > >(n=0; while read -r l; do n=$((n + 1)); done; for i in {1..12}; do sleep 0.25; echo $n; done)"
    script = Script(f"{filtered}; seq 7", OutputPatience(2, ENDLESS), threads=threads)
    assert script.printed() == b"7\n" * 12
    assert script.end == ProcessEnd(0)


@pytest.mark.skipif(sys.platform != "linux", reason="what a filter has not read is seen on Linux alone")
def test_filter_that_has_not_begun_is_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    filtered = f"exec > >(echo up >{fifo}; sleep 3; cat)"
    script = Script(f"mkfifo {fifo}; {filtered}; read up <{fifo}; echo x", OutputPatience(1, ENDLESS))
    assert script.printed() == b"x\n"
    assert script.end == ProcessEnd(0)


@pytest.mark.skipif(sys.platform != "linux", reason="what a filter has not read is seen on Linux alone")
def test_filter_that_never_begins_is_cut(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    filtered = f"exec > >(echo $BASHPID >{fifo}; exec sleep 1000)"
    script = Script(f"mkfifo {fifo}; {filtered}; read pid <{fifo}; echo $pid >&2; echo x", OutputPatience(0.01, 0.2))
    with killed(int(script.printed("stderr"))):
        assert script.printed() == b""
        assert script.end == ProcessEnd(0, ("stdout", "stderr"), ("stdout", "stderr"))


@pytest.mark.parametrize("threads", [False, True])
def test_silent_daemon_is_not_waited_for_and_nothing_is_cut(threads: bool) -> None:
    script = Script("sleep 1000 & echo $!", OutputPatience(0.2, ENDLESS), threads=threads)
    with killed(int(script.printed())):
        assert script.end == ProcessEnd(0, ("stdout", "stderr"), ())


@pytest.mark.parametrize("threads", [False, True])
def test_daemon_that_prints_without_end_is_cut(threads: bool) -> None:
    script = Script(CHATTERER, OutputPatience(ENDLESS, 0.3), threads=threads)
    with killed(int(script.printed("stderr"))):
        assert script.end == ProcessEnd(0, ("stdout", "stderr"), ("stdout",))


@pytest.mark.parametrize("threads", [False, True])
def test_torrent_of_a_daemon_is_cut(threads: bool) -> None:
    script = Script("yes & echo $! >&2", PATIENT, threads=threads)
    with killed(int(script.printed("stderr"))):
        assert script.end == ProcessEnd(0, ("stdout", "stderr"), ("stdout",))
        assert len(script.printed()) < 100 * 2**20


@pytest.mark.parametrize("threads", [False, True])
def test_last_output_is_not_waited_for_beyond_the_deadline(threads: bool) -> None:
    script = Script(CHATTERER, PATIENT, threads=threads, seconds=5)
    with killed(int(script.printed("stderr"))):
        assert script.end == ProcessEnd(0, ("stdout", "stderr"), ("stdout",))


@pytest.mark.parametrize("threads", [False, True])
def test_last_output_is_not_waited_for_when_the_run_is_to_stop(threads: bool) -> None:
    chatterer = f"({AFTER_THE_END}; echo stop; exec sleep 1000) & echo $! >&2"
    script = Script(chatterer, PATIENT, threads=threads)
    with killed(int(script.printed("stderr"))):
        assert script.printed() == b"stop\n"
        assert (script.end.exit_code, script.end.held) == (0, ("stdout", "stderr"))
