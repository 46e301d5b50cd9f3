"""Windows Update: which updates are meant, and the PowerShell script that installs them by the Windows Update Agent.

The script is made by a pure function. It was checked by a grammar of PowerShell and against Microsoft's documentation
of the agent's COM interfaces (IUpdateSearcher, IUpdateDownloader, IUpdateInstaller); it has not run on Windows yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from toe.actions.base import Completed, Context, Reboot
from toe.actions.packages.windows_update_script import SCRIPT
from toe.actions.programs.powershell import run_own_script
from toe.errors import EXIT_REBOOT_WINDOWS, ActionError

_KB = re.compile(r"(?:KB)?(\d+)", re.IGNORECASE)
# What `-like` would take for a wildcard, and its escape character.
_SPECIAL = re.compile(r"[`?\[\]]")


def install_updates(include: Sequence[str], exclude: Sequence[str], ctx: Context) -> Reboot | None:
    """Install the updates that are meant. Raises ActionError when one of them fails."""
    return answer(run_own_script("update.ps1", script(include, exclude), ctx))


def script(include: Sequence[str], exclude: Sequence[str]) -> str:
    """The script, in ASCII. Raises ActionError for an empty entry.

    What is meant stands in it as JSON in base64: no text of a document is ever read as PowerShell.
    """
    import base64
    import json

    for key, entries in (("include", include), ("exclude", exclude)):
        if not all(entry.strip() for entry in entries):
            raise ActionError(f"an entry of '{key}' is empty: give KB ids or titles, '*' for any characters")
    meant = {"include": _patterns(include), "exclude": _patterns(exclude)}
    encoded = base64.b64encode(json.dumps(meant).encode("ascii")).decode("ascii")
    return SCRIPT.replace("@MEANT@", encoded)


def _patterns(entries: Iterable[str]) -> dict[str, list[str]]:
    """KB ids as digits, the others as patterns for `-like`, in which `*` alone is a wildcard."""
    patterns: dict[str, list[str]] = {"ids": [], "titles": []}
    for entry in entries:
        number = _KB.fullmatch(entry.strip())
        if number:
            patterns["ids"].append(number[1])
        else:
            patterns["titles"].append(_SPECIAL.sub(r"`\g<0>", entry))
    return patterns


def answer(completed: Completed) -> Reboot | None:
    """The script's end as the action's answer. After a reboot the step runs again: updates may have come to light."""
    if completed.exit_code == EXIT_REBOOT_WINDOWS:
        return Reboot(EXIT_REBOOT_WINDOWS, same_step=True)
    if completed.exit_code != 0:
        raise ActionError(
            f"Windows Update failed: exit status {completed.exit_code}",
            exit_code=completed.exit_code,
            stderr=completed.stderr,
        )
    return None
