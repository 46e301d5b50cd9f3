"""How PowerShell is called to run a script file, and how such a file is written. Not what the scripts say.

Command lines and files were checked against Microsoft's documentation of powershell.exe; a real one has not run them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from toe.actions.base import WINDOWS, Completed, Context
from toe.actions.programs import write_script
from toe.system.host import Host

#: PowerShell 7 on Linux and macOS, where it takes the same options and ignores the execution policy.
PROGRAM_ELSEWHERE = "pwsh"

# Where PowerShell 7 keeps modules: its own, and those of all users and of one.
_MODULES_OF_POWERSHELL_7 = re.compile(r"(?i).*[\\/]PowerShell([\\/]\d[^\\/]*)?[\\/]Modules[\\/]?")

# Windows PowerShell reads a file without a byte-order mark in the machine's code page.
_BYTE_ORDER_MARK = "\ufeff"


def run_own_script(name: str, text: str, ctx: Context) -> Completed:
    """Run a script of this package, which is in ASCII, from a temporary file. Raises ActionError."""
    with ctx.temporary_directory() as folder:
        path = os.path.join(folder, name)
        write_script(path, powershell_text(text, ctx.host))
        return run_powershell(path, ctx)


def run_powershell(script: str, ctx: Context) -> Completed:
    """Run a script file to its end. Raises ActionError when PowerShell cannot be started."""
    host = ctx.host
    environment = windows_powershell_environment(host.environment) if host.platform == WINDOWS else None
    return ctx.run(powershell_argv(powershell_program(host), script), environment=environment)


def windows_powershell_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without the folders in which PowerShell 7 keeps modules that Windows PowerShell cannot load.

    Started below PowerShell 7 it would look there first, and miss its own `Get-AuthenticodeSignature`. Without the
    variable it looks where it does by default. Folders that somebody added stay (Microsoft: about_PSModulePath).
    """
    kept = dict(environment)
    for name in environment:
        if name.upper() == "PSMODULEPATH":
            folders = [one for one in kept.pop(name).split(";") if one and not _is_of_powershell_7(one)]
            if folders:
                kept[name] = ";".join(folders)
    return kept


def _is_of_powershell_7(folder: str) -> bool:
    return _MODULES_OF_POWERSHELL_7.fullmatch(folder.strip('"')) is not None


def powershell_program(host: Host) -> str:
    """Windows PowerShell, which every Windows Server has; elsewhere PowerShell 7 by its name there."""
    return "powershell.exe" if host.platform == WINDOWS else PROGRAM_ELSEWHERE


def powershell_argv(program: str, script: str) -> list[str]:
    """The program with nothing of the user's profile, no questions, and a script file whatever the policy says."""
    return [program, "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", script]


def powershell_text(text: str, host: Host) -> str:
    """What the file of a script holds. No line is ours, so that PowerShell's line numbers are the author's.

    On Windows with a byte-order mark and CRLF, whichever line ends `text` has; elsewhere as it is.
    """
    if host.platform == WINDOWS:
        return _BYTE_ORDER_MARK + text.replace("\r\n", "\n").replace("\n", "\r\n")
    return text
