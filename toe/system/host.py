"""The machine: its facts, and what differs from one operating system to the next."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping

from toe.errors import EXIT_REBOOT_POSIX, EXIT_REBOOT_WINDOWS, ToeError
from toe.records import NamedTuple
from toe.system.processes.runner import ProcessRunner

#: What the names of steps' temporary folders begin with.
FOLDER_PREFIX = "AWSTOE"

#: Journal, logs and the pipes of a process, and some more: less is not worth starting with.
FEWEST_FREE_DESCRIPTORS = 16


class Host(NamedTuple):
    """This machine. `platform` is linux, windows or darwin (AWSTOE's words)."""

    platform: str
    environment: Mapping[str, str]
    is_root: bool
    processes: ProcessRunner

    @property
    def reboot_exit_code(self) -> int:
        """The exit code by which a script asks for a reboot here (reference, section 6)."""
        return EXIT_REBOOT_WINDOWS if self.platform == "windows" else EXIT_REBOOT_POSIX


def platform_name() -> str:
    """AWSTOE's word for this operating system."""
    if sys.platform == "win32":
        return "windows"
    return "darwin" if sys.platform == "darwin" else "linux"


def is_root() -> bool:
    """Whether this process may do everything: root, on Windows an administrator."""
    if sys.platform == "win32":
        from toe.system.windows.facts import is_administrator

        return is_administrator()
    return os.geteuid() == 0


def current_host(*, own_process: bool) -> Host:
    """The host that this process runs on.

    `own_process`: the whole process is ours (the command line) and may adopt orphans; never when embedded. Windows
    needs no adoption for its Job Objects.
    """
    return Host(platform_name(), os.environ, is_root(), _process_runner(own_process))


def _process_runner(own_process: bool) -> ProcessRunner:
    if sys.platform != "win32":
        from toe.system.processes.posix import PosixProcesses

        return PosixProcesses(own_process=own_process)
    from toe.system.windows.runner import WindowsProcesses

    return WindowsProcesses()


def require_surroundings() -> None:
    """Raise ToeError where no run can come to its end: no working directory, or no room for a few open files."""
    opened: list[int] = []
    try:
        os.getcwd()
        opened.append(os.open(os.devnull, os.O_RDONLY))
        while len(opened) < FEWEST_FREE_DESCRIPTORS:
            opened.append(os.dup(opened[0]))
    except OSError as error:
        raise fault_of_surroundings(error) or error from None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def fault_of_surroundings(error: Exception) -> ToeError | None:
    """What an error of the system comes from where the surroundings are the cause, None where they are not."""
    if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE) or os.strerror(errno.EMFILE) in str(error):
        return ToeError("too many open files: this process may open no more", hint="raise the limit: ulimit -n 1024")
    if getattr(error, "filename", None) == os.devnull:
        return ToeError(f"'{os.devnull}' is missing", hint=f"a root needs it: mknod -m 666 {os.devnull} c 1 3")
    try:
        os.getcwd()
    except OSError:
        return ToeError("the working directory does not exist any more", hint="cd to one that does")
    return None
