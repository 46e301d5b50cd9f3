"""What does nothing or never runs, and yet nothing fails: somebody thinks that it did something.

Phases whose name is nearly one that Image Builder runs, parameters that nothing refers to, lists and scripts without
commands, and the step behind one that always fails.
"""

from __future__ import annotations

import re
from operator import ne

from toe import codes
from toe.check.findings import Findings
from toe.check.image_builder import STAGES
from toe.check.lint.bash_commands import Command
from toe.check.lint.scripts import BASH, POWERSHELL, Script
from toe.check.platforms import value_node
from toe.check.references import expression_scalars
from toe.document.text import has_only_comments
from toe.errors import Severity
from toe.expressions.parse import NameRef, SsmResolveRef, references
from toe.model import Document, OnFailure, Parameter, Step
from toe.nodes import Mapping, Node, Sequence

_HINT = "leave it out, or say what is to be done"
#: Success, and the request to reboot; 3010 is one too, as bash keeps the last eight bits.
_NO_FAILURE = (0, 194)
_PRINTS = frozenset(("echo", "printf", ":", "true", "set", "sleep"))


def check_phase_names(document: Document, findings: Findings) -> None:
    """Report such a phase where the document has none of the right name. `--profile imagebuilder` says so itself."""
    if any(problem.code == codes.PHASE_NOT_RUN for problem in findings.problems):
        return
    names = {phase.name for phase in document.phases}
    for phase in document.phases:
        meant = next((known for known in STAGES if known not in names and _is_slip(phase.name, known)), None)
        if meant and phase.node is not None:
            message = f"phase '{phase.name}' is not the phase '{meant}', which this document lacks"
            hint = f"Image Builder never runs it: rename it to '{meant}'"
            findings.at(phase.node.get("name") or phase.node, codes.NEAR_PHASE, message, hint)


def _is_slip(name: str, known: str) -> bool:
    """Whether one letter too many, too few or wrong, two that are swapped, or the case make the difference.

    A number is no slip: `build2`.
    """
    if not name.replace("-", "").isalpha():
        return False
    name = name.lower()
    if len(name) == len(known):
        wrong = sum(map(ne, name, known))
        return wrong < 2 or (wrong == 2 and sorted(name) == sorted(known))
    shorter, longer = sorted((name, known), key=len)
    return any(longer[:position] + longer[position + 1 :] == shorter for position in range(len(longer)))


def check_declarations(document: Document, findings: Findings) -> None:
    """Report the parameters and constants whose name no expression of a step uses."""
    phases = document.node.get("phases") if document.node is not None else None
    if phases is None or not (document.parameters or document.constants):
        return
    used = {
        reference.name
        for scalar in expression_scalars(phases)
        for reference in references(scalar.text)
        if isinstance(reference, (NameRef, SsmResolveRef))
    }
    for kind, declarations in (("parameter", document.parameters), ("constant", document.constants)):
        for declared in declarations:
            if declared.name not in used:
                message = f"{kind} '{declared.name}' is never used"
                hint = f"use it as '{{{{ {declared.name} }}}}', or remove it"
                # With a default it asks nobody for anything: whole families of components declare the same ones.
                has_default = isinstance(declared, Parameter) and declared.default is not None
                severity = Severity.INFO if has_default else None
                findings.at(declared.node, codes.UNUSED_DECLARATION, message, hint, severity=severity)


def check_nothing_to_do(document: Document, findings: Findings) -> None:
    """Report phases without steps, and scripts without commands."""
    for phase in document.phases:
        steps = phase.node.get("steps") if phase.node is not None else None
        if steps is not None and _is_empty(steps):
            findings.at(steps, codes.NOTHING_TO_DO, f"phase '{phase.name}' has no steps and does nothing", _HINT)
        for step in phase.steps:
            inputs = step.inputs_node
            commands = inputs.get("commands") if isinstance(inputs, Mapping) else None
            if step.action in (BASH, POWERSHELL) and commands is not None and _is_empty(commands):
                message = f"step '{step.name}' has no commands and does nothing"
                findings.at(commands, codes.NOTHING_TO_DO, message, _HINT)


def _is_empty(node: Node) -> bool:
    return isinstance(node, Sequence) and not node.items


def check_script_of_comments(script: Script) -> None:
    """Report a script that has no line but comments and empty ones."""
    if has_only_comments(script.text):
        message = f"the script of step '{script.step.name}' has comments at most and does nothing"
        script.findings.at(script.items[0], codes.NOTHING_TO_DO, message, _HINT)


def check_never_runs(document: Document, scripts: list[Script], findings: Findings) -> None:
    """Report the step behind the first one that always fails."""
    failed = next((script.step for script in scripts if _aborts(script.step) and _always_fails(script)), None)
    if failed is None:
        return
    steps = [step for phase in document.phases for step in phase.steps]
    position = next(number for number, step in enumerate(steps) if step is failed)
    for step in steps[position + 1 : position + 2]:
        message = f"step '{step.name}' never runs: '{failed.name}' before it always fails, and aborts the run"
        hint = f"give '{failed.name}' an 'if' or another 'onFailure'"
        findings.at(value_node(step, "name"), codes.NEVER_RUNS, message, hint)


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
