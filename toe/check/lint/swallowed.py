"""A failing command in the middle of a script is swallowed: the last command alone decides (reference, section 9).

One finding a script, and none where every command but the last cannot fail in a way that matters, or where the author
looks at what failed (`||`, `$?`, `trap ... ERR`, `catch`).
"""

from __future__ import annotations

import re

from toe import codes
from toe.check.lint.bash_commands import BashScript, Command, Statement, is_assignment, simple_commands
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script

#: They print, ask, or set something of the shell. Exit codes of questions (`grep`, `id`) are answers, not failures.
_HARMLESS = frozenset(
    "[ [[ (( : . alias break builtin cat clear cmp command continue date declare df diff echo egrep env exit export "
    "false fgrep free getent getopts grep groups hash head help hostname id if kill killall let local ls lsblk lscpu "
    "mountpoint pgrep pkill printenv printf ps pwd read readonly return set shift shopt sleep source tail tee test "
    "trap true tty type typeset umask unalias uname unset uptime wait which who whoami".split()
)
_TESTS = frozenset(("[", "[[", "test", "((", "command", "grep", "egrep", "type", "which", "id"))
_QUIET_WITH: dict[str, str] = {"rm": "f", "mkdir": "p"}
_HINT_BASH = "begin the script with 'set -e' (or 'set -euo pipefail'), or join the commands by '&&'"

_POWERSHELL_COMMAND = r"\s*(?:\$[\w:]+\s*=\s*)?(?:\(\s*)?(?P<name>[A-Za-z]{2,}-[A-Za-z]+)\b"
_POWERSHELL_HARMLESS = r"(?i)(?:write|out|get|test|join|split|select|where|sort|measure|format|start-sleep)\b"
_POWERSHELL_CAUTION = ("erroractionpreference", "-erroraction", "-ea ", "catch", "$?", "$lastexitcode", "trap")
_HINT_POWERSHELL = "begin the script with $ErrorActionPreference = 'Stop'"


def check_swallowed(script: Script, report: Report) -> bool:
    """Report the first command of a script whose failure goes unnoticed; returns whether there is one."""
    if "\n" not in script.text.strip() and ";" not in script.text:
        return False
    return _check_bash(script, report) if script.language == BASH else _check_powershell(script, report)


def _check_bash(script: Script, report: Report) -> bool:
    bash = script.bash
    if bash is None or _stops_at_failure(bash):
        return False
    found = _Swallowing(script.code, bash).first(bash.statements, decisive=True)
    if found is None:
        return False
    message = f"when '{_shown(found.program)}' fails the script goes on: only its last command decides"
    report.at_command(script, found, codes.SWALLOWED_FAILURE, message, _HINT_BASH)
    return True


def _shown(program: str) -> str:
    return program if len(program) <= 40 else program[:39] + "…"


def _stops_at_failure(bash: BashScript) -> bool:
    """Whether `set -e`, `set -o errexit` or a trap on ERR stands anywhere."""
    for command in simple_commands(bash.statements):
        options = [word.plain for word in command.words[1:]]
        if command.words[0].text == "set":
            if "errexit" in options or any(re.fullmatch(r"-[a-zA-Z]{0,9}e[a-zA-Z]{0,9}", option) for option in options):
                return True
        elif command.words[0].text == "trap" and "ERR" in options:
            return True
    return False


class _Swallowing:
    """Looks for a command whose failure nobody sees."""

    def __init__(self, code: str, bash: BashScript) -> None:
        self._code = code
        self._harmless = harmless_programs(bash)

    def first(self, statements: tuple[Statement, ...], *, decisive: bool) -> Command | None:
        """The first such command. `decisive`: the exit status of the last statement is looked at by somebody."""
        for position, statement in enumerate(statements):
            is_last = position == len(statements) - 1
            if statement.background or (not is_last and self._asks_for_status(statements[position + 1])):
                continue
            found = self._in_statement(statement, decisive=decisive and is_last)
            if found is not None:
                return found
        return None

    def _asks_for_status(self, statement: Statement) -> bool:
        return self._code.find("$?", statement.start, statement.end) >= 0

    def _in_statement(self, statement: Statement, *, decisive: bool) -> Command | None:
        commands = statement.commands
        if any(command.operator == "||" for command in commands):
            return None
        asks_first = commands[0].program in _TESTS or commands[0].negated
        for command, following in zip(commands, (*commands[1:], None), strict=True):
            if command.negated or (following is not None and following.operator == "|"):
                continue
            if command.kind:
                found = self._in_blocks(command, decisive=decisive)
                if found is not None:
                    return found
            elif not decisive and not asks_first and can_fail(command, self._harmless):
                return command
        return None

    def _in_blocks(self, command: Command, *, decisive: bool) -> Command | None:
        # What a function returns is looked at, or not, where it is called.
        inside = decisive or command.kind == "function"
        for block in command.blocks:
            found = None if block.is_condition else self.first(block.statements, decisive=inside)
            if found is not None:
                return found
        return None


def harmless_programs(bash: BashScript) -> frozenset[str]:
    """Programs whose failure does not matter, with the script's functions that only print and ask, such as a `log`."""
    names: set[str] = set()
    for pipeline in bash.pipelines():
        for command in pipeline:
            if command.kind == "function" and command.words:
                body = simple_commands(command.blocks[0].statements)
                if not any(can_fail(inner, _HARMLESS) for inner in body):
                    names.add(command.words[0].text)
    return _HARMLESS | names


def can_fail(command: Command, harmless: frozenset[str]) -> bool:
    """Whether a simple command may fail in a way that matters."""
    if all(is_assignment(word) for word in command.words):
        return False
    program = command.program
    letter = _QUIET_WITH.get(program)
    if letter is not None:
        options = [word.text for word in command.arguments[1:] if word.text.startswith("-")]
        return not any(letter in option for option in options)
    return bool(program) and program not in harmless


def _check_powershell(script: Script, report: Report) -> bool:
    lowered = script.text.lower()
    if any(word in lowered for word in _POWERSHELL_CAUTION):
        return False
    offset = 0
    commands: list[tuple[int, str]] = []
    for line in script.text.split("\n"):
        found = re.match(_POWERSHELL_COMMAND, line)
        if found:
            commands.append((offset + found.start("name"), found["name"]))
        offset += len(line) + 1
    for start, name in commands[:-1]:
        if not re.match(_POWERSHELL_HARMLESS, name):
            message = f"when '{_shown(name)}' fails the script goes on: PowerShell stops at few errors by itself"
            report.in_script(script, start, start + len(name), codes.SWALLOWED_FAILURE, message, _HINT_POWERSHELL)
            return True
    return False
