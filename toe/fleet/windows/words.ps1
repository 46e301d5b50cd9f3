# What is done on a host with Windows, by its own PowerShell, 5.1 or later: the counterpart of on_host.sh, with the same
# words asked (there) and the same form of answers (answers.py). It is sent as one text with files.ps1, run.ps1 and
# answer.ps1 behind it. The words come as name:BASE64, for then no value need be quoted; `runner` among them is the text
# of part.ps1. A section of an answer is one line of base64.
param([string]$words, [string]$data)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$utf8 = New-Object Text.UTF8Encoding $false
$asked = @{ found = 'no' }
foreach ($word in $words.Split(' ')) {
    $name, $value = $word.Split(':')
    $asked[$name] = $utf8.GetString([Convert]::FromBase64String($value))
}
$base = $asked['base']
if (-not $base) { $base = '.toe' }
if (-not [IO.Path]::IsPathRooted($base)) { $base = [IO.Path]::Combine($env:USERPROFILE, $base) }
$key = $asked['key']
$run = [IO.Path]::Combine($base, 'runs', $key)
$events = "$run\events.jsonl"
$logs = "$run\logs.tar"
$tar = "$env:SystemRoot\System32\tar.exe" # Windows' own since Windows 10 1803 and Server 2019
$me = [Security.Principal.WindowsIdentity]::GetCurrent().User
