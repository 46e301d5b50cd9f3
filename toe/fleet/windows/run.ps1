# The run on the host: where it is, how a part of it is started, how it comes here and goes.

# Windows moves LastBootUpTime whenever the clock is set. wininit lives from the boot to the end, and when it began is
# noted once.
function Get-Boot {
    $first = Get-CimInstance Win32_Process -Filter "Name = 'wininit.exe'" | Select-Object -First 1
    if (-not $first) { throw 'WMI shows this account no process of the system' }
    [string][long][Math]::Floor($first.CreationDate.ToUniversalTime().Ticks / 10000000)
}

# Ids of processes are used again: the time of its start tells one from another.
function Test-Alive([string]$id, [string]$began) {
    $process = Get-Process -Id $id -ErrorAction SilentlyContinue
    [bool]($process -and $process.StartTime -and ([string]$process.StartTime.ToUniversalTime().Ticks -eq $began))
}

function Read-State {
    $now = @{ state = 'none'; code = ''; part = 0; rebooted = 'no' }
    if (-not [IO.Directory]::Exists($run)) { return $now }
    while ([IO.File]::Exists("$run\part-$($now['part'] + 1)")) { $now['part'] += 1 }
    $part = $now['part']
    $now['state'] = 'cut'
    $id, $began, $at = (Read-Text "$run\part-$part").Split(' ')
    if ($at -ne $boot) {
        $now['rebooted'] = 'yes'
    } elseif (Test-Alive $id $began) {
        $now['state'] = 'running'
    }
    if ([IO.File]::Exists("$run\exit-$part")) { # asked last: it may just have ended
        $now['state'] = 'ended'
        $now['code'] = Read-Text "$run\exit-$part"
    }
    $now
}

# For this account, without a password. Priority 5 is that of ordinary programs; tasks get less by default, and are
# ended after three days.
function Register-Part([string]$task, [string]$command) {
    $program = "$PSHOME\powershell.exe"
    if ($PSVersionTable.PSEdition -eq 'Core') { $program = "$PSHOME\pwsh.exe" }
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($command))
    $arguments = "-NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand $encoded"
    $logon = 'S4U'
    if ($me.Value -eq 'S-1-5-18') { $logon = 'ServiceAccount' } # SYSTEM
    $account = $me.Translate([Security.Principal.NTAccount]).Value
    $unlimited = @{ ExecutionTimeLimit = [TimeSpan]::Zero; Priority = 5; DontStopOnIdleEnd = $true }
    $given = @{
        TaskName  = $task
        Action    = New-ScheduledTaskAction -Execute $program -Argument $arguments
        Principal = New-ScheduledTaskPrincipal -UserId $account -LogonType $logon -RunLevel Highest
        Settings  = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries @unlimited
    }
    try {
        [void](Register-ScheduledTask @given -Force)
    } catch {
        throw "the Task Scheduler takes no task of '$account', which must be an administrator: $_"
    }
}

# WinRM and sshd put what they start into a job, and end all of it with the shell. A part outlives them as a task of
# the Task Scheduler, which has no trigger, is started at once and deleted: what runs goes on. A process that WMI
# creates (Win32_Process.Create, as Ansible's async does it) would live as long, but has the connection's logon by
# network: with that Windows Update refuses to work (0x80070005), and the user's part of the registry may go when the
# connection ends. A task has a logon of its own (S4U, which needs no password and has none for other machines), but
# only an administrator may have one made.
function Start-Part([int]$part) {
    $text, $folder = "$run\runner.ps1", $run | ForEach-Object {
        [Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_)
    }
    $task = "toe-host-$key-$part"
    Register-Part $task "& ([ScriptBlock]::Create([IO.File]::ReadAllText('$text'))) '$folder' $part '$boot'"
    try {
        Start-ScheduledTask -TaskName $task
        for ($turn = 0; $turn -lt 300 -and -not [IO.File]::Exists("$run\part-$part"); $turn++) {
            Start-Sleep -Milliseconds 50
        }
        $result = (Get-ScheduledTaskInfo -TaskName $task).LastTaskResult
        # It runs, has not run yet, or is queued: it may still come, and who asks next begins it anew where it does not.
        if (@(0, 0x41301, 0x41303, 0x41325) -notcontains $result) {
            throw ('the Task Scheduler could not start it: 0x{0:X}; may the account log on as a batch job?' -f $result)
        }
    } catch {
        if (-not [IO.File]::Exists("$run\part-$part")) { throw } # else another one has begun it, and deleted the task
    } finally {
        Unregister-ScheduledTask -TaskName $task -Confirm:$false -ErrorAction SilentlyContinue
    }
}

