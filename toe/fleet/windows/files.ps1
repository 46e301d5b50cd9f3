# Folders for one account alone, files that somebody else may be writing, and tar.

# For this account alone from its first moment, with all that comes into it.
function New-PrivateFolder([string]$path) {
    $security = New-Object Security.AccessControl.DirectorySecurity
    $security.SetOwner($me)
    $security.SetAccessRuleProtection($true, $false)
    $below = 'ContainerInherit, ObjectInherit'
    $rule = New-Object Security.AccessControl.FileSystemAccessRule($me, 'FullControl', $below, 'None', 'Allow')
    $security.AddAccessRule($rule)
    if ($PSVersionTable.PSEdition -eq 'Core') {
        $folder = New-Object IO.DirectoryInfo $path
        [void][IO.FileSystemAclExtensions]::Create($folder, $security)
    } else {
        [void][IO.Directory]::CreateDirectory($path, $security)
    }
}

# A folder of SYSTEM's or the administrators' is one that no other account could have made.
function Confirm-Folder([string]$path) {
    if (-not [IO.Directory]::Exists($path)) { return }
    $owner = (Get-Acl -LiteralPath $path).GetOwner([Security.Principal.SecurityIdentifier]).Value
    $isLink = [IO.File]::GetAttributes($path) -band [IO.FileAttributes]::ReparsePoint
    if ($isLink -or @($me.Value, 'S-1-5-18', 'S-1-5-32-544') -notcontains $owner) {
        throw "'$path' belongs to somebody else"
    }
}

# A scanner of viruses may have one of its new files open for a moment, and then a folder cannot be moved.
function Move-Folder([string]$from, [string]$to) {
    for ($turn = 1; ; $turn++) {
        try {
            [IO.Directory]::Move($from, $to)
            return
        } catch {
            if ($turn -ge 20 -or [IO.Directory]::Exists($to)) { throw }
            Start-Sleep -Milliseconds 100
        }
    }
}

# What is held by somebody stays.
function Remove-Folder([string]$path) {
    try { if ([IO.Directory]::Exists($path)) { [IO.Directory]::Delete($path, $true) } } catch { }
}

function Open-Shared([string]$path) {
    [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
}

function Get-Size([string]$path) {
    if (-not [IO.File]::Exists($path)) { return 0 }
    $stream = Open-Shared $path
    try { $stream.Length } finally { $stream.Dispose() }
}

function Read-Bytes([string]$path, [long]$start, [long]$count) {
    $stream = Open-Shared $path
    try {
        $size = [Math]::Max([long]0, [Math]::Min($count, $stream.Length - $start))
        $bytes = New-Object byte[] $size
        [void]$stream.Seek($start, 'Begin')
        $read = 0
        while ($read -lt $size) {
            $more = $stream.Read($bytes, $read, $size - $read)
            if ($more -eq 0) { throw "'$path' has become shorter" }
            $read += $more
        }
    } finally {
        $stream.Dispose()
    }
    , $bytes
}

function Read-Text([string]$path) {
    if ([IO.File]::Exists($path)) { [IO.File]::ReadAllText($path) } else { '' }
}

function Invoke-Tar([string[]]$arguments) {
    $how = New-Object Diagnostics.ProcessStartInfo
    $how.FileName = $tar
    $how.Arguments = ($arguments | ForEach-Object { "`"$_`"" }) -join ' '
    $how.UseShellExecute = $false
    $how.CreateNoWindow = $true
    $how.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($how)
    $told = $process.StandardError.ReadToEnd()
    $process.WaitForExit()
    if ($process.ExitCode -ne 0) { throw "tar.exe failed: $told" }
}

# Folders behind links are not looked into: they are somebody else's.
function Remove-EmptyFolder([string]$path) {
    foreach ($folder in [IO.Directory]::GetDirectories($path)) {
        $isLink = [IO.File]::GetAttributes($folder) -band [IO.FileAttributes]::ReparsePoint
        if (-not $isLink) { Remove-EmptyFolder $folder }
    }
    if (@([IO.Directory]::GetFileSystemEntries($path)).Length -eq 0) {
        try { [IO.Directory]::Delete($path) } catch [IO.IOException] { } # some process works in it
    }
}
