"""Where the state of runs is kept (reference, section 8; the places are ours)."""

from __future__ import annotations

import os
from collections.abc import Mapping

SYSTEM_DIRECTORY = "/var/lib/toe"
#: Names another place, for whoever cannot give `--state-directory`.
VARIABLE = "TOE_STATE_DIRECTORY"
ENDING = ".journal"


def default_state_directory(environment: Mapping[str, str], log_directory: str, *, is_root: bool) -> str:
    """`TOE_STATE_DIRECTORY`; else `/var/lib/toe` for root, `$XDG_STATE_HOME/toe`; else a folder beside the logs."""
    if environment.get(VARIABLE):
        return os.path.abspath(environment[VARIABLE])
    if is_root:
        wanted = SYSTEM_DIRECTORY
    else:
        home = environment.get("HOME", "")
        base = environment.get("XDG_STATE_HOME") or (os.path.join(home, ".local", "state") if home else "")
        wanted = os.path.join(base, "toe") if os.path.isabs(base) else ""
    if wanted and _can_be_written(wanted):
        return wanted
    return os.path.join(os.path.abspath(log_directory or "."), ".toe-state")


def _can_be_written(path: str) -> bool:
    """Whether a file could be made in a folder that may have to be made as well."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)


def journal_path(directory: str, execution_id: str) -> str:
    """The journal of an execution."""
    return os.path.join(directory, execution_id + ENDING)


def execution_ids(directory: str) -> list[str]:
    """The executions that have a state in the directory, sorted; none where it does not exist."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted(name.removesuffix(ENDING) for name in names if name.endswith(ENDING))
