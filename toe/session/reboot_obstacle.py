"""Why a step that asks for a reboot must fail, whoever would do the reboot."""

from __future__ import annotations

from collections.abc import Mapping

from toe.system.files.volatile import memory_file_system
from toe.words import counted

#: Set to anything but "" or "0": a step that asks for a reboot fails instead.
NO_REBOOT_VARIABLE = "TOE_NO_REBOOT"


def reboot_obstacle(environment: Mapping[str, str], reboots: int, most: int, kept: Mapping[str, str] = {}) -> str:
    """The reason, as it follows "the step asked for a reboot, and"; "" when there is none.

    `kept` has the folders that the run needs after the reboot, by what they are.
    """
    if environment.get(NO_REBOOT_VARIABLE, "") not in ("", "0"):
        return f"reboots are forbidden here ({NO_REBOOT_VARIABLE})"
    if reboots >= most:
        return f"this run has rebooted {counted(reboots, 'time')} already, the most that is allowed"
    for what, path in kept.items():
        kind = memory_file_system(path)
        if kind:
            return f"the {what} '{path}' is on a file system that a reboot empties ({kind})"
    return ""
