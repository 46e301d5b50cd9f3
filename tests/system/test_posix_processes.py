"""PosixProcesses embedded in a program, here the test run itself: it adopts nothing, and reaps its own children."""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from living import is_alive

from toe.errors import Interrupted, StepTimedOut
from toe.system.cancellation import Cancellation
from toe.system.processes.lineage import MARK_VARIABLE
from toe.system.processes.posix import PosixProcesses
from toe.system.processes.runner import OutputPatience

PATH = {"PATH": os.environ.get("PATH", os.defpath)}
SHORT_SILENCE = OutputPatience(silence_seconds=0.2, longest_seconds=1000)


class Runner:
    """Runs programs with the test's cancellation and keeps what they print."""

    def __init__(self, grace_seconds: float = 20, patience: OutputPatience = SHORT_SILENCE) -> None:
        self.processes = PosixProcesses(own_process=False, grace_seconds=grace_seconds, patience=patience)
        self.cancellation = Cancellation()
        self.blocks: list[tuple[str, bytes]] = []
        self.started = 0

    def run(
        self,
        *argv: str,
        environment: Mapping[str, str] = PATH,
        seconds: float | None = 30,
        on_output: Callable[[str, bytes], None] | None = None,
    ) -> int:
        """The exit code of a program."""
        self.blocks.clear()
        self.end = self.processes.run(
            argv,
            environment=environment,
            deadline=None if seconds is None else time.monotonic() + seconds,
            cancellation=self.cancellation,
            on_start=self._count,
            on_output=on_output or (lambda stream, block: self.blocks.append((stream, block))),
        )
        return self.end.exit_code

    def bash(self, script: str, **options: float | None) -> int:
        """The exit code of a script."""
        return self.run("bash", "-c", script, **options)  # type: ignore[arg-type]

    def bash_until_up(self, script: str) -> Interrupted:
        """Interrupt a script at its first output."""

        def on_output(stream: str, block: bytes) -> None:
            self.blocks.append((stream, block))
            self.cancellation.cancel()

        with pytest.raises(Interrupted) as raised:
            self.run("bash", "-c", script, on_output=on_output)
        return raised.value

    def text(self, stream: str = "stdout") -> bytes:
        """All that the last program printed."""
        return b"".join(block for name, block in self.blocks if name == stream)

    def _count(self) -> None:
        self.started += 1


@pytest.fixture
def runner() -> Iterator[Runner]:
    runner = Runner()
    yield runner
    runner.processes.close()
    runner.cancellation.close()


@pytest.fixture
def hasty() -> Iterator[Runner]:
    """A runner with hardly any grace."""
    runner = Runner(grace_seconds=0.2)
    yield runner
    runner.processes.close()
    runner.cancellation.close()


def open_descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def has_child(pid: int = -1) -> bool:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


@pytest.mark.parametrize("code", [0, 1, 3, 194, 255])
def test_run_returns_the_exit_code(runner: Runner, code: int) -> None:
    assert runner.bash(f"exit {code}") == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE, signal.SIGSEGV])
def test_run_returns_the_negative_signal_number(runner: Runner, number: signal.Signals) -> None:
    assert runner.bash(f"kill -{int(number)} $$") == -number


def test_run_separates_the_streams(runner: Runner) -> None:
    assert runner.bash("echo out; echo err >&2; echo more") == 0
    assert runner.text() == b"out\nmore\n"
    assert runner.text("stderr") == b"err\n"


def test_run_delivers_any_bytes(runner: Runner) -> None:
    assert runner.bash(r"printf '\000\377\376\nabc\r\n\200'") == 0
    assert runner.text() == b"\x00\xff\xfe\nabc\r\n\x80"


def test_run_calls_nothing_without_output(runner: Runner) -> None:
    assert runner.run("true") == 0
    assert runner.blocks == []
    assert runner.started == 1


def test_run_delivers_whole_lines(runner: Runner) -> None:
    assert runner.bash("seq 1 200000; printf last") == 0
    assert runner.text() == b"".join(b"%d\n" % number for number in range(1, 200001)) + b"last"
    assert all(block.endswith(b"\n") for _, block in runner.blocks[:-2])
    assert len(runner.blocks) < 5000


def test_run_delivers_a_line_of_a_megabyte_in_pieces(runner: Runner) -> None:
    assert runner.bash("head -c 1000000 /dev/zero | tr '\\0' x") == 0
    assert runner.text() == b"x" * 1000000
    assert max(len(block) for _, block in runner.blocks) < 200_000


def test_run_delivers_both_streams_when_both_are_large(runner: Runner) -> None:
    assert runner.bash("head -c 3000000 /dev/zero >&2 & head -c 3000000 /dev/zero; wait") == 0
    assert len(runner.text()) == len(runner.text("stderr")) == 3_000_000


