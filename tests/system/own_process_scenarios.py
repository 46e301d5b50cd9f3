"""What must hold in a process of our own: test_posix_own_process.py runs each in an interpreter, which may adopt.

`python own_process_scenarios.py NAME`: exit code 0 when it held, a traceback when not.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress

from toe.errors import Interrupted
from toe.system.cancellation import Cancellation
from toe.system.processes.posix import PosixProcesses

C_LIBRARY_SIGNALS = 0x180000000  # 32 and 33, which no program can set
LEAF = "sh -c 'echo up $$; exec sleep 1000'"
CLEARED_LEAF = "env -i /usr/bin/setsid /bin/sh -c 'echo up $$; exec /bin/sleep 1000'"
KINDS = {
    "plain": f"{LEAF}; true",
    "wait": f"{LEAF} & wait",
    "nohup": f"(nohup {LEAF} &); exec sleep 1000",
    "setsid": f"setsid {LEAF} & wait",
    "double_fork": "(setsid sh -c '(sh -c \"echo up \\$\\$; exec sleep 1000\" &)' &); exec sleep 1000",
    "ignores_term": "trap '' TERM; sh -c 'echo up $$; sleep 1000; sleep 1000' & wait; wait",
    "cleared": f"{CLEARED_LEAF} & wait",
    "cleared_double_fork": f"({CLEARED_LEAF} &); exec sleep 1000",
    "stopped": "sh -c 'echo up $$; kill -STOP $$; sleep 1000' & wait",
}
IGNORING = {"ignores_term"}


def is_alive(pid: int) -> bool:
    """Whether a process lives; a zombie that nobody has reaped yet does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def has_children() -> bool:
    """Whether this process has any child, a zombie counts."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def run(processes: PosixProcesses, script: str) -> list[bytes]:
    """Run a bash script to its normal end; the lines of its stdout."""
    blocks: list[bytes] = []
    cancellation = Cancellation()
    end = processes.run(
        ["bash", "-c", script],
        environment=os.environ,
        deadline=time.monotonic() + 30,
        cancellation=cancellation,
        on_start=lambda: None,
        on_output=lambda stream, block: blocks.append(block),
    )
    cancellation.close()
    assert end.exit_code == 0, (script, end, blocks)
    return b"".join(blocks).splitlines()


def interrupt_when_up(processes: PosixProcesses, script: str) -> int:
    """Run a script, ask it to stop once its leaf has said `up PID`, and return that PID."""
    cancellation = Cancellation()
    pids: list[int] = []

    def on_output(stream: str, block: bytes) -> None:
        pids.extend(int(line.split()[1]) for line in block.splitlines() if line.startswith(b"up "))
        if pids:
            cancellation.cancel()

    with suppress(Interrupted):
        processes.run(
            ["bash", "-c", script],
            environment=os.environ,
            deadline=time.monotonic() + 30,
            cancellation=cancellation,
            on_start=lambda: None,
            on_output=on_output,
        )
        raise AssertionError("the run was not interrupted")
    cancellation.close()
    return pids[0]


def descendants_die(kind: str, own_process: bool, rounds: int) -> None:
    """Some rounds of one kind of descendant; none is alive afterwards, and no round waits longer than it must."""
    for _ in range(rounds):
        processes = PosixProcesses(own_process=own_process, grace_seconds=0.1 if kind in IGNORING else 1000)
        pid = interrupt_when_up(processes, KINDS[kind])
        assert not is_alive(pid), f"{kind}: {pid} is alive"
        assert not has_children()
        processes.close()


def earlier_background_child_survives_a_timeout() -> None:
    """What a normal end left behind lives on when a later step times out, and is not reaped while it lives."""
    processes = PosixProcesses(own_process=True, grace_seconds=0.1)
    first = int(run(processes, "setsid sleep 1000 >/dev/null 2>&1 & echo $!")[0])
    second = int(run(processes, "sleep 1000 >/dev/null 2>&1 & echo $!")[0])
    leaf = interrupt_when_up(processes, KINDS["cleared_double_fork"])
    assert is_alive(first)
    assert is_alive(second)
    assert not is_alive(leaf)
    for pid in (first, second):
        os.kill(pid, 9)
    run(processes, f"while kill -0 {first} || kill -0 {second}; do sleep 0.01; done 2>/dev/null")
    assert not has_children()


def earlier_daemons_new_orphan_survives_a_timeout() -> None:
    """A daemon of an earlier step forks twice while a later step runs: its orphan is not the later step's."""
    fifo = f"{tempfile.gettempdir()}/toe-orphan-{os.getpid()}"
    os.mkfifo(fifo)
    processes = PosixProcesses(own_process=True, grace_seconds=0.1)
    daemon = f"read go <{fifo}; (sleep 1000 & echo $! >{fifo}); exec sleep 1000"
    first = int(run(processes, f"bash -c '{daemon}' >/dev/null 2>&1 & echo $!")[0])
    pid = interrupt_when_up(processes, f"echo go >{fifo}; read pid <{fifo}; echo up $pid; exec sleep 1000")
    os.unlink(fifo)
    assert is_alive(first)
    assert is_alive(pid)
    os.kill(first, 9)
    os.kill(pid, 9)


