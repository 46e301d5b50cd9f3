"""Steps that can never run, because the step before them always fails and aborts the run."""

from __future__ import annotations

import re

from toe import codes
from toe.check.lint.bash_commands import Command
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script
from toe.check.platforms import value_node
from toe.model import Document, OnFailure, Step

#: Success, and the request to reboot; 3010 is one too, as bash keeps the last eight bits.
_NO_FAILURE = (0, 194)
_PRINTS = frozenset(("echo", "printf", ":", "true", "set", "sleep"))


def check_flow(document: Document, scripts: list[Script], report: Report) -> None:
    """Report the step behind the first one that always fails."""
    failed = next((script.step for script in scripts if _aborts(script.step) and _always_fails(script)), None)
    if failed is None:
        return
    steps = [step for phase in document.phases for step in phase.steps]
    position = next(number for number, step in enumerate(steps) if step is failed)
    for step in steps[position + 1 : position + 2]:
        message = f"step '{step.name}' never runs: '{failed.name}' before it always fails, and aborts the run"
        hint = f"give '{failed.name}' an 'if' or another 'onFailure'"
        report.at(value_node(step, "name"), codes.NEVER_RUNS, message, hint)


def _aborts(step: Step) -> bool:
    return step.on_failure is OnFailure.ABORT and step.condition is None and step.loop is None


def _always_fails(script: Script) -> bool:
    """Whether a script prints something at most, and then fails."""
    if script.language != BASH or not ("exit" in script.text or "false" in script.text) or script.bash is None:
        return False
    for statement in script.bash.statements:
        command = statement.commands[0]
        if len(statement.commands) > 1 or statement.background or command.kind or command.negated:
            return False
        if _exits_with_failure(command):
            return True
        if command.program not in _PRINTS:
            # The last command decides, and this one is not known to fail.
            return command.program == "false" and statement is script.bash.statements[-1]
    return False


def _exits_with_failure(command: Command) -> bool:
    words = [word.plain for word in command.words]
    if words[:1] != ["exit"] or len(words) != 2 or not re.fullmatch("[0-9]{1,9}", words[1]):
        return False
    return int(words[1]) % 256 not in _NO_FAILURE