def test_run_delivers_all_when_the_receiver_is_slow(runner: Runner, tmp_path: Path) -> None:
    total = 0

    def receive(_stream: str, block: bytes) -> None:
        nonlocal total
        total += len(block)
        threading.Event().wait(0.1)

    script = f"head -c 500000 /dev/zero; sleep 1000 & echo $! >{tmp_path}/pid"
    assert runner.run("bash", "-c", script, on_output=receive) == 0
    assert total == 500_000
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


def test_run_gives_an_empty_stdin(runner: Runner) -> None:
    assert runner.bash("cat; echo $?") == 0
    assert runner.text() == b"0\n"


def test_run_passes_the_environment_and_a_mark(runner: Runner) -> None:
    assert runner.run("/usr/bin/env", environment={"A": "1", "ÄÖ": "\udcff", "EMPTY": ""}) == 0
    lines = runner.text().splitlines()
    assert lines[:3] == [b"A=1", "ÄÖ=".encode() + b"\xff", b"EMPTY="]
    assert [line.split(b"=")[0] for line in lines[3:]] == [MARK_VARIABLE.encode()]


def test_run_passes_the_environment_exactly_when_own_process() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from toe.system.processes.posix import PosixProcesses\n"
        "from toe.system.cancellation import Cancellation\n"
        "sys.exit(PosixProcesses(own_process=True).run(['/usr/bin/env'], environment={'A': '1'}, deadline=None,"
        " cancellation=Cancellation(), on_start=lambda: None, on_output=lambda s, b: print(s, b)).exit_code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "stdout b'A=1\\n'\n", "")


def test_run_works_in_an_empty_environment(runner: Runner) -> None:
    for environment in ({}, {"PATH": ""}):
        assert runner.run("sh", "-c", "echo here", environment=environment) == 0
        assert runner.text() == b"here\n"


def test_run_looks_the_program_up_in_the_given_path(runner: Runner, tmp_path: Path) -> None:
    program = tmp_path / "second" / "greet"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    (tmp_path / "first" / "greet").mkdir(parents=True)
    assert runner.run("greet", environment={"PATH": f"/nowhere:{tmp_path}/first::{tmp_path}/second"}) == 0
    assert runner.text() == b"hello\n"


