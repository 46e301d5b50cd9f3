"""What a step needs: root, the network, a reboot. Of a script as far as its commands can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from toe.actions.base import WINDOWS, Definition
from toe.check.lint.bash_commands import Command, Word
from toe.check.lint.bash_reader import read_bash
from toe.check.lint.commands import POWERSHELL_REBOOT, reboots
from toe.check.lint.scripts import LONGEST_SCRIPT
from toe.check.platform_needs import platforms_of_step
from toe.document.source import is_remote
from toe.model import Entry, Step
from toe.plan.knowledge import Seen
from toe.plan.model import Need, Needs

_S3, _MSI = frozenset(("S3Download", "S3Upload")), frozenset(("InstallMSI", "UninstallMSI"))
_OWNERS = frozenset(("owner", "group"))
_ROOT_PROGRAMS = frozenset(
    "sudo apt apt-get dpkg yum dnf microdnf rpm zypper systemctl service useradd usermod userdel groupadd groupdel "
    "mount umount sysctl update-alternatives update-grub modprobe chown chgrp semanage setsebool authselect".split()
)
_NETWORK_PROGRAMS = frozenset(
    "curl wget apt apt-get yum dnf microdnf zypper pip pip3 npm yarn gem cargo aws ssh scp sftp rsync snap helm "
    "kubectl ansible-galaxy terraform amazon-linux-extras yum-config-manager add-apt-repository".split()
)
#: Programs that need the network for some of their commands.
_NETWORK_COMMANDS = {
    "git": frozenset("clone fetch pull push ls-remote".split()),
    "docker": frozenset("pull push run login build".split()),
    "go": frozenset("get install".split()),
}
#: Part of a word, to bash.
_EXPRESSION = re.compile(r"\{\{[^{}\n]*\}\}")
_EXIT_FOR_REBOOT = re.compile(r"\bexit\s+(?:194|3010)\b")
_POWERSHELL_NETWORK = re.compile(
    r"(?i)\b(?:Invoke-WebRequest|Invoke-RestMethod|iwr|irm|Start-BitsTransfer|DownloadFile|DownloadString"
    r"|Install-Module|Install-Package|Install-PackageProvider|choco|winget|curl|Read-S3Object|Copy-S3Object)\b"
)
_POWERSHELL_ROOT = re.compile(
    r"(?i)\b(?:Install-WindowsFeature|Enable-WindowsOptionalFeature|Add-WindowsCapability|Set-Service|New-Service"
    r"|New-LocalUser|msiexec|dism|HKLM:|sc\.exe)"
)


def needs_of(step: Step, definition: Definition, entries: Sequence[Entry], seen: Seen, platform: str) -> Needs:
    """What a step with these inputs, as they may be shown, of all its iterations, needs."""
    found = [one for entry in entries for one in _found(step.action, entry)]
    if step.action == "UpdateOS":
        found += _of_updates(platform)
    if definition.reboots:
        found += [("reboot", Need(True, step.action)), ("root", Need(False, "rebooting the machine"))]
    if seen.remote:
        found.append(("network", Need(True, f"values of AWS: {', '.join(seen.remote)}")))
    return Needs(
        root=_strongest(found, "root"),
        network=_strongest(found, "network"),
        reboot=_strongest(found, "reboot"),
        secrets=tuple(seen.secrets),
        platforms=platforms_of_step(step, definition),
    )


def _strongest(found: Iterable[tuple[str, Need]], kind: str) -> Need | None:
    """What is certain, if anything is, with all its reasons; else what may be."""
    needs = [need for name, need in found if name == kind]
    if not needs:
        return None
    certain = any(need.certain for need in needs)
    return Need(certain, ", ".join(dict.fromkeys(need.why for need in needs if need.certain == certain)))


def _found(action: str, entry: Entry) -> Iterator[tuple[str, Need]]:
    """What an entry of inputs makes an action need."""
    if action in _S3:
        yield "network", Need(True, str(entry.get("source" if action == "S3Download" else "destination", "S3")))
    elif action == "WebDownload":
        yield "network", Need(True, str(entry.get("source", "")))
    elif action == "ExecuteDocument":
        if is_remote(str(entry.get("document", ""))):
            yield "network", Need(True, str(entry.get("document")))
    elif action in _MSI:
        yield from _of_package(entry)
    elif action == "SetRegistry" and re.match(r"(?i)HKLM|HKEY_LOCAL_MACHINE", str(entry.get("path", ""))):
        yield "root", Need(True, "keys of the machine")
    elif action in ("SetFileOwner", "SetFolderOwner") or not _OWNERS.isdisjoint(entry):
        yield "root", Need(False, "giving files to others")
    elif action == "ExecuteBash":
        yield from _of_bash(_joined(entry.get("commands")))
    elif action == "ExecutePowerShell":
        yield from _of_powershell(_joined(entry.get("commands")))
    elif action == "ExecuteBinary":
        yield from _of_command(_command(entry))


def _of_updates(platform: str) -> Iterator[tuple[str, Need]]:
    yield "root", Need(True, "UpdateOS")
    yield "network", Need(True, "the system's package sources")
    if platform == WINDOWS:
        yield "reboot", Need(False, "updates may ask for one")


def _of_package(entry: Entry) -> Iterator[tuple[str, Need]]:
    yield "root", Need(True, "Windows Installer")
    if is_remote(str(entry.get("path", ""))):
        yield "network", Need(True, str(entry.get("path")))
    how = entry.get("reboot", "Allow")
    if how != "Skip":
        yield "reboot", Need(how == "Force", f"reboot: {how}")


def _joined(commands: Any) -> str:
    return "\n".join(map(str, commands)) if isinstance(commands, list) else ""


def _command(entry: Entry) -> Command:
    arguments = entry.get("arguments")
    words = [entry.get("path", ""), *(arguments if isinstance(arguments, list) else [])]
    return Command(tuple(Word(str(word), 0) for word in words))


def _of_bash(text: str) -> Iterator[tuple[str, Need]]:
    # What is longer is no script that somebody wrote, and takes seconds to read.
    script = read_bash(_EXPRESSION.sub("x", text)) if len(text) <= LONGEST_SCRIPT else None
    for command in script.commands() if script is not None else ():
        yield from _of_command(command)
    if found := _EXIT_FOR_REBOOT.search(text):
        yield "reboot", Need(False, f"'{found[0]}'")


def _of_command(command: Command) -> Iterator[tuple[str, Need]]:
    program, arguments = command.program, [word.plain for word in command.arguments[1:]]
    asked = _NETWORK_COMMANDS.get(program, frozenset())
    if program in _NETWORK_PROGRAMS or not asked.isdisjoint(arguments):
        yield "network", Need(False, program)
    if program in _ROOT_PROGRAMS or any(word.plain == "sudo" for word in command.words[:1]):
        yield "root", Need(False, program)
    if reboots(command):
        yield "reboot", Need(False, program)


def _of_powershell(text: str) -> Iterator[tuple[str, Need]]:
    for kind, pattern in (("network", _POWERSHELL_NETWORK), ("root", _POWERSHELL_ROOT)):
        if found := pattern.search(text):
            yield kind, Need(False, found[0])
    if found := _EXIT_FOR_REBOOT.search(text) or re.search(POWERSHELL_REBOOT, text):
        yield "reboot", Need(False, f"'{found[0].strip()}'")
