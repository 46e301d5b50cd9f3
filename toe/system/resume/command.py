"""What is to be started after a reboot: the program, its environment, and where the script for it lies."""

from __future__ import annotations

import os
from collections.abc import Mapping

from toe.execution_names import safe_name
from toe.records import NamedTuple
from toe.system.processes.lineage import MARK_VARIABLE

_ENDING = ".resume"
# What a login, a terminal, a desktop or a service manager sets for one session: it names sockets, terminals and
# processes that are gone after the boot. In doubt a variable stays: SSH_PRIVATE_KEY and SUDO_USER mean what they meant.
_GONE = frozenset(
    {
        *("_", "COLORTERM", "COLUMNS", "LINES", "LS_COLORS", "OLDPWD", "PWD", "SHLVL", "TERM", "TERMCAP"),
        *("TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TERM_SESSION_ID", "VTE_VERSION"),
        *("SSH_AGENT_PID", "SSH_AUTH_SOCK", "SSH_CLIENT", "SSH_CONNECTION", "SSH_ORIGINAL_COMMAND", "SSH_TTY"),
        *("SUDO_COMMAND", "SUDO_TTY"),
        *("DESKTOP_SESSION", "DISPLAY", "SESSION_MANAGER", "WAYLAND_DISPLAY", "WINDOWID", "XAUTHORITY"),
        *("XDG_CURRENT_DESKTOP", "XDG_RUNTIME_DIR", "XDG_SEAT", "XDG_VTNR"),
        *("GPG_AGENT_INFO", "GPG_TTY", "STY", "TMUX", "TMUX_PANE", "TMUX_TMPDIR"),
        *("CREDENTIALS_DIRECTORY", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "NOTIFY_SOCKET"),
        *("LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE"),
        *("SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC"),
        MARK_VARIABLE,
    }
)
_GONE_PREFIXES = ("DBUS_", "XDG_SESSION_")


class ResumeCommand(NamedTuple):
    """The program that goes on with a run. Arguments and environment may hold secrets: they go into the script alone.

    `argv[0]` and all paths are absolute. What the program prints is appended to `output_path`; where that cannot be
    opened it goes where the trigger's does, the journal or a mail to root.
    """

    execution_id: str
    argv: tuple[str, ...]
    working_directory: str
    environment: Mapping[str, str]
    script_path: str
    output_path: str
    umask: int = 0o022


def resume_script_path(state_directory: str, execution_id: str) -> str:
    """Where the script of an execution lies: beside its state, in a folder that only its owner may read."""
    return os.path.join(os.path.abspath(state_directory), safe_name(execution_id) + _ENDING)


def kept_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a run is to have again after a reboot: all but those of its login, terminal or service."""
    return {
        name: value for name, value in environment.items() if name not in _GONE and not name.startswith(_GONE_PREFIXES)
    }
