"""What a host with Windows is sent: a short command, and all else as its input, for which no limit and no quoting is.

A command line has 8191 characters where cmd.exe is on its way, as it is with WinRM and with sshd as installed; an input
has no end. Ansible sends its modules in the same way, so the input comes through whichever connection it is.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from toe.fleet.answers import script

_SCRIPTS = ("windows/words.ps1", "windows/files.ps1", "windows/run.ps1", "windows/answer.ps1")
_PART = "windows/part.ps1"
#: Stands for what is not there: a connection may drop an empty line.
_NOTHING, _END = "-", "toe-end-of-input"
#: Reads the lines of `windows_input` and runs the script. Ansible takes the indents of its lines away.
BOOTSTRAP = f"""\
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {{
'toe.toe.run needs the full language of PowerShell, and the host allows a part of it'
exit 1
}}
$toeLines = @(foreach ($toeLine in $input) {{ $toeLine }})
if ($toeLines.Count -lt 4 -or $toeLines[3] -ne '{_END}') {{
'what was sent did not come to the host whole'
exit 1
}}
$toeScript = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($toeLines[0]))
& ([ScriptBlock]::Create($toeScript)) $toeLines[1] $toeLines[2]
"""


def windows_script() -> str:
    """The script that does what is asked."""
    return script(*_SCRIPTS)


def windows_input(words: Mapping[str, str], data: bytes) -> bytes:
    """Four lines of ASCII: the script, the words, the data, and an end that tells that nothing was cut off.

    Nothing of it is on a command line, in a list of processes, or, but for the script, in PowerShell's log of scripts.
    """
    given = {**words, "runner": script(_PART)} if words["do"] == "begin" else words
    told = " ".join(f"{name}:{_encoded(value.encode())}" for name, value in given.items())
    lines = (_encoded(windows_script().encode()), told, _encoded(data) or _NOTHING, _END)
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")
