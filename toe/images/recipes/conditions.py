"""The conditions of a CloudFormation template: whether they hold, as far as that is known."""

from __future__ import annotations

from collections.abc import Callable

from toe import codes
from toe.images.recipes.problems import Effort
from toe.images.recipes.template import Template, text_of
from toe.nodes import Mapping, Node, Scalar, Sequence


class Conditions:
    """The conditions of one template. `value` works out what is compared."""

    def __init__(self, template: Template, effort: Effort, value: Callable[[Node], Node]) -> None:
        self._template = template
        self._effort = effort
        self._value = value

    def holds(self, name: str, at: Node) -> bool | None:
        """Whether a condition holds, None where that is not known. One that there is not is told."""
        condition = self._template.conditions.get(name)
        if condition is None:
            near = self._template.source.suggestion(name, self._template.conditions)
            message = f"the template has no condition '{name}'{near}"
            self._template.source.at(at, codes.RECIPE_UNKNOWN_REFERENCE, message)
            return None
        if not self._effort.enter(f"condition {name}", at):
            return None
        try:
            return self._truth(condition)
        finally:
            self._effort.leave()

    def _truth(self, node: Node) -> bool | None:
        if not isinstance(node, Mapping) or len(node.pairs) != 1 or not self._effort.spend(node):
            return None
        key, argument = node.pairs[0]
        parts = argument.items if isinstance(argument, Sequence) else [argument]
        if key.text == "Condition":
            return self.holds(text_of(argument), argument)
        if key.text == "Fn::Equals" and len(parts) == 2:
            left, right = map(self._value, parts)
            return left.text == right.text if isinstance(left, Scalar) and isinstance(right, Scalar) else None
        if key.text == "Fn::Not" and len(parts) == 1:
            truth = self._truth(parts[0])
            return None if truth is None else not truth
        if key.text not in ("Fn::And", "Fn::Or"):
            return None
        truths = [self._truth(part) for part in parts]
        decisive = key.text == "Fn::Or"
        if decisive in truths:
            return decisive
        return None if None in truths else not decisive
