"""The text of the script for Windows Update: PowerShell 5.1, in ASCII, with one place to fill in. Not run from here.

Exit codes: 0 done or nothing to do, 1 failed, 3010 a reboot must come before the rest.
"""

SCRIPT = r"""
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
