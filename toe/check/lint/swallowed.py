"""Failures that nobody sees: the last command of a script, and the last of a pipe, alone decide (reference, section 9).

One finding a script, and none where every command but the last cannot fail in a way that matters, or where the author
looks at what failed (`||`, `$?`, `trap ... ERR`, `catch`, `set -o pipefail`, PIPESTATUS).
"""

from __future__ import annotations

import re

from toe import codes
from toe.check.lint.bash_commands import BashScript, Command, Statement, is_assignment, simple_commands
from toe.check.lint.scripts import Script

#: They print, ask, or set something of the shell. Exit codes of questions (`grep`, `id`) are answers, not failures.
_HARMLESS = frozenset(
    "[ [[ (( : . alias break builtin cat clear cmp command continue date declare df diff echo egrep env exit export "
    "false fgrep free getent getopts grep groups hash head help hostname id if kill killall let local ls lsblk lscpu "
    "mountpoint pgrep pkill printenv printf ps pwd read readonly return set shift shopt sleep source tail tee test "
    "trap true tty type typeset umask unalias uname unset uptime wait which who whoami".split()
)
_TESTS = frozenset(("[", "[[", "test", "((", "command", "grep", "egrep", "type", "which", "id"))
_QUIET_WITH: dict[str, str] = {"rm": "f", "mkdir": "p"}
#: They copy what they read, and succeed whatever that is: `make | tee log` is a success, also under `set -e`.
_COPYING = frozenset(("tee", "cat", "logger", "systemd-cat", "ts"))
_HINT_PIPE = "begin the script with 'set -o pipefail'"
_HINT_BASH = "begin the script with 'set -e' (or 'set -euo pipefail'), or join the commands by '&&'"

_POWERSHELL_COMMAND = r"(?m)^[^\S\n]*(?:\$[\w:]+[^\S\n]*=[^\S\n]*)?(?:\([^\S\n]*)?(?P<name>[A-Za-z]{2,}-[A-Za-z]+)\b"
_POWERSHELL_HARMLESS = r"(?i)(?:write|out|get|test|join|split|select|where|sort|measure|format|start-sleep)\b"
_POWERSHELL_CAUTION = ("erroractionpreference", "-erroraction", "-ea ", "catch", "$?", "$lastexitcode", "trap")
_HINT_POWERSHELL = "begin the script with $ErrorActionPreference = 'Stop'"


def check_swallowed(script: Script, bash: BashScript) -> None:
    """Report the first command whose failure goes unnoticed: in the middle of the script, else before a pipe's end."""
    found = None if _stops_at_failure(bash) else _Swallowing(script.code, bash).first(bash.statements, decisive=True)
    if found is not None:
        message = f"when '{_shown(found.program)}' fails the script goes on: only its last command decides"
        script.report_command(found, codes.SWALLOWED_FAILURE, message, _HINT_BASH)
    elif "|" in script.text and "PIPESTATUS" not in script.text and not _sets_pipefail(bash):
        _check_pipes(script, bash)


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
        self._harmless = _harmless_programs(bash)

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
            elif not decisive and not asks_first and _can_fail(command, self._harmless):
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


def _check_pipes(script: Script, bash: BashScript) -> None:
    harmless = _harmless_programs(bash)
    for pipeline in bash.pipelines():
        last = pipeline[-1].program
        found = _hidden(pipeline, harmless) if last in _COPYING else None
        if found is not None:
            message = f"when '{found.program[:40]}' fails nobody sees it: '{last}' decides for the pipe"
            script.report_command(found, codes.SWALLOWED_FAILURE, message, _HINT_PIPE)
            return


def _hidden(pipeline: tuple[Command, ...], harmless: frozenset[str]) -> Command | None:
    for command in pipeline[:-1]:
        inner = [statement for block in command.blocks for statement in block.statements]
        for simple in simple_commands(inner) if command.kind else (command,):
            if _can_fail(simple, harmless):
                return simple
    return None


def _sets_pipefail(bash: BashScript) -> bool:
    return any(
        command.words[0].text == "set" and any(word.plain == "pipefail" for word in command.words[1:])
        for command in bash.commands()
    )


def _harmless_programs(bash: BashScript) -> frozenset[str]:
    """Programs whose failure does not matter, with the script's functions that only print and ask, such as a `log`."""
    names: set[str] = set()
    for pipeline in bash.pipelines():
        for command in pipeline:
            if command.kind == "function" and command.words:
                body = simple_commands(command.blocks[0].statements)
                if not any(_can_fail(inner, _HARMLESS) for inner in body):
                    names.add(command.words[0].text)
    return _HARMLESS | names


def _can_fail(command: Command, harmless: frozenset[str]) -> bool:
    """Whether a simple command may fail in a way that matters."""
    if all(is_assignment(word) for word in command.words):
        return False
    program = command.program
    letter = _QUIET_WITH.get(program)
    if letter is not None:
        options = [word.text for word in command.arguments[1:] if word.text.startswith("-")]
        return not any(letter in option for option in options)
    return bool(program) and program not in harmless


def check_swallowed_powershell(script: Script) -> None:
    """Report the first command after which the script goes on, whatever came of it."""
    lowered = script.text.lower()
    if any(word in lowered for word in _POWERSHELL_CAUTION):
        return
    commands = list(re.finditer(_POWERSHELL_COMMAND, script.text))
    for found in commands[:-1]:
        name = found["name"]
        if not re.match(_POWERSHELL_HARMLESS, name):
            message = f"when '{_shown(name)}' fails the script goes on: PowerShell stops at few errors by itself"
            script.report(*found.span("name"), codes.SWALLOWED_FAILURE, message, _HINT_POWERSHELL)
            return
