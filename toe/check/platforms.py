"""Whether the platforms that a document is meant for have its actions and inputs, and whether an action is blocked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from toe import codes
from toe.actions.base import EVERYWHERE, Definition
from toe.check.findings import Findings
from toe.model import Step
from toe.nodes import Mapping, Node, Sequence


def check_platforms(
    step: Step,
    definition: Definition,
    platforms: tuple[str, ...],
    has_program: Callable[[str], bool] | None,
    findings: Findings,
) -> None:
    """Report an action, or an input of it, that one of `platforms` lacks.

    Where those are this machine's, `has_program` says what is installed on it: a program may make up for the platform.
    """
    lacking = [platform for platform in platforms if platform not in definition.platforms]
    if lacking and has_program is not None and definition.elsewhere_by and has_program(definition.elsewhere_by):
        lacking = []
    for platform in lacking:
        message = f"Unsupported action {definition.name} for os platform {platform}."
        hint = f"it exists on {_listed(definition.platforms)}"
        if has_program is not None and definition.elsewhere_by:
            hint += f"; elsewhere it needs {definition.elsewhere_by}, which is not installed here (not found on PATH)"
        findings.at(action_node(step), codes.UNSUPPORTED_ACTION, message, hint)
    having = [platform for platform in platforms if platform not in lacking]
    narrowed = {field.key: field for field in definition.fields if field.doc.platforms != EVERYWHERE}
    if not narrowed or not having:
        return
    for mapping in entry_nodes(step.inputs_node):
        for key, _ in mapping:
            field = narrowed.get(key.text)
            for platform in having if field is not None else ():
                if field is not None and platform not in field.doc.platforms:
                    message = f"'{key.text}' of {definition.name} is not supported for os platform {platform}"
                    findings.at(key, codes.UNSUPPORTED_INPUT, message, f"only on {_listed(field.doc.platforms)}")


def check_blocked(step: Step, blocked: frozenset[str], findings: Findings) -> None:
    """Report an action that the caller blocks, in whatever case it was given."""
    if step.action.lower() in blocked:
        findings.at(action_node(step), codes.BLOCKED_ACTION, f"action '{step.action}' is blocked")


def action_node(step: Step) -> Node:
    """The node of the action's name, else the step's."""
    return value_node(step, "action")


def value_node(step: Step, key: str) -> Node:
    """The node under a key of a step, else the step's; for a step that was not read from a file, its beginning."""
    if step.node is None:
        return Node(1, 1, 1, 1)
    return step.node.get(key) or step.node


def entry_nodes(inputs: Node | None) -> Iterator[Mapping]:
    """The mappings under `inputs`, which are one for each of the model's entries."""
    if isinstance(inputs, Mapping):
        yield inputs
    elif isinstance(inputs, Sequence):
        yield from (item for item in inputs.items if isinstance(item, Mapping))


def _listed(platforms: tuple[str, ...]) -> str:
    return ", ".join(platforms)
