"""Commands that do not belong into a component's script: `sudo`, reboots, package managers that ask."""

from __future__ import annotations

import re
from collections.abc import Callable

from toe import codes
from toe.check.lint.bash_commands import Command, Word, is_assignment
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script

_REBOOT_PROGRAMS = frozenset(("reboot", "halt", "poweroff", "shutdown"))
_REBOOT_ARGUMENTS: dict[str, frozenset[str]] = {
    "systemctl": frozenset(("reboot", "poweroff", "halt")),
    "init": frozenset(("0", "6")),
    "telinit": frozenset(("0", "6")),
}
_POWERSHELL_REBOOT = r"(?im)^[^#\n]{0,200}?\b(?P<command>Restart-Computer|shutdown(?:\.exe)?\s+[-/][rs])\b"

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

#: No script without one of these has a command that is looked for here.
_HINT_WORDS = ("sudo", "reboot", "halt", "poweroff", "shutdown", "systemctl", "init", "apt", "yum", "dnf", "zypper")


def check_commands(script: Script, report: Report) -> None:
    """Report the first `sudo`, the first reboot and every package manager that asks."""
    if script.language != BASH:
        _check_powershell_reboot(script, report)
        return
    if not any(word in script.text for word in _HINT_WORDS) or script.bash is None:
        return
    commands = script.bash.commands()
    _report_first(script, commands, _needless_sudo, _sudo, report)
    _report_first(script, commands, _reboots, _reboot, report)
    for command in commands:
        if _asks(command, script.text):
            _asking(script, command, report)


def _report_first(
    script: Script,
    commands: list[Command],
    is_meant: Callable[[Command], bool],
    tell: Callable[[Script, Command, Report], None],
    report: Report,
) -> None:
    found = next((command for command in commands if is_meant(command)), None)
    if found is not None:
        tell(script, found, report)


def _needless_sudo(command: Command) -> bool:
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


def _sudo(script: Script, command: Command, report: Report) -> None:
    word = _first_word(command) or command.words[0]
    message = "'sudo' is not needed: components run as root, and an image may come without it"
    report.in_script(script, word.start, word.end, codes.SUDO, message, "leave it out")


def _reboots(command: Command) -> bool:
    program, arguments = command.program, [word.plain for word in command.arguments[1:]]
    if program in _REBOOT_PROGRAMS:
        return "-c" not in arguments and "--help" not in arguments and "--version" not in arguments
    wanted = _REBOOT_ARGUMENTS.get(program)
    return wanted is not None and any(argument in wanted for argument in arguments[:1])


def _reboot(script: Script, command: Command, report: Report) -> None:
    name = " ".join(word.plain for word in command.arguments[:2])[:40]
    message = f"'{name}' ends the machine under the run, which does not know where to go on afterwards"
    hint = "use the Reboot action, or end the script with 'exit 194' to run this step again after the reboot"
    report.at_command(script, command, codes.REBOOT_IN_SCRIPT, message, hint)


def _check_powershell_reboot(script: Script, report: Report) -> None:
    lowered = script.text.lower()
    if "restart-computer" not in lowered and "shutdown" not in lowered:
        return
    found = re.search(_POWERSHELL_REBOOT, script.text)
    if found is not None:
        name = found["command"]
        message = f"'{name}' ends the machine under the run, which does not know where to go on afterwards"
        hint = "use the Reboot action, or 'exit 3010' to run this step again after the reboot"
        report.in_script(script, *found.span("command"), codes.REBOOT_IN_SCRIPT, message, hint)


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


def _asking(script: Script, command: Command, report: Report) -> None:
    answer = "--non-interactive" if command.program == "zypper" else "-y"
    message = f"'{command.program}' asks before it changes something, and nobody is there to answer"
    report.at_command(script, command, codes.ASKS, message, f"add '{answer}'")
