"""Windows Update: which updates are meant, and the PowerShell script that installs them by the Windows Update Agent.

The script, PowerShell 5.1 in ASCII, is made by a pure function. It was checked by a grammar of PowerShell and against
Microsoft's documentation of the agent's COM interfaces (IUpdateSearcher, IUpdateDownloader, IUpdateInstaller); it has
not run on Windows yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from toe.actions.base import Completed, Context, Reboot
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
    return _SCRIPT.replace("@MEANT@", encoded)


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
        raise completed.failure(f"Windows Update failed: exit status {completed.exit_code}")
    return None


# Exit codes: 0 done or nothing to do, 1 failed, 3010 a reboot must come before the rest.
_SCRIPT = r"""
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$json = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('@MEANT@'))
$meant = ConvertFrom-Json -InputObject $json

# OperationResultCode of the Windows Update Agent
$results = @('not started', 'in progress', 'succeeded', 'succeeded with errors', 'failed', 'aborted')

function Test-Meant {
    param($Update, $Patterns)
    foreach ($id in @($Patterns.ids)) {
        if (@($Update.KBArticleIDs) -contains $id) { return $true }
    }
    foreach ($title in @($Patterns.titles)) {
        if ($Update.Title -like $title) { return $true }
    }
    return $false
}

function Select-Update {
    param($Found)
    $all = (@($meant.include.ids).Count + @($meant.include.titles).Count) -eq 0
    foreach ($update in $Found) {
        # An optional update (BrowseOnly), such as a preview, is installed only when it is asked for.
        $wanted = if ($all) { -not $update.BrowseOnly } else { Test-Meant $update $meant.include }
        if ((Test-Meant $update $meant.exclude) -or -not $wanted) {
            Write-Host "Left out: $($update.Title)"
            continue
        }
        if ($update.InstallationBehavior.CanRequestUserInput) {
            Write-Host "Left out, it may ask questions: $($update.Title)"
            continue
        }
        $update
    }
}

function Write-Results {
    param($Updates, $Result, $What)
    $failed = 0
    for ($i = 0; $i -lt $Updates.Count; $i++) {
        $one = $Result.GetUpdateResult($i)
        $text = "$($What): $($results[$one.ResultCode]): $($Updates.Item($i).Title)"
        if ($one.ResultCode -eq 2) {
            Write-Host $text
        } else {
            [Console]::Error.WriteLine(('{0} (0x{1:X8})' -f $text, $one.HResult))
            $failed++
        }
    }
    return $failed
}

function Install-Updates {
    $session = New-Object -ComObject 'Microsoft.Update.Session'
    $session.ClientApplicationID = 'toe'

    Write-Host 'Searching for updates'
    $search = $session.CreateUpdateSearcher().Search("IsInstalled=0 and IsHidden=0 and Type='Software'")
    if ($search.ResultCode -ne 2) {
        throw "the search for updates $($results[$search.ResultCode])"
    }
    $batch = New-Object -ComObject 'Microsoft.Update.UpdateColl'
    foreach ($update in @(Select-Update $search.Updates)) {
        if (-not $update.EulaAccepted) { [void]$update.AcceptEula() }
        [void]$batch.Add($update)
        Write-Host "To install: $($update.Title)"
    }
    if ($batch.Count -eq 0) {
        Write-Host 'Nothing to install'
        return 0
    }

    $installer = $session.CreateUpdateInstaller()
    if ($installer.RebootRequiredBeforeInstallation) {
        Write-Host 'A reboot is required before updates can be installed'
        return 3010
    }

    $downloader = $session.CreateUpdateDownloader()
    $downloader.Updates = $batch
    $failed = Write-Results $batch ($downloader.Download()) 'Download'
    $ready = New-Object -ComObject 'Microsoft.Update.UpdateColl'
    foreach ($update in $batch) {
        if ($update.IsDownloaded) { [void]$ready.Add($update) }
    }
    if ($ready.Count -eq 0) { return 1 }

    $installer.Updates = $ready
    $installer.ForceQuiet = $true
    $result = $installer.Install()
    $failed += Write-Results $ready $result 'Installation'
    if ($result.RebootRequired) {
        Write-Host 'A reboot is required to complete the updates'
        return 3010
    }
    if ($failed -gt 0) { return 1 }
    return 0
}

try {
    $code = Install-Updates
} catch {
    [Console]::Error.WriteLine(('Windows Update: {0} (0x{1:X8})' -f $_.Exception.Message, $_.Exception.HResult))
    $code = 1
}
exit $code
"""
