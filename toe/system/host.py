"""The machine: its facts, and what differs from one operating system to the next."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from toe.errors import EXIT_REBOOT_POSIX, EXIT_REBOOT_WINDOWS
from toe.records import NamedTuple
from toe.system.processes.runner import ProcessRunner

#: What the names of steps' temporary folders begin with.
FOLDER_PREFIX = "AWSTOE"


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
