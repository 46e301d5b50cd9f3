"""Shell syntax where no shell reads: in the paths and arguments of actions, `~`, `$HOME` and `*` are ordinary text.

Such a step makes a folder whose name is `~`, or says that a file does not exist although everybody sees it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from toe import codes
from toe.actions import ActionTable
from toe.actions.base import Definition
from toe.check.findings import Findings
from toe.check.platforms import entry_nodes
from toe.model import Document, Step
from toe.nodes import Scalar, Sequence

_HOME = re.compile(r"~(?:[/\\]|$)")
_VARIABLE = re.compile(
    r"\$(?:env:)?(?:\{(?P<braced>[A-Za-z_]\w*)\}|(?P<plain>[A-Z_][A-Z0-9_]+)\b)|%(?P<percent>[A-Za-z_]\w*)%"
)
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def check_no_shell(document: Document, actions: ActionTable, platforms: tuple[str, ...], findings: Findings) -> None:
    """Report shell syntax in the paths and arguments of a document meant for `platforms` (none: those that it can)."""
    has_drives = "windows" in platforms if platforms else _may_run_on_windows(document, actions)
    for phase in document.phases:
        for step in phase.steps:
            paths = _paths_of(actions.find(step.action))
            for key, scalar in _texts(step, paths):
                fault = _fault(step.action, key, scalar.text, has_drives=has_drives, may_match=paths.get(key, True))
                if fault is not None:
                    findings.at(scalar, codes.NO_SHELL, *fault)


def _may_run_on_windows(document: Document, actions: ActionTable) -> bool:
    """A document with an action of Windows alone is one for Windows too, whatever else is in it."""
    names = {step.action for phase in document.phases for step in phase.steps}
    found = [actions.find(name) for name in names if name]
    platforms = [definition.platforms for definition in found if definition is not None]
    return ("windows",) in platforms or all("windows" in those for those in platforms)


def _paths_of(definition: Definition | None) -> dict[str, bool]:
    """The inputs that are paths, each with whether `*` in its last part means files, or keys below a prefix."""
    if definition is None:
        return {}
    if definition.condition:
        return {"path": False}
    return {field.key: field.doc.wildcard for field in definition.fields if field.doc.path}


def _texts(step: Step, paths: Collection[str]) -> Iterator[tuple[str, Scalar]]:
    """The paths of a step, and the arguments of a binary, each with its key."""
    for mapping in entry_nodes(step.inputs_node):
        for key, value in mapping:
            if key.text in paths and isinstance(value, Scalar):
                yield key.text, value
            elif key.text == "arguments" and isinstance(value, Sequence):
                yield from ((key.text, item) for item in value.items if isinstance(item, Scalar))


def _fault(action: str, key: str, text: str, *, has_drives: bool, may_match: bool) -> tuple[str, str] | None:
    """Message and hint."""
    variable = _VARIABLE.search(text)
    if _HOME.match(text):
        return "'~' is not expanded here: no shell reads this", "write the whole path, such as /root or /home/ec2-user"
    if variable is not None:
        name = variable["braced"] or variable["plain"] or variable["percent"]
        return f"'{variable[0]}' is not expanded here: no shell reads this", f"write '{{{{ env:{name} }}}}'"
    if not may_match and "*" in text and not _URL.match(text):
        return f"'*' is no wildcard in '{key}' of {action}", "name the file, or use a script"
    if key != "arguments" and not has_drives and _DRIVE.match(text):
        return "a path of Windows in a document that runs where there are no drives", "write the path of that system"
    return None
