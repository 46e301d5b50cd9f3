"""Steps that a text block above them has swallowed: indented too far, they are lines of a script and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toe import codes
from toe.actions import ActionTable
from toe.check.findings import Findings
from toe.model import Document
from toe.nodes import Mapping, Node, Scalar, Sequence

_BEGINS = re.compile(r"\s*- (?:name|action):\s*\S")
_NAME = re.compile(r"\s*(?:- )?name:\s*[\"']?(?P<name>[^\s\"']+)")
_ACTION = re.compile(r"\s*(?:- )?action:\s*[\"']?(?P<action>\w+)[\"']?\s*(?:#.*)?$")
#: A step's keys before its `action`, at most.
MOST_LINES = 8


def check_swallowed_steps(document: Document, actions: ActionTable, findings: Findings) -> None:
    """Report what looks like a step inside of the texts of other steps. A whole document in a text is meant as one."""
    for phase in document.phases:
        for step in phase.steps:
            for scalar in _blocks(step.inputs_node) if step.inputs_node is not None else ():
                if findings.full:
                    return
                if "action:" in scalar.text and "phases:" not in scalar.text:
                    _check_text(scalar, actions, findings)


def _blocks(node: Node) -> Iterator[Scalar]:
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, Scalar) and current.style in ("|", ">"):
            yield current
        elif isinstance(current, Sequence):
            pending.extend(reversed(current.items))
        elif isinstance(current, Mapping):
            pending.extend(value for _, value in reversed(current.pairs))


def _check_text(scalar: Scalar, actions: ActionTable, findings: Findings) -> None:
    lines = scalar.text.split("\n")
    offset = 0
    for number, line in enumerate(lines):
        if _BEGINS.match(line):
            name = _swallowed(lines[number : number + MOST_LINES], actions)
            if name is not None:
                message = f"step '{name}' stands inside of the text that begins in line {scalar.line}, and never runs"
                raw = line.strip()
                hint = "indent it like the steps around it"
                findings.within(scalar, offset + line.index(raw), raw, codes.SWALLOWED_STEP, message, hint)
        offset += len(line) + 1


def _swallowed(lines: list[str], actions: ActionTable) -> str | None:
    """The name of the step that begins in the first of these lines; None when they are no step."""
    name = action = ""
    for position, line in enumerate(lines):
        if position and _BEGINS.match(line):
            break
        named, acts = _NAME.match(line), _ACTION.match(line)
        name = name or (named["name"] if named else "")
        action = action or (acts["action"] if acts else "")
    return name if name and action and actions.find(action) is not None else None