function Find-Executable {
    $name = $asked['installed']
    $path = $null
    if (-not [IO.Path]::IsPathRooted($name)) {
        $commands = @(Get-Command -Name $name -CommandType Application -ErrorAction SilentlyContinue)
        if ($commands) { $path = $commands[0].Path }
    } elseif ([IO.File]::Exists($name)) {
        $path = $name
    }
    if ($path -and $path -notlike '*.exe') { throw "'$path' is no .exe: no script can be given its arguments safely" }
    $path
}

# Documents lie in a folder of their own, for one that some process works in could not be moved away later.
function Receive-Order([string]$executable) {
    if (-not [IO.File]::Exists($tar)) { throw "there is no '$tar'; Windows has it since 10 1803 and Server 2019" }
    if ([IO.Directory]::Exists("$base\runs")) {
        foreach ($gone in [IO.Directory]::GetDirectories("$base\runs", '.gone-*')) { Remove-Folder $gone }
    }
    $place = "$base\work\$([Guid]::NewGuid().ToString('N').Substring(0, 12))"
    $new = "$base\runs\.new-$([Guid]::NewGuid().ToString('N'))"
    foreach ($path in $base, "$base\runs", "$base\work", $new) {
        if (-not [IO.Directory]::Exists($path)) { New-PrivateFolder $path }
        Confirm-Folder $path
    }
    try {
        [IO.File]::WriteAllBytes("$new\sent", [Convert]::FromBase64String($data))
        Invoke-Tar @('-xzf', "$new\sent", '-C', $new)
        [IO.File]::Delete("$new\sent")
        $paths = @([IO.File]::ReadAllLines("$new\brought")) + (Read-Text "$new\work")
        if ($paths | Where-Object { "$place\$_".Length -gt 247 }) {
            throw "the paths of the documents are too long below '$place': 'remote_directory' names a shorter folder"
        }
        [void][IO.Directory]::CreateDirectory("$new\logs")
        [IO.File]::WriteAllText("$new\executable", $executable)
        [IO.File]::WriteAllText("$new\place", $place)
        [IO.File]::WriteAllText("$new\runner.ps1", $asked['runner'])
        Move-Folder "$new\files" $place
        Move-Folder $new $run
    } catch {
        foreach ($path in $new, $place) { Remove-Folder $path }
        if (-not [IO.Directory]::Exists($run)) { throw } # else another one was quicker
    }
}

# What the run's own scripts wrote into their working directory is nobody's here to delete. Returns where that is.
function Remove-Run {
    $place = Read-Text "$run\place"
    foreach ($name in [IO.File]::ReadAllLines("$run\brought")) {
        $path = "$place\$($name.Replace('/', '\'))"
        try { if ([IO.File]::Exists($path)) { [IO.File]::Delete($path) } } catch { } # one that is held, or read only
    }
    if ([IO.Directory]::Exists($place)) { Remove-EmptyFolder $place }
    $tasks = Get-ScheduledTask -TaskName "toe-host-$key-*" -ErrorAction SilentlyContinue
    if ($tasks) { $tasks | Unregister-ScheduledTask -Confirm:$false }
    [IO.File]::Delete("$run\config.json") # the parameters: of the rest something may stay for a while
    $gone = "$base\runs\.gone-$([Guid]::NewGuid().ToString('N'))"
    Move-Folder $run $gone # at once: a run of which a part is gone would be begun again
    Remove-Folder $gone
    if ([IO.Directory]::Exists($place)) { $place }
}
