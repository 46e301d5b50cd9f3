"""How toe.system.windows.runner runs a child: waiting, output, ending. The children are real, and of this system.

What stands in for the Job Object is a process group: see group_child.py.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from group_child import GroupChild, UnreachableChild

from toe.errors import Interrupted, StepTimedOut
from toe.system.cancellation import Cancellation
from toe.system.processes.runner import OutputPatience
from toe.system.windows.runner import WindowsProcesses

PATH = {"PATH": os.environ.get("PATH", os.defpath)}
SHORT_SILENCE = OutputPatience(silence_seconds=0.2, longest_seconds=1000)


class Runner:
    """Runs bash scripts and keeps what they print."""

    def __init__(
        self,
        grace_seconds: float = 20,
        start: type[GroupChild] = GroupChild,
        patience: OutputPatience = SHORT_SILENCE,
    ) -> None:
        self.processes = WindowsProcesses(grace_seconds=grace_seconds, patience=patience, start=start)
        self.cancellation = Cancellation()
        self.blocks: list[tuple[str, bytes]] = []
        self.started = 0

    def bash(
        self, script: str, *, seconds: float | None = 30, on_output: Callable[[str, bytes], None] | None = None
    ) -> int:
        self.end = self.processes.run(
            ["bash", "-c", script],
            environment=PATH,
            deadline=None if seconds is None else time.monotonic() + seconds,
            cancellation=self.cancellation,
            on_start=self._count,
            on_output=on_output or self.keep,
        )
        return self.end.exit_code

    def keep(self, stream: str, block: bytes) -> None:
        self.blocks.append((stream, block))

    def stop_at_output(self, stream: str, block: bytes) -> None:
        self.keep(stream, block)
        self.cancellation.cancel()

    def text(self, stream: str = "stdout") -> bytes:
        return b"".join(block for name, block in self.blocks if name == stream)

    def _count(self) -> None:
        self.started += 1


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    runner.cancellation.close()


@pytest.fixture
def hasty() -> Iterator[Runner]:
    """A runner with hardly any grace."""
    runner = Runner(grace_seconds=0.2)
    yield runner
    runner.cancellation.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("code", [0, 5, 194])
def test_run_returns_the_exit_code(runner: Runner, code: int) -> None:
    assert runner.bash(f"exit {code}") == code
    assert runner.started == 1


def test_run_hands_on_both_streams_to_the_last_byte(runner: Runner) -> None:
    assert runner.bash("echo out; echo err >&2; printf 'no newline'") == 0
    assert runner.text() == b"out\nno newline"
    assert runner.text("stderr") == b"err\n"


def test_run_gives_whole_lines(runner: Runner) -> None:
    runner.bash("printf 'begin'; echo up >&2; read -t 0.1 < <(:); printf ' end\\r\\nlast'")
    assert [block for stream, block in runner.blocks if stream == "stdout"] == [b"begin end\r\n", b"last"]


def test_run_loses_nothing_of_large_output_when_the_receiver_is_slow(runner: Runner) -> None:
    received = 0

    def on_output(stream: str, block: bytes) -> None:
        nonlocal received
        received += len(block)
        time.sleep(0.01)

    assert runner.bash("head -c 3000000 /dev/zero | tr '\\0' 'x'", on_output=on_output) == 0
    assert received == 3_000_000


def test_run_turns_what_is_no_utf8_into_utf8(runner: Runner) -> None:
    runner.bash(r"printf 'h\xc3\xa9\nsch\x94n\n'")
    assert runner.text() == "hé\nsch\N{REPLACEMENT CHARACTER}n\n".encode()


def test_run_does_not_wait_for_a_background_child_that_holds_the_output(runner: Runner) -> None:
    assert runner.bash("sleep 1000 & echo $!") == 0
    pid = int(runner.text())
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_run_drops_what_a_background_child_prints_later(runner: Runner, tmp_path: Path) -> None:
    fifo = tmp_path / "done"
    os.mkfifo(fifo)
    runner.bash(f"(head -c 300000 /dev/zero; echo ended > '{fifo}') & echo started")
    assert fifo.read_text() == "ended\n"
    assert runner.text().replace(b"\0", b"") == b"started\n"


def test_run_is_not_held_up_by_a_background_child_that_prints_without_end(runner: Runner) -> None:
    runner.bash("yes & echo $! >&2")
    pid = int(runner.text("stderr"))
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_run_starts_nothing_when_the_time_is_over(runner: Runner) -> None:
    with pytest.raises(StepTimedOut):
        runner.bash("echo no", seconds=0)
    assert (runner.started, runner.blocks) == (0, [])


def test_run_ends_all_at_the_deadline_and_keeps_what_they_said(runner: Runner) -> None:
    with pytest.raises(StepTimedOut):
        runner.bash("trap 'echo bye; exit' TERM; sleep 60 & echo $!; wait", seconds=1.5)
    pid, said = runner.text().split()
    assert said == b"bye"
    assert not is_alive(int(pid))


def test_run_kills_who_does_not_end_in_the_grace(hasty: Runner) -> None:
    with pytest.raises(Interrupted):
        hasty.bash("trap '' TERM; echo $$; exec sleep 60", on_output=hasty.stop_at_output)
    assert not is_alive(int(hasty.text()))


def test_run_kills_at_once_who_cannot_be_asked() -> None:
    runner = Runner(grace_seconds=1000, start=UnreachableChild)
    with pytest.raises(Interrupted):
        runner.bash("trap '' TERM; echo $$; exec sleep 1000", on_output=runner.stop_at_output)
    runner.cancellation.close()
    assert not is_alive(int(runner.text()))


def test_run_cuts_the_grace_when_it_gets_urgent() -> None:
    runner = Runner(grace_seconds=1000)

    def on_output(stream: str, block: bytes) -> None:
        runner.stop_at_output(stream, block)
        runner.cancellation.hurry()

    with pytest.raises(Interrupted):
        runner.bash("trap '' TERM; echo $$; exec sleep 1000", on_output=on_output)
    runner.cancellation.close()


def test_run_stops_when_another_thread_asks(runner: Runner) -> None:
    asked = threading.Timer(0.2, runner.cancellation.cancel)
    asked.start()
    with pytest.raises(Interrupted):
        runner.bash("exec sleep 60", seconds=None)
    asked.join()


def test_run_ends_all_when_the_receiver_fails(runner: Runner) -> None:
    def on_output(stream: str, block: bytes) -> None:
        runner.keep(stream, block)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        runner.bash("echo $$; exec sleep 60", on_output=on_output)
    assert not is_alive(int(runner.text()))


def test_run_leaves_background_children_alone_when_the_receiver_fails_after_the_end(runner: Runner) -> None:
    def on_output(stream: str, block: bytes) -> None:
        runner.keep(stream, block)
        if not block.endswith(b"\n"):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        runner.bash("sleep 60 > /dev/null 2>&1 & echo $!; printf end", on_output=on_output)
    pid = int(runner.text().split()[0])
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_run_leaves_no_thread_and_no_descriptor_behind(runner: Runner) -> None:
    wait_for_readers()
    descriptors = len(os.listdir("/dev/fd"))
    for _ in range(5):
        runner.bash("echo x")
    wait_for_readers()
    assert len(os.listdir("/dev/fd")) == descriptors


def wait_for_readers() -> None:
    for thread in threading.enumerate():
        if thread.name == "toe-output":
            thread.join(120)
            assert not thread.is_alive()
