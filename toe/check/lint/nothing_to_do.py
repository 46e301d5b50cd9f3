"""Phases, lists of commands and scripts that do nothing: they succeed, and somebody thinks that they did something."""

from __future__ import annotations

from toe import codes
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, POWERSHELL, Script
from toe.document.text import has_only_comments
from toe.model import Document
from toe.nodes import Mapping, Node, Sequence


def check_nothing_to_do(document: Document, report: Report) -> None:
    """Report phases without steps, and scripts without commands."""
    for phase in document.phases:
        steps = phase.node.get("steps") if phase.node is not None else None
        if steps is not None and _is_empty(steps):
            _report(steps, f"phase '{phase.name}' has no steps and does nothing", report)
        for step in phase.steps:
            inputs = step.inputs_node
            commands = inputs.get("commands") if isinstance(inputs, Mapping) else None
            if step.action in (BASH, POWERSHELL) and commands is not None and _is_empty(commands):
                _report(commands, f"step '{step.name}' has no commands and does nothing", report)


def check_script_of_comments(script: Script, report: Report) -> None:
    """Report a script that has no line but comments and empty ones."""
    if has_only_comments(script.text):
        _report(
            script.items[0], f"the script of step '{script.step.name}' has comments at most and does nothing", report
        )


def _is_empty(node: Node) -> bool:
    return isinstance(node, Sequence) and not node.items


def _report(node: Node, message: str, report: Report) -> None:
    report.at(node, codes.NOTHING_TO_DO, message, "leave it out, or say what is to be done")
