"""Commands that do not belong into a component's script: `sudo`, reboots, package managers that ask, open modes, HOME.

A mode that lets everybody write is reported in the inputs of actions too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe import codes
from toe.check.findings import Findings
from toe.check.lint.bash_commands import BashScript, Command, Word, is_assignment
from toe.check.lint.scripts import Script
from toe.check.platforms import entry_nodes
from toe.model import Document
from toe.nodes import Scalar

_REBOOT_PROGRAMS = frozenset(("reboot", "halt", "poweroff", "shutdown"))
_REBOOT_ARGUMENTS: dict[str, frozenset[str]] = {
    "systemctl": frozenset(("reboot", "poweroff", "halt")),
    "init": frozenset(("0", "6")),
    "telinit": frozenset(("0", "6")),
}
POWERSHELL_REBOOT = r"(?im)^[^#\n]{0,200}?\b(?P<command>Restart-Computer|shutdown(?:\.exe)?\s+[-/][rs])\b"

_ASKING: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("apt-get", "apt", "aptitude"),
        frozenset("install upgrade dist-upgrade full-upgrade remove purge autoremove".split()),
    ),
    **dict.fromkeys(
        ("yum", "dnf", "microdnf"),
        frozenset(
            "install update upgrade remove erase autoremove reinstall downgrade localinstall groupinstall".split()
        ),
    ),
    "zypper": frozenset("install in update up remove rm dist-upgrade dup patch".split()),
}
_ANSWERED = (
    r"-[a-zA-Z]{0,9}[yns][a-zA-Z]{0,9}|-qq|--(?:yes|assume-?yes|assume-?no|non-interactive|no-confirm|force-yes|simulate"
    r"|dry-run|just-print|download-?only|help|version)"
)

_OTHER_USER = r"--user.*|-[A-Za-z]{0,9}u.*"

#: No script without one of these has a command that `check_commands` looks for.
COMMAND_WORDS = ("sudo", "reboot", "halt", "poweroff", "shutdown", "systemctl", "init", "apt", "yum", "dnf", "zypper")

_MODE_ACTIONS = frozenset(("CreateFile", "CreateFolder", "SetFilePermissions", "SetFolderPermissions"))
#: The sticky bit makes it right for a folder that others write to (`/tmp` has 1777).
_OTHERS_WRITE, _STICKY = 0o002, 0o1000
_OCTAL = r"0{0,4}[0-7]{1,4}"
_SYMBOLIC = r"[ug]*[oa][ugoa]*[+=][rxXst]*w[rwxXst]*"
_HINT_MODE = "name the one user or group that needs it (owner, group), and give 0755, 0644 or 0775"

#: `~` alone is safe, since bash then asks the system's users.
_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")


def check_commands(script: Script, bash: BashScript) -> None:
    """Report the first `sudo`, the first reboot and every package manager that asks."""
    commands = bash.commands()
    sudo = next((command for command in commands if _is_needless_sudo(command)), None)
    if sudo is not None:
        word = _first_word(sudo) or sudo.words[0]
        message = "'sudo' is not needed: components run as root, and an image may come without it"
        script.report(word.start, word.end, codes.SUDO, message, "leave it out")
    reboot = next((command for command in commands if reboots(command)), None)
    if reboot is not None:
        name = " ".join(word.plain for word in reboot.arguments[:2])[:40]
        hint = "use the Reboot action, or end the script with 'exit 194' to run this step again after the reboot"
        script.report_command(reboot, codes.REBOOT_IN_SCRIPT, _reboot_message(name), hint)
    for command in commands:
        if _asks(command, script.text):
            answer = "--non-interactive" if command.program == "zypper" else "-y"
            message = f"'{command.program}' asks before it changes something, and nobody is there to answer"
            script.report_command(command, codes.ASKS, message, f"add '{answer}'")


def check_powershell_reboot(script: Script) -> None:
    """Report the first reboot."""
    lowered = script.text.lower()
    if "restart-computer" not in lowered and "shutdown" not in lowered:
        return
    found = re.search(POWERSHELL_REBOOT, script.text)
    if found is not None:
        hint = "use the Reboot action, or 'exit 3010' to run this step again after the reboot"
        script.report(*found.span("command"), codes.REBOOT_IN_SCRIPT, _reboot_message(found["command"]), hint)


def _reboot_message(name: str) -> str:
    return f"'{name}' ends the machine under the run, which does not know where to go on afterwards"


def _is_needless_sudo(command: Command) -> bool:
    """`sudo` that does not switch to another user."""
    word = _first_word(command)
    if word is None or word.plain != "sudo" or command.program == "sudo":
        return False
    options = command.words[command.words.index(word) + 1 :]
    for option in options:
        if not option.text.startswith("-"):
            break
        if re.fullmatch(_OTHER_USER, option.text):
            return False
    return True


def _first_word(command: Command) -> Word | None:
    return next((word for word in command.words if not is_assignment(word)), None)


def reboots(command: Command) -> bool:
    """Whether a command reboots the machine or switches it off."""
    program, arguments = command.program, [word.plain for word in command.arguments[1:]]
    if program in _REBOOT_PROGRAMS:
        return "-c" not in arguments and "--help" not in arguments and "--version" not in arguments
    wanted = _REBOOT_ARGUMENTS.get(program)
    return wanted is not None and any(argument in wanted for argument in arguments[:1])


def _asks(command: Command, text: str) -> bool:
    """Whether a package manager will ask; not when a variable or an expression may hold the answer."""
    wanted = _ASKING.get(command.program)
    if wanted is None or command.operator == "|":
        return False
    arguments = command.arguments[1:]
    if any(text.startswith(("$", '"$', "{{", '"{{'), word.start) for word in arguments):
        return False
    words = [word.plain for word in arguments]
    return any(word in wanted for word in words[:6]) and not any(re.fullmatch(_ANSWERED, word) for word in words)


def check_permissions(document: Document, findings: Findings) -> None:
    """Report modes in inputs that let everybody write."""
    for phase in document.phases:
        for step in phase.steps:
            for mapping in entry_nodes(step.inputs_node) if step.action in _MODE_ACTIONS else ():
                node = mapping.get("permissions")
                if isinstance(node, Scalar) and _is_open(node.text):
                    findings.at(node, codes.WORLD_WRITABLE, f"mode '{node.text}' lets every user write", _HINT_MODE)


def check_chmod(script: Script, bash: BashScript) -> None:
    """Report `chmod` commands that let everybody write."""
    for command in bash.commands():
        mode = _mode_of(command)
        if mode is not None and any(_is_open(part) or re.fullmatch(_SYMBOLIC, part) for part in mode.split(",")):
            script.report_command(command, codes.WORLD_WRITABLE, f"'chmod {mode}' lets every user write", _HINT_MODE)


def _mode_of(command: Command) -> str | None:
    if command.program != "chmod":
        return None
    words = [word.plain for word in command.arguments[1:]]
    return next((word[:40] for word in words if not word.startswith("-")), None)


def _is_open(mode: str) -> bool:
    if not re.fullmatch(_OCTAL, mode):
        return False
    bits = int(mode, 8)
    return bool(bits & _OTHERS_WRITE) and not bits & _STICKY


def check_home(script: Script, bash: BashScript) -> None:
    """Report the first use of HOME in a script that does not set it.

    Image Builder runs components as root without that variable (reference, Image Builder's part).
    """
    if _sets_home(bash):
        return
    used = min(_uses_of_home(script.code, bash), default=None)
    if used is not None:
        start, end, what = used
        message = f"{what}, and Image Builder runs components without it"
        script.report(start, end, codes.NO_HOME, message, "set it before: export HOME=/root")


def _sets_home(bash: BashScript) -> bool:
    words = (word for command in bash.commands() for word in command.words)
    return any(is_assignment(word) and word.text.startswith("HOME=") for word in words)


def _uses_of_home(code: str, bash: BashScript) -> Iterator[tuple[int, int, str]]:
    """Start, end, and what is to be said; single-quoted text is another shell's, or nobody's."""
    for command in bash.commands():
        plain = [word.plain for word in command.arguments]
        if plain[:2] == ["git", "config"] and "--global" in plain:
            yield command.words[0].start, command.words[-1].end, "'git config --global' needs HOME"
        for word in command.words:
            found = None if word.text.startswith("'") else _HOME.search(word.text)
            if found is not None:
                yield word.start + found.start(), word.start + found.end(), f"'{found[0]}' needs HOME"
    # where output is redirected to, which is no word of a command
    for start, _ in bash.bare:
        found = _HOME.match(code, start - 1) if start else None
        if found is not None:
            yield found.start(), found.end(), f"'{found[0]}' needs HOME"
