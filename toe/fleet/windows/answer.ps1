# What is asked is done, and answered as a whole: what fails on the way is the answer.

# Wait for news, a while; what comes together is told together.
function Wait-News {
    $turn = 0
    $now = Read-State
    while ($now['state'] -eq 'running' -and $turn -lt [int]$asked['turns']) {
        if ((Get-Size $events) -gt [long]$asked['offset']) { break }
        $turn += 1
        if ($turn -lt 40) { Start-Sleep -Milliseconds 100 } else { Start-Sleep -Milliseconds 500 }
        $now = Read-State
    }
    for ($turn = 0; $now['state'] -eq 'running' -and $turn -lt [int]$asked['grace']; $turn++) {
        Start-Sleep -Milliseconds 50
        $now = Read-State
    }
    $now
}

# Of nothing .NET makes nothing, which is no gzip: an empty section is left out.
function Write-Section([string]$name, [byte[]]$bytes) {
    if (-not $bytes.Length) { return }
    $packed = New-Object IO.MemoryStream
    $gzip = New-Object IO.Compression.GZipStream($packed, [IO.Compression.CompressionMode]::Compress)
    $gzip.Write($bytes, 0, $bytes.Length)
    $gzip.Dispose()
    "== $name"
    [Convert]::ToBase64String($packed.ToArray())
}

# A shell of WinRM has a limit of memory: 1 MiB at a time.
function Write-Piece([long]$start) {
    '== size'
    [string](Get-Size $logs)
    Write-Section 'logs' (Read-Bytes $logs $start ([Math]::Min([long]$asked['count'], [long]1048576)))
}

function Write-Answer($now) {
    $order = '-'
    if ([IO.Directory]::Exists($run)) { $order = Read-Text "$run\order" }
    "toe-host state=$($now['state']) code=$($now['code']) part=$($now['part']) rebooted=$($now['rebooted'])" +
    " events=$(Get-Size $events) found=$($asked['found']) order=$order" +
    " system=Windows machine=$env:PROCESSOR_ARCHITECTURE"
    Write-Section 'id' ($utf8.GetBytes((Read-Text "$run\id")))
    if ([IO.File]::Exists($events)) { Write-Section 'events' (Read-Bytes $events $asked['offset'] 1048576) }
    if ($now['state'] -eq 'ended' -and $now['code'] -ne '3010') {
        Write-Section 'summary' ($utf8.GetBytes((Read-Text "$run\summary.json")))
        $known = [Math]::Max([long]0, (Get-Size "$run\said") - 16384)
        Write-Section 'said' (Read-Bytes "$run\said" $known 16384)
        if (-not [IO.File]::Exists($logs)) {
            $new = "$logs.$([Guid]::NewGuid().ToString('N'))"
            Invoke-Tar @('-cf', $new, '-C', "$run\logs", '.')
            try { [IO.File]::Move($new, $logs) } catch { [IO.File]::Delete($new) } # another one has made it
        }
        Write-Piece 0
    }
    'toe-end'
}

function Invoke-Begin {
    $executable = ''
    if ((Read-State)['state'] -ne 'none') {
        $asked['found'] = 'yes'
    } else {
        $executable = Find-Executable
        if (-not $executable) {
            Write-Answer @{ state = 'lacks'; code = ''; part = 0; rebooted = 'no' }
            return
        }
        Receive-Order $executable
        if ((Read-State)['part'] -eq 0) { Start-Part 1 }
    }
    Write-Answer (Wait-News)
}

function Invoke-GoOn {
    $now = Read-State
    if ([string]$now['part'] -eq $asked['expected'] -and $now['state'] -ne 'running') { Start-Part ($now['part'] + 1) }
    Write-Answer (Wait-News)
}

function Invoke-Finish {
    $now = Read-State
    if ($now['state'] -ne 'ended') {
        Write-Answer $now
        return
    }
    $kept = Remove-Run
    'toe-host state=gone'
    Write-Section 'kept' ($utf8.GetBytes("$kept"))
    'toe-end'
}

try {
    Confirm-Folder $base
    Confirm-Folder "$base\runs"
    $boot = Get-Boot
    $answer = switch ($asked['do']) {
        'begin' { Invoke-Begin }
        'watch' { Write-Answer (Wait-News) }
        'go-on' { Invoke-GoOn }
        'piece' { 'toe-host state=piece'; Write-Piece $asked['start']; 'toe-end' }
        'finish' { Invoke-Finish }
    }
} catch {
    $answer = @('toe-host state=failed') + @(Write-Section 'said' ($utf8.GetBytes("$_"))) + @('toe-end')
}
$answer
