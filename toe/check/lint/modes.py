"""Files and folders that everybody may write to: inputs `permissions`, and `chmod` in scripts.

The sticky bit makes it right for a folder (`/tmp` has 1777).
"""

from __future__ import annotations

import re

from toe import codes
from toe.check.lint.bash_commands import Command
from toe.check.lint.report import Report
from toe.check.lint.scripts import BASH, Script
from toe.check.platforms import entry_nodes
from toe.model import Step
from toe.nodes import Scalar

_ACTIONS = frozenset(("CreateFile", "CreateFolder", "SetFilePermissions", "SetFolderPermissions"))
_OTHERS_WRITE, _STICKY = 0o002, 0o1000
_OCTAL = r"0{0,4}[0-7]{1,4}"
_SYMBOLIC = r"[ug]*[oa][ugoa]*[+=][rxXst]*w[rwxXst]*"
_HINT = "name the one user or group that needs it (owner, group), and give 0755, 0644 or 0775"


def check_permissions(step: Step, report: Report) -> None:
    """Report modes in inputs that let everybody write."""
    if step.action not in _ACTIONS:
        return
    for mapping in entry_nodes(step.inputs_node):
        node = mapping.get("permissions")
        if isinstance(node, Scalar) and _is_open(node.text):
            report.at(node, codes.WORLD_WRITABLE, f"mode '{node.text}' lets every user write", _HINT)


def check_chmod(script: Script, report: Report) -> None:
    """Report `chmod` commands that let everybody write."""
    if script.language != BASH or "chmod" not in script.text or script.bash is None:
        return
    for command in script.bash.commands():
        mode = _mode_of(command)
        if mode is not None and any(_is_open(part) or re.fullmatch(_SYMBOLIC, part) for part in mode.split(",")):
            message = f"'chmod {mode}' lets every user write"
            report.at_command(script, command, codes.WORLD_WRITABLE, message, _HINT)


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