def ended_background_child_vanishes_during_a_later_step() -> None:
    """A script may wait with `kill -0` for a daemon to vanish: an adopted one is reaped while the step runs."""
    processes = PosixProcesses(own_process=True)
    pid = int(run(processes, "sleep 1000 >/dev/null 2>&1 & echo $!")[0])
    run(processes, f"kill {pid}; while kill -0 {pid} 2>/dev/null; do echo waiting; sleep 0.02; done")
    assert not has_children()


def adopted_zombies_are_reaped_at_close() -> None:
    """A background child that ended after its step leaves no zombie."""
    processes = PosixProcesses(own_process=True)
    pid = int(run(processes, "sleep 1000 >/dev/null 2>&1 & echo $!")[0])
    descriptor = os.pidfd_open(pid)
    os.kill(pid, 9)
    os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOWAIT)
    processes.close()
    assert not has_children()


def other_children_of_this_program_are_left_alone() -> None:
    """A child that another part of this program started is neither killed nor reaped."""
    import subprocess

    processes = PosixProcesses(own_process=True, grace_seconds=0.1)
    run(processes, "true")
    living = subprocess.Popen(["sleep", "1000"])
    ended = subprocess.Popen(["sh", "-c", "exit 7"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    interrupt_when_up(processes, KINDS["wait"])
    run(processes, "true")
    processes.close()
    assert ended.wait() == 7
    assert living.poll() is None
    living.kill()
    assert living.wait() == -9


def ignored_sigchld_is_set_back() -> None:
    """Whoever started us may have SIGCHLD ignored; exit codes are known all the same."""
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    run(PosixProcesses(own_process=True), "true")


def _run_with_closed(processes: PosixProcesses) -> None:
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    assert run(processes, "cat; echo out; echo err >&2") == [b"out", b"err"]
    assert run(processes, "ls -l /proc/self/fd | wc -l") == [b"5"]  # 0, 1, 2, the folder, and a line of total


def closed_standard_streams() -> None:
    """A parent without stdin, stdout and stderr."""
    _run_with_closed(PosixProcesses(own_process=True))


def closed_standard_streams_embedded() -> None:
    """The same when embedded."""
    _run_with_closed(PosixProcesses(own_process=False))


def inherited_descriptors_stop_here() -> None:
    """What whoever started us let through does not reach the children, and no ignored signal does."""
    import signal

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
    for own_process in (False, True):
        lines = run(
            PosixProcesses(own_process=own_process), "ls /proc/self/fd; grep -E 'Sig(Ign|Blk)' /proc/self/status"
        )
        assert lines[:4] == [b"0", b"1", b"2", b"3"], lines
        assert [int(line.split()[1], 16) & ~C_LIBRARY_SIGNALS for line in lines[4:]] == [0, 0], lines


def descriptors_above_the_limit_stop_here() -> None:
    """One that was opened before the limit of open files sank is neither inherited nor in the way."""
    import fcntl
    import resource

    null = os.open("/dev/null", os.O_RDONLY)
    for wanted in (50, 300, 301):
        os.set_inheritable(fcntl.fcntl(null, fcntl.F_DUPFD_CLOEXEC, wanted), True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for own_process in (False, True):
        lines = run(PosixProcesses(own_process=own_process), "ls /proc/self/fd")
        assert lines == [b"0", b"1", b"2", b"3"], lines
        assert os.get_inheritable(300) is not own_process


def fork_chain_does_not_outrun_the_killing() -> None:
    """A process that replaces itself by a new one all the time is ended too."""
    for own_process in (False, True):
        processes = PosixProcesses(own_process=own_process, grace_seconds=0.1)
        script = "trap '' TERM; f() { (sleep 0.001; f) & }; f; echo up $$; wait; exec sleep 1000"
        interrupt_when_up(processes, script)
        assert not has_children()


SCENARIOS: dict[str, Callable[[], None]] = {
    scenario.__name__: scenario
    for scenario in (
        earlier_background_child_survives_a_timeout,
        earlier_daemons_new_orphan_survives_a_timeout,
        ended_background_child_vanishes_during_a_later_step,
        adopted_zombies_are_reaped_at_close,
        other_children_of_this_program_are_left_alone,
        ignored_sigchld_is_set_back,
        closed_standard_streams,
        closed_standard_streams_embedded,
        inherited_descriptors_stop_here,
        descriptors_above_the_limit_stop_here,
        fork_chain_does_not_outrun_the_killing,
    )
}

if __name__ == "__main__":
    if sys.argv[1] == "descendants":
        descendants_die(sys.argv[2], own_process=sys.argv[3] == "own", rounds=int(sys.argv[4]))
    else:
        SCENARIOS[sys.argv[1]]()