def test_run_raises_when_the_program_cannot_be_started(runner: Runner, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("echo hello\n")
    before = open_descriptors()
    for argv in (["no-such-program"], ["/no/such/program"], [""]):
        with pytest.raises(FileNotFoundError):
            runner.run(*argv)
    for name in ("plain", str(plain)):
        with pytest.raises(PermissionError):
            runner.run(name, environment={"PATH": str(tmp_path)})
    plain.chmod(0o755)
    for argv, environment, number in (
        ([str(plain)], {}, errno.ENOEXEC),
        (["/bin/true", "a\0b"], {}, errno.EINVAL),
        (["/bin/true"], {"A=B": "x"}, errno.EINVAL),
        (["/bin/true", "x" * 3_000_000], {}, errno.E2BIG),
    ):
        with pytest.raises(OSError, match=rf"Errno {number}\b"):
            runner.run(*argv, environment=environment)
    assert runner.started == 0
    assert open_descriptors() == before
    assert not has_child()


def test_run_starts_nothing_when_it_is_too_late(runner: Runner) -> None:
    with pytest.raises(StepTimedOut):
        runner.run("true", seconds=-1)
    runner.cancellation.cancel()
    with pytest.raises(Interrupted):
        runner.run("true")
    assert runner.started == 0


def test_run_times_out(runner: Runner) -> None:
    began = time.monotonic()
    with pytest.raises(StepTimedOut):
        runner.bash("sleep 1000; echo no", seconds=0.2)
    assert time.monotonic() - began >= 0.2
    assert runner.text() == b""
    assert not has_child()


def test_run_delivers_what_is_printed_in_the_grace_period(runner: Runner) -> None:
    runner.bash_until_up("trap 'echo cleaning; printf bye; exit 0' TERM; echo up; while :; do sleep 0.01; done")
    assert runner.text() == b"up\ncleaning\nbye"
    assert not has_child()


def test_run_names_the_streams_that_a_process_holds_which_escaped(runner: Runner) -> None:
    assert runner.bash_until_up("echo up; exec sleep 1000").held == ()
    runner.cancellation.close()
    runner.cancellation = Cancellation()
    stop = runner.bash_until_up(
        "(env -i /usr/bin/setsid /bin/sh -c 'echo $$; exec /bin/sleep 1000' &); exec sleep 1000"
    )
    pid = int(runner.text())
    assert stop.held == ("stdout", "stderr")
    os.kill(pid, signal.SIGKILL)


def test_run_waits_no_longer_than_the_grace_when_term_is_ignored(hasty: Runner) -> None:
    began = time.monotonic()
    hasty.bash_until_up("trap '' TERM; echo up; sleep 1000")
    assert time.monotonic() - began >= 0.2


def test_run_uses_no_processor_while_it_waits(hasty: Runner) -> None:
    began = time.process_time()
    with pytest.raises(StepTimedOut):
        hasty.bash("exec >/dev/null 2>&1; trap '' TERM; sleep 1000", seconds=0.5)
    assert time.process_time() - began < 0.2


def test_run_is_interrupted_from_another_thread(runner: Runner, tmp_path: Path) -> None:
    fifo = tmp_path / "up"
    os.mkfifo(fifo)

    def cancel_when_up() -> None:
        fifo.read_text()
        runner.cancellation.cancel(signal.SIGTERM)

    thread = threading.Thread(target=cancel_when_up)
    thread.start()
    with pytest.raises(Interrupted):
        runner.bash(f"echo up >{fifo}; sleep 1000", seconds=None)
    thread.join()
    assert not has_child()


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_run_ends_the_program_when_the_receiver_fails(runner: Runner, fault: type[BaseException]) -> None:
    pids: list[int] = []

    def fail(_stream: str, block: bytes) -> None:
        pids.append(int(block))
        raise fault

    with pytest.raises(fault):
        runner.run("bash", "-c", "trap 'echo 1; exit' TERM; sleep 1000 & echo $$; wait", on_output=fail)
    assert len(pids) == 1
    assert not is_alive(pids[0])


def test_run_ends_all_when_the_receiver_fails_in_the_grace_period(runner: Runner) -> None:
    def fail(_stream: str, block: bytes) -> None:
        if block == b"up\n":
            runner.cancellation.cancel()
        else:
            raise ValueError("full disk")

    with pytest.raises(ValueError, match="full disk"):
        runner.run("bash", "-c", "trap 'echo no; exit' TERM; sleep 1000 & echo up; wait", on_output=fail)
    assert not has_child()


def test_run_does_not_wait_for_a_background_child_that_holds_the_output(runner: Runner) -> None:
    assert runner.bash("sleep 1000 & echo $!") == 0
    pid = int(runner.text())
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_background_child_prints_on_when_its_step_is_over(runner: Runner, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f"(read go <{fifo}; head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; echo $? >{fifo}) & echo up"
    assert runner.bash(script) == 0
    assert runner.bash("sleep 1000 & echo $!") == 0
    pid = int(runner.text())
    fifo.write_text("go\n")
    assert fifo.read_text() == "0\n"
    os.kill(pid, signal.SIGKILL)


def test_background_child_of_a_normal_end_survives_a_later_timeout(runner: Runner) -> None:
    assert runner.bash("sleep 1000 >/dev/null 2>&1 & echo $!") == 0
    pid = int(runner.text())
    with pytest.raises(StepTimedOut):
        runner.bash("sleep 1000", seconds=0.1)
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_background_child_that_holds_the_output_costs_no_descriptor(runner: Runner) -> None:
    before = open_descriptors()
    assert runner.bash("sleep 1000 & echo $!") == 0
    pid = int(runner.text())
    assert open_descriptors() == before
    assert not has_child()
    runner.processes.close()
    runner.processes.close()
    assert is_alive(pid)
    os.kill(pid, signal.SIGKILL)


def test_run_leaks_neither_descriptors_nor_zombies(runner: Runner) -> None:
    runner.bash("echo warm")
    before = open_descriptors()
    for number in range(100):
        assert runner.bash(f"echo {number}; exit {number}") == number
    with pytest.raises(StepTimedOut):
        runner.bash("sleep 1000 & sleep 1000", seconds=0.1)
    assert open_descriptors() == before
    assert not has_child()


def test_run_leaves_other_children_of_the_program_alone(runner: Runner) -> None:
    ended = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {})
    living = os.posix_spawn("/bin/sleep", ["sleep", "1000"], PATH)
    with pytest.raises(StepTimedOut):
        runner.bash("sleep 1000", seconds=0.2)
    assert os.waitstatus_to_exitcode(os.waitpid(ended, 0)[1]) == 7
    assert is_alive(living)
    os.kill(living, signal.SIGKILL)
    os.waitpid(living, 0)


def test_run_takes_signals_that_arrive_while_it_waits(runner: Runner) -> None:
    received: list[int] = []
    old = signal.signal(signal.SIGUSR1, lambda number, _frame: received.append(number))
    try:
        assert runner.bash(f"for i in 1 2 3; do kill -USR1 {os.getpid()}; echo $i; done") == 0
    finally:
        signal.signal(signal.SIGUSR1, old)
    assert received
    assert runner.text() == b"1\n2\n3\n"


def test_run_works_where_the_end_of_a_process_has_no_descriptor(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    assert runner.bash("echo hello; exit 3") == 3
    assert runner.text() == b"hello\n"
    assert runner.bash("exec >&- 2>&-; sleep 0.1; exit 4") == 4
    runner.bash_until_up("trap 'echo bye; exit' TERM; setsid sleep 1000 & echo $!; wait")
    pid, word = runner.text().split()
    assert word == b"bye"
    assert not is_alive(int(pid))
    assert not has_child()
