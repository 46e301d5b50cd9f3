"""Starting one program in a session of its own, and learning how it ended. Not for ending it, nor for its output."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

from toe.quick_typing import Any

assert sys.platform != "win32"

_OPEN_FILES = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
_FIRST_FREE = 3
Action = tuple[Any, ...]
# Python ignores SIGPIPE and SIGXFSZ, and whoever started us may have ignored others: a program expects the defaults.
_DEFAULTS = tuple(int(number) for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})


class Child:
    """A running program: `pid` is also its session's and process group's number.

    `exit_descriptor` becomes readable when it ends; None where the system has no such thing.
    """

    def __init__(self, pid: int, stdout: int, stderr: int) -> None:
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.exit_descriptor: int | None = None
        self._status: int | None = None
        with contextlib.suppress(ProcessLookupError):  # SIGCHLD is ignored; `has_ended` says so
            self.exit_descriptor = process_descriptor(pid)

    def has_ended(self) -> bool:
        """Whether the program is over. Takes its status when it is, so no zombie stays.

        Raises OSError when its exit code is lost because somebody else in this process waited for it.
        """
        if self._status is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self._status = 0
                reason = "the exit code was lost: SIGCHLD is ignored, or another part of this program waited for it"
                raise OSError(errno.ECHILD, reason) from None
            if pid:
                self._status = status
        return self._status is not None

    @property
    def ended(self) -> bool:
        """Whether `has_ended` was true once; the number may belong to another process since."""
        return self._status is not None

    @property
    def exit_code(self) -> int:
        """The exit code, -n after signal n; only once the program has ended."""
        return os.waitstatus_to_exitcode(self._status or 0)

    def close(self) -> None:
        """Give the descriptor of its end back; the pipes belong to who reads them."""
        if self.exit_descriptor is not None:
            os.close(self.exit_descriptor)
            self.exit_descriptor = None


def process_descriptor(pid: int) -> int | None:
    """A descriptor that is readable from the end of `pid` on; None where there is none to have.

    Raises ProcessLookupError when no such process is left.
    """
    if sys.platform != "linux":
        return None
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (OSError, AttributeError):
        return None


def start(
    argv: Sequence[str],
    environment: Mapping[str, str],
    inheritable: Iterable[int] = (),
    encoded: Mapping[bytes, bytes] | None = None,
) -> Child:
    """Start `argv`, stdin empty, stdout and stderr in pipes; no signal state is inherited.

    `inheritable` are the open descriptors above 2 that would go to the child and must not. `encoded` is the environment
    in bytes, where the caller has it. Raises OSError; a text without `#!` is not given to a shell: that is ENOEXEC, as
    with AWSTOE.
    """
    program = find_program(argv[0] if argv else "", environment)
    stdout, stdout_end = _pipe()
    try:
        stderr, stderr_end = _pipe()
    except OSError:
        _close(stdout, stdout_end)
        raise
    actions: list[Action] = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, stdout_end, 1),
        (os.POSIX_SPAWN_DUP2, stderr_end, 2),
    ]
    try:
        with kept_back(inheritable) as closings:
            pid = spawn(program, argv, environment if encoded is None else encoded, [*actions, *closings])
    except OSError:
        _close(stdout, stderr)
        raise
    finally:
        _close(stdout_end, stderr_end)
    return Child(pid, stdout, stderr)


def find_program(name: str, environment: Mapping[str, str]) -> str:
    """The file that `name` means: itself when it has a slash, else looked up in the PATH of `environment`.

    The system's default path serves when PATH is absent or empty. An empty entry is passed over: the current directory
    is searched only where it is named. Raises FileNotFoundError, or PermissionError when the only match may not be run.
    """
    if "/" in name:
        return name
    fault = errno.ENOENT
    for folder in (environment.get("PATH") or os.defpath).split(":"):
        if not (folder and name):
            continue
        candidate = f"{folder}/{name}"
        try:
            regular = stat.S_ISREG(os.stat(candidate).st_mode)
        except (OSError, ValueError):
            continue
        if regular and os.access(candidate, os.X_OK):
            return candidate
        fault = errno.EACCES if regular else fault
    raise OSError(fault, os.strerror(fault), name)


def inherit_nothing() -> None:
    """Let no child inherit what we inherited ourselves: for a process that is ours alone."""
    for descriptor in inheritable_descriptors():
        os.set_inheritable(descriptor, False)


def inheritable_descriptors() -> Iterator[int]:
    """Open descriptors above 2 that a child would inherit: from whoever started us, for Python's own are not."""
    try:
        names = os.listdir(_OPEN_FILES)
    except OSError:
        return
    for name in names:
        descriptor = int(name)
        if descriptor >= _FIRST_FREE:
            try:
                inheritable = os.get_inheritable(descriptor)
            except OSError:  # the one that listed the folder
                continue
            if inheritable:
                yield descriptor


@contextlib.contextmanager
def kept_back(inheritable: Iterable[int]) -> Iterator[list[Action]]:
    """What a `spawn` in this block must do so that its child inherits none of these descriptors."""
    descriptors = tuple(inheritable)
    # `posix_spawn` refuses to name one above the limit of open files, which may have sunk since it was opened.
    limit = os.sysconf("SC_OPEN_MAX") if descriptors else 0
    above = [descriptor for descriptor in descriptors if descriptor >= limit]
    for descriptor in above:
        os.set_inheritable(descriptor, False)
    try:
        yield [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in descriptors if descriptor < limit]
    finally:
        for descriptor in above:
            os.set_inheritable(descriptor, True)


def spawn(program: str, argv: Sequence[str], environment: Mapping[Any, Any], actions: Sequence[Action]) -> int:
    """The process id of a program in a session of its own, no signal blocked or ignored. Raises OSError."""
    try:
        return os.posix_spawn(
            program, tuple(argv), environment, file_actions=actions, setsid=True, setsigmask=(), setsigdef=_DEFAULTS
        )
    except ValueError as fault:  # a NUL byte, or a variable's name that no environment can hold
        raise OSError(errno.EINVAL, str(fault), argv[0]) from None


def _pipe() -> tuple[int, int]:
    """A pipe that uses none of 0, 1, 2: a parent may have those closed, and the child gets others in their place."""
    ends = list(os.pipe())
    if min(ends) < _FIRST_FREE:
        import fcntl

        for index, low in enumerate(ends):
            if low < _FIRST_FREE:
                ends[index] = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE)
                os.close(low)
    return ends[0], ends[1]


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
