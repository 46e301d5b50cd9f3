"""Where the state of runs is kept (reference, section 8; the places are ours)."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from toe.environment import variable
from toe.errors import ToeError
from toe.execution_names import safe_name
from toe.system.files.journal import require_own_directory
from toe.system.host import is_root

SYSTEM_DIRECTORY = "/var/lib/toe"
#: Names another place, for whoever cannot give `--state-directory`.
VARIABLE = "TOE_STATE_DIRECTORY"
ENDING = ".journal"


def state_directory(given: str, log_directory: str) -> str:
    """The directory that is given, else the default for this user."""
    if given:
        return os.path.abspath(given)
    return default_state_directory(os.environ, log_directory, is_root=is_root())


def default_state_directory(environment: Mapping[str, str], log_directory: str, *, is_root: bool) -> str:
    """`TOE_STATE_DIRECTORY`; else the usual place of this system; else a folder beside the logs.

    The usual place is `/var/lib/toe` for root and `$XDG_STATE_HOME/toe` for others; on Windows `%ProgramData%\\toe` for
    administrators and `%LOCALAPPDATA%\\toe` for others.
    """
    if environment.get(VARIABLE):
        return os.path.abspath(environment[VARIABLE])
    if sys.platform == "win32":
        wanted = windows_directory(environment, is_root=is_root)
    else:
        wanted = posix_directory(environment, is_root=is_root)
    if wanted and _can_be_written(wanted):
        return wanted
    return os.path.join(os.path.abspath(log_directory or "."), ".toe-state")


def posix_directory(environment: Mapping[str, str], *, is_root: bool) -> str:
    """The usual place on Linux and macOS, "" when the environment names none."""
    if is_root:
        return SYSTEM_DIRECTORY
    home = environment.get("HOME", "")
    base = environment.get("XDG_STATE_HOME") or (f"{home}/.local/state" if home else "")
    return f"{base.rstrip('/')}/toe" if base.startswith("/") else ""


def windows_directory(environment: Mapping[str, str], *, is_root: bool) -> str:
    """The usual place on Windows, "" when the environment names none. `is_root`: for administrators."""
    import ntpath

    base = variable(environment, "PROGRAMDATA" if is_root else "LOCALAPPDATA", "windows") or ""
    is_absolute = ntpath.splitdrive(base)[0] and ntpath.isabs(base)
    return ntpath.join(base, "toe") if is_absolute else ""


def _can_be_written(path: str) -> bool:
    """Whether a file could be made in a folder that may have to be made as well."""
    while not os.path.lexists(path) and os.path.dirname(path) != path:
        path = os.path.dirname(path)
    return os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)


def journal_path(directory: str, execution_id: str) -> str:
    """The journal of an execution."""
    return os.path.join(directory, safe_name(execution_id) + ENDING)


def execution_ids(directory: str) -> list[str]:
    """The executions that have a state in the directory, by their names (toe.execution_names), sorted.

    None where it does not exist. Raises ToeError when others could have put them there, or when it cannot be read.
    """
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        require_own_directory(directory)
        raise ToeError(
            f"cannot read the state directory '{directory}': {error.strerror}",
            hint="choose another one with --state-directory",
        ) from error
    require_own_directory(directory)
    return sorted(name.removesuffix(ENDING) for name in names if name.endswith(ENDING))
