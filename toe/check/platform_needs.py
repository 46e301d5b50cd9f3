"""On which platforms a document can run at all, when nobody said which it is meant for.

Not for platforms that were asked for: `toe.check.platforms` judges each step by those. An action counts even where its
step has an `if`, because a platform that lacks it refuses the document as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from toe import codes
from toe.actions import ActionTable
from toe.actions.base import EVERYWHERE, Definition
from toe.check.findings import Findings
from toe.check.platforms import action_node
from toe.model import Document, Step
from toe.records import NamedTuple


class _Need(NamedTuple):
    """The first step with an action, or an input of it, that some platform lacks."""

    what: str
    platforms: tuple[str, ...]
    step: Step

    @property
    def line(self) -> int:
        """Where the action is named."""
        return action_node(self.step).line


def check_platform_needs(document: Document, actions: ActionTable, findings: Findings) -> None:
    """Say which platforms remain where needs differ, once, at the first action; warn where none does.

    A document whose actions all run on the same platforms is meant for those, and nothing is said.
    """
    needs = list(_needs(document, actions))
    if len({need.platforms for need in needs}) < 2:
        return
    hint = "; ".join(dict.fromkeys(f"{need.what}: {', '.join(need.platforms)}" for need in needs))
    remaining = _common(needs)
    if remaining:
        message = f"this document can run on {' and '.join(remaining)} only"
        findings.at(action_node(needs[0].step), codes.PLATFORM_NEEDS, message, hint)
        return
    pair = _exclusive([need for need in needs if need.step.condition is None])
    if pair:
        first, second = pair
        message = f"no platform has both '{first.what}' (line {first.line}) and '{second.what}'"
        findings.at(action_node(second.step), codes.NO_PLATFORM, message, hint)
    else:
        message = "no platform has everything that this document may use"
        findings.at(action_node(needs[0].step), codes.PLATFORM_NEEDS, message, hint)


def _needs(document: Document, actions: ActionTable) -> Iterator[_Need]:
    """Each narrowing action and input, once for steps with a condition and once for those without."""
    narrowing: dict[str, tuple[_Narrowing, ...]] = {}
    seen: set[tuple[str, bool]] = set()
    for phase in document.phases:
        for step in phase.steps:
            if step.action not in narrowing:
                definition = actions.find(step.action) if step.action else None
                narrowing[step.action] = _narrowing(definition) if definition is not None else ()
            for name, key, platforms in narrowing[step.action]:
                mark = name, step.condition is None
                if mark not in seen and (not key or any(key in entry for entry in step.inputs)):
                    seen.add(mark)
                    yield _Need(name, platforms, step)


class _Narrowing(NamedTuple):
    """What narrows the platforms: the action itself (no key), or one of its inputs."""

    name: str
    key: str
    platforms: tuple[str, ...]


def _narrowing(definition: Definition) -> tuple[_Narrowing, ...]:
    found = []
    if not set(EVERYWHERE) <= set(definition.platforms):
        found.append(_Narrowing(definition.name, "", definition.platforms))
    for field in definition.fields:
        platforms = tuple(platform for platform in definition.platforms if platform in field.doc.platforms)
        if len(platforms) < len(definition.platforms):
            found.append(_Narrowing(f"{field.key} of {definition.name}", field.key, platforms))
    return tuple(found)


def platforms_of_step(step: Step, definition: Definition) -> tuple[str, ...]:
    """The platforms that have the step's action with the inputs that it uses."""
    having = definition.platforms
    for _, key, platforms in _narrowing(definition):
        if not key or any(key in entry for entry in step.inputs):
            having = tuple(platform for platform in having if platform in platforms)
    return having


def _common(needs: list[_Need]) -> list[str]:
    return [platform for platform in EVERYWHERE if all(platform in need.platforms for need in needs)]


def _exclusive(needs: list[_Need]) -> tuple[_Need, _Need] | None:
    """The first two that have no platform in common."""
    for position, second in enumerate(needs):
        for first in needs[:position]:
            if not set(first.platforms) & set(second.platforms):
                return first, second
    return None
