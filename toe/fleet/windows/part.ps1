# One part of a run, as a process of its own. Who makes the file of a part runs it: a file is moved to a name by one
# alone, and has all of its text when it is there.
param([string]$run, [int]$part, [string]$boot)
$ErrorActionPreference = 'Stop'
$utf8 = New-Object Text.UTF8Encoding $false
$began = (Get-Process -Id $PID).StartTime.ToUniversalTime().Ticks
$claim = "$run\.part.$PID"
[IO.File]::WriteAllText($claim, "$PID $began $boot")
try { [IO.File]::Move($claim, "$run\part-$part") } catch { [IO.File]::Delete($claim); return }
$work = [IO.File]::ReadAllText("$run\place") + '\' + [IO.File]::ReadAllText("$run\work").Replace('/', '\')
$said = [IO.File]::Open("$run\said", 'Append', 'Write', 'ReadWrite, Delete')

# What a step leaves behind may hold the pipes for ever: it is not waited for.
function Invoke-Toe([string[]]$words, [IO.Stream]$told) {
    $quoted = $words | ForEach-Object { '"' + ($_ -replace '(\\*)"', '$1$1\"' -replace '(\\+)$', '$1$1') + '"' }
    $how = New-Object Diagnostics.ProcessStartInfo
    $how.FileName = [IO.File]::ReadAllText("$run\executable")
    $how.Arguments = $quoted -join ' '
    $how.WorkingDirectory = $work
    $how.UseShellExecute = $false
    $how.CreateNoWindow = $true
    $how.RedirectStandardInput = $true
    $how.RedirectStandardOutput = $true
    $how.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($how)
    $process.StandardInput.Close()
    $printed = $process.StandardOutput.BaseStream.CopyToAsync([IO.Stream]::Null)
    $complained = $process.StandardError.BaseStream.CopyToAsync($told)
    $process.WaitForExit()
    try { [void][Threading.Tasks.Task]::WaitAll([Threading.Tasks.Task[]]@($printed, $complained), 5000) } catch { }
    $process.ExitCode
}

try {
    $id = [IO.File]::ReadAllText("$run\id")
    if ($part -ne 1 -and (Invoke-Toe @('status', $id) ([IO.Stream]::Null)) -eq 0) {
        $toe = @('resume', $id, '--config', "$run\config.json")
    } else {
        $toe = @('run', '--config', "$run\config.json", '--execution-id', $id, '--log-directory', "$run\logs")
        $toe += [IO.File]::ReadAllLines("$run\options")
    }
    $toe += @('--reboot', 'exit', '--quiet', '--events', "$run\events.jsonl", '--summary', "$run\summary.json")
    $code = Invoke-Toe $toe $said
} catch {
    $code = 2
    $why = $utf8.GetBytes("$_")
    $said.Write($why, 0, $why.Length)
}
$said.Dispose()
[IO.File]::WriteAllText("$run\.exit", "$code")
[IO.File]::Move("$run\.exit", "$run\exit-$part")
